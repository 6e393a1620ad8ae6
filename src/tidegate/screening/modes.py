"""Which checks run: mandatory and optional ones, modes as named sets, and what is looked at first."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.errors import UsageError
from tidegate.events.suggestions import nearest
from tidegate.screening.dimensions import CHECKS, DIMENSIONS, Check

MODES = ("standard", "fine", "self", "custom")
RISKS = ("stolen", "non_compliant", "fake", "empty", "unregistered")
MANDATORY = tuple(
    check for check in CHECKS if not check.optional
)  # sops.mandatory-dimensions, with what weighs three of them
COMPOSITE = "screen.fake-composite"  # weighs three of them, and is none of its own
MANDATORY_IDS = frozenset(check.id for check in MANDATORY) - {COMPOSITE}
OPTIONAL = tuple(check for check in CHECKS if check.optional)  # sops.optional-dimensions


def checks_of(mode: str | None, dimensions: Sequence[str]) -> tuple[Check, ...]:
    """Return the checks of a mode, or those asked for, in the order of the catalogue.

    Standard are the mandatory ones, fine all, self all for the holder of one account, custom those named by dimension or by id
    (sops.modes).
    Raise UsageError where that makes no sense.
    """
    if mode is not None and mode not in MODES:
        raise UsageError(f"there is no mode `{mode}`", place="--mode", hint=f"one of {', '.join(MODES)}")
    if dimensions and mode not in (None, "custom"):
        raise UsageError(
            f"mode `{mode}` has its own dimensions", place="--dimensions", hint="leave out `--mode`"
        )
    if mode == "custom" and not dimensions:
        raise UsageError("mode `custom` without dimensions", place="--mode", hint="name them: `--dimensions`")
    if not dimensions:
        return MANDATORY if mode == "standard" else CHECKS
    wanted: set[str] = set()
    for name in dimensions:
        wanted |= _named(name)
    needed = {need for check in CHECKS if check.id in wanted for need in check.needs}
    return tuple(check for check in CHECKS if check.id in wanted | needed)


def mandatory_of(checks: Sequence[Check]) -> dict[str, int | bool]:
    """Return how many of the mandatory checks are among some, and whether all are: only then it is a whole screening.

    >>> mandatory_of(checks_of("standard", ()))
    {'active': 7, 'of': 7, 'all': True}
    """
    active = len(MANDATORY_IDS & {check.id for check in checks})
    return {"active": active, "of": len(MANDATORY_IDS), "all": active >= len(MANDATORY_IDS)}


def require_one(mode: str | None, accounts: int) -> None:
    """Raise UsageError where mode `self`, which is for the holder of one account, is given several."""
    if mode == "self" and accounts > 1:
        raise UsageError(
            f"mode `self` is for one's own account, and the list has {accounts:,}",
            place="--mode",
            hint="mode `fine` checks the same of many",
        )


def _named(name: str) -> set[str]:
    if name in ("all", "mandatory", "optional"):
        return {check.id for check in {"all": CHECKS, "mandatory": MANDATORY, "optional": OPTIONAL}[name]}
    if name.replace("-", "_") in DIMENSIONS:
        return {check.id for check in DIMENSIONS[name.replace("-", "_")]}
    found = {check.id for check in CHECKS if check.id in (name, f"screen.{name}")}
    if not found:
        known = [*DIMENSIONS, "mandatory", "optional", "all", *(check.id for check in CHECKS)]
        meant = nearest(name, known)
        hint = f"did you mean `{meant}`?" if meant else f"one of {', '.join(known)}"
        raise UsageError(f"there is no dimension `{name}`", place="--dimensions", hint=hint)
    return found


def goals_of(first: Sequence[str]) -> tuple[str, ...]:
    """Return all risks, those to look at first in front (sops.goal-setting). Raise UsageError where there is no such risk."""
    named = [name.replace("-", "_") for name in first]
    for name in named:
        if name not in RISKS:
            raise UsageError(f"there is no risk `{name}`", place="--first", hint=f"one of {', '.join(RISKS)}")
    return tuple(dict.fromkeys((*named, *RISKS)))
