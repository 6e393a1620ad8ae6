"""Events to numbers: the fields that a plan reads, as columns, ids interned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate.engine.origins import NumberOrigins
from tidegate.events.block import date_ms
from tidegate.events.kinds import Date, Usual
from tidegate.expr import Kind
from tidegate.windows.fields import LIST, NAME, NUMBER, FieldReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tidegate.engine.names import Names
    from tidegate.engine.plan import PlacedSite, Plan
    from tidegate.events import EventBlock, Field
    from tidegate.events.record import Record
    from tidegate.events.texts import Texts

NAN, NULL = float("nan"), float("-inf")
UNSET = msgspec.UNSET


@dataclass
class SiteColumns:
    """The events of one site in a block, in their order: a row of `values` per chunk column in `targets`."""

    targets: NDArray[np.int32]
    values: NDArray[np.float64]


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


@dataclass
class _Items:
    """The members of all list values of a block, one after the other."""

    parts: list[NDArray[np.float64]] = field(default_factory=list)
    held: int = 0

    def add(self, members: NDArray[np.float64]) -> None:
        """Take in the members of some lists."""
        self.parts.append(members)
        self.held += len(members)

    def all(self) -> NDArray[np.float64]:
        """Return all members."""
        return np.concatenate(self.parts) if self.parts else np.empty(0)


class Encoder:
    """Reads the fields that a plan needs, site by site; ids that are new are interned in order of first use."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._readers = [_reader(site, plan.names) for site in plan.sites]
        self._targets = [np.array(reader.targets(), np.int32) for reader in self._readers]
        self._origins = [
            NumberOrigins(site, plan.names) if NumberOrigins.concern(site) else None for site in plan.sites
        ]

    def block(self, block: EventBlock) -> Encoded:
        """Return a block of events in the columns of the plan."""
        site_of = self.plan.site_of_code[block.codes]
        items = _Items()
        columns = {}
        for number, at in _by_site(site_of):
            values, origins = self._values(number, block, at, items), self._origins[number]
            if origins is not None:
                origins.complete(values, self._targets[number])
            columns[number] = SiteColumns(self._targets[number], values)
        return Encoded(site_of, block.ts, columns, items.all())

    def one(self, record: Record, site: int) -> bool:
        """Write the fields of one event at position 0 of the chunk; False where its lists do not fit."""
        fits: bool = self._readers[site].read_one(record, self.plan.chunk)
        origins = self._origins[site]
        if fits and origins is not None:
            origins.complete_one(self.plan.chunk.cols)
        return fits

    def _values(
        self, number: int, block: EventBlock, at: NDArray[np.int64], items: _Items
    ) -> NDArray[np.float64]:
        """Return the fields of the events at these positions, all of one site: from columns, from records, or some from each."""
        if block.columns is None:
            return self._of_records(number, block, at, items)
        if not len(block.single):
            return self._of_columns(number, block, at, items)
        alone = np.isin(at, block.single)
        values = np.empty((len(self._targets[number]), len(at)))
        if not alone.all():
            values[:, ~alone] = self._of_columns(number, block, at[~alone], items)
        if alone.any():
            values[:, alone] = self._of_records(number, block, at[alone], items)
        return values

    def _of_records(
        self, number: int, block: EventBlock, at: NDArray[np.int64], items: _Items
    ) -> NDArray[np.float64]:
        records = block.records
        if len(at) < len(records) or not isinstance(records, list):
            records = [records[position] for position in at.tolist()]
        values: NDArray[np.float64]
        values, parts = self._readers[number].read(records, items.held)
        for members in parts:
            items.add(members)
        return values

    def _of_columns(
        self, number: int, block: EventBlock, at: NDArray[np.int64], items: _Items
    ) -> NDArray[np.float64]:
        site, names, source = self.plan.sites[number], self.plan.names, block.columns
        assert source is not None
        values = np.empty((len(self._targets[number]), len(at)))
        code, rows = int(block.codes[at[0]]), block.rows[at]
        row = 0
        for name, named, _ in site.fields:
            if named.kind is Kind.LIST:
                lengths, members = source.lists(code, name, rows)
                if not isinstance(members, np.ndarray):
                    members = _interned(members, named, names, np.empty(len(members)))
                sizes = np.where(lengths > 0, lengths, 0.0)
                values[row] = np.where(lengths >= 0, items.held + np.cumsum(sizes) - sizes, lengths)
                values[row + 1] = lengths
                items.add(members)
                row += 1
            elif isinstance(named, Usual):
                lengths, members = source.lists(code, name, rows)
                values[row] = _picked(named, lengths, np.asarray(members))
            elif named.kind is Kind.SYMBOL:
                _interned(source.texts(code, name, rows), named, names, values[row])
            else:
                values[row] = source.numbers(code, name, rows)
            row += 1
        return values


def _by_site(site_of: NDArray[np.int32]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield the sites that occur, each with the positions of its events."""
    if len(site_of) and (site_of == site_of[0]).all():
        numbers = [int(site_of[0])]
    else:
        numbers = np.unique(site_of).tolist()
    for number in numbers:
        if number >= 0:
            yield number, np.flatnonzero(site_of == number)


def _picked(named: Usual, lengths: NDArray[np.float64], members: NDArray[np.float64]) -> list[float]:
    """Return a part of each list of numbers; a length that is no number of members says what the list is."""
    ends = np.cumsum(np.where(lengths > 0, lengths, 0.0)).astype(np.int64)
    found = []
    for length, end in zip(lengths.tolist(), ends.tolist(), strict=True):
        part = named.pick(members[end - int(length) : end].tolist()) if length >= 0 else length
        found.append(NULL if part is None else part)
    return found


def _interned(texts: Texts, named: Field, names: Names, out: NDArray[np.float64]) -> NDArray[np.float64]:
    names.space(named.domain).intern_texts(texts.buffer, texts.places, out)
    return out


def _reader(site: PlacedSite, names: Names) -> FieldReader:
    kinds, spaces, pick = [], [], []
    for _, named, _ in site.fields:
        kinds.append({Kind.SYMBOL: NAME, Kind.LIST: LIST}.get(named.kind, NUMBER))
        spaces.append(names.space(named.domain) if kinds[-1] != NUMBER else None)
        pick.append(named.pick if named.picks else date_ms if isinstance(named, Date) else None)
    columns = [column for _, _, column in site.fields]
    return FieldReader(tuple(name for name, _, _ in site.fields), kinds, spaces, pick, columns, UNSET)


def encode_values(values: list[Any], named: Field, names: Names) -> NDArray[np.float64]:
    """Return raw field values as numbers: NaN where missing, -inf where null."""
    if named.picks:
        values = [named.pick(value) for value in values]
    if named.kind is Kind.SYMBOL:
        intern = names.space(named.domain).intern
        return np.array([NAN if v is UNSET else NULL if v is None else intern(v) for v in values], np.float64)
    return np.array([NAN if v is UNSET else NULL if v is None else v for v in values], np.float64)
