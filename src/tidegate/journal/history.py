"""What happened, told again: for whoever keeps books about decisions and was not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.errors import JournalError
from tidegate.journal.entries import Events
from tidegate.journal.judging import Happened
from tidegate.journal.reading import read_journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate.journal.decision_log import DecisionLog
    from tidegate.journal.folder import DataFolder
    from tidegate.journal.frame import Cipher


def history(
    folder: DataFolder, decisions: DecisionLog, cipher: Cipher | None, after: int
) -> Iterator[Happened]:
    """Yield what happened behind a position: decisions from beside the log, their events from the log."""
    events = (entry for entry in read_journal(folder.path, cipher, after=after) if isinstance(entry, Events))
    current: Events | None = None
    for position, decision in decisions.happened(after):
        if decision.event_id is None:
            yield Happened(position, decision, None)
            continue
        while current is None or position > current.position + len(current.block):
            current = next(events, None)
            if current is None:
                raise JournalError(
                    f"the decisions go on behind the log, to event {position:,}",
                    place=str(folder.path),
                    hint="restore the folder from a backup",
                )
        yield Happened(position, decision, current.block.records[position - 1 - current.position])
