"""Lists of numbers side by side: what both have, segments of the numbering plans, filters on what is known."""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tidegate.errors import UsageError
from tidegate.events.suggestions import meant
from tidegate.screening.lists.facts import READERS, Value, yes_or_no
from tidegate.screening.lists.pool import Pool
from tidegate.screening.lists.pool_members import Member

PLAN_FACTS = ("number", "valid", "country", "kind", "carrier", "zone")
ALL_FACTS = (*PLAN_FACTS, *READERS)
_OPERATORS: dict[str, Callable[[object, object], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,  # type: ignore[dict-item]  # of two values of one kind
    "<=": operator.le,  # type: ignore[dict-item]
    ">": operator.gt,  # type: ignore[dict-item]
    ">=": operator.ge,  # type: ignore[dict-item]
}
_CONDITION = re.compile(r"\s*([a-z0-9_]+)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*")


@dataclass(frozen=True)
class Compared:
    """Numbers of two lists, each in the order of its list."""

    both: list[str]
    only_first: list[str]
    only_second: list[str]


def compare(first: Pool, second: Pool) -> Compared:
    """Return which numbers stand in both lists, and which in one alone."""
    a, b = first.members, second.members
    return Compared([n for n in a if n in b], [n for n in a if n not in b], [n for n in b if n not in a])


def fact(member: Member, name: str) -> Value | None:
    """Return what is known of an account under a name; None where it is not known.

    `zone` is the time zone, where the number can be in one only.
    """
    number = member.number
    if name == "zone":
        zones = number.zones
        return zones[0] if len(zones) == 1 else None
    if name in PLAN_FACTS:
        value: Value | None = number.e164 if name == "number" else getattr(number, name)
        return value
    return member.facts.get(name)


def segments(pool: Pool, by: Iterable[str]) -> list[tuple[tuple[Value | None, ...], int]]:
    """Return how many accounts share the same facts `by`, most first."""
    names = tuple(by)
    counted = Counter(tuple(fact(member, name) for name in names) for member in pool.members.values())
    return sorted(counted.items(), key=lambda item: (-item[1], tuple(map(str, item[0]))))


@dataclass(frozen=True)
class Condition:
    """What a filter asks of an account: `fact operator value`."""

    fact: str
    sign: str
    value: Value

    def holds(self, member: Member) -> bool:
        """Whether it is known to hold: what is not known holds nothing, not even `!=`."""
        known = fact(member, self.fact)
        return known is not None and _OPERATORS[self.sign](known, self.value)


def condition(text: str) -> Condition:
    """Return a condition as it is written; raise UsageError with what is wrong.

    >>> condition("country=DE"), condition("warnings >= 1")
    (Condition(fact='country', sign='=', value='DE'), Condition(fact='warnings', sign='>=', value=1))
    """
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise UsageError(
            f"`{text}` is no condition", hint="write it as `country=DE` or `registered_at<2026-01-01`"
        )
    name, sign, written = found[1], found[2], found[3]
    if name not in ALL_FACTS:
        raise UsageError(
            f"there is no fact `{name}`",
            place=f"`{text}`",
            hint=f"{meant(name, ALL_FACTS)}one of {', '.join(ALL_FACTS)}",
        )
    try:
        value = _value(name, written)
    except ValueError as error:
        raise UsageError(
            f"`{written}` is no {name.replace('_', ' ')}", place=f"`{text}`", hint=str(error)
        ) from None
    if sign not in ("=", "!=") and isinstance(value, bool | str):
        raise UsageError(f"`{name}` has no order", place=f"`{text}`", hint="ask with `=` or `!=`")
    return Condition(name, sign, value)


def _value(name: str, written: str) -> Value:
    if name == "valid":
        return yes_or_no(written)
    if name in READERS:
        return READERS[name](written)
    return written.upper() if name == "country" else written


def chosen(pool: Pool, conditions: Iterable[Condition], *, complete: Iterable[str] = ()) -> Iterator[Member]:
    """Yield the accounts of which all conditions are known to hold, and of which all of `complete` is known at all."""
    asked, needed = tuple(conditions), tuple(complete)
    for member in pool.members.values():
        if all(one.holds(member) for one in asked) and all(fact(member, name) is not None for name in needed):
            yield member
