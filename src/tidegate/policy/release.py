"""Conditions that running measures wait for: an event that ends them before their time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.errors import PolicyError
from tidegate.expr import Kind
from tidegate.expr.node import shown
from tidegate.features.standing import SUBJECTS
from tidegate.policy import require

if TYPE_CHECKING:
    from tidegate.events import Event
    from tidegate.expr import Expr


@dataclass(frozen=True, eq=False, kw_only=True)
class Release:
    """Where `when` holds at an event, these measures on the entities it names end at its time, and these labels come off.

    `sanctions` and `labels` are ids and names. With `causes`, ids of rules, only measures that one of them opened end. With
    `challenge`, which names a check, only measures that demand that one end; where it is not known, all of them. `named` is an
    expression for the id of a further entity, where the event itself names none of that kind. What ended may be opened anew at
    once, unless it `settles`: then not by the same cause before it would have ended.
    """

    on: type[Event]
    when: Expr
    sanctions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    challenge: Expr | None = None
    named: Expr | None = None
    settles: bool = False
    why: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        place = f"release at `{getattr(self.on, 'type_name', '')}`"
        if not getattr(self.on, "type_name", ""):
            raise PolicyError(
                f"`on` is `{shown(self.on)}`, which is no kind of event",
                hint="name a kind of event, such as `ChallengeResult`",
            )
        if getattr(self.when, "kind", None) is not Kind.FLAG:
            raise PolicyError(
                f"`when` is `{shown(self.when)}`, not true or false",
                place=place,
                hint="compare it with something",
            )
        if self.named is not None and (
            self.named.kind is not Kind.SYMBOL or self.named.domain not in SUBJECTS
        ):
            raise PolicyError(
                f"`{self.named.describe()}` names nobody whose measures could end",
                place=place,
                hint="`named` is the id of one account, device, ip or number",
            )
        require.each(
            self.sanctions, str, of="sanctions", place=place, hint="they are ids, such as `SUSPEND.id`"
        )
        require.each(self.labels, str, of="labels", place=place, hint="they are names of labels")
        require.each(self.causes, str, of="causes", place=place, hint="they are ids of rules")
        if not (self.sanctions or self.labels):
            raise PolicyError("it ends nothing", place=place, hint="give `sanctions=(...)` or `labels=(...)`")

    @property
    def trees(self) -> tuple[Expr, ...]:
        """What is computed for it at its events."""
        return tuple(tree for tree in (self.when, self.challenge, self.named) if tree is not None)
