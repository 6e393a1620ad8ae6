"""Fields that hold one number, or true or false."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from tidegate.events.field import Complaint, Field
from tidegate.events.wording import counted, named
from tidegate.expr.node import Kind

WHOLE_MAX = 2**53  # the largest whole numbers that every JSON reader, and a float64 column, keeps exact
DECIMAL_DIGITS_MAX = 38  # what a decimal128 column holds


class Flag(Field):
    """True or false."""

    shape: ClassVar[str] = "true/false"
    kind = Kind.FLAG

    def accepts(self) -> Any:
        return bool

    def complaint(self, value: object) -> Complaint | None:
        if isinstance(value, bool):
            return None
        return Complaint(
            f"expected `true` or `false`, not {named(value)}", "write true or false, without quotes"
        )

    def json_schema(self) -> dict[str, object]:
        return {"type": "boolean"}


class _Number(Field):
    """A number between `low` and `high`, both included."""

    kind = Kind.NUMBER
    low: float | None
    high: float | None

    def bounds_complaint(self, value: float) -> Complaint | None:
        """Return what is wrong with the size of a number."""
        if (self.low is None or value >= self.low) and (self.high is None or value <= self.high):
            return None
        unit = f" ({self.unit})" if self.unit and ".." not in self.unit else ""
        if self.low is None or (self.high is not None and value > self.high):
            return Complaint(f"{named(value)} is too large", f"at most {_plain(self.high)}{unit}")
        return Complaint(f"{named(value)} is too small", f"at least {_plain(self.low)}{unit}")

    def json_schema(self) -> dict[str, object]:
        low = {} if self.low is None else {"minimum": self.low}
        high = {} if self.high is None else {"maximum": self.high}
        return {**low, **high}


class Integer(_Number):
    """A whole number."""

    shape: ClassVar[str] = "integer"

    def __init__(self, about: str, *, unit: str = "", low: int | None = 0, high: int = WHOLE_MAX) -> None:
        super().__init__(about, unit=unit)
        self.low = -WHOLE_MAX if low is None else low
        self.high = high

    def accepts(self) -> Any:
        return Annotated[int, Meta(ge=self.low, le=self.high)]

    def complaint(self, value: object) -> Complaint | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            hint = "write it without quotes" if _is_number(value) else "write a whole number"
            return Complaint(f"expected a whole number, not {named(value)}", hint)
        if isinstance(value, float):
            return Complaint(
                f"{named(value)} is not written as a whole number", "write it without point and exponent"
            )
        return self.bounds_complaint(value)

    def json_schema(self) -> dict[str, object]:
        return {"type": "integer", **super().json_schema()}


class Real(_Number):
    """A number with a fraction; finite."""

    shape: ClassVar[str] = "number"

    def __init__(
        self, about: str, *, unit: str = "", low: float | None = None, high: float | None = None
    ) -> None:
        super().__init__(about, unit=unit)
        self.low = low
        self.high = high

    def accepts(self) -> Any:
        return Annotated[float, Meta(ge=self.low, le=self.high)]

    def complaint(self, value: object) -> Complaint | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            hint = "write it without quotes" if _is_number(value) else "write a number"
            return Complaint(f"expected a number, not {named(value)}", hint)
        return finite_complaint(value) or self.bounds_complaint(value)

    def json_schema(self) -> dict[str, object]:
        return {"type": "number", **super().json_schema()}


class Amount(Field):
    """An exact decimal, for money: a JSON number or, safer with other readers, a text such as `"12.50"`."""

    shape: ClassVar[str] = "decimal"
    kind = Kind.NUMBER
    settles: ClassVar[bool] = True

    def accepts(self) -> Any:
        return Decimal

    def complaint(self, value: object) -> Complaint | None:
        wrong = isinstance(value, bool) or not isinstance(value, int | float | str)
        if wrong or (isinstance(value, str) and not _is_number(value)):
            return Complaint(
                f"expected a decimal, not {named(value)}", 'write a number, or a text such as `"12.50"`'
            )
        if not _is_exact(value):
            return Complaint(
                f"{named(value)} cannot be kept exactly", f"at most {DECIMAL_DIGITS_MAX} digits are kept"
            )
        return None

    def settle(self, value: Any) -> Any:
        if not _is_exact(value):
            raise ValueError(value)
        return value

    def json_schema(self) -> dict[str, object]:
        return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[+-]?[0-9]+(\\.[0-9]+)?$"}]}


def finite_complaint(value: float) -> Complaint | None:
    """Return what is wrong with a number that is none, or too large to be one."""
    try:
        if math.isfinite(value):
            return None
    except OverflowError:  # a whole number beyond the range of floats
        pass
    return Complaint("the number is not finite", "leave the field out where it is not known")


def _is_exact(value: object) -> bool:
    """Return whether the decimal is finite and fits in 38 digits on both sides of the point."""
    try:
        number = value if isinstance(value, Decimal) else Decimal(getattr(value, "text", str(value)))
    except (InvalidOperation, ValueError):
        return False
    if not number.is_finite():
        return False
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return (
        exponent >= -DECIMAL_DIGITS_MAX
        and number.adjusted() < DECIMAL_DIGITS_MAX
        and len(number.as_tuple().digits) <= DECIMAL_DIGITS_MAX
    )


def _is_number(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False


def _plain(bound: float | None) -> str:
    assert bound is not None
    return counted(bound) if isinstance(bound, int) else f"{bound:g}"
