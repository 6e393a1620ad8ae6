"""The measures that a live system took itself: they stand in its decisions, not in its events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tidegate.journal.decision_log import LINES, frames_of
from tidegate.windows.timestamps import parse_rfc3339

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate.journal import Cipher

_NONE = b'"sanctions":[]'


class Taken(NamedTuple):
    """A measure against an account."""

    account: str
    ts_ms: int
    sanction_id: str
    kind: str
    cause: str


def measures_taken(data: Path, cipher: Cipher | None, until: int | None = None) -> Iterator[Taken]:
    """Yield the measures against accounts in the decisions that a data folder keeps, in order.

    `until` is how many events of the log count; None: all. A server may be writing them meanwhile. Raise JournalError where
    the decisions are damaged.
    """
    paths = sorted((data / "decisions").glob(f"*{LINES}"))
    for path in paths:
        for frame in frames_of(path, growing=path == paths[-1]):
            if until is not None and frame.first >= until:
                return
            for line in frame.payload(cipher).splitlines():
                if _NONE not in line:
                    yield from _of_line(line)


def _of_line(line: bytes) -> Iterator[Taken]:
    decision = msgspec.json.decode(line)
    for one in decision.get("sanctions") or ():
        if one.get("subject", "account") == "account":
            account = one.get("of") or decision.get("account_id")
            if account:
                yield Taken(account, parse_rfc3339(one["from"]), one["id"], one["sanction"], one["cause"])
