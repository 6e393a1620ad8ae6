"""Batches in Arrow's stream form: events as columns in, decisions as columns out."""

from __future__ import annotations

import struct
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.ipc

from tidegate.errors import FileError
from tidegate.events.block import EVENTS_MAX
from tidegate.events.json_columns import LineDecoder
from tidegate.replay.columnar import check_columns, rows_of
from tidegate.service.arrow_guard import check_batch, check_packed, check_schema
from tidegate.service.arrow_text import lines_of
from tidegate.service.problem import Problem, of_error, too_many
from tidegate.windows import COMPILED

if TYPE_CHECKING:
    from tidegate.events import Decoded
    from tidegate.service.answer import Answer

SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string()),
        pa.field("verdict", pa.string()),
        pa.field("score", pa.float64()),
        pa.field("retry_after_s", pa.int64()),
        pa.field("challenge", pa.string()),
        pa.field("fallback", pa.bool_()),
        pa.field("decision", pa.string()),  # whole, as JSON
        pa.field("error", pa.string()),  # of a row that was refused: a problem, as JSON
    ]
)


class _Short(msgspec.Struct):
    """What has a column of its own."""

    event_id: str | None
    verdict: str
    score: float
    retry_after_s: int | None = None
    challenge: str | None = None


_HEAD, _TS, _PLAIN = b'{"event_id":"', b'","ts":"', b'"verdict":"allow","score":0.0,'
_ALLOW = "allow"
_TEXT_MAX = (1 << 31) - 1  # bytes that a column of texts takes
_of_thread = threading.local()
_short = msgspec.json.Decoder(_Short).decode


@dataclass(frozen=True)
class Batch:
    """The rows of a request, decoded in parts of at most EVENTS_MAX; rows are numbered from 1 on, through all parts."""

    parts: list[Decoded]
    rows: int


def read(body: bytes, limit: int, rows_max: int) -> Batch:
    """Return the events of a stream; raise Problem where it is none, or has more rows or unpacked bytes than the limits."""
    parts: list[Decoded] = []
    rows = 0
    try:
        check_packed(body)
        with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
            check_columns("", stream.schema)
            check_schema(stream.schema)
            for batch in stream:
                if rows + batch.num_rows > rows_max:  # a row of nothing takes no bytes
                    raise too_many(rows_max)
                check_batch(batch, limit)
                for start in range(0, batch.num_rows, EVENTS_MAX):
                    part = batch.slice(start, EVENTS_MAX)
                    parts.append(_decoded(part, rows + 1))
                    rows += part.num_rows
    except FileError as error:
        raise of_error(error) from None
    except (pa.ArrowException, OSError, ValueError, struct.error):
        raise Problem(
            400,
            "not-arrow",
            "the body is no Arrow IPC stream",
            field="body",
            hint="write it with `pyarrow.ipc.new_stream`, not as a file",
        ) from None
    return Batch(parts, rows)


def _decoded(part: pa.RecordBatch, first_row: int) -> Decoded:
    """Return the events of some rows: as lines, which the journal keeps as they are, or row by row where need be."""
    text = lines_of(part) if COMPILED else None
    if text is None:
        return rows_of(part, file="", first_row=first_row)
    if not hasattr(_of_thread, "decoder"):
        _of_thread.decoder = LineDecoder()
    decoder: LineDecoder = _of_thread.decoder
    return decoder.decode(text, 0, rows=part.num_rows, file="", first_line=first_row).decoded


def of_lines(lines: list[Any]) -> bytes:
    """Return decisions as a stream of one batch; raise TypeError where one is no line, which `written` can say."""
    whole = b"".join(lines)
    n = len(lines)
    begin = len(_HEAD)
    ids: list[Any] = [line[begin : line.find(_TS, begin)] for line in lines]
    verdicts: list[Any] = [_ALLOW] * n
    scores: list[Any] = [0.0] * n
    waits: list[Any] = [None] * n
    challenges: list[Any] = [None] * n
    if whole.count(_PLAIN) != n or b"\\" in b"".join(ids):
        for at, line in enumerate(lines):
            if b"\\" in ids[at] or _PLAIN not in line:
                short = _short(line)
                ids[at], verdicts[at], scores[at] = short.event_id, short.verdict, short.score
                waits[at], challenges[at] = short.retry_after_s, short.challenge
    columns = [
        pa.array(ids, pa.string()),
        pa.array(verdicts, pa.string()),
        pa.array(scores, pa.float64()),
        pa.array(waits, pa.int64()),
        pa.array(challenges, pa.string()),
        pa.array(np.zeros(n, bool)),
        _without_ends(lines, whole),
        pa.nulls(n, pa.string()),
    ]
    return _stream(columns)


def _without_ends(lines: list[bytes], whole: bytes) -> pa.Array:
    """Return lines as texts without their line feeds; `whole` are all of them."""
    text = whole.replace(b"\n", b"")  # JSON has no other line feeds
    if len(text) > _TEXT_MAX or len(text) != len(whole) - len(lines):
        return pa.array([line[:-1] for line in lines], pa.string())
    offsets = np.zeros(len(lines) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, lines), np.int32, len(lines)) - 1, out=offsets[1:])
    return pa.StringArray.from_buffers(len(lines), pa.py_buffer(offsets), pa.py_buffer(text))


def _looked_at(line: bytes) -> _Short:
    """Return what has a column of its own; most decisions are plain, and told without reading them."""
    if _PLAIN in line:
        event_id = line[len(_HEAD) : line.index(_TS)]
        if b"\\" not in event_id:
            return _Short(event_id.decode(), "allow", 0.0)
    return _short(line)


def written(answers: list[Answer]) -> bytes:
    """Return the answers as a stream of one batch, one row per row of the request."""
    short = [None if a.line is None else _looked_at(a.line) for a in answers]
    errors = [
        None if a.error is None else msgspec.json.encode(of_error(a.error).data()).decode() for a in answers
    ]
    columns = [
        pa.array([None if s is None else s.event_id for s in short], pa.string()),
        pa.array([None if s is None else s.verdict for s in short], pa.string()),
        pa.array([None if s is None else s.score for s in short], pa.float64()),
        pa.array([None if s is None else s.retry_after_s for s in short], pa.int64()),
        pa.array([None if s is None else s.challenge for s in short], pa.string()),
        pa.array([a.fallback for a in answers], pa.bool_()),
        pa.array([None if a.line is None else a.line[:-1] for a in answers], pa.string()),
        pa.array(errors, pa.string()),
    ]
    return _stream(columns)


def _stream(columns: list[pa.Array]) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA) as stream:
        stream.write_batch(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))
    answer: bytes = sink.getvalue().to_pybytes()
    return answer
