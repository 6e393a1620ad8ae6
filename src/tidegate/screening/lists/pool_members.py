"""The accounts of a pool in columns: a list of a million takes some hundred bytes a row, and an account is made when it is asked for."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.screening.lists.facts import Value
from tidegate.screening.numbers.number import Number

Plan = tuple[bool, str | None, str | None]  # what a number is beside its digits: valid, country, kind


@dataclass(slots=True)
class Member:
    """An account of the pool: its number, the first row it stands in, and the facts the list brings along."""

    number: Number
    row: int
    facts: dict[str, Value] = field(default_factory=dict)
    duplicates: list[int] = field(default_factory=list)  # further rows with the same number

    @property
    def remark(self) -> str:
        """What was noted beside the number, in all its rows."""
        return str(self.facts.get("remark", ""))


class Members(Mapping[str, Member]):
    """The accounts of a list in its order, each number once: number -> account. One that is given out is a copy of what is held.

    `facts` are the names of what the list may say; `duplicates` are further rows with the same number, by the place of the account.
    """

    def __init__(self, facts: Iterable[str] = ()) -> None:
        self.facts = tuple(facts)
        self.numbers: list[str] = []
        self.rows = array("q")
        self.duplicates: dict[int, list[int]] = {}
        self._said: list[Value | None] = []  # account by account, in the order of `facts`
        self._places: dict[str, int] = {}
        self._warnings: dict[int, str] = {}
        self._plan = array("H")
        self._plans: dict[Plan, int] = {}  # in the order of their numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[str]:
        return iter(self.numbers)

    def __contains__(self, number: object) -> bool:
        return number in self._places

    def __getitem__(self, number: str) -> Member:
        return self.at(self._places[number])

    def at(self, place: int) -> Member:
        """Return the account at a place, counted from 0."""
        valid, country, kind = list(self._plans)[self._plan[place]]
        number = Number(self.numbers[place], valid, country, kind, self._warnings.get(place, ""))
        first = place * len(self.facts)
        said = zip(self.facts, self._said[first : first + len(self.facts)], strict=True)
        facts = {name: value for name, value in said if value is not None}
        return Member(number, self.rows[place], facts, list(self.duplicates.get(place, ())))

    def place(self, number: str) -> int | None:
        """Return the place of a number, None where it is not in the list."""
        return self._places.get(number)

    def column(self, fact: str) -> list[Value | None]:
        """Return what the list says of a fact, None where it says nothing."""
        if fact not in self.facts:
            return [None] * len(self)
        return self._said[self.facts.index(fact) :: len(self.facts)]

    def remarks(self, begin: int, end: int) -> list[str]:
        """Return what was noted beside the numbers from one place up to another, "" where nothing was."""
        if "remark" not in self.facts:
            return [""] * (end - begin)
        width, at = len(self.facts), self.facts.index("remark")
        return [str(noted or "") for noted in self._said[begin * width + at : end * width : width]]

    def remarks_at(self, places: Iterable[int]) -> list[str]:
        """Return what was noted beside the numbers at some places, "" where nothing was."""
        if "remark" not in self.facts:
            return [""] * len(list(places))
        width, at, said = len(self.facts), self.facts.index("remark"), self._said
        return [str(said[place * width + at] or "") for place in places]

    def remark(self, place: int) -> str:
        """Return what was noted beside the number at a place, "" where nothing was."""
        return self.remarks(place, place + 1)[0]

    def fact(self, place: int, fact: str) -> Value | None:
        """Return what the list says of a fact of one account."""
        return self._said[place * len(self.facts) + self.facts.index(fact)]

    def tell(self, place: int, fact: str, value: Value) -> None:
        """Hold what the list says of a fact of one account."""
        self._said[place * len(self.facts) + self.facts.index(fact)] = value

    def add(self, number: str, row: int, plan: Plan, warning: str, values: Sequence[Value | None]) -> None:
        """Add an account that is not there yet; the values are in the order of `facts`."""
        place = len(self.numbers)
        self._places[number] = place
        self.numbers.append(number)
        self.rows.append(row)
        known = self._plans.get(plan)
        self._plan.append(self._plans.setdefault(plan, len(self._plans)) if known is None else known)
        if warning:
            self._warnings[place] = warning
        self._said += values
