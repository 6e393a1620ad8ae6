"""What is older than the retention goes: whole segments, with the decisions about their events."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from tidegate.journal.decision_log import SUFFIXES
from tidegate.journal.folder import sync_folder
from tidegate.journal.reading import Header, entries
from tidegate.journal.segments import Place, segments

if TYPE_CHECKING:
    from tidegate.journal.folder import DataFolder
    from tidegate.journal.frame import Cipher


def drop_old(
    folder: DataFolder, cipher: Cipher | None, needed: int, before_ms: int
) -> tuple[tuple[str, ...], int]:
    """Remove the segments whose events all lie before a time, and which lie before one that is `needed` (its number).

    Return the names of those that went, and how many events lie before the first that stays.
    """
    dropped: list[str] = []
    first = 0
    for segment, following in pairwise(segments(folder.journal)):
        header = next(entries(folder.journal, cipher, Place(following.serial, 0, following.serial)))
        assert isinstance(header, Header)
        if segment.serial >= needed or header.newest >= before_ms:
            break
        for suffix in SUFFIXES:
            (folder.decisions / f"{segment.serial:016d}{suffix}").unlink(missing_ok=True)
        segment.path.unlink()
        dropped.append(segment.path.name)
        first = header.position
    if dropped:
        sync_folder(folder.journal)
        sync_folder(folder.decisions)
    return tuple(dropped), first
