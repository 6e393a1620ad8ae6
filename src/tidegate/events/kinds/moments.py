"""Fields that hold points in time: moments, and days of the calendar."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from tidegate.events.field import Complaint, Field
from tidegate.events.instant import MS_END, TEXT_MAX, moment_complaint, parse_moment
from tidegate.events.wording import named, quoted
from tidegate.expr.node import Kind

_UNITS = {"ms": 3, "us": 6}
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Moment(Field):
    """A moment: RFC 3339 with offset, or whole units since the epoch. A record holds whole units (`ms` or `us`)."""

    shape: ClassVar[str] = "moment"
    kind = Kind.MOMENT
    settles: ClassVar[bool] = True

    def __init__(self, about: str, *, unit: str = "ms") -> None:
        super().__init__(about, unit=unit)
        self.digits = _UNITS[unit]

    def accepts(self) -> Any:
        whole = Annotated[int, Meta(ge=0, lt=MS_END * 10**self.digits // 1000)]
        return whole | Annotated[str, Meta(max_length=TEXT_MAX)]

    def complaint(self, value: object) -> Complaint | None:
        return moment_complaint(value, digits=self.digits)

    def all_settled(self, values: list[Any]) -> bool:
        return set(map(type, values)) <= {int}

    def settle(self, value: Any) -> Any:
        return value if isinstance(value, int) else parse_moment(value, digits=self.digits)

    def json_schema(self) -> dict[str, object]:
        end = MS_END * 10**self.digits // 1000
        return {
            "anyOf": [
                {"type": "string", "format": "date-time", "maxLength": TEXT_MAX},
                {"type": "integer", "minimum": 0, "exclusiveMaximum": end},
            ]
        }


class Date(Field):
    """A day of the calendar, `YYYY-MM-DD`. As a moment it is 00:00 UTC of that day."""

    shape: ClassVar[str] = "date"
    kind = Kind.MOMENT

    def accepts(self) -> Any:
        return date

    def complaint(self, value: object) -> Complaint | None:
        hint = "write a day of the calendar as `YYYY-MM-DD`"
        if not isinstance(value, str):
            return Complaint(f"expected a date, not {named(value)}", hint)
        if not _DAY.fullmatch(value):
            return Complaint(f"{quoted(value)} is not a date", hint)
        try:
            date.fromisoformat(value)
        except ValueError:
            return Complaint(f"the date {quoted(value)} does not exist", hint)
        return None

    def json_schema(self) -> dict[str, object]:
        return {"type": "string", "format": "date"}
