"""Policies by name or by path, and figures from a file."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidegate.errors import FileError, ParameterError, PolicyError, TidegateError
from tidegate.events.suggestions import meant
from tidegate.policies.python_errors import MODULE_PREFIX, explained, place_in
from tidegate.policy import Policy, Quota, Rule, RuleSet
from tidegate.policy.checks import check

if TYPE_CHECKING:
    from types import ModuleType

SHIPPED = ("messenger",)


def load_policy(name: str) -> Policy:
    """Return the shipped policy of this name, or the one that a Python file or package at this path defines.

    A file defines `policy = Policy(...)`, or just rule sets: then it is a policy of that name with those. Loading runs the
    file: policies are code, and come from the people who run the engine. Raise PolicyError, also where a check of the
    policy as a whole finds a mistake, or FileError.
    """
    policy = read_policy(name)
    mistakes = [finding for finding in check(policy) if not finding.advice]
    if mistakes:
        first, more = mistakes[0], len(mistakes) - 1
        others = f"; {more} more: `tidegate policy check {name}`" if more else ""
        raise PolicyError(first.problem, place=f"{name}: {first.place}", hint=f"{first.hint}{others}")
    return policy


def read_policy(name: str) -> Policy:
    """Return the policy as `load_policy` does, but without checking it as a whole."""
    if name in SHIPPED:
        return _policy_of(importlib.import_module(f"tidegate.policies.{name}"), name)
    path = Path(name)
    if not path.exists():
        near = get_close_matches(name, SHIPPED, n=1)
        shipped = ", ".join(f"`{known}`" for known in SHIPPED)
        hint = f"did you mean `{near[0]}`?" if near else f"name a shipped policy ({shipped}) or a Python file"
        raise PolicyError(f"there is no policy `{name}`", hint=hint)
    stem = path.stem if path.name != "__init__.py" else path.resolve().parent.name
    return _policy_of(_imported(path), stem, name)


def compared_with(base: Policy, name: str) -> Policy:
    """Return what to compare a policy with: another one by name or path, or itself with other figures.

    `name` is a policy, a parameter set of the base, or a file of figures. Raise FileError where it is none of them.
    """
    if name in base.parameter_sets or Path(name).suffix in (".json", ".toml"):
        return with_parameters(base, name)
    if name in SHIPPED or Path(name).exists():
        return load_policy(name)
    sets = ", ".join(base.parameter_sets) or "none"
    raise FileError(
        f"`{name}` is neither a policy nor a file of figures",
        hint=f"{meant(name, (*base.parameter_sets, *SHIPPED))}name a policy, a `.py`, `.json` or `.toml` file,"
        f" or a parameter set ({sets})",
    )


def examples_of(name: str) -> Path:
    """Return the folder of a policy's examples, which need not exist: `examples` beside its file, or in its package."""
    path = Path(__file__).parent / name if name in SHIPPED else Path(name)
    return (path if path.is_dir() else path.parent) / "examples"


def _imported(path: Path) -> ModuleType:
    """Return the module at the path, freshly run."""
    package = path if path.is_dir() else path.parent if path.name == "__init__.py" else None
    file = package / "__init__.py" if package else path
    if not file.is_file() or file.suffix != ".py":
        raise FileError(
            f"`{path}` is no Python file", hint="a policy is a `.py` file, or a folder with `__init__.py`"
        )
    name = f"{MODULE_PREFIX}{(package or file).resolve().stem}"
    for old in [m for m in sys.modules if m == name or m.startswith(f"{name}.")]:
        del sys.modules[old]
    search = [str(package.resolve())] if package else None
    spec = importlib.util.spec_from_file_location(name, file.resolve(), submodule_search_locations=search)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with _unwritten():
            spec.loader.exec_module(module)
    except TidegateError as error:
        raise error.at(place_in(error, package or file)) from None
    except SystemExit as error:
        raise PolicyError(
            "ends the program",
            place=place_in(error, package or file),
            hint="a policy file only defines: take `exit` out",
        ) from None
    except Exception as error:  # noqa: BLE001  whatever an author's code may raise
        raise explained(error, package or file) from None
    return module


@contextmanager
def _unwritten() -> Iterator[None]:
    """Let Python keep no compiled form of what it runs: one edit later in the same second it would stand for the new text."""
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _policy_of(module: ModuleType, name: str, place: str = "") -> Policy:
    defined = vars(module)
    sheets = tuple(
        v for v in defined.values() if isinstance(v, type) and issubclass(v, RuleSet) and v is not RuleSet
    )
    found = defined.get("policy")
    if not isinstance(found, Policy):
        found = _unnamed_policy(defined, sheets, name, place)
    _refuse_lost(found, defined, place)
    return found


def _unnamed_policy(
    defined: Mapping[str, object], sheets: tuple[type[RuleSet], ...], name: str, place: str
) -> Policy:
    """Return the policy of a file that defines rule sets and no more; refuse one that means another."""
    misnamed = next((other for other, value in defined.items() if isinstance(value, Policy)), None)
    if misnamed is not None:
        raise PolicyError(
            f"`{misnamed}` holds the policy, which is read from `policy`",
            place=place,
            hint="write `policy = tg.Policy(...)`",
        )
    if "policy" in defined or not sheets:
        problem = "`policy` is no policy" if "policy" in defined else "defines no policy and no rule sets"
        raise PolicyError(problem, place=place, hint="write `policy = tg.Policy(...)`")
    return Policy(name=name, version="0", rule_sets=sheets)


def _refuse_lost(policy: Policy, defined: Mapping[str, object], place: str) -> None:
    """Refuse rules that stand in the file and would be lost in silence: outside any rule set, or in one that is not named."""
    known = {part.id for part in policy.judged}
    for name, value in defined.items():
        if isinstance(value, Rule | Quota) and value.id not in known:
            raise PolicyError(
                f"`{name}` stands outside every rule set",
                place=place,
                hint="move it into a class `...(tg.RuleSet)` that `rule_sets` names",
            )
        if isinstance(value, type) and issubclass(value, RuleSet) and value.__module__ == defined["__name__"]:
            parts: tuple[Rule | Quota, ...] = (*value.rules, *value.quotas)
            lost = [part.id for part in parts if part.id not in known]
            if lost:
                raise PolicyError(
                    f"the policy does not name the rule set `{name}`, which holds `{lost[0]}`",
                    place=place,
                    hint=f'write `rule_sets=(..., {name})`; rules that wait have `state="draft"`',
                )


# figures ----------------------------------------------------------------------------------------------------
def with_parameters(policy: Policy, source: str) -> Policy:
    """Return the policy with the figures of a parameter set (by name) or of a JSON or TOML file.

    A file holds figures by name; the key `set` takes a parameter set of the policy as the base. Raise ParameterError or FileError.
    """
    if source in policy.parameter_sets:
        return policy.revise(policy.parameter_sets[source])
    figures = _figures(policy, Path(source))
    base = figures.pop("set", None)
    if base is not None:
        if base not in policy.parameter_sets:
            known = ", ".join(f"`{name}`" for name in policy.parameter_sets) or "none"
            raise ParameterError(
                f"there is no parameter set `{base}`", place=source, hint=f"`{policy.name}` has: {known}"
            )
        policy = policy.revise(policy.parameter_sets[base])
    try:
        return policy.revise(figures)
    except TidegateError as error:
        raise error.at(source) from None


def _figures(policy: Policy, path: Path) -> dict[str, Any]:
    if not path.is_file():
        known = ", ".join(f"`{s}`" for s in policy.parameter_sets)
        raise FileError(
            f"there is no parameter file `{path}`",
            hint=f"{meant(str(path), policy.parameter_sets)}name a file, or a parameter set of the policy: {known}"
            if known
            else "name a JSON or TOML file",
        )
    try:
        text = path.read_text("utf-8-sig")
        toml = path.suffix == ".toml"
        figures = tomllib.loads(text) if toml else json.loads(text, object_pairs_hook=_once)
    except ValueError as error:
        form = "TOML" if path.suffix == ".toml" else "JSON"
        raise FileError(
            f"is no {form}: {_lowered(str(error))}", place=str(path), hint="a name and a figure a line"
        ) from None
    if not isinstance(figures, dict):
        raise FileError("figures are not given by name", place=str(path), hint='write `{"Sheet.figure": 10}`')
    return _joined(figures, frozenset(policy.parameters))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; raise ValueError where a name stands twice, as TOML does."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"`{twice}` stands twice")
    return made


def _joined(figures: Mapping[str, Any], known: frozenset[str], prefix: str = "") -> dict[str, Any]:
    """Return the figures by full name: TOML reads `Sheet.figure = 10` as a table in a table."""
    flat: dict[str, Any] = {}
    for name, value in figures.items():
        full = prefix + name
        if isinstance(value, Mapping) and full not in known:
            flat |= _joined(value, known, f"{full}.")
        else:
            flat[full] = value
    return flat


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
