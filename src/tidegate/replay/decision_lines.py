"""Decisions as lines of NDJSON: most are plain and differ in id, time and account only, so they are put together from parts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate.engine.decision import Decision, figure
from tidegate.events.registry import BY_CODE
from tidegate.windows.texts import PlainLines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from tidegate.engine import Judged
    from tidegate.engine.quotas import Exceeded
    from tidegate.events import EventBlock

__all__ = ["DecisionLines", "as_duplicate", "quoted"]

_encode = msgspec.json.encode
_NOTHING_FIRED = b',"fired":[],"undecided"'
_ENTRIES_KEPT = 100_000  # per quota


def _entry(quota: Exceeded, observed: float, limit: float) -> bytes:
    """Return what a decision says of a quota that is exceeded."""
    because = quoted(quota.terms.because(observed, limit))
    return (
        f'{{"rule":{quoted(quota.terms.id)},"observed":{_number(observed)},"limit":{_number(limit)}'
        f',"window":{_encode(quota.terms.window).decode()},"probability":null,"modifiers":[],"reason":{because}'
        f',"quota":"exceeded"}}'
    ).encode()


def _number(value: float) -> str:
    """Return a figure as JSON."""
    shown = figure(value)
    return str(shown) if shown.__class__ is int else _encode(shown).decode()


class DecisionLines:
    """Writes the decisions of one policy."""

    def __init__(self, stamp: dict[str, str]) -> None:
        self._stamp = stamp
        self._policy = _encode(stamp)
        heads = [f'","type":{quoted(e.type_name)},"account_id":'.encode() for e in BY_CODE]
        self._plain = PlainLines(heads)
        self._tails: list[bytes] = []
        self._known: dict[str, dict[tuple[float, float], bytes]] = {}  # entries of quotas

    def line(self, decision: Decision) -> bytes:
        """Return the line of one decision, with its line end."""
        return _encode(decision.data(self._stamp)) + b"\n"

    def lines(self, block: EventBlock, judged: Judged, others: Mapping[int, bytes], *, plain: bool) -> Lines:
        """Return the lines of a block in order of arrival: `others`, by event, in place of the event's plain line.

        Events that have no line there are written as plain decisions if `plain`, else not at all.
        """
        if not plain:
            empty = np.zeros(len(block) + 1, np.int64)
            return _with_others(memoryview(b""), empty, others)
        if len(judged.patterns) > len(self._tails):
            self._tails += [self._tail(judged, p) for p in range(len(self._tails), len(judged.patterns))]
        tail = judged.pattern.astype(np.int32)
        self._plain.set_tails(self._tails + self._exceeding(judged, tail, others))
        tail[list(others)] = -1
        ids, accounts = block.texts("event_id"), block.texts("account_id")
        text, begins = self._plain.write(
            ids.buffer, ids.places, accounts.buffer, accounts.places, block.ts, block.codes, tail
        )
        return _with_others(text.data, begins, others)

    def _exceeding(self, judged: Judged, tail: NDArray[np.int32], others: Mapping[int, bytes]) -> list[bytes]:
        """Return further ends of lines, for plain events that exceed quotas, and write their numbers to `tail`."""
        entries: dict[int, bytes] = {}
        for quota in judged.exceeded:
            if quota.terms.shown:
                found = self._entries(quota)
                for i, entry in zip(quota.events.tolist(), found, strict=True):
                    entries[i] = entries[i] + b"," + entry if i in entries else entry
        ends: list[bytes] = []
        numbers: dict[tuple[int, bytes], int] = {}
        for i, listed in entries.items():
            if i in others:
                continue
            pattern = int(tail[i])
            number = numbers.get((pattern, listed))
            if number is None:
                number = numbers[pattern, listed] = len(self._tails) + len(ends)
                fired = b',"fired":[' + listed + b'],"undecided"'
                ends.append(self._tails[pattern].replace(_NOTHING_FIRED, fired, 1))
            tail[i] = number
        return ends

    def _entries(self, quota: Exceeded) -> list[bytes]:
        """Return the JSON of a quota's entries: few values occur, each is written once."""
        known = self._known.setdefault(quota.terms.id, {})
        if len(known) > _ENTRIES_KEPT:
            known.clear()
        made = []
        for observed, limit in zip(quota.observed.tolist(), quota.limit.tolist(), strict=True):
            entry = known.get((observed, limit))
            if entry is None:
                entry = known[observed, limit] = _entry(quota, observed, limit)
            made.append(entry)
        return made

    def _tail(self, judged: Judged, pattern: int) -> bytes:
        """Return the end of a plain decision's line."""
        undecided = _encode(judged.patterns[pattern])
        before = b',"verdict":"allow","score":0.0,"fired":[],"undecided":' + undecided
        return before + b',"labels":[],"sanctions":[],"cases":[],"policy":' + self._policy + b"}\n"


@dataclass(frozen=True)
class Lines:
    """The lines of a block: `parts` one after the other, and where the lines of each event begin (int64, one more)."""

    parts: list[bytes | memoryview]
    begins: NDArray[np.int64]

    def __iter__(self) -> Iterator[bytes]:
        """Yield what stands there for each event."""
        text = b"".join(self.parts)
        ends = self.begins.tolist()
        return (text[start:end] for start, end in pairwise(ends))


def _with_others(text: memoryview, begins: NDArray[np.int64], others: Mapping[int, bytes]) -> Lines:
    """Return the plain lines with the others in their places."""
    parts: list[bytes | memoryview] = []
    longer = np.zeros(len(begins), np.int64)
    at = 0
    for event, line in sorted(others.items()):
        end, behind = int(begins[event]), int(begins[event + 1])
        parts += [text[at:end], line]
        at = behind
        longer[event + 1] = len(line) - (behind - end)
    return Lines([*parts, text[at:]], begins + np.cumsum(longer))


def as_duplicate(line: bytes) -> bytes:
    """Return a decision's line marked as the answer to a repeated event."""
    assert line.endswith(b"}\n"), line
    return line[:-2] + b',"duplicate":true}\n'
