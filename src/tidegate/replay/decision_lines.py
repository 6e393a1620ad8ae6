"""Decisions as lines of NDJSON: most are plain and differ in id, time and account only, so they are put together from parts."""

from __future__ import annotations

from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.engine.decision import Decision
from tidegate.events.registry import BY_CODE
from tidegate.windows.timestamps import format_rfc3339_many

if TYPE_CHECKING:
    from tidegate.engine import Judged
    from tidegate.events import EventBlock

__all__ = ["DecisionLines", "as_duplicate", "quoted"]

_encode = msgspec.json.encode


class DecisionLines:
    """Writes the decisions of one policy."""

    def __init__(self, stamp: dict[str, str]) -> None:
        self._stamp = stamp
        self._policy = _encode(stamp).decode()
        self._middles = [f'","type":{quoted(e.type_name)},"account_id":' for e in BY_CODE]
        self._tails: dict[int, str] = {}

    def line(self, decision: Decision) -> str:
        """Return the line of one decision, with its line end."""
        return _encode(decision.data(self._stamp)).decode() + "\n"

    def lines(self, block: EventBlock, judged: Judged) -> list[str]:
        """Return the line of every event of a block, in order of arrival; timers are not among them."""
        times = format_rfc3339_many(block.ts)
        tails = [self._tails.get(p) or self._tail(judged, p) for p in range(len(judged.patterns))]
        kinds = [self._middles[code] for code in block.codes.tolist()]
        ends = [tails[p] for p in judged.pattern.tolist()]
        ids = _quoted(block.event_ids)
        accounts = _quoted([record.account_id for record in block.records])
        lines = [
            f'{{"event_id":{i},"ts":"{ts}{kind}{account}{end}'
            for i, ts, kind, account, end in zip(ids, times, kinds, accounts, ends, strict=True)
        ]
        for i, decision in judged.closer.items():
            lines[i] = self.line(decision)
        return lines

    def _tail(self, judged: Judged, pattern: int) -> str:
        """Return the end of a plain decision's line."""
        undecided = _encode(judged.patterns[pattern]).decode()
        tail = (
            f',"verdict":"allow","score":0.0,"fired":[],"undecided":{undecided},"labels":[],"sanctions":[],"cases":[]'
            f',"policy":{self._policy}}}\n'
        )
        self._tails[pattern] = tail
        return tail


def _quoted(names: list[Any]) -> list[str]:
    """Return names as JSON strings; `null` for what is not known or none. Names hardly ever need an escape."""
    try:
        together = "".join(names)
    except TypeError:  # some are missing
        return [quoted(name) if name.__class__ is str else "null" for name in names]
    if '"' in together or "\\" in together:
        return [quoted(name) for name in names]
    return [f'"{name}"' for name in names]


def as_duplicate(line: str) -> str:
    """Return a decision's line marked as the answer to a repeated event."""
    assert line.endswith("}\n"), line
    return line[:-2] + ',"duplicate":true}\n'
