"""A quota: what the operator publishes as allowed. Quotas advise, rules restrain: exceeding one has no consequence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from tidegate.errors import PolicyError
from tidegate.events import Field
from tidegate.expr import Compare, Expr, Kind, Logic
from tidegate.expr.node import shown
from tidegate.features import Feature, Labelled, Sanctioned, Since
from tidegate.features.aggregate import Similarity
from tidegate.features.standing import SUBJECTS
from tidegate.policy import require
from tidegate.policy.measure import CAPABILITIES
from tidegate.policy.rule import STATES, State

if TYPE_CHECKING:
    from tidegate.events import Event
    from tidegate.policy.modifier import Modifier

QuotaKind = Literal["count", "gap", "share", "size", "fact"]
KINDS: tuple[QuotaKind, ...] = ("count", "gap", "share", "size", "fact")
GAP_UNIT_MS: Final = {"s": 1_000, "min": 60_000, "h": 3_600_000, "days": 86_400_000}
_EXCEEDS: Final = {"<=": ">", "<": ">=", ">=": "<", ">": "<=", "==": "!="}


@dataclass(frozen=True, eq=False, kw_only=True)
class Quota:
    """One published limit. Its id is that of the catalogue row it comes from.

    `within` is the comparison that holds as long as the limit is kept: what is used on the left, the limit on the right. An
    event at which it does not hold exceeds the quota: the decision lists it, and its verdict stays what it is.

    `applies` says to which accounts it applies (of a tier, of an age), `given` to which of their actions. `kind` says what is
    limited: how many (`count`), the time since the last one in `unit` (`gap`: one of GAP_UNIT_MS), a `share`, the `size`
    of a single one, or a `fact` that should hold. `subject` is whose quota it is. `window` is how decisions write the span.
    """

    id: str
    title: str
    capability: tuple[str, ...]
    on: tuple[type[Event], ...]
    within: Expr
    kind: QuotaKind
    unit: str
    reason: str
    window: str | None = None
    applies: Expr | None = None
    given: Expr | None = None
    subject: str = "account"
    state: State = "active"
    area: str = ""
    source: str = ""
    note: str = ""
    examples: tuple[str, ...] = ()
    modifiers: tuple[Modifier, ...] = ()  # none: a published limit is what was published

    def __post_init__(self) -> None:
        require.an_id(self.id, of="id", place="quota")
        require.words(self.title, of="title", place=self.id, hint="say in a line what is allowed")
        require.words(self.unit, of="unit", place=self.id, hint='say what is counted: `unit="messages"`')
        window: object = self.window
        if not isinstance(window, str | None):
            raise PolicyError(
                f"`window` is `{shown(window)}`, not a text", place=self.id, hint='write `window="P1D"`'
            )
        self._check_within()
        for of, condition in (("applies", self.applies), ("given", self.given)):
            if condition is not None and getattr(condition, "kind", None) is not Kind.FLAG:
                raise PolicyError(
                    f"`{of}` is `{shown(condition)}`, not true or false",
                    place=self.id,
                    hint="compare it with something",
                )
        self._check_events()
        require.capabilities(self.capability, CAPABILITIES, place=self.id, empty=True)
        require.reason(self.reason, place=self.id)
        require.option(self.state, STATES, of="state", place=self.id)
        require.option(self.kind, KINDS, of="kind", place=self.id)
        require.option(self.subject, SUBJECTS, of="subject", place=self.id)
        require.each(self.examples, str, of="examples", place=self.id, hint="examples are texts")
        if self.kind == "gap":
            require.option(self.unit, GAP_UNIT_MS, of="unit", place=self.id)
        if self.modifiers:
            raise PolicyError(
                "modifiers on a quota", place=self.id, hint="a published limit does not move: use a rule"
            )
        for tree in (self.when, *(c for c in (self.applies, self.given) if c is not None)):
            self._refuse_standing(tree)

    def _check_within(self) -> None:
        within: object = self.within
        if not isinstance(within, Compare) or within.op not in _EXCEEDS:
            raise PolicyError(
                f"`within` is `{shown(within)}`, not a comparison with a limit",
                place=self.id,
                hint="write what is used, then `<=`, `<`, `>=` or `==`, then the limit",
            )
        if within.left.kind is Kind.SYMBOL:
            raise PolicyError("a limit that is a name", place=self.id, hint="quotas compare numbers")

    def _check_events(self) -> None:
        on: object = self.on
        if not isinstance(on, tuple) or not on or not all(getattr(e, "type_name", "") for e in on):
            raise PolicyError(
                f"`on` is `{shown(on)}`", place=self.id, hint="name kinds of event: `on=(MessageSent,)`"
            )

    def _refuse_standing(self, tree: Expr) -> None:
        """Quotas are judged for all events alike, also for accounts about which nothing is on record."""
        for node in tree.walk():
            if isinstance(node, Labelled | Sanctioned):
                raise PolicyError(
                    f"`{node.describe()}` in a quota",
                    place=self.id,
                    hint="what was decided about an account belongs into rules",
                )

    @property
    def allowed(self) -> Compare:
        """The comparison of what is used with the limit, as published."""
        assert isinstance(self.within, Compare)
        return self.within

    @cached_property
    def when(self) -> Compare:
        """The opposite of `within`: what an event that exceeds the quota fulfils. What is known to be none exceeds nothing."""
        return Compare(_EXCEEDS[self.allowed.op], self.allowed.left, self.allowed.right)

    @property
    def comparison(self) -> Compare:
        """The comparison that decisions show: observed value and limit."""
        return self.when

    def due(self) -> list[Expr]:
        """Return the part of `given` that an account alone settles, without an event: what its last actions were."""
        return [] if self.given is None else [c for c in _conjuncts(self.given) if of_account(c)]


def _conjuncts(condition: Expr) -> list[Expr]:
    if isinstance(condition, Logic) and condition.op == "and":
        return [part for operand in condition.operands for part in _conjuncts(operand)]
    return [condition]


def of_account(tree: Expr) -> bool:
    """Whether a value can be read for an account at any time: it needs no field of an event, and nothing of others."""
    if isinstance(tree, Labelled | Sanctioned):
        return getattr(tree.entity, "name", "") == "account_id"
    if isinstance(tree, Field):
        return False
    if isinstance(tree, Feature):
        start = tree.window.start if isinstance(tree.window, Since) else None
        return (
            tree.key.entities == ("account",)
            and not tree.read_at
            and not isinstance(tree.aggregate, Similarity)
            and (start is None or of_account(start))
        )
    return all(of_account(child) for child in tree.children())
