"""A figure of a policy: tunable within bounds, with its unit, its reason and its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import isfinite

from tidegate.errors import ParameterError
from tidegate.expr import Expr, Kind
from tidegate.expr.duration import Duration, span
from tidegate.expr.literal import number_text
from tidegate.expr.node import shown


@dataclass(frozen=True, eq=False, repr=False)
class Parameter(Expr):
    """A number that analysts may revise without touching code, between `low` and `high`.

    `by` holds values for segments: an expression that names the segment (a tier, a market, a region), and a value per
    name; where the segment has none, or is not known, `default` holds. `same_as` says which segments, or "default", have
    the figure of which other one: a revision of that is one of theirs too, unless it names them. `source` is the catalogue id or paper the
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
    same_as: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    kind: Kind = field(init=False, default=Kind.NUMBER)

    def __post_init__(self) -> None:
        _number(self.low, "low", self.name)
        _number(self.high, "high", self.name)
        if not self.low <= self.high:
            raise ParameterError(
                f"bounds {number_text(self.low)} to {number_text(self.high)} hold nothing",
                place=self.name,
                hint="low must not exceed high",
            )
        self.check(self.default, "default")
        self._check_words()
        if self.by is not None:
            self._check_by(self.by)
        self._check_same()

    def _check_words(self) -> None:
        _words(self.unit, "unit", 'every figure has a unit: `unit="messages"`', self.name)
        _words(self.why, "why", _HAS_ITS_REASON, self.name)

    def _check_by(self, by: object) -> None:
        pair = by if isinstance(by, tuple) and len(by) == 2 else (None, None)  # noqa: PLR2004  expression, figures
        segment, figures = pair
        if not isinstance(segment, Expr) or not isinstance(figures, Mapping):
            raise ParameterError(
                "`by` is no segment with its figures",
                place=self.name,
                hint='write `by=(tier, {"new": 8})`: what names the segment, then a figure for each name',
            )
        for name in figures:
            if not isinstance(name, str):
                raise ParameterError(
                    f"segment `{shown(name)}` is no name", place=self.name, hint=f'write `"{shown(name)}"`'
                )
        self._check_segments(segment, figures)

    def _check_same(self) -> None:
        figures = {"default": self.default, **(self.by[1] if self.by is not None else {})}
        for name, other in self.same_as.items():
            if name not in figures or other not in figures or figures[name] != figures[other]:
                raise ParameterError(
                    f"`{name}` does not have the figure of `{other}`",
                    place=self.name,
                    hint="`same_as` names segments, or `default`, whose figures are equal and stay so",
                )

    def _check_segments(self, segment: Expr, figures: Mapping[str, float]) -> None:
        if segment.kind is not Kind.SYMBOL:
            raise ParameterError(
                f"`{segment.describe()}` is a {segment.kind.value} and names no segment",
                place=self.name,
                hint="segments are names, such as those of a tier, a market or a region",
            )
        for name, value in figures.items():
            if segment.options and name not in segment.options:
                near = get_close_matches(name, segment.options, n=1)
                listed = f"it is one of: {', '.join(segment.options)}"
                raise ParameterError(
                    f"segment `{name}`: `{segment.describe()}` is never that",
                    place=self.name,
                    hint=f"did you mean `{near[0]}`? {listed}" if near else listed,
                )
            self.check(value, name)

    def check(self, value: object, where: str = "value") -> None:
        """Raise ParameterError where the value is no number or lies outside the bounds."""
        figure = _number(value, where, self.name)
        if not self.low <= figure <= self.high:
            bounds = f"{number_text(self.low)} to {number_text(self.high)} {self.unit}".rstrip()
            raise ParameterError(
                f"{where} = `{number_text(figure)}` lies outside {bounds}",
                place=self.name,
                hint="stay within, or widen the bounds in a reviewed change of the code",
            )

    def children(self) -> tuple[Expr, ...]:
        return (self.by[0],) if self.by else ()

    def details(self) -> tuple[object, ...]:
        return (self.name, id(self)) if not self.name else (self.name,)

    def describe(self) -> str:
        return self.name or number_text(self.default)

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
        _words(self.why, "why", _HAS_ITS_REASON, self.name)
        for of in ("default", "low", "high"):
            span(getattr(self, of), of=of)
        if not self.low.ms <= self.default.ms <= self.high.ms:
            raise ParameterError(
                f"default = `{self.default}` lies outside {self.low} to {self.high}",
                place=self.name,
                hint="stay within, or widen the bounds",
            )

    def __str__(self) -> str:
        return self.name or self.default.iso


_HAS_ITS_REASON = 'every figure has its reason: `why="published limit"`'


def _words(said: object, of: str, hint: str, place: str) -> None:
    """Refuse what says nothing, or is no text."""
    if not isinstance(said, str) or not said.strip():
        problem = f"`{of}` is empty" if isinstance(said, str) else f"`{of}` is `{shown(said)}`, not a text"
        raise ParameterError(problem, place=place, hint=hint)


def _number(value: object, where: str, place: str) -> float:
    """Return the value where it is a finite number, else raise ParameterError."""
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return value
    quoted = f'"{value}"' if isinstance(value, str) else shown(value)
    raise ParameterError(
        f"{where} = `{quoted}` is no number", place=place, hint="write a number, without quotes"
    )


def unsegmented(figure: Parameter, of: str, *, place: str) -> None:
    """Refuse a figure per segment where only one for all can be used."""
    if figure.by is not None:
        raise ParameterError(
            f"`{of}` cannot differ by segment", place=place, hint="leave out `by`: it is one figure for all"
        )
