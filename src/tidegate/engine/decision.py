"""What the engine says about one event, with everything needed to explain it later."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import msgspec

from tidegate.windows.timestamps import format_rfc3339

Verdict = Literal["allow", "throttle", "challenge", "deny"]
VERDICTS: tuple[Verdict, ...] = ("allow", "throttle", "challenge", "deny")  # ascending strictness

FIGURE_DIGITS = 9  # a quotient such as 8 / 900 need not be shown to the last bit
# no figure is that great: it is a bound of what may be anything, whatever that was divided by
FIGURE_MAX = 1e60
# of figures in a sentence: the first that still tells what is observed from the limit
WORDED_DECIMALS = (3, 4, 6)


def figure(value: float) -> int | float | None:
    """Return a value as decisions write it: whole numbers without a point, not known as None, without bounds as None.

    >>> figure(13.0), figure(8.4), figure(float("nan")), figure(-1e100)
    (13, 8.4, None, None)
    """
    if not abs(value) < FIGURE_MAX:
        return None
    whole = int(value)
    return whole if value == whole else float(f"{value:.{FIGURE_DIGITS}g}")


@lru_cache(maxsize=1 << 12)
def text_of(value: float) -> str:
    """Return a value as the reason of a decision words it.

    >>> text_of(13.0), text_of(float("nan"))
    ('13', 'unknown')
    """
    shown = figure(value)
    return "unknown" if shown is None else str(shown)


@lru_cache(maxsize=1 << 12)
def words_of(observed: float, limit: float) -> tuple[str, str]:
    """Return what is observed and the limit as the reason of a decision words them: short, and still as they compare.

    >>> words_of(2.00555556, 5.0), words_of(90.0001157, 90.0)
    (('2.006', '5'), ('90.0001', '90'))
    """
    if abs(observed) < FIGURE_MAX and abs(limit) < FIGURE_MAX:
        for decimals in WORDED_DECIMALS:
            short, bound = round(observed, decimals), round(limit, decimals)
            if (short > bound) == (observed > limit) and (short < bound) == (observed < limit):
                return text_of(short), text_of(bound)
    return text_of(observed), text_of(limit)


class AppliedModifier(msgspec.Struct, frozen=True):
    """A modifier that changed a limit."""

    id: str
    factor: float

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"modifier": self.id, "factor": figure(self.factor)}


class Fired(msgspec.Struct, frozen=True):
    """A rule whose condition holds, or a quota that is exceeded: what was observed, and the limit after modifiers."""

    rule: str
    observed: float | str | None
    limit: float | str | None
    window: str | None
    probability: float | None
    modifiers: tuple[AppliedModifier, ...]
    reason: str
    quota: bool = False  # a published limit that the event exceeds, not a rule
    passing: bool = False  # a factor of the event alone: it makes signs weigh more, and is none

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        observed, limit = (figure(v) if isinstance(v, float) else v for v in (self.observed, self.limit))
        data = {
            "rule": self.rule,
            "observed": observed,
            "limit": limit,
            "window": self.window,
            "probability": self.probability,
            "modifiers": [m.data() for m in self.modifiers],
            "reason": self.reason,
        }
        return data | {"quota": "exceeded"} if self.quota else data


class Opened(msgspec.Struct, frozen=True):
    """A measure that this event opened or extended. `until` None: permanent, pending the review that must confirm it.

    `of` is the id of the entity it is taken against, where that is not the one of its kind that the event names.

    `effect` (what an attempt meets) is for the books: not part of the decision's line.
    """

    id: str
    sanction: str
    capability: tuple[str, ...]
    level: int
    since: int
    until: int | None
    cause: str
    review: str = ""
    subject: str = "account"
    effect: str = "deny"
    of: str = ""

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        data: dict[str, Any] = {
            "id": self.id,
            "sanction": self.sanction,
            "capability": list(self.capability),
            "level": self.level,
            "from": format_rfc3339(self.since),
            "until": "permanent" if self.until is None else format_rfc3339(self.until),
            "cause": self.cause,
        }
        if self.subject != "account" or self.of:
            data["subject"] = self.subject
        if self.of:
            data["of"] = self.of
        if self.review:
            data["review"] = self.review
        return data


class OpenedCase(msgspec.Struct, frozen=True):
    """A case that this event opened for a human queue; `due` is the end of its service time."""

    id: str
    queue: str
    due: int
    cause: str

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"id": self.id, "queue": self.queue, "due": format_rfc3339(self.due), "cause": self.cause}


class Moved(msgspec.Struct, frozen=True):
    """A running measure whose end this event moved: lifted, released, shortened or prolonged. `until` None: permanent."""

    id: str
    until: int | None


class Mark(msgspec.Struct, frozen=True):
    """A label that this event set on an entity, or took off. `until` None: until somebody takes it off.

    `of` is whose it is, where the event itself does not name him.
    """

    name: str
    subject: str
    until: int | None = None
    cause: str = ""
    off: bool = False
    of: str = ""


class Decision(msgspec.Struct, frozen=True):
    """The answer to one event; `event_id` None at a timer.

    `sanctions` are the measures it opened, `extended` those that ran and whose end it put off: its line shows both.
    `shadow` (rules in shadow that would have fired), `moved` and `marks` are for the books: not part of the decision's line.
    """

    event_id: str | None
    ts: int
    type: str
    account_id: str | None
    verdict: Verdict = "allow"
    score: float = 0.0
    fired: tuple[Fired, ...] = ()
    undecided: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    sanctions: tuple[Opened, ...] = ()
    cases: tuple[OpenedCase, ...] = ()
    retry_after_s: int | None = None
    challenge: str | None = None
    shadow: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    marks: tuple[Mark, ...] = ()
    extended: tuple[Opened, ...] = ()

    @property
    def rules(self) -> tuple[Fired, ...]:
        """What fired without the quotas that are exceeded."""
        return tuple(fired for fired in self.fired if not fired.quota)

    @property
    def tells(self) -> bool:
        """Whether it is more than a plain allow with limits that are exceeded and factors of the event alone: for the books."""
        return bool(
            self.verdict != "allow"
            or self.labels
            or self.sanctions
            or self.extended
            or self.cases
            or self.shadow
            or self.moved
            or self.marks
            or not all(fired.quota or fired.passing for fired in self.fired)
        )

    def data(self, policy: dict[str, str]) -> dict[str, Any]:
        """Return the decision as the contract writes it."""
        data: dict[str, Any] = {
            "event_id": self.event_id,
            "ts": format_rfc3339(self.ts),
            "type": self.type,
            "account_id": self.account_id,
            "verdict": self.verdict,
        }
        if self.retry_after_s is not None:
            data["retry_after_s"] = self.retry_after_s
        if self.challenge is not None:
            data["challenge"] = self.challenge
        return data | {
            "score": self.score,
            "fired": [f.data() for f in self.fired],
            "undecided": list(self.undecided),
            "labels": list(self.labels),
            "sanctions": [s.data() for s in (*self.sanctions, *self.extended)],
            "cases": [c.data() for c in self.cases],
            "policy": policy,
        }
