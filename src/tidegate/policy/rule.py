"""A rule: at some kinds of event, when a value passes a limit, so much belief and these consequences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tidegate.errors import PolicyError
from tidegate.expr import Compare, Expr, Kind
from tidegate.expr.node import shown
from tidegate.features.deadline import Deadline
from tidegate.policy import require
from tidegate.policy.measure import Case, Label, Measure
from tidegate.policy.modifier import Modifier
from tidegate.policy.prior import Prior
from tidegate.policy.risk import Risk

if TYPE_CHECKING:
    from tidegate.events import Event

State = Literal["draft", "shadow", "active", "retired"]
Rounding = Literal["keep", "floor"]
STATES: tuple[State, ...] = ("draft", "shadow", "active", "retired")
ROUNDINGS: tuple[Rounding, ...] = ("keep", "floor")
POINTS_MAX = 100  # of the scale that points are given on

# what a rule holds several of: name, class, and what to write
_PARTS: tuple[tuple[str, type, str], ...] = (
    ("modifiers", Modifier, "name `tg.Modifier(...)`"),
    ("measures", Measure, "write `tg.Measure(sanction)`"),
    ("labels", Label, 'write `tg.Label("name-of-label")`'),
    ("cases", Case, 'write `tg.Case("name-of-queue", within=tg.hours(24))`'),
    ("examples", str, "examples are texts"),
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Rule:
    """One rule of a policy. Its id is that of the catalogue row it comes from.

    `when` is a comparison: its left side is what a decision shows as observed, its right side as the limit. Everything else
    that must hold goes into `given`. `modifiers` multiply the limit (floored at a quarter of it); `rounding` `floor` makes
    the limit whole afterwards. `reason` may use {observed}, {limit} and {window}. `window` is how decisions write the span.
    `points` are added to the score on the scale of 100; below 0 they are taken off, never below a score of 0. `risk` makes
    other signals weigh more. `reaches` is an account, or a list of them, against whom the rule counts as it does against the
    event's own: in their scores, and with its labels on accounts; against each of them once in a minute.
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
    risk: Risk | None = None
    reaches: Expr | None = None
    measures: tuple[Measure, ...] = ()
    labels: tuple[Label, ...] = ()
    cases: tuple[Case, ...] = ()
    state: State = "active"
    area: str = ""
    source: str = ""
    note: str = ""
    examples: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        require.an_id(self.id, of="id", place="rule")
        require.words(self.title, of="title", place=self.id, hint="say in a line what the rule is about")
        self._check_conditions()
        self._check_window()
        require.reason(self.reason, place=self.id)
        require.option(self.state, STATES, of="state", place=self.id)
        require.option(self.rounding, ROUNDINGS, of="rounding", place=self.id)
        for of, kind, hint in _PARTS:
            require.each(getattr(self, of), kind, of=of, place=self.id, hint=hint)
        if self.prior is not None:
            require.one(self.prior, Prior, of="prior", place=self.id, hint="write `tg.Prior(0.6)`")
            if self.prior.while_labelled and not any(label.on == "account" for label in self.labels):
                raise PolicyError(
                    "its signal stays as long as a label that it does not set",
                    place=self.id,
                    hint="give it a label on the account, or leave `while_labelled` out",
                )
        if self.risk is not None:
            require.one(self.risk, Risk, of="risk", place=self.id, hint="write `tg.Risk(factor=...)`")
        reaches: object = self.reaches
        if reaches is not None and (
            getattr(reaches, "kind", None) not in (Kind.SYMBOL, Kind.LIST)
            or getattr(reaches, "domain", "") != "account"
        ):
            raise PolicyError(
                f"`reaches` is `{shown(reaches)}`, which names no account",
                place=self.id,
                hint="write the id of an account, or a list of them, such as `.recent(Event.account_id, 100)` gives",
            )
        points: object = self.points
        if (
            not isinstance(points, int | float)
            or isinstance(points, bool)
            or not -POINTS_MAX <= points <= POINTS_MAX
        ):
            raise PolicyError(
                f"`points` cannot be `{shown(points)}`", place=self.id, hint="the scale is -100 to 100"
            )

    def _check_window(self) -> None:
        window: object = self.window
        if window is None or isinstance(window, str):
            return
        iso = getattr(window, "iso", "PT60S")
        raise PolicyError(
            f"`window` is `{shown(window)}`, not a text", place=self.id, hint=f'write `window="{iso}"`'
        )

    def _check_conditions(self) -> None:
        when: object = self.when
        if not isinstance(when, Compare):
            raise PolicyError(
                f"`when` is `{shown(when)}`, not a comparison",
                place=self.id,
                hint="put the value and its limit into `when`, all other conditions into `given`",
            )
        given: object = self.given
        if given is not None and getattr(given, "kind", None) is not Kind.FLAG:
            raise PolicyError(
                f"`given` is `{shown(given)}`, not true or false",
                place=self.id,
                hint=_instead_of(given),
            )
        if self.modifiers and when.left.kind is Kind.SYMBOL:
            raise PolicyError(
                "modifiers on a limit that is a name", place=self.id, hint="modifiers multiply numbers"
            )
        self._check_sources()

    def _check_sources(self) -> None:
        sources: object = self.on
        if not isinstance(sources, tuple):
            raise PolicyError(
                "`on` is not a tuple", place=self.id, hint="mind the comma: `on=(MessageSent,)`"
            )
        if not sources:
            raise PolicyError(
                "`on` names no event", place=self.id, hint="name the kinds of event at which it is judged"
            )
        for source in sources:
            named = isinstance(source, Deadline) or bool(getattr(source, "type_name", ""))
            if not named:
                raise PolicyError(
                    f"`on` holds `{shown(source)}`, which is no kind of event",
                    place=self.id,
                    hint="name kinds of event, such as `MessageSent`, or a `tg.deadline(...)`",
                )

    @property
    def comparison(self) -> Compare:
        """The comparison of observed value and limit."""
        assert isinstance(self.when, Compare)
        return self.when


def _instead_of(given: object) -> str:
    """Return what an author may write instead of a condition that is none."""
    if callable(given):
        return f"call it: `.{shown(given)}()`"
    if isinstance(given, bool):
        return "Python answers `is`, `in` and `not` at once: ask `.is_null()`, `.isin(...)`, `~`"
    return "compare it with something"
