"""What the operator of a homeserver sets, by environment variable (`TIDEGATE_MATRIX_...`)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tidegate.adapters.matrix.answers import Wording
from tidegate.errors import UsageError, reason
from tidegate.service.access.secret_files import read_secret

PREFIX = "TIDEGATE_MATRIX_"


@dataclass(frozen=True)
class MatrixSettings:
    """How a homeserver is protected. Without `admin_url` measures act through the answers to callbacks alone.

    `server_name` is the part of user ids behind the colon; `poll_s` how often reports and registrations are asked for;
    `deactivating` says whether bans that a person confirmed deactivate the user, which cannot be undone.
    """

    admin_url: str = ""
    admin_token: str = ""
    server_name: str = ""
    poll_s: float = 5.0
    deactivating: bool = False
    wording: Wording = field(default_factory=Wording)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> MatrixSettings:
        """Return the settings of the environment; raise UsageError where they contradict each other."""
        given = os.environ if environment is None else environment

        def read(name: str) -> str:
            return given.get(PREFIX + name, "").strip()

        settings = cls(
            admin_url=read("ADMIN_URL"),
            admin_token=_secret(read("ADMIN_TOKEN"), read("ADMIN_TOKEN_FILE")),
            server_name=read("SERVER_NAME"),
            poll_s=_seconds(read("POLL_S")),
            deactivating=read("DEACTIVATING").casefold() in ("1", "true", "yes"),
            wording=Wording(appeal_url=read("APPEAL_URL"), challenge_url=read("CHALLENGE_URL")),
        )
        if settings.admin_url and not (settings.admin_token and settings.server_name):
            raise UsageError(
                "an admin API without a token or a server name",
                place=PREFIX + "ADMIN_URL",
                hint=f"set {PREFIX}ADMIN_TOKEN_FILE and {PREFIX}SERVER_NAME too",
            )
        return settings


def _secret(text: str, file: str) -> str:
    """Return a secret from the environment or from a file; "" where neither is given."""
    if text or not file:
        return text
    try:
        return read_secret(Path(file))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"cannot read `{file}`: {reason(error) if isinstance(error, OSError) else 'not UTF-8 text'}",
            place=PREFIX + "ADMIN_TOKEN_FILE",
            hint="check path and rights",
        ) from None


def _seconds(text: str) -> float:
    if not text:
        return MatrixSettings.poll_s
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 3600:  # noqa: PLR2004  a tenth of a second to an hour
        raise UsageError(
            f"`{text}` is no number of seconds", place=PREFIX + "POLL_S", hint="0.1 to 3600, such as 5"
        )
    return seconds
