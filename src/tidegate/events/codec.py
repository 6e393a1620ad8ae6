"""JSON lines to blocks of events, and back.

Fast path: msgspec decodes each line into the struct of its type; what needs a closer look (moments written as text,
decimals, ids with escapes, free-form objects) is looked at only where it occurs. A line that fails anywhere is read
again by `validate`, which finds the words for it. What both accept is the same.

A name that stands twice in an object is refused: readers differ in which of the two values counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate.events.block import EventBlock
from tidegate.events.json_text import LINE_BYTES_MAX
from tidegate.events.record import ANY_RECORD, RECORDS, Record
from tidegate.events.registry import TYPE_CODES
from tidegate.events.rejected import Rejected, place_of, shown_input
from tidegate.events.second_look import clean, settled, unsettled
from tidegate.events.unique_names import names_stand_once
from tidegate.events.validate import explain, explain_object
from tidegate.windows.timestamps import parse_rfc3339_many

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tidegate.errors import EventError

_decode: Callable[[bytes], Record] = msgspec.json.Decoder(ANY_RECORD).decode
_REFUSALS = (msgspec.MsgspecError, ValueError, RecursionError)  # bad UTF-8 is a ValueError


@dataclass(frozen=True, slots=True)
class Decoded:
    """What became of some lines: the accepted events, and the lines that were not accepted."""

    block: EventBlock
    rejected: list[Rejected]


def decode_event(line: bytes) -> Record:
    """Return the event on one line, or raise EventError."""
    try:
        record = _decode(line)
    except _REFUSALS:
        raise explain(line) from None
    if not names_stand_once(line, record):
        raise explain(line)
    suspect = b"\\" in line or line.count(b"{") > 1
    if len(line) > LINE_BYTES_MAX or not settled(record) or (suspect and not clean(record)):
        raise explain(line)
    return record


def decode_lines(
    lines: Sequence[bytes], *, file: str = "", first_line: int = 1, numbers: NDArray[np.int64] | None = None
) -> Decoded:
    """Return the events of lines, each with or without its line end; blank lines are passed over.

    The lines follow each other from `first_line` on, unless `numbers` says which ones they are.
    """
    if numbers is None:
        numbers = np.arange(first_line, first_line + len(lines))
    short = max(map(len, lines), default=0) <= LINE_BYTES_MAX
    readable = lines if short else [line if len(line) <= LINE_BYTES_MAX else b"" for line in lines]
    records, positions, refused = _each(_decode, readable)
    _drop_repeated_names(readable, records, positions, refused)
    kept, ts = _finished(records, positions, refused, _suspects(lines, positions))
    block = EventBlock(records, ts=ts, lines=numbers[np.asarray(kept, np.int64)], file=file)
    rejected = [
        _rejection(explain(lines[at]), file, int(numbers[at]), shown_input(lines[at]))
        for at in sorted(refused)
        if lines[at].strip()
    ]
    return Decoded(block, rejected)


def decode_rows(
    rows: Sequence[dict[str, Any]],
    *,
    file: str = "",
    numbers: NDArray[np.int64] | None = None,
    looked_at: bool = False,
    order: Sequence[str] = (),
) -> Decoded:
    """Return the events given as plain JSON objects, such as rows of a columnar file.

    The rows are numbered from 1 on, unless `numbers` says which ones they are.
    `looked_at` says that the caller has seen that there are no control characters and no deep values in them; `order` is that
    in which the fields of a rejected row are looked at and shown, where it is not their own.
    """
    records, positions, refused = _each(_convert, rows)
    kept, ts = _finished(records, positions, refused, range(0 if looked_at else len(records)))
    if numbers is None:
        numbers = np.arange(1, 1 + len(rows))
    rejected = []
    for at in sorted(refused):
        row = {name: rows[at][name] for name in order if name in rows[at]} if order else rows[at]
        shown = shown_input(msgspec.json.encode(row))
        rejected.append(_rejection(explain_object(row), file, int(numbers[at]), shown))
    return Decoded(EventBlock(records, ts=ts, lines=numbers[np.asarray(kept, np.int64)], file=file), rejected)


def encode_event(record: Record) -> bytes:
    """Return the event as one line of JSON, without line end; decoding it gives an equal record."""
    return msgspec.json.encode(record)


def _convert(row: dict[str, Any]) -> Record:
    code = TYPE_CODES.get(row.get("type"))  # type: ignore[arg-type]  # anything may stand there
    if code is None:
        raise ValueError(row)
    return msgspec.convert(row, RECORDS[code])


def _each(read: Callable[[Any], Record], inputs: Sequence[Any]) -> tuple[list[Record], list[int], set[int]]:
    """Return what could be read, the position each came from, and the positions of the rest."""
    records: list[Record] = []
    refused: set[int] = set()
    feed = map(read, inputs)
    while True:
        try:
            records.extend(feed)  # runs without a step of the interpreter per line
        except _REFUSALS:  # what was read before stays; the feed goes on behind the line that failed
            refused.add(len(records) + len(refused))
        else:
            break
    positions = (
        [at for at in range(len(inputs)) if at not in refused] if refused else list(range(len(inputs)))
    )
    return records, positions, refused


def _drop_repeated_names(
    lines: Sequence[bytes], records: list[Record], positions: list[int], refused: set[int]
) -> None:
    """Move the records of lines that name a field twice to the refused."""
    pairs = zip(records, positions, strict=True)
    repeated = {position for record, position in pairs if not names_stand_once(lines[position], record)}
    if repeated:
        refused |= repeated
        records[:] = [
            record for record, position in zip(records, positions, strict=True) if position not in repeated
        ]
        positions[:] = [position for position in positions if position not in repeated]


def _finished(
    records: list[Record], positions: list[int], refused: set[int], suspects: Sequence[int]
) -> tuple[list[int], NDArray[np.int64]]:
    """Settle the records in place; drop those that fail and add their positions to the refused. Return the rest's."""
    ts, bad = _settle_times(records)
    bad |= unsettled(records)
    bad.update(at for at in suspects if not clean(records[at]))
    if not bad:
        return positions, ts
    refused.update(positions[at] for at in bad)
    kept = [at for at in range(len(records)) if at not in bad]
    records[:] = [records[at] for at in kept]
    return [positions[at] for at in kept], ts[kept]


def _settle_times(records: list[Record]) -> tuple[NDArray[np.int64], set[int]]:
    """Return the event times in ms, and which are none; replace texts in the records."""
    given: list[Any] = [record.ts for record in records]
    kinds = set(map(type, given))
    if kinds <= {int}:
        return np.array(given, np.int64), set()
    texts = (
        [at for at, value in enumerate(given) if type(value) is str] if len(kinds) > 1 else range(len(given))
    )
    parsed, invalid = parse_rfc3339_many([given[at] for at in texts] if len(kinds) > 1 else given)
    for at, ms in zip(texts, parsed.tolist(), strict=True):
        records[at].ts = given[at] = ms
    return np.array(given, np.int64), {texts[at] for at in invalid}


def _suspects(lines: Sequence[bytes], positions: list[int]) -> list[int]:
    """Return which records need a look by `clean`: a control character needs an escape, depth a second bracket."""
    joined = b"".join(lines)
    if b"\\" not in joined and joined.count(b"{") <= len(lines):
        return []
    return [
        at
        for at, position in enumerate(positions)
        if b"\\" in lines[position] or lines[position].count(b"{") > 1
    ]


def _rejection(error: EventError, file: str, line: int, text: str) -> Rejected:
    return Rejected(file, line, error.at(place_of(file, line)), text)
