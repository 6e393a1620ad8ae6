"""A figure of a policy: tunable within bounds, with its unit, its reason and its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from tidegate.errors import ParameterError
from tidegate.expr import Expr, Kind
from tidegate.expr.duration import Duration


@dataclass(frozen=True, eq=False, repr=False)
class Parameter(Expr):
    """A number that analysts may revise without touching code, between `low` and `high`.

    `by` holds values for segments: an expression that names the segment (a tier, a market, a region), and a value per
    name; where the segment has none, or is not known, `default` holds. `source` is the catalogue id or paper the
    figure comes from; `assumed` says that the source is silent and the figure is our choice.
    """

    default: float
    low: float
    high: float
    unit: str
    why: str
    source: str = ""
    assumed: bool = False
    by: tuple[Expr, Mapping[str, float]] | None = None
    name: str = ""
    kind: Kind = field(init=False, default=Kind.NUMBER)

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ParameterError(
                f"bounds {self.low:g} to {self.high:g} hold nothing", hint="low must not exceed high"
            )
        self.check(self.default, "default")
        for segment, value in (self.by[1] if self.by else {}).items():
            self.check(value, segment)
        if self.by and self.by[0].kind is not Kind.SYMBOL:
            raise ParameterError(
                f"`{self.by[0].describe()}` names no segment", hint="segments are names, such as a tier"
            )

    def check(self, value: float, where: str = "value") -> None:
        """Raise ParameterError where the value lies outside the bounds."""
        if not (isinstance(value, int | float) and isfinite(value) and self.low <= value <= self.high):
            raise ParameterError(
                f"{where} = `{value}` lies outside {self.low:g} to {self.high:g} {self.unit}".rstrip(),
                place=self.name,
                hint="bounds are part of the code: widen them in a reviewed change",
            )

    def children(self) -> tuple[Expr, ...]:
        return (self.by[0],) if self.by else ()

    def details(self) -> tuple[object, ...]:
        return (self.name, id(self)) if not self.name else (self.name,)

    def describe(self) -> str:
        return self.name or f"{self.default:g}"

    def __set_name__(self, owner: type, name: str) -> None:
        if not self.name:
            object.__setattr__(self, "name", f"{owner.__name__}.{name}")


@dataclass(frozen=True)
class Span:
    """A duration that analysts may revise: how long a measure lasts or a signal stays active."""

    default: Duration
    low: Duration
    high: Duration
    why: str
    source: str = ""
    assumed: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        if not self.low.ms <= self.default.ms <= self.high.ms:
            raise ParameterError(
                f"default = `{self.default}` lies outside {self.low} to {self.high}",
                place=self.name,
                hint="widen the bounds",
            )
