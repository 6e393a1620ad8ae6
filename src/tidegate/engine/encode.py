"""Events to numbers: the fields that a plan reads, as columns, ids interned."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate.events.kinds import Date
from tidegate.expr import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.engine.names import Names
    from tidegate.engine.plan import PlacedSite, Plan
    from tidegate.events import EventBlock, Field

NAN, NULL = float("nan"), float("-inf")
UNSET = msgspec.UNSET


@dataclass
class SiteColumns:
    """The events of one site in a block: their positions (ascending), and a column of values per field they need."""

    positions: NDArray[np.int64]
    columns: dict[int, NDArray[np.float64]] = field(default_factory=dict)


@dataclass
class Encoded:
    """A block of events as a plan reads it.

    `site` is the site of each event (-1: the plan does not read such events), `ts` its time in ms; `items` the members of
    all list values, at offsets that the columns name.
    """

    site: NDArray[np.int32]
    ts: NDArray[np.int64]
    columns: dict[int, SiteColumns]
    items: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ts)


def encode(plan: Plan, block: EventBlock) -> Encoded:
    """Return a block of events in the columns of a plan; ids that are new are interned in order of first use."""
    site_of = plan.site_of_code[block.codes]
    items: list[NDArray[np.float64]] = []
    held = 0
    columns: dict[int, SiteColumns] = {}
    for number in np.unique(site_of).tolist():
        if number < 0:
            continue
        at = np.flatnonzero(site_of == number)
        entry = columns[number] = SiteColumns(at)
        for (_, named, column), values in zip(
            plan.sites[number].fields, _values(plan.sites[number], block, at), strict=True
        ):
            if named.kind is Kind.LIST:
                offsets, lengths, flat = _lists(values, named, plan.names, held)
                entry.columns[column], entry.columns[column + 1] = offsets, lengths
                items.append(flat)
                held += len(flat)
            else:
                entry.columns[column] = encode_values(values, named, plan.names)
    flat_items = np.concatenate(items) if items else np.empty(0)
    return Encoded(site_of, block.ts, columns, flat_items)


def _values(site: PlacedSite, block: EventBlock, at: NDArray[np.int64]) -> list[list[Any]]:
    """Return the raw values of the site's events, a list per field: all fields of an event are fetched in one go."""
    if not site.fields:
        return []
    positions = at.tolist()
    if any(isinstance(named, Date) for _, named, _ in site.fields):
        return [block.column(name, positions) for name, _, _ in site.fields]
    records = block.records
    events = records if len(positions) == len(records) else map(records.__getitem__, positions)
    names = [name for name, _, _ in site.fields]
    if len(names) == 1:
        return [list(map(attrgetter(names[0]), events))]
    return [list(column) for column in zip(*map(attrgetter(*names), events), strict=True)]


def encode_values(values: list[Any], named: Field, names: Names) -> NDArray[np.float64]:
    """Return raw field values as numbers: NaN where missing, -inf where null."""
    out = np.empty(len(values))
    missing = values.count(UNSET)
    if missing == len(values):
        out[:] = NAN
    elif named.kind is Kind.SYMBOL:
        texts = [None if v is UNSET else v for v in values] if missing else values
        names.space(named.domain).intern_many(texts, out)
        if None in values:
            out[[v is None for v in values]] = NULL
    elif missing or None in values:
        out[:] = [NAN if v is UNSET else NULL if v is None else v for v in values]
    else:
        out[:] = values
    return out


def _lists(
    values: list[Any], named: Field, names: Names, held: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return offsets, lengths and members of list values; members are placed from `held` on."""
    lengths = np.array([NAN if value is UNSET else NULL if value is None else len(value) for value in values])
    sizes = np.where(lengths > 0, lengths, 0.0)
    offsets = np.where(lengths >= 0, held + np.cumsum(sizes) - sizes, lengths)
    flat = [member for value in values if value and value is not UNSET for member in value]
    members = np.empty(len(flat))
    if flat and isinstance(flat[0], str):
        names.space(named.domain).intern_many(flat, members)
    else:
        members[:] = flat
    return offsets, lengths, members


def fill_site(entry: SiteColumns, lo: int, hi: int, cols: NDArray[np.float64], start: int) -> None:
    """Copy the values of a site's events number lo .. hi - 1 to the chunk, from position `start` on."""
    end = start + hi - lo
    for column, values in entry.columns.items():
        cols[column, start:end] = values[lo:hi]
