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
    from tidegate.events.texts import Texts

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
    items = _Items()
    columns: dict[int, SiteColumns] = {}
    for number in np.unique(site_of).tolist():
        if number < 0:
            continue
        at = np.flatnonzero(site_of == number)
        site = plan.sites[number]
        if block.columns is None:
            entry = _of_records(site, block, at, plan.names, items)
        elif not len(block.single):
            entry = _of_columns(site, block, at, plan.names, items)
        else:
            alone = np.isin(at, block.single)
            entry = _merged(
                at,
                _of_columns(site, block, at[~alone], plan.names, items),
                _of_records(site, block, at[alone], plan.names, items),
            )
        columns[number] = entry
    return Encoded(site_of, block.ts, columns, items.all())


@dataclass
class _Items:
    """The members of all list values of a block, one after the other."""

    parts: list[NDArray[np.float64]] = field(default_factory=list)
    held: int = 0

    def add(self, lengths: NDArray[np.float64], members: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take in the members of a column of lists; return from where on each list lies (as unknown as its length)."""
        sizes = np.where(lengths > 0, lengths, 0.0)
        offsets = np.where(lengths >= 0, self.held + np.cumsum(sizes) - sizes, lengths)
        self.parts.append(members)
        self.held += len(members)
        return offsets

    def all(self) -> NDArray[np.float64]:
        """Return all members."""
        return np.concatenate(self.parts) if self.parts else np.empty(0)


def _of_columns(
    site: PlacedSite, block: EventBlock, at: NDArray[np.int64], names: Names, items: _Items
) -> SiteColumns:
    """Return what a site's events need, from a block in columns."""
    entry = SiteColumns(at)
    source = block.columns
    assert source is not None
    code, rows = int(block.codes[at[0]]) if len(at) else 0, block.rows[at]
    for name, named, column in site.fields if len(at) else ():
        if named.kind is Kind.LIST:
            lengths, members = source.lists(code, name, rows)
            numbers = members if isinstance(members, np.ndarray) else _interned(members, named, names)
            entry.columns[column], entry.columns[column + 1] = items.add(lengths, numbers), lengths
        elif named.kind is Kind.SYMBOL:
            entry.columns[column] = _interned(source.texts(code, name, rows), named, names)
        else:
            entry.columns[column] = source.numbers(code, name, rows)
    return entry


def _interned(texts: Texts, named: Field, names: Names) -> NDArray[np.float64]:
    out = np.empty(len(texts))
    names.space(named.domain).intern_texts(texts.buffer, texts.places, out)
    return out


def _of_records(
    site: PlacedSite, block: EventBlock, at: NDArray[np.int64], names: Names, items: _Items
) -> SiteColumns:
    """Return what a site's events need, from records."""
    entry = SiteColumns(at)
    for (_, named, column), values in zip(site.fields, _values(site, block, at), strict=True):
        if named.kind is Kind.LIST:
            lengths, members = _lists(values, named, names)
            entry.columns[column], entry.columns[column + 1] = items.add(lengths, members), lengths
        else:
            entry.columns[column] = encode_values(values, named, names)
    return entry


def _merged(at: NDArray[np.int64], first: SiteColumns, second: SiteColumns) -> SiteColumns:
    """Return the columns of two parts of a site's events as one, in order of position."""
    if not len(first.positions) or not len(second.positions):
        return second if not len(first.positions) else first
    entry = SiteColumns(at)
    for column, values in first.columns.items():
        merged = entry.columns[column] = np.empty(len(at))
        merged[np.searchsorted(at, first.positions)] = values
        merged[np.searchsorted(at, second.positions)] = second.columns[column]
    return entry


def _values(site: PlacedSite, block: EventBlock, at: NDArray[np.int64]) -> list[list[Any]]:
    """Return the raw values of the site's events, a list per field: all fields of an event are fetched in one go."""
    if not site.fields:
        return []
    positions = at.tolist()
    if not positions or any(isinstance(named, Date) for _, named, _ in site.fields):
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
    if named.picks:
        values = [named.pick(value) for value in values]
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


def _lists(values: list[Any], named: Field, names: Names) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lengths and the members of list values."""
    lengths = np.array([NAN if value is UNSET else NULL if value is None else len(value) for value in values])
    flat = [member for value in values if value and value is not UNSET for member in value]
    members = np.empty(len(flat))
    if flat and isinstance(flat[0], str):
        names.space(named.domain).intern_many(flat, members)
    else:
        members[:] = flat
    return lengths, members


def fill_site(entry: SiteColumns, lo: int, hi: int, cols: NDArray[np.float64], start: int) -> None:
    """Copy the values of a site's events number lo .. hi - 1 to the chunk, from position `start` on."""
    end = start + hi - lo
    for column, values in entry.columns.items():
        cols[column, start:end] = values[lo:hi]
