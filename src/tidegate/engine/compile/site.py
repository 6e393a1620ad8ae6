"""One kind of event in the plan: its columns, its fields, and the instructions that expressions on it compile to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tidegate.engine.compile.column import Column, SharedColumns, Value
from tidegate.errors import PolicyError
from tidegate.expr import Expr, Kind
from tidegate.features import Deadline

if TYPE_CHECKING:
    from tidegate.engine.compile.inquiry import Inquiry
    from tidegate.events import Event, Field

SUBJECTS: Final = {"account": "account_id", "device": "device_id", "ip": "ip", "number": "number"}
# what fires is held against the first of these that the event names
HOLDERS: Final = ("account", "number", "device")


@dataclass
class Site:
    """A kind of event as the plan sees it: an event type, or a deadline.

    `fields` are the fields that expressions read, each with its column (a list takes that one and the next).
    `code` are the instructions, each with the stage it belongs to.
    """

    number: int
    source: type[Event] | Deadline | Inquiry
    shared: SharedColumns
    columns: int = 0
    fields: dict[str, tuple[Field, Column]] = field(default_factory=dict)
    code: list[tuple[int, int, Column, tuple[Column, ...]]] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    standing: dict[str, tuple[Expr, Column, Column]] = field(
        default_factory=dict
    )  # leaf, key column, own column
    zones: dict[str, tuple[Column, dict[str, Column]]] = field(default_factory=dict)
    likeness: dict[str, tuple[Expr, tuple[Column, ...], Column]] = field(
        default_factory=dict
    )  # of fingerprints: node, operands, own column
    _emitted: dict[tuple[int, tuple[Column, ...]], Column] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Type name of the event, or name of the deadline."""
        return self.source.type_name

    def new(self, stage: int, *, width: int = 1) -> Column:
        """Return a fresh column, the first of `width`."""
        column = Column(self.columns, False, stage, self.number, width)  # noqa: FBT003  not shared
        self.columns += width
        return column

    def emit(self, op: int, *operands: Column, stage: int | None = None) -> Column:
        """Return the column of an instruction's result; the same instruction is emitted once."""
        known = self._emitted.get((op, operands))
        if known is not None:
            return known
        at = max((c.stage for c in operands), default=0) if stage is None else stage
        result = self.new(at)
        self._emitted[(op, operands)] = result
        self.code.append((at, op, result, operands))
        return result

    def act(self, op: int, *operands: Column | int, stage: int) -> None:
        """Add an instruction for its effect."""
        self.code.append((stage, op, self.shared.now, operands))  # type: ignore[arg-type]

    def field_column(self, named: Field) -> Column:
        """Return the column that a field of this event is laid out in."""
        entry = self.fields.get(named.column)
        if entry is None:
            own = self.source.fields().get(named.name)
            if own is None:
                raise PolicyError(
                    f"`{self.name}` has no field `{named.name}`",
                    hint=f"it is a field of {named.describe().partition('.')[0]}",
                )
            own = named.of(own)
            entry = (own, self.new(0, width=2 if own.kind is Kind.LIST else 1))
            self.fields[named.column] = entry
        return entry[1]

    def key_field(self, named: Expr, domain: str, *, of: str) -> Field:
        """Return the field of this event that names the entity a feature is kept per.

        That is the field of the same name, else the only field of that entity; PolicyError where there is none or no single one.
        """
        fields = self.source.fields()
        same = fields.get(getattr(named, "name", ""))
        if same is not None and same.domain == domain:
            return same
        rivals = [f for f in fields.values() if f.domain == domain and domain]
        if len(rivals) == 1:
            return rivals[0]
        names = ", ".join(f"`{f.name}`" for f in rivals) or "none"
        raise PolicyError(
            f"`{self.name}` names no single {domain or 'key'} for `{of}` (fields: {names})",
            hint="say which with `.at(Event.field)`, or judge the rule at another event",
        )
