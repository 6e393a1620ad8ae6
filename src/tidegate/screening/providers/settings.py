"""Which providers are asked, and how hard: a TOML file that names secrets and holds none. Without it nobody is asked."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tidegate as tg
from tidegate.errors import FileError, UsageError, reason
from tidegate.events.suggestions import nearest

KINDS = ("standing", "twilio-lookup-v2")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_ON_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_OTHERS_MAY_READ = 0o077
_BASIS_CHARS = 20  # less says nothing: "yes", "consent"
_SECRET_BYTES = 16  # keys of real services are longer; the cache is sealed with it


class Figures:
    """How hard a provider is asked. What the file says counts, within the bounds."""

    requests_per_s = tg.Parameter(
        10, low=0.01, high=1000, unit="requests/s", why="well below what public services allow", source="", assumed=True
    )  # fmt: skip
    at_once = tg.Parameter(
        4, low=1, high=64, unit="requests", why="enough to hide a round trip", source="", assumed=True
    )
    timeout_s = tg.Parameter(
        10, low=0.1, high=120, unit="s", why="a look-up that takes longer will not come", source="", assumed=True
    )  # fmt: skip
    tries = tg.Parameter(
        4, low=1, high=10, unit="tries", why="the first one and three more", source="", assumed=True
    )
    wait_s_max = tg.Parameter(
        60, low=0, high=3600, unit="s", why="who asks for a longer wait is given up for today", source="", assumed=True
    )  # fmt: skip
    give_up_after = tg.Parameter(
        5, low=1, high=1000, unit="failures in a row", why="what fails so often fails for all", source="", assumed=True
    )  # fmt: skip
    keep_days = tg.Parameter(
        30, low=0, high=365, unit="days", why="screenings are monthly: an answer serves one of them", source="sops.monthly-screening",
        assumed=True,
    )  # fmt: skip


FIGURES = {name: value for name, value in vars(Figures).items() if isinstance(value, tg.Parameter)}
_WHOLE = ("at_once", "tries", "give_up_after")
_KEYS = {"name", "kind", "basis", "url", "secret_env", "secret_file", *FIGURES}
_KEYS_OF = {"standing": _KEYS, "twilio-lookup-v2": _KEYS | {"account", "packages"}}
# what Twilio sells that a check reads, and the fact that each one tells
PACKAGES = {"line_type_intelligence": "number_type", "line_status": "is_reachable"}


@dataclass(frozen=True)
class Limits:
    """How hard a provider is asked; see `Figures`."""

    requests_per_s: float = Figures.requests_per_s.default
    at_once: int = int(Figures.at_once.default)
    timeout_s: float = Figures.timeout_s.default
    tries: int = int(Figures.tries.default)
    wait_s_max: float = Figures.wait_s_max.default
    give_up_after: int = int(Figures.give_up_after.default)
    keep_days: float = Figures.keep_days.default


@dataclass(frozen=True)
class ProviderSettings:
    """One provider as the file has it. `url` "": the service's own. `packages` are what is asked of Twilio, which costs."""

    name: str
    kind: str
    basis: str
    url: str
    limits: Limits
    secret: str = field(repr=False)
    account: str = ""
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProvidersFile:
    """The file: providers in the order in which they are asked, and where answers are kept (None: nowhere)."""

    providers: tuple[ProviderSettings, ...]
    cache: Path | None = None


def read_settings(file: Path, environment: Mapping[str, str] | None = None) -> ProvidersFile:
    """Return what a file of providers says. Raise FileError or UsageError, which name the provider and the key at fault."""
    try:
        with file.open("rb") as opened:
            found = tomllib.load(opened)
    except OSError as error:
        raise FileError(
            f"cannot read: {reason(error)}",
            place=str(file),
            hint="check `--providers`",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(
            f"this is no TOML: {str(error).lower()}", place=str(file), hint="see docs/providers.md"
        ) from None
    _known(found, {"provider", "cache"}, str(file))
    listed = found.get("provider", [])
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise UsageError(
            "no provider is named", place=str(file), hint="begin each with a line `[[provider]]`"
        )
    providers = tuple(
        _Table(
            one, f"{file}: provider {i}", file.parent, os.environ if environment is None else environment
        ).read()
        for i, one in enumerate(listed, 1)
    )
    names = [one.name for one in providers]
    if len(set(names)) < len(names):
        raise UsageError("two providers have one name", place=str(file), hint="results name who told what")
    cache = found.get("cache")
    if cache is not None and not (isinstance(cache, str) and cache):
        raise UsageError("`cache` is no path", place=str(file), hint='write `cache = "answers.sqlite"`')
    return ProvidersFile(providers, None if cache is None else file.parent / cache)


@dataclass
class _Table:
    """One `[[provider]]`."""

    values: dict[str, Any]
    place: str
    folder: Path
    environment: Mapping[str, str]

    def read(self) -> ProviderSettings:
        name = self._text("name")
        if not _NAME.fullmatch(name):
            self._wrong(
                "name", f"`{name[:60]}` is no name", "small letters, digits and hyphens, such as `partner`"
            )
        self.place = f"{self.place} (`{name}`)"
        kind = self._text("kind")
        if kind not in KINDS:
            self._wrong("kind", f"`{kind[:60]}` is not known", f"one of {', '.join(KINDS)}")
        _known(self.values, _KEYS_OF[kind], self.place)
        basis = self._text("basis").strip()
        if len(basis) < _BASIS_CHARS:
            self._wrong(
                "basis", "it says too little", "the legal basis and the purpose, as your records have them"
            )
        twilio = kind == "twilio-lookup-v2"
        return ProviderSettings(
            name, kind, basis, self._url(required=not twilio), self._limits(), self._secret(),
            self._text("account") if twilio else "", self._packages() if twilio else (),
        )  # fmt: skip

    def _text(self, key: str, *, required: bool = True) -> str:
        value = self.values.get(key, "")
        if not isinstance(value, str) or (required and not value):
            hint = "nobody may be asked without one" if key == "basis" else f'write `{key} = "..."`'
            self._wrong(key, "it is missing" if key not in self.values else "it is no text", hint)
        return str(value)

    def _url(self, *, required: bool) -> str:
        text = self._text("url", required=required)
        if not text:
            return ""
        try:
            parts = urlsplit(text)
            host = parts.hostname or ""
        except ValueError:
            parts, host = urlsplit(""), ""
        if parts.username or parts.password or parts.query or parts.fragment:
            self._wrong(
                "url", "it holds more than an address", "secrets go into `secret_env` or `secret_file`"
            )
        if not host or parts.scheme not in ("https", "http"):
            self._wrong("url", f"`{text[:100]}` is no address", "such as https://tidegate.example.org")
        if parts.scheme == "http" and host not in _ON_THIS_MACHINE:
            self._wrong("url", "numbers do not travel in the clear", "write https://")
        return text.rstrip("/")

    def _limits(self) -> Limits:
        given: dict[str, Any] = {}
        for key, figure in FIGURES.items():
            value = self.values.get(key)
            if value is None:
                continue
            whole = key in _WHOLE
            fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
            if not fits or not figure.low <= value <= figure.high:
                self._wrong(
                    key, f"`{value}` does not fit",
                    f"a {'whole ' if whole else ''}number of {figure.unit} from {figure.low:g} to {figure.high:g}",
                )  # fmt: skip
            given[key] = value
        return Limits(**given)

    def _secret(self) -> str:
        """Return the secret; it is never in the file itself, which people copy, print and commit."""
        variable, path = self._text("secret_env", required=False), self._text("secret_file", required=False)
        if bool(variable) == bool(path):
            self._wrong(
                "secret_env", "one of `secret_env` and `secret_file` is needed", "name a variable, or a file"
            )
        if variable:
            secret = self.environment.get(variable, "").strip()
            if not secret:
                self._wrong(
                    "secret_env", f"the variable `{variable[:60]}` is not set", "set it where this runs"
                )
        else:
            secret = self._of_file(self.folder / path)
        if len(secret.encode()) < _SECRET_BYTES or not secret.isprintable() or not secret.isascii():
            self._wrong(
                "secret_env" if variable else "secret_file",
                "this is no secret",
                "give it as the provider issued it",
            )
        return secret

    def _of_file(self, path: Path) -> str:
        try:
            with path.open("rb") as opened:
                if os.fstat(opened.fileno()).st_mode & _OTHERS_MAY_READ:
                    raise FileError("others may read this secret", place=str(path), hint=f"chmod 600 {path}")
                return opened.read(4096).decode("ascii").strip()
        except OSError as error:
            raise FileError(
                f"cannot read the secret: {reason(error)}",
                place=str(path),
                hint="see `secret_file`",
            ) from None
        except UnicodeDecodeError:
            raise FileError("this is no secret", place=str(path), hint="a line of text") from None

    def _packages(self) -> tuple[str, ...]:
        given = self.values.get("packages", ["line_type_intelligence"])
        if not isinstance(given, list) or not all(one in PACKAGES for one in given):
            self._wrong(
                "packages",
                "it is no list of packages that a check reads",
                f"of {', '.join(PACKAGES)}; [] asks the free one",
            )
        return tuple(dict.fromkeys(given))

    def _wrong(self, key: str, problem: str, hint: str) -> None:
        raise UsageError(problem, place=f"{self.place}: {key}", hint=hint)


def _known(table: Mapping[str, Any], keys: set[str], place: str) -> None:
    for key in table:
        if key not in keys:
            meant = nearest(key, sorted(keys))
            hint = f"did you mean `{meant}`?" if meant else f"it has {', '.join(sorted(keys))}"
            raise UsageError(f"there is no `{key[:60]}` here", place=place, hint=hint)
