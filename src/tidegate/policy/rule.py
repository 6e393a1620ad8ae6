"""A rule: at some kinds of event, when a value passes a limit, so much belief and these consequences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tidegate.errors import PolicyError
from tidegate.expr import Compare, Expr, Kind

if TYPE_CHECKING:
    from tidegate.events import Event
    from tidegate.features.deadline import Deadline
    from tidegate.policy.measure import Case, Label, Measure
    from tidegate.policy.modifier import Modifier
    from tidegate.policy.prior import Prior

State = Literal["draft", "shadow", "active", "retired"]
Rounding = Literal["keep", "floor"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Rule:
    """One rule of a policy. Its id is that of the catalogue row it comes from.

    `when` is a comparison: its left side is what a decision shows as observed, its right side as the limit. Everything else
    that must hold goes into `given`. `modifiers` multiply the limit (floored at a quarter of it); `rounding` `floor` makes
    the limit whole afterwards. `reason` may use {observed}, {limit} and {window}. `window` is how decisions write the span.
    `points` are added to the score on the scale of 100.
    """

    id: str
    title: str
    on: tuple[type[Event] | Deadline, ...]
    when: Expr
    reason: str
    window: str | None = None
    given: Expr | None = None
    modifiers: tuple[Modifier, ...] = ()
    rounding: Rounding = "keep"
    prior: Prior | None = None
    points: float = 0.0
    measures: tuple[Measure, ...] = ()
    labels: tuple[Label, ...] = ()
    cases: tuple[Case, ...] = ()
    state: State = "active"
    area: str = ""
    source: str = ""
    note: str = ""
    examples: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not isinstance(self.when, Compare):
            raise PolicyError(
                f"`when` is `{self.when.describe()}`, not a comparison",
                place=self.id,
                hint="put the value and its limit into `when`, all other conditions into `given`",
            )
        if self.given is not None and self.given.kind is not Kind.FLAG:
            raise PolicyError(
                f"`given` is `{self.given.describe()}`", place=self.id, hint="compare it with something"
            )
        if self.modifiers and self.when.left.kind is Kind.SYMBOL:
            raise PolicyError(
                "modifiers on a limit that is a name", place=self.id, hint="modifiers multiply numbers"
            )
        if not self.on:
            raise PolicyError(
                "`on` names no event", place=self.id, hint="name the kinds of event at which it is judged"
            )

    @property
    def comparison(self) -> Compare:
        """The comparison of observed value and limit."""
        assert isinstance(self.when, Compare)
        return self.when
