"""What is older than the retention goes: whole segments, with the decisions about their events."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from tidegate.journal.decision_log import SUFFIXES
from tidegate.journal.entries import Lost
from tidegate.journal.folder import alone, sync_folder
from tidegate.journal.reading import Header, entries
from tidegate.journal.repair import DAMAGED
from tidegate.journal.segments import Place, Segment, segments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate.journal.folder import DataFolder
    from tidegate.journal.frame import Cipher


def drop_old(
    folder: DataFolder, cipher: Cipher | None, needed: int, before_ms: int
) -> tuple[tuple[str, ...], int]:
    """Remove the segments whose events all lie before a time, and which lie before one that is `needed` (its number).

    Return the names of those that went, and how many events lie before the first that stays.
    """
    dropped: list[Segment] = []
    first = 0
    with alone(folder.journal):
        for segment, following in pairwise(segments(folder.journal)):
            behind = list(_beginning(folder, cipher, following))
            header = behind[-1]
            if not isinstance(header, Header) or segment.serial >= needed or header.newest >= before_ms:
                break
            for path in folder.journal.glob(f"{segment.path.name}{DAMAGED}*"):
                path.unlink()
            segment.path.unlink()
            sync_folder(folder.journal)  # one by one: what is left must have no gap, whatever happens
            dropped.append(segment)
            first = behind[0].position
        for segment in dropped:
            for suffix in SUFFIXES:  # behind the log: a recovery sweeps them, but does not do without them
                (folder.decisions / f"{segment.serial:016d}{suffix}").unlink(missing_ok=True)
        if dropped:
            sync_folder(folder.decisions)
    return tuple(segment.path.name for segment in dropped), first


def _beginning(folder: DataFolder, cipher: Cipher | None, segment: Segment) -> Iterator[Header | Lost]:
    """Yield what a segment begins with up to a header; where that was damaged a note stands before the next one."""
    for entry in entries(folder.journal, cipher, Place(segment.serial, 0, segment.serial)):
        if isinstance(entry, Header | Lost):
            yield entry
        if isinstance(entry, Header):
            return
