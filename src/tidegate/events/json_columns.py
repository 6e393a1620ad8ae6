"""Lines of JSON to blocks in columns: most lines never become a record; the others are read the patient way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tidegate.events.block import EventBlock
from tidegate.events.codec import Decoded, decode_event, decode_lines
from tidegate.events.line_schema import NUMBERS, OTHER, envelope_slots, kinds, line_schema, slots
from tidegate.events.texts import LENGTH_BITS, LENGTH_MASK, MISSING, Texts
from tidegate.windows.json_lines import JsonLines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.events.record import Record

_NAN, _NULL = float("nan"), float("-inf")
_NONE = np.empty(0, np.int64)


class Piece(NamedTuple):
    """Some lines of a text: what became of them, where in the text the next one begins, and how many lines these were."""

    decoded: Decoded
    end: int
    lines: int


class LineDecoder:
    """Decodes texts of many lines; keeps what it learns about the order of their fields."""

    def __init__(self) -> None:
        schema = line_schema()
        self._fields_max: int = schema["kind"].shape[1]
        self._lines = JsonLines(schema)
        self._items = np.empty(0, np.int64)

    def decode(self, text: bytes, start: int, *, rows: int, file: str, first_line: int) -> Piece:
        """Decode at most `rows` lines from `start` on; blank lines are passed over. The text ends with a line feed.

        Lines are numbered from `first_line` on.
        """
        rows = min(rows, len(text) - start)
        if 2 * len(self._items) < len(text):
            self._items = np.empty(len(text) // 2 + 1, np.int64)
        out: dict[str, NDArray[Any]] = {
            "codes": np.empty(rows, np.int32),
            "ts": np.empty(rows, np.int64),
            "lines": np.empty(rows, np.int64),
            "spans": np.empty((rows, 2), np.int64),
            "base": np.empty(rows, np.int64),
            "cells": np.empty(rows * self._fields_max, np.int64),
            "items": self._items,
        }
        n, end, passed, cells, items = self._lines.parse(text, start, rows, out)
        columns = JsonColumns(
            text,
            out["spans"][:n],
            out["base"][:n],
            out["codes"][:n],
            out["cells"][:cells],
            self._items[:items].copy(),
        )
        lines = out["lines"][:n] + first_line
        return Piece(_block(columns, out["ts"][:n], lines, file), end, passed)


class JsonColumns:
    """Lines of a text in cells; see `windows.json_lines`."""

    __slots__ = ("_grid", "_rows", "base", "cells", "codes", "items", "raw", "spans", "text")

    def __init__(
        self,
        text: bytes,
        spans: NDArray[np.int64],
        base: NDArray[np.int64],
        codes: NDArray[np.int32],
        cells: NDArray[np.int64],
        items: NDArray[np.int64],
    ) -> None:
        self.text = text
        self.raw = np.frombuffer(text, np.uint8)
        self.spans = spans
        self.base = base
        self.codes = codes  # -1 for rows that have no cells
        self.cells = cells
        self.items = items
        self._rows: NDArray[np.int64] | None = None
        self._grid = np.empty((0, 0), np.int64)

    def _words(self, code: int, name: str, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the cells of a field. Field after field of the same rows is asked for: all are gathered at once."""
        own = slots()[code]
        if rows is not self._rows:
            self._rows = rows
            self._grid = self.cells.take(self.base[rows] + np.arange(len(own))[:, np.newaxis])
        words: NDArray[np.int64] = self._grid[own[name]]
        return words

    def envelope(self, name: str) -> Texts:
        """Return a field that events of every type may have and that is a text, for all rows."""
        slot_of = envelope_slots(name)
        if not (self.codes < 0).any():
            return Texts(self.raw, self.cells.take(self.base + slot_of.take(self.codes)))
        here = np.flatnonzero(self.codes >= 0)
        places = np.full(len(self.codes), MISSING, np.int64)
        places[here] = self.cells[self.base[here] + slot_of[self.codes[here]]]
        return Texts(self.raw, places)

    def numbers(self, code: int, name: str, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return a field of flags, numbers or moments."""
        words = self._words(code, name, rows)
        if kinds()[code][name] == OTHER:  # such a line has no value there, or null
            return np.where(words == MISSING, _NAN, _NULL)
        return words.view(np.float64)

    def texts(self, code: int, name: str, rows: NDArray[np.int64]) -> Texts:
        """Return a field of texts."""
        return Texts(self.raw, self._words(code, name, rows))

    def lists(
        self, code: int, name: str, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], Texts | NDArray[np.float64]]:
        """Return a field of lists: how long each is, and all members one after the other."""
        words = self._words(code, name, rows)
        lengths = np.where(words >= 0, words & LENGTH_MASK, np.where(words == MISSING, _NAN, _NULL))
        full = words[lengths > 0]
        members = self.items[ranges(full >> LENGTH_BITS, full & LENGTH_MASK)] if len(full) else _NONE
        if kinds()[code][name] == NUMBERS:
            return lengths, members.view(np.float64)
        return lengths, Texts(self.raw, members)

    def record(self, row: int) -> Record:
        """Return one event as a record, read anew."""
        start, end = self.spans[row].tolist()
        return decode_event(self.text[start:end])


def ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the whole numbers from each start on, as many as its length says.

    >>> ranges(np.array([5, 9]), np.array([2, 1])).tolist()
    [5, 6, 9]
    """
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - ends + lengths, lengths) + np.arange(total)


def _block(columns: JsonColumns, ts: NDArray[np.int64], lines: NDArray[np.int64], file: str) -> Decoded:
    """Return the block of the lines; those without cells are read the patient way."""
    rows = np.arange(len(ts))
    left = np.flatnonzero(columns.codes < 0)
    if not len(left):
        block = EventBlock.of_columns(
            columns, {}, rows=rows, codes=columns.codes, ts=ts, lines=lines, file=file
        )
        return Decoded(block, [])
    spans = columns.spans[left].tolist()
    patient = decode_lines([columns.text[start:end] for start, end in spans], file=file, numbers=lines[left])
    accepted = left[np.searchsorted(lines[left], patient.block.lines)]
    codes = columns.codes.copy()
    codes[accepted], ts[accepted] = patient.block.codes, patient.block.ts
    kept = dict(zip(accepted.tolist(), patient.block.records, strict=True))
    rows = rows[codes >= 0]
    block = EventBlock.of_columns(
        columns, kept, rows=rows, codes=codes[rows], ts=ts[rows], lines=lines[rows], file=file
    )
    return Decoded(block, patient.rejected)
