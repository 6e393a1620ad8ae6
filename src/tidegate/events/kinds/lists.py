"""Fields that hold a list of values of one kind."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta

from tidegate.events.field import Complaint, Field
from tidegate.events.kinds.moments import Moment
from tidegate.events.kinds.numbers import Real
from tidegate.events.kinds.words import Id, Text
from tidegate.events.wording import counted, named
from tidegate.expr.node import Kind

ITEMS_MAX = 100_000


class List(Field):
    """A list; every member is like `member`. `length` fixes the number of members, None leaves it free."""

    kind = Kind.LIST
    member: Field
    length: int | None = None

    def accepts(self) -> Any:
        least, most = (self.length, self.length) if self.length is not None else (0, ITEMS_MAX)
        return Annotated[list[self.member.accepts()], Meta(min_length=least, max_length=most)]  # type: ignore[misc]

    def complaint(self, value: object) -> Complaint | None:
        if not isinstance(value, list):
            return Complaint(
                f"expected a list, not {named(value)}", "write the values in `[` and `]`, even a single one"
            )
        if self.length is not None and len(value) != self.length:
            return Complaint(
                f"{counted(len(value))} values instead of {self.length}", f"give all {self.length} values"
            )
        if len(value) > ITEMS_MAX:
            return Complaint(
                f"{counted(len(value))} values are too many", f"at most {counted(ITEMS_MAX)} are accepted"
            )
        for number, item in enumerate(value, start=1):
            if item is None:
                return Complaint(f"value {number} of the list is `null`", "leave it out of the list")
            found = self.member.complaint(item)
            if found:
                return Complaint(f"value {number} of the list: {found.problem}", found.hint)
        return None

    def json_schema(self) -> dict[str, object]:
        fixed = {} if self.length is None else {"minItems": self.length}
        most = ITEMS_MAX if self.length is None else self.length
        return {"type": "array", "items": self.member.json_schema(), **fixed, "maxItems": most}


class Texts(List):
    """A list of texts."""

    shape: ClassVar[str] = "list of text"

    def __init__(self, about: str, *, unit: str = "") -> None:
        super().__init__(about, unit=unit)
        self.member = Text(about)


class Refs(List):
    """A list of ids of one entity."""

    shape: ClassVar[str] = "list of id"

    def __init__(self, entity: str, about: str, *, unit: str = "") -> None:
        super().__init__(about, unit=unit, entity=entity)
        self.member = Id(about)

    def ids(self, value: Any) -> tuple[str, ...]:
        return tuple(value)


class Reals(List):
    """A list of finite numbers."""

    shape: ClassVar[str] = "list of number"

    def __init__(
        self, about: str, *, unit: str = "", low: float | None = None, length: int | None = None
    ) -> None:
        super().__init__(about, unit=unit)
        self.member = Real(about, low=low)
        self.length = length

    def usual(self, least: float) -> Usual:
        """Return which places hold at least this share of the sum of all: bit n for place n; null where the sum is 0."""
        return Usual(self, least)


class Usual(Real):
    """The places of a list that hold at least `least` of the sum of its values, as the bits of a number."""

    shape: ClassVar[str] = "places of a list"
    picks: ClassVar[bool] = True

    def __init__(self, source: Reals, least: float) -> None:
        super().__init__(source.about)
        self.name, self.owner, self.least = source.name, source.owner, least

    @property
    def column(self) -> str:
        return f"{self.name}[{self.least} and more]"

    def details(self) -> tuple[object, ...]:
        return (*super().details(), self.least)

    def describe(self) -> str:
        return f"{super().describe()}[{self.least} and more]"

    def of(self, found: Field) -> Field:
        return Usual(found, self.least) if isinstance(found, Reals) else found

    def pick(self, value: Any) -> Any:
        if value is UNSET or value is None:
            return value
        total = sum(value)
        if not total > 0:
            return None
        return float(sum(1 << place for place, held in enumerate(value) if held >= self.least * total))


class Moments(List):
    """A list of moments, in ms."""

    shape: ClassVar[str] = "list of moment"
    settles: ClassVar[bool] = True

    def __init__(self, about: str) -> None:
        super().__init__(about, unit="ms")
        self.member = Moment(about)

    def settle(self, value: Any) -> Any:
        return [self.member.settle(item) for item in value]
