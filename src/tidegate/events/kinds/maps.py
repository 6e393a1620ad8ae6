"""Fields that hold an object: maps from a name to one kind of value, and objects of free form."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta

from tidegate.events.field import Complaint, Field
from tidegate.events.kinds.lists import ITEMS_MAX
from tidegate.events.kinds.moments import Moment
from tidegate.events.kinds.numbers import Real
from tidegate.events.kinds.words import Text
from tidegate.events.wording import counted, named, quoted
from tidegate.expr.node import Kind

ENTRIES_MAX = 1024  # labels, parameters, characteristic values: dozens at most
ALL_NAMES = -1  # the place of an entry that stands for all names
DEPTH_MAX = 32  # levels of objects and lists in a free-form value; deeper nesting is an attack, not data

_EMPTY_HINT = 'write an object, such as `{"name": ...}`'


class Map(Field):
    """An object whose values are all like `member`; in expressions it stands for the list of its names."""

    kind = Kind.LIST
    member: Field

    def accepts(self) -> Any:
        name = Annotated[str, Meta(max_length=256)]
        return Annotated[dict[name, self.member.accepts()], Meta(max_length=ENTRIES_MAX)]  # type: ignore[misc]

    def complaint(self, value: object) -> Complaint | None:
        if not isinstance(value, dict):
            return Complaint(f"expected an object, not {named(value)}", _EMPTY_HINT)
        if len(value) > ENTRIES_MAX:
            return Complaint(
                f"{counted(len(value))} entries are too many", f"at most {counted(ENTRIES_MAX)} are accepted"
            )
        for name, item in value.items():
            if len(name) > 256:  # noqa: PLR2004  as in `accepts`
                return Complaint(f"the name {quoted(name)} is too long", "names have at most 256 characters")
            if item is None:
                return Complaint(f"the value of {quoted(name)} is `null`", "leave the entry out")
            found = self.member.complaint(item)
            if found:
                return Complaint(f"the value of {quoted(name)}: {found.problem}", found.hint)
        return None

    def json_schema(self) -> dict[str, object]:
        return {
            "type": "object",
            "additionalProperties": self.member.json_schema(),
            "maxProperties": ENTRIES_MAX,
        }

    def entry(self, place: int) -> Entry:
        """Return the entry at a place among all of them, in the order of their names; null where there are fewer."""
        return Entry(self, place)

    def names(self) -> Entry:
        """Return what all names of the map are together."""
        return Entry(self, ALL_NAMES)


class Entry(Real):
    """An entry of a map, name and value, or all its names, as a number that tells them apart (48 bits of a hash).

    No text is kept of it, so that what devices make up takes no room.
    """

    shape: ClassVar[str] = "entry of a map"
    picks: ClassVar[bool] = True

    def __init__(self, source: Map, place: int) -> None:
        super().__init__(source.about)
        self.name, self.owner, self.place = source.name, source.owner, place

    @property
    def column(self) -> str:
        return f"{self.name}[{self.place}]"

    def details(self) -> tuple[object, ...]:
        return (*super().details(), self.place)

    def describe(self) -> str:
        return f"{super().describe()}[{self.place}]"

    def of(self, found: Field) -> Field:
        return Entry(found, self.place) if isinstance(found, Map) else found

    def pick(self, value: Any) -> Any:
        if value is UNSET or value is None:
            return value
        names = sorted(value)
        if self.place == ALL_NAMES:
            return _told_apart("\x1f".join(names))
        if self.place >= len(names):
            return None
        name = names[self.place]
        return _told_apart(f"{name}\x1f{value[name]}")


@lru_cache(maxsize=4096)
def _told_apart(text: str) -> float:
    return float(int.from_bytes(blake2b(text.encode(), digest_size=6).digest(), "big"))


class TextMap(Map):
    """An object from names to texts."""

    shape: ClassVar[str] = "map to text"

    def __init__(self, about: str, *, unit: str = "") -> None:
        super().__init__(about, unit=unit)
        self.member = Text(about)


class RealMap(Map):
    """An object from names to finite numbers."""

    shape: ClassVar[str] = "map to number"

    def __init__(self, about: str, *, unit: str = "") -> None:
        super().__init__(about, unit=unit)
        self.member = Real(about)


class MomentMap(Map):
    """An object from names to moments, in ms."""

    shape: ClassVar[str] = "map to moment"
    settles: ClassVar[bool] = True

    def __init__(self, about: str, *, unit: str = "ms") -> None:
        super().__init__(about, unit=unit)
        self.member = Moment(about)

    def settle(self, value: Any) -> Any:
        return {name: self.member.settle(moment) for name, moment in value.items()}


class Object(Field):
    """An object of free form, at most 32 levels deep. Expressions cannot look inside; other parts may."""

    shape: ClassVar[str] = "object"
    kind = Kind.LIST

    def accepts(self) -> Any:
        return dict[str, Any]

    def complaint(self, value: object) -> Complaint | None:
        if not isinstance(value, dict):
            return Complaint(f"expected an object, not {named(value)}", _EMPTY_HINT)
        return _free_form_complaint(value)

    def json_schema(self) -> dict[str, object]:
        return {"type": "object"}


class Objects(Field):
    """A list of objects of free form."""

    shape: ClassVar[str] = "list of object"
    kind = Kind.LIST

    def accepts(self) -> Any:
        return Annotated[list[dict[str, Any]], Meta(max_length=ITEMS_MAX)]

    def complaint(self, value: object) -> Complaint | None:
        if not isinstance(value, list):
            return Complaint(
                f"expected a list, not {named(value)}", "write the objects in `[` and `]`, even a single one"
            )
        if len(value) > ITEMS_MAX:
            return Complaint(
                f"{counted(len(value))} values are too many", f"at most {counted(ITEMS_MAX)} are accepted"
            )
        for number, item in enumerate(value, start=1):
            if not isinstance(item, dict):
                return Complaint(
                    f"value {number} of the list: expected an object, not {named(item)}", _EMPTY_HINT
                )
        return _free_form_complaint(value)

    def json_schema(self) -> dict[str, object]:
        return {"type": "array", "items": {"type": "object"}, "maxItems": ITEMS_MAX}


def is_shallow(value: object) -> bool:
    """Return whether objects and lists are nested at most 32 levels deep; needs no stack, whatever the value is."""
    return all(depth < DEPTH_MAX for depth, _ in _levels(value))


def _levels(value: object) -> Iterator[tuple[int, list[object]]]:
    """Yield the members of objects and lists level by level, one level too many at most."""
    level = [value]
    for depth in range(DEPTH_MAX + 1):
        containers = [inner for inner in level if isinstance(inner, dict | list)]
        if not containers:
            return
        level = [
            inner for outer in containers for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        yield depth, level


def _free_form_complaint(value: object) -> Complaint | None:
    for depth, members in _levels(value):
        if depth >= DEPTH_MAX:
            return Complaint(f"nested more than {DEPTH_MAX} levels deep", "flatten the value")
        if any(isinstance(member, float) and not math.isfinite(member) for member in members):
            return Complaint("it holds a number that is not finite", "write such a number as a text")
    return None
