"""A feature: which events, of which entity, summed up how, over which window. An expression like any other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate.errors import PolicyError
from tidegate.expr import Expr, Kind
from tidegate.expr.node import an, shown
from tidegate.features.aggregate import NO_LIST_KEYS
from tidegate.features.window import Ever, Since, Window

if TYPE_CHECKING:
    from tidegate.events import Event
    from tidegate.features.aggregate import Aggregate


@dataclass(frozen=True, eq=False)
class Key:
    """What a feature is kept per: one field, or two or three together; none: one for all events together.

    `fields` holds, per source event, the field expressions in order; `entities` the id spaces they name.
    """

    fields: dict[type[Event], tuple[Expr, ...]]
    entities: tuple[str, ...]

    def describe(self) -> str:
        """Return it in words; of all events together where it has no field."""
        named = next(iter(self.fields.values()))
        return f"per {', '.join(f.describe() for f in named)}" if named else "overall"

    def fingerprint(self) -> str:
        """Return the identity."""
        parts = (f"{e.type_name}:{','.join(f.fingerprint for f in fs)}" for e, fs in self.fields.items())
        return ";".join(sorted(parts))


@dataclass(frozen=True, eq=False, repr=False)
class Feature(Expr):
    """An aggregate of past and present events per entity over a window; evaluated for the entity that the judged event names.

    `read_at` names the key fields of the judged event where they are not the obvious ones (see `Feature.at`).
    The value includes the judged event where it is itself a source event that satisfies the condition.
    """

    condition: dict[type[Event], Expr | None]
    aggregate: Aggregate
    key: Key
    window: Window
    read_at: tuple[Expr, ...] = ()
    kind: Kind = field(init=False)
    domain: str = field(init=False)
    options: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", self.aggregate.kind)
        object.__setattr__(self, "domain", self.aggregate.domain)
        object.__setattr__(self, "options", self.aggregate.options)

    @property
    def sources(self) -> tuple[type[Event], ...]:
        """The kinds of event that feed it."""
        return tuple(self.condition)

    def at(self, *fields: Expr) -> Feature:
        """Return the feature as read for the entity that these fields of the judged event name.

        `sent_1h.at(ReportFiled.reporter_id)` is what the *reporter* sent, at a report.
        """
        entities = self.key.entities
        if len(fields) != len(entities):
            raise PolicyError(
                f"`{self.remembered()}` is kept per {_counted(len(entities))}, not per {_counted(len(fields))}",
                hint="name one field of the judged event for each, in the same order",
            )
        for named, entity in zip(fields, entities, strict=True):
            if getattr(named, "domain", None) != entity:
                raise PolicyError(
                    f"`{shown(named)}` names no {entity or 'word'}, which `{self.remembered()}` is kept per",
                    hint=f"name a field of the judged event that holds {an(entity or 'word')}",
                )
        if any(named.kind is Kind.LIST for named in fields[:-1]):
            raise PolicyError(
                f"`{self.describe()}` is read by a list as the first of two keys",
                hint="keep it per the two in the other order, and name the list last",
            )
        if fields[-1].kind is Kind.LIST and isinstance(self.aggregate, NO_LIST_KEYS):
            raise PolicyError(
                f"`{self.describe()}` cannot be read by a list", hint="name a field that holds one id"
            )
        return Feature(self.condition, self.aggregate, self.key, self.window, fields)

    def children(self) -> tuple[Expr, ...]:
        inner = [c for c in self.condition.values() if c is not None]
        inner += self.aggregate.operands()
        inner += [name for fields in self.key.fields.values() for name in fields if name.children()]
        if isinstance(self.window, Since):
            inner.append(self.window.start)
        return (*inner, *self.read_at)

    def details(self) -> tuple[object, ...]:
        conditions = sorted(
            (e.type_name, c.fingerprint if c is not None else "") for e, c in self.condition.items()
        )
        at = tuple(f.fingerprint for f in self.read_at)
        return (
            conditions,
            self.aggregate.fingerprint(),
            self.key.fingerprint(),
            self.window.fingerprint(),
            at,
        )

    def describe(self) -> str:
        named = [f"({f.describe()})" if isinstance(f, Feature) else f.describe() for f in self.read_at]
        return f"{self.remembered()} at {', '.join(named)}" if named else self.remembered()

    def remembered(self) -> str:
        """Return in words what is kept, whoever it is read for."""
        names = " or ".join(e.type_name for e in self.sources)
        conditions = {c.describe() for c in self.condition.values() if c is not None}
        where = f" where {' or '.join(sorted(conditions))}" if conditions else ""
        return f"{self.aggregate.describe()} of {names}{where} {self.key.describe()} {_span_of(self.window)}"


def _span_of(window: Window) -> str:
    """Return in words what a window looks back over: a day of the calendar is not the last 24 hours."""
    if isinstance(window, Ever):
        return "ever"
    if not isinstance(window, Since):
        return f"over {window.iso}"
    bound = "" if window.iso != window.at_most.iso else f", {window.at_most.iso} back at most"
    return f"since {window.start.describe()}{bound}"  # a day goes by its own name and is as long as it is


def _counted(fields: int) -> str:
    return "one field" if fields == 1 else f"{fields} fields"
