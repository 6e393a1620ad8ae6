"""The verdict about an attempt: the strictest running measure that concerns what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.engine.standing import ENDLESS, Running

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tidegate.engine.decision import Verdict
    from tidegate.engine.occasion import Occasion
    from tidegate.engine.register import Register

_STRICTEST_FIRST: tuple[Verdict, ...] = ("deny", "challenge", "throttle")


def verdict_for(
    occasion: Occasion,
    register: Register,
    cols: NDArray[np.float64],
    forget: int,
    passing: Sequence[Running] = (),
    sparing: Sequence[Running] = (),
) -> tuple[Verdict, int | None, str | None]:
    """Return verdict, seconds to wait (None: no wait would help, or none is needed), and which challenge.

    An event that is no attempt at anything is allowed. `passing`: measures that concern this event alone; `sparing`: those that
    let it through, and restrain the next one, be it of the same ms. A throttle lets `rate` attempts a minute through; where
    several run, those that all of them have room for. What is held back takes no room.
    """
    measures = [
        measure
        for entity, slot in occasion.subjects.items()
        if (record := register.find(entity, slot)) is not None
        for measure in record.all_measures()
    ]
    measures += passing
    if not measures:
        return "allow", None, None
    needed = attempted(occasion, cols)
    exempt = {s for s, column in occasion.site.exempt if cols[column, occasion.position] == 1}
    spared = {id(m) for m in sparing}
    running = [
        m
        for m in measures
        if m.restrains(needed, occasion.ts) and m.sanction not in exempt and id(m) not in spared
    ]
    if not needed:
        return "allow", None, None
    for effect in _STRICTEST_FIRST:
        of_effect = [m for m in running if m.effect == effect]
        if of_effect:
            return _verdict(effect, of_effect, occasion.ts, forget)
    return "allow", None, None


def attempted(occasion: Occasion, cols: NDArray[np.float64]) -> frozenset[str]:
    """Return the capabilities that the event needs; none where it is no attempt."""
    return frozenset(
        capability
        for capability, column in occasion.site.attempts
        if column < 0 or cols[column, occasion.position] == 1
    )


def _verdict(
    effect: Verdict, measures: list[Running], ts: int, forget: int
) -> tuple[Verdict, int | None, str | None]:
    if effect == "deny":
        end = max(m.until for m in measures)
        return "deny", None if end == ENDLESS else _seconds(end - ts), None
    if effect == "challenge":
        return "challenge", None, max(measures, key=lambda m: m.until).challenge
    wait = max(m.wait(ts) for m in measures)
    if not wait:
        for measure in measures:
            measure.grant(ts, forget)
    return "throttle", _seconds(wait) if 0 < wait < ENDLESS >> 1 else None, None


def _seconds(ms: int) -> int:
    return -(-ms // 1000)
