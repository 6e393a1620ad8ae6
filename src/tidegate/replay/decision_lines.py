"""Decisions as lines of NDJSON: most are plain and differ in id, time and account only, so they are put together from parts."""

from __future__ import annotations

from json.encoder import encode_basestring as quoted  # type: ignore[attr-defined]
from typing import TYPE_CHECKING

import msgspec

from tidegate.engine.decision import Decision
from tidegate.events.registry import BY_CODE
from tidegate.windows.timestamps import format_rfc3339_many

if TYPE_CHECKING:
    from tidegate.engine import Judged
    from tidegate.events import EventBlock

_encode = msgspec.json.encode


class DecisionLines:
    """Writes the decisions of one policy."""

    def __init__(self, stamp: dict[str, str]) -> None:
        self._stamp = stamp
        self._policy = _encode(stamp).decode()
        self._middles = [f'","type":{quoted(e.type_name)},"account_id":' for e in BY_CODE]
        self._tails: dict[int, str] = {}

    def line(self, decision: Decision) -> bytes:
        """Return the line of one decision, with its line end."""
        return _encode(decision.data(self._stamp)) + b"\n"

    def lines(self, block: EventBlock, judged: Judged) -> list[bytes]:
        """Return the line of every event of a block, in order of arrival; timers are not among them."""
        times = format_rfc3339_many(block.ts)
        plain = []
        unset = msgspec.UNSET
        middles, tails = self._middles, self._tails
        for record, ts, code, pattern in zip(
            block.records, times, block.codes.tolist(), judged.pattern.tolist(), strict=True
        ):
            tail = tails.get(pattern)
            if tail is None:
                tail = self._tail(judged, pattern)
            account = record.account_id
            name = "null" if account is unset or account is None else quoted(account)
            plain.append(
                f'{{"event_id":{quoted(record.event_id)},"ts":"{ts}{middles[code]}{name}{tail}'.encode()
            )
        for i, decision in judged.closer.items():
            plain[i] = self.line(decision)
        return plain

    def _tail(self, judged: Judged, pattern: int) -> str:
        """Return the end of a plain decision's line."""
        undecided = _encode(judged.patterns[pattern]).decode()
        tail = (
            f',"verdict":"allow","score":0.0,"fired":[],"undecided":{undecided},"labels":[],"sanctions":[],"cases":[]'
            f',"policy":{self._policy}}}\n'
        )
        self._tails[pattern] = tail
        return tail


def as_duplicate(line: bytes) -> bytes:
    """Return a decision's line marked as the answer to a repeated event."""
    assert line.endswith(b"}\n"), line
    return line[:-2] + b',"duplicate":true}\n'
