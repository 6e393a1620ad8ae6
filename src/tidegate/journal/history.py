"""What happened, told again: for whoever keeps books about decisions and was not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.errors import JournalError
from tidegate.journal.entries import Events, Lost
from tidegate.journal.judging import Happened
from tidegate.journal.reading import events_behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate.journal.decision_log import DecisionLog
    from tidegate.journal.folder import DataFolder
    from tidegate.journal.frame import Cipher


def history(
    folder: DataFolder, decisions: DecisionLog, cipher: Cipher | None, after: int
) -> Iterator[Happened]:
    """Yield what happened behind a position: decisions from beside the log, their events from the log.

    Events that were given up, since the log was damaged, have no record.
    """
    entries = events_behind(folder.path, cipher, after)
    current: Events | Lost | None = None
    for position, decision in decisions.happened(after):
        if decision.event_id is None:
            yield Happened(position, decision, None)
            continue
        while current is None or position > current.end:
            current = next(entries, None)
            if current is None:
                raise JournalError(
                    f"the decisions go on behind the log, to event {position:,}",
                    place=str(folder.path),
                    hint="restore the folder from a backup",
                )
        at = position - 1 - current.position
        yield Happened(position, decision, current.block.records[at] if isinstance(current, Events) else None)
