"""Whether every name stands once in its object. Decoders take the last of two values in silence; RFC 7493 forbids them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from tidegate.events.record import Record

_SPACED_COLONS = (b" :", b"\t:", b"\n:", b"\r:")


class _TwiceError(Exception):
    pass


def names_stand_once(line: bytes, record: Record) -> bool:
    """Return whether the line, which was read as this record, names nothing twice, at any depth.

    Without escapes and without space before a colon, `":` stands behind every name and nowhere else. So the line has as
    many of them as the record written again, unless a name came twice. Where counting cannot tell, the line is read anew.
    """
    if b"\\" not in line and not any(colon in line for colon in _SPACED_COLONS):
        again = msgspec.json.encode(record)
        if b"\\" not in again and line.count(b'":') == again.count(b'":'):
            return True
    try:
        json.loads(line, object_pairs_hook=_unique)
    except (_TwiceError, ValueError, RecursionError):
        return False
    return True


def _unique(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise _TwiceError
