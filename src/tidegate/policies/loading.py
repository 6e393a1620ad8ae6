"""Policies by name or by path, and figures from a file."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidegate.errors import FileError, ParameterError, PolicyError, TidegateError
from tidegate.policy import Policy, RuleSet

if TYPE_CHECKING:
    from types import ModuleType

SHIPPED = ("messenger",)


def load_policy(name: str) -> Policy:
    """Return the shipped policy of this name, or the one that a Python file or package at this path defines.

    A file defines `policy = Policy(...)`, or just rule sets: then it is a policy of that name with those. Loading runs the
    file: policies are code, and come from the people who run the engine. Raise PolicyError or FileError.
    """
    if name in SHIPPED:
        return _policy_of(importlib.import_module(f"tidegate.policies.{name}"), name)
    path = Path(name)
    if not path.exists():
        near = get_close_matches(name, SHIPPED, n=1)
        hint = f"did you mean `{near[0]}`" if near else f"name a shipped policy ({', '.join(SHIPPED)}) or a Python file"
        raise PolicyError(f"there is no policy `{name}`", hint=hint)
    return _policy_of(_imported(path), path.stem if path.name != "__init__.py" else path.parent.name)


def _imported(path: Path) -> ModuleType:
    """Return the module at the path, freshly run."""
    package = path if path.is_dir() else path.parent if path.name == "__init__.py" else None
    file = package / "__init__.py" if package else path
    if not file.is_file() or file.suffix != ".py":
        raise FileError(f"`{path}` is no Python file", hint="a policy is a `.py` file, or a folder with `__init__.py`")
    name = f"tidegate_policy_{(package or file).stem}"
    for old in [m for m in sys.modules if m == name or m.startswith(f"{name}.")]:
        del sys.modules[old]
    search = [str(package)] if package else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=search)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except TidegateError as error:
        raise error.at(_line_in(error, package or file) or str(path)) from None
    except Exception as error:  # noqa: BLE001  whatever a policy's own code may raise
        where = _line_in(error, package or file) or str(path)
        raise PolicyError(f"the policy cannot be loaded: {error}", place=where, hint="run it with Python to see more") from error
    return module


def _line_in(error: BaseException, file: Path) -> str:
    """Return `file:line` of the author's own line that led to the error; "" if none is on the stack."""
    place, trace = "", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name == str(file) or name.startswith(f"{file}/"):
            place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _policy_of(module: ModuleType, name: str) -> Policy:
    found = getattr(module, "policy", None)
    if isinstance(found, Policy):
        return found
    sheets = tuple(v for v in vars(module).values() if isinstance(v, type) and issubclass(v, RuleSet) and v is not RuleSet)
    if not sheets:
        raise PolicyError(f"`{name}` defines no policy and no rule sets", hint="write `policy = tg.Policy(...)`")
    return Policy(name=name, version="0", rule_sets=sheets)


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
            known = ", ".join(policy.parameter_sets) or "none"
            raise ParameterError(f"no parameter set `{base}`", place=source, hint=f"`{policy.name}` has: {known}")
        policy = policy.revise(policy.parameter_sets[base])
    try:
        return policy.revise(figures)
    except TidegateError as error:
        raise error.at(source) from None


def _figures(policy: Policy, path: Path) -> dict[str, Any]:
    if not path.is_file():
        known = ", ".join(f"`{s}`" for s in policy.parameter_sets)
        raise FileError(
            f"there is no parameter file `{path}`", hint=f"name a file, or a set of the policy: {known}" if known else "name a file"
        )
    text = path.read_text("utf-8")
    try:
        figures = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except ValueError as error:
        raise FileError(f"not readable as {path.suffix or 'JSON'}: {error}", place=str(path), hint="write JSON or TOML") from None
    if not isinstance(figures, dict):
        raise FileError("figures are not given by name", place=str(path), hint='write `{"Sheet.figure": 10}`')
    return figures
