"""What Python says about a policy file, in words that its author can act on: no type names, the nearest right name."""

from __future__ import annotations

import builtins
import inspect
import linecache
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidegate.errors import PolicyError
from tidegate.events import Event
from tidegate.events.suggestions import nearest
from tidegate.features.stream import Keyed, Stream, Unkeyed
from tidegate.policies.python_habits import habit
from tidegate.policy.require import QUOTED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

MODULE_PREFIX = "tidegate_policy_"  # of the module that a policy file becomes

_UNEXPECTED = re.compile(r"(?:\w+\.)*?(\w+?)(?:\.__init__)?\(\) got an unexpected keyword argument '(\w+)'")
_MISSING = re.compile(r"(?:\w+\.)*?(\w+?)(?:\.__init__)?\(\) missing \d+ required .*?arguments?: (.+)")
_TOO_MANY = re.compile(r"(?:\w+\.)*?(\w+?)(?:\.__init__)?\(\) takes .*? positional arguments? but .+")
_NO_IMPORT = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
_NO_MODULE = re.compile(r"No module named '([\w.]+)'")


def place_in(error: BaseException, source: Path) -> str:
    """Return `file:line` of the author's own line that led to the error, the file as the author named it."""
    frame = _last_frame(error.__traceback__, source)
    return f"{frame[0]}:{frame[1]}" if frame else str(source)


def explained(error: Exception, source: Path) -> PolicyError:
    """Return the error that a policy file raised as one of ours."""
    if isinstance(error, SyntaxError):
        return _syntax(error, source)
    problem, hint = _neighbour(error, source) or _said(error)
    if not problem:
        frame = _last_frame(error.__traceback__, source)
        line = linecache.getline(str(_named_file(source, frame[0])), frame[1]).strip() if frame else ""
        problem = f"`{line}` does not work" if line else "the file does not work"
        hint = f"run `python {source}` to see what Python says"
        if line and isinstance(error, AttributeError | TypeError) and _raised_by_us(error):
            problem = f"`{line}` hands in something of a wrong kind"
            hint = f"see docs/policies.md for what it takes, or {hint}"
    return PolicyError(problem, place=place_in(error, source), hint=hint)


def _neighbour(error: Exception, source: Path) -> tuple[str, str] | None:
    """Return what is wrong with the import of a file beside the policy; None where it is none."""
    if not isinstance(error, ImportError) or source.is_dir():
        return None
    name = (error.name or "").partition(".")[0]
    if isinstance(error, ModuleNotFoundError) and list(source.resolve().parent.glob(f"{name}.py")):
        problem = f"`{name}.py` lies beside the policy, but is no part of it"
    elif "relative import" in str(error):
        name, problem = "features", "a file alone has no neighbours to import from"
    else:
        return None
    hint = f"a policy of several files is a folder with `__init__.py`; in it write `from .{name} import ...`"
    return problem, hint


def _raised_by_us(error: Exception) -> bool:
    """Whether the error came up within Tidegate, which was handed something that it did not expect."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__", "")).startswith("tidegate.")


def _last_frame(trace: TracebackType | None, source: Path) -> tuple[str, int] | None:
    """Return file and line of the innermost frame in the author's file or package; None where there is none."""
    found = None
    root = source.resolve()
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file == root:
            found = (str(source), trace.tb_lineno)
        elif file.is_relative_to(root):
            found = (str(source / file.relative_to(root)), trace.tb_lineno)
        trace = trace.tb_next
    return found


def _named_file(source: Path, shown: str) -> Path:
    return source.resolve() if shown == str(source) else Path(shown).resolve()


def _syntax(error: SyntaxError, source: Path) -> PolicyError:
    place = f"{source}:{error.lineno}" if error.lineno else str(source)
    if error.filename and Path(error.filename).is_relative_to(source.resolve()) and source.is_dir():
        place = f"{source / Path(error.filename).relative_to(source.resolve())}:{error.lineno}"
    said = error.msg.removeprefix("invalid syntax. ").rstrip("?")
    said = said[:1].lower() + said[1:]
    line = (error.text or "").strip()
    return PolicyError(
        f"`{line}` is no Python: {said}" if line else said, place=place, hint="look at the line before it too"
    )


def _said(error: Exception) -> tuple[str, str]:
    """Return problem and hint for what authors get wrong most; ("", "") for all else."""
    if isinstance(error, AttributeError):
        return _attribute(error)
    if isinstance(error, NameError):
        return _name(error.name or "", _names_at(error.__traceback__))
    if isinstance(error, ImportError):
        return _import(str(error))
    if isinstance(error, TypeError):
        return _call(str(error))
    return "", ""


def _attribute(error: AttributeError) -> tuple[str, str]:
    owner, name = error.obj, error.name or ""
    if isinstance(owner, type) and issubclass(owner, Event):
        meant = _meant(name, owner.fields(), f"{owner.__name__}.")
        return f"`{owner.type_name}` has no field `{name}`", meant or "see docs/reference/events.md"
    called = getattr(owner, "__name__", "")
    if called:
        alias = "tg" if called == "tidegate" else called
        return f"`{alias}` has no `{name}`", _meant(
            name, _public(owner), f"{alias}."
        ) or "see docs/policies.md"
    if type(owner).__module__.startswith("tidegate"):
        shown = getattr(owner, "describe", lambda: "this")()
        return f"`{shown}` has no `.{name}`", _meant(name, _public(owner), ".") or "see docs/policies.md"
    return "", ""


def _names_at(trace: TracebackType | None) -> tuple[str, ...]:
    """Return the names that were defined where the error came up, those of a class body among them."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return () if trace is None else (*trace.tb_frame.f_locals, *trace.tb_frame.f_globals)


def _name(name: str, there: tuple[str, ...]) -> tuple[str, str]:
    words, kinds = _public(import_module("tidegate")), _public(import_module("tidegate.events"))
    if name in words:
        return f"`{name}` is not defined", f"write `import tidegate as tg`, then `tg.{name}`"
    if name in kinds:
        return f"`{name}` is not defined", f"write `from tidegate.events import {name}`"
    if name in QUOTED:
        return (
            f"`{name}` is not defined",
            f"leave out the `f` before the text: `{{{name}}}` is filled in later",
        )
    if name == "tg":
        return "`tg` is not defined", "write `import tidegate as tg`"
    meant = _meant(name, there) or _meant(name, (*kinds, *words, *dir(builtins)))
    return f"`{name}` is not defined", meant or "define it above, or import it"


def _import(said: str) -> tuple[str, str]:
    if found := _NO_IMPORT.match(said):
        name, module = found.groups()
        known = _exports(module)
        return f"`{module}` has no `{name}`", _meant(name, known) or "see docs/reference/events.md"
    if found := _NO_MODULE.match(said):
        return (
            f"there is no module `{found[1].removeprefix(MODULE_PREFIX)}`",
            "check the spelling, or install it",
        )
    return "", ""


def _exports(module: str) -> Iterable[str]:
    return _public(sys.modules.get(module))


def _call(said: str) -> tuple[str, str]:
    if found := _UNEXPECTED.match(said):
        call, name = found.groups()
        meant = _meant(name, _arguments(call))
        return f"`{call}` has no argument `{name}`", meant or f"it takes: {', '.join(_arguments(call))}"
    if found := _MISSING.match(said):
        call, names = found[1], re.findall(r"'(\w+)'", found[2])
        listed = " and ".join(f"`{name}`" for name in names)
        return f"`{call}` is given no {listed}", _REMEDIES.get((call, names[0]), f"give {listed}")
    if found := _TOO_MANY.match(said):
        return f"`{found[1]}` is given too many values", "name each one: `name=value`"
    return habit(said)


_REMEDIES = {
    ("Rule", "reason"): 'every rule says why: `reason="{observed} messages in 60 s; limit {limit}"`',
    ("Sanction", "lasting"): "every sanction ends: `lasting=tg.hours(2)`, or `tg.PERMANENT` with a `review`",
    ("Parameter", "why"): 'every figure has its reason: `why="published limit"`',
    ("Parameter", "unit"): 'every figure has a unit: `unit="messages"`',
    ("Parameter", "low"): "every figure has bounds: `low=1, high=100`",
}


def _arguments(call: str) -> list[str]:
    """Return the argument names of something of ours."""
    holders: tuple[Any, ...] = (import_module("tidegate"), Stream, Unkeyed, Keyed)
    found = next((vars(h)[call] for h in holders if call in vars(h)), None)
    if found is None:
        return []
    return [name for name in inspect.signature(found).parameters if name != "self"]


def _public(owner: object) -> list[str]:
    listed = getattr(owner, "__all__", None)
    if listed is not None:
        return list(listed)
    return [name for name in dir(owner) if not name.startswith("_")]


def _meant(name: str, names: Iterable[str], prefix: str = "") -> str:
    near = nearest(name, names)
    return f"did you mean `{prefix}{near}`?" if near else ""
