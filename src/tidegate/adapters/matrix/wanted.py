"""Which state of a Synapse user corresponds to the measures that run against an account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tidegate.policy.measure import Effect

RESTRICTING_LEVEL = (
    2  # below it, the answers to callbacks restrain: they name the time to wait, a suspension does not
)
_SPEAKING = frozenset({"send", "group_send", "all"})


@dataclass(frozen=True)
class RunningMeasure:
    """A measure in force. `rate_per_minute` belongs to throttles; `permanent` ones are confirmed by a person or not yet."""

    sanction: str
    effect: Effect
    capability: frozenset[str]
    level: int
    rate_per_minute: float | None = None
    permanent: bool = False
    confirmed: bool = False


@dataclass(frozen=True)
class Wanted:
    """How a user of the homeserver should be. All of it can be undone but `deactivated`."""

    rate_per_minute: float | None = None
    suspended: bool = False
    locked: bool = False
    deactivated: bool = False


@dataclass(frozen=True)
class Kept:
    """What we know to have set on a user; of the fields in `unsure` an act was begun, and its end was not seen."""

    have: Wanted
    unsure: tuple[str, ...] = ()


def wanted(measures: Iterable[RunningMeasure], *, deactivating: bool = False) -> Wanted:
    """Return the state that the measures in force ask for.

    A throttle of sending is a rate limit; who may not send by a measure of level 2 or more is suspended; who may do
    nothing at all is locked. An account is deactivated only for a ban that a person confirmed, and only where the
    operator allows it (`deactivating`): until then the ban locks.
    """
    rate: float | None = None
    suspended = locked = deactivated = False
    for measure in measures:
        speaking = bool(measure.capability & _SPEAKING)
        if measure.effect == "throttle" and speaking and measure.rate_per_minute is not None:
            rate = measure.rate_per_minute if rate is None else min(rate, measure.rate_per_minute)
        if measure.effect != "deny":
            continue
        if "all" in measure.capability and (measure.level > RESTRICTING_LEVEL or measure.permanent):
            locked = True
            deactivated |= deactivating and measure.permanent and measure.confirmed
        elif speaking and measure.level >= RESTRICTING_LEVEL:
            suspended = True
    return Wanted(rate, suspended, locked, deactivated)
