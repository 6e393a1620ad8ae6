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
from tidegate.events.texts import LENGTH_BITS, Texts
from tidegate.windows.texts import PlainLines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from tidegate.engine import Judged
    from tidegate.engine.quotas import Exceeded
    from tidegate.events import EventBlock, Record

__all__ = ["DecisionLines", "as_duplicate", "quoted"]

_encode = msgspec.json.encode
_ENTRIES_KEPT = 2000  # of a quota, half a KB each


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
    """Writes the decisions of one policy; `quotas` are the ids of its quotas in the order in which entries stand."""

    def __init__(self, stamp: dict[str, str], quotas: Iterable[str] = ()) -> None:
        self._rank = {quota: n for n, quota in enumerate(quotas)}
        self._stamp = stamp
        self._policy = _encode(stamp)
        heads = [f'","type":{quoted(e.type_name)},"account_id":'.encode() for e in BY_CODE]
        self._plain = PlainLines(heads)
        self._tails: list[bytes] = []
        # entries by quota, observed and limit
        self._known: dict[str, dict[tuple[float, float], bytes]] = {quota: {} for quota in self._rank}

    def line(self, decision: Decision) -> bytes:
        """Return the line of one decision, with its line end."""
        return _encode(decision.data(self._stamp)) + b"\n"

    def one(self, record: Record, judged: Judged, i: int) -> bytes:
        """Return the line of one event of a block: of few events that is quicker than `lines`, and the same."""
        decision = judged.closer.get(i)
        if decision is None:
            account = record.account_id
            quotas = sorted(judged.quotas_of(i), key=lambda fired: self._rank[fired.rule])
            decision = Decision(
                event_id=record.event_id,
                ts=record.ts,
                type=record.event_type.type_name,
                account_id=account if isinstance(account, str) else None,
                fired=tuple(quotas),
                undecided=judged.patterns[int(judged.pattern[i])],
            )
        return self.line(decision)

    def lines(self, block: EventBlock, judged: Judged, others: Mapping[int, bytes], *, plain: bool) -> Lines:
        """Return the lines of a block in order of arrival: `others`, by event, in place of the event's plain line.

        Events that have no line there are written as plain decisions if `plain`, else not at all.
        """
        if not plain:
            empty = np.zeros(len(block) + 1, np.int64)
            return _with_others(memoryview(b""), empty, others)
        if len(judged.patterns) > len(self._tails):
            self._tails += [self._tail(judged, p) for p in range(len(self._tails), len(judged.patterns))]
            self._plain.set_tails(self._tails)
        tail = judged.pattern.astype(np.int32)
        tail[list(others)] = -1
        ids, accounts, entries = block.texts("event_id"), block.texts("account_id"), self._entries(judged)
        text, begins = self._plain.write(
            ids.buffer, ids.places, accounts.buffer, accounts.places, block.ts, block.codes,
            entries.buffer, entries.places, tail,
        )  # fmt: skip
        return _with_others(text.data, begins, others)

    def _entries(self, judged: Judged) -> Texts:
        """Return what decisions say of the quotas that each event exceeds, by event."""
        entries = [b""] * len(judged.pattern)
        shown = [quota for quota in judged.exceeded if quota.terms.shown]
        for quota in sorted(shown, key=lambda quota: self._rank[quota.terms.id]):
            known = self._known[quota.terms.id]
            rows = zip(quota.events.tolist(), quota.observed.tolist(), quota.limit.tolist(), strict=True)
            for event, observed, limit in rows:
                entry = known.get((observed, limit)) or self._entry(quota, observed, limit)
                entries[event] = entries[event] + b"," + entry if entries[event] else entry
        lengths = np.fromiter(map(len, entries), np.int64, len(entries))
        places = (np.cumsum(lengths) - lengths) << LENGTH_BITS | lengths
        return Texts(np.frombuffer(b"".join(entries), np.uint8), places)

    def _entry(self, quota: Exceeded, observed: float, limit: float) -> bytes:
        """Return the JSON of a quota's entry, and know it: few values occur, each is written once."""
        known = self._known[quota.terms.id]
        if len(known) >= _ENTRIES_KEPT:
            known.clear()
        entry = known[observed, limit] = _entry(quota, observed, limit)
        return entry

    def _tail(self, judged: Judged, pattern: int) -> bytes:
        """Return the end of a plain decision's line, behind the quotas that it exceeds."""
        undecided = _encode(judged.patterns[pattern])
        return (
            b'],"undecided":'
            + undecided
            + b',"labels":[],"sanctions":[],"cases":[],"policy":'
            + self._policy
            + b"}\n"
        )


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
