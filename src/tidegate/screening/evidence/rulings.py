"""What people ruled of measures: confirmed, upheld, or lifted on appeal. It tells whether a screening was right about an account.

A ruling speaks of a dimension only where the cause of its measure does: logins of theft, registrations of fakes, everything that
counts as an incident of non-compliance. Of whether a number is reached or registered nobody rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tidegate.review.measures import CONFIRM

if TYPE_CHECKING:
    from tidegate.screening.evidence.event_history import EventRows, History
    from tidegate.screening.evidence.ownership import Owners

DIMENSION_OF_CAUSE = {"login": "stolen", "reg": "fake"}  # by the area of the rule
_APPEAL = "appeal"  # why a measure was lifted


class Ruling(NamedTuple):
    """That a measure against the holder of a number (E.164) was `right` or not, when that was ruled, and of which dimension it speaks."""

    number: str
    dimension: str
    sanction: int
    at_ms: int
    right: bool


@dataclass
class Rulings:
    """Takes in what events tell of rulings. Sanctions and accounts are ids of the history's spaces, -1 not named."""

    causes: dict[int, str] = field(default_factory=dict)  # sanction -> dimension of its cause, "" none
    against: dict[int, tuple[int, int]] = field(default_factory=dict)  # sanction -> account, number
    found: list[tuple[int, int, int, int, bool]] = field(
        default_factory=list
    )  # sanction, account, number, ts, right
    undone: set[int] = field(default_factory=set)  # sanctions that were lifted on appeal
    _appeals: dict[str, int] = field(default_factory=dict)  # appeal -> sanction

    def caused(self, sanction: int, whose: tuple[int, int], cause: object, *, counts: bool) -> None:
        """Note whom a measure is against, by account and number, and its cause; `counts`: it is an incident."""
        self.against.setdefault(sanction, whose)
        if sanction < 0 or (sanction in self.causes and not isinstance(cause, str)):
            return
        area = cause.partition(".")[0] if isinstance(cause, str) else ""
        self.causes[sanction] = DIMENSION_OF_CAUSE.get(area, "non_compliant" if counts else "")

    def confirmed(self, rows: EventRows, sanctions: Sequence[int]) -> None:
        """Take the measures among these that a person confirmed."""
        for place, extra in rows.fields.objects("extra"):
            if isinstance(extra, dict) and extra.get("act") == CONFIRM:
                self._rule(rows, place, sanctions[place], right=True)

    def lifted(self, rows: EventRows, sanctions: Sequence[int]) -> None:
        """Take measures that were lifted; those for an appeal were wrong."""
        for place, why in enumerate(rows.fields.words("reason")):
            if why == _APPEAL:
                self._rule(rows, place, sanctions[place], right=False)

    def filed(self, rows: EventRows, sanctions: Sequence[int]) -> None:
        """Take appeals: which measure each is against."""
        for appeal, sanction in zip(rows.fields.words("appeal_id"), sanctions, strict=True):
            if isinstance(appeal, str):
                self._appeals[appeal] = sanction

    def decided(self, rows: EventRows) -> None:
        """Take decisions about appeals: a measure was wrong where one is granted, right where it is refused."""
        granted = rows.fields.numbers("granted")
        for place, appeal in enumerate(rows.fields.words("appeal_id")):
            sanction = self._appeals.get(appeal, -1) if isinstance(appeal, str) else -1
            if sanction >= 0 and granted[place] in (0, 1):
                self._rule(rows, place, sanction, right=bool(granted[place] == 0))

    def _rule(self, rows: EventRows, place: int, sanction: int, *, right: bool) -> None:
        if sanction < 0:
            return
        whose = (int(rows.account[place]), int(rows.number[place]))
        self.found.append((sanction, *whose, int(rows.ts[place]), right))
        if not right:
            self.undone.add(sanction)


def rulings_of(owners: Owners, numbers: Sequence[str], history: History) -> list[Ruling]:
    """Return what was ruled of measures against anybody whose number is known, in the order of time.

    `owners` and `numbers` are those of the pool; who is not in it has the number that events named last with the account.
    """
    if not history.rulings.found:
        return []
    held = history.holders
    latest = np.lexsort((held["ts"],))
    number_of = dict(zip(held["account"][latest].tolist(), held["number"][latest].tolist(), strict=True))
    return [
        Ruling(whose, dimension, sanction, ts, right)
        for sanction, account, number, ts, right in sorted(history.rulings.found, key=lambda one: one[3])
        if (dimension := history.rulings.causes.get(sanction, ""))
        for who, known_as in (_named(history.rulings, sanction, account, number),)
        for whose in _numbers(owners, numbers, history, who, number_of.get(who, known_as))
    ]


def _named(rulings: Rulings, sanction: int, account: int, number: int) -> tuple[int, int]:
    """Return whom a ruling names, else whom its measure is against: by account and number."""
    return (account, number) if max(account, number) >= 0 else rulings.against.get(sanction, (-1, -1))


def _numbers(
    owners: Owners, numbers: Sequence[str], history: History, account: int, number: int
) -> Iterator[str]:
    place = int(owners.of_rows(np.array([account]), np.array([number]))[0])
    if place >= 0:
        yield numbers[place]
    elif number >= 0:
        yield history.spaces.number.text(number)
    elif account >= 0 and (text := history.spaces.account.text(account)).startswith("+"):
        yield text  # an account that is known as its own number
