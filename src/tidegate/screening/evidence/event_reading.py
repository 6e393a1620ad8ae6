"""Files of events to what they tell of accounts; lines are decoded ahead, in a thread, where there is a second core."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate.events import EventBlock, Rejected
from tidegate.replay.input_file import InputFile
from tidegate.replay.readers import read_events
from tidegate.replay.side_threads import ahead, worth_threads
from tidegate.screening.evidence.event_history import History

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate.replay.input_file import Source

READ_ROWS = 65_536  # events of a block: larger ones than a replay's, as nothing waits for them


@dataclass
class Told:
    """What events tell, and the lines that could not be read as events."""

    history: History
    rejected: list[Rejected] = field(default_factory=list)


def told_by(
    sources: Sequence[Source], until_ms: int | None, stage: Callable[[str, int, int | None], None]
) -> Told:
    """Return what sources tell, of events up to a time (None: of all). Raise FileError where one cannot be read."""
    told = Told(History(until_ms))
    history, seen = told.history, 0
    for source in sources:
        blocks, large = read_events(source, rows=READ_ROWS), worth_threads([source])
        with (
            closing(ahead(blocks)) if large else nullcontext(blocks) as given,
            ThreadPoolExecutor(1) if large else nullcontext() as beside,
        ):
            for block in given:
                if isinstance(block, Rejected):
                    told.rejected.append(block)
                    continue
                assert isinstance(block, EventBlock)
                history.take(block, beside)
                seen += len(block)
                stage("reading events", seen, None)
        if isinstance(source, InputFile) and source.form == "log":
            from tidegate.screening.evidence.live_measures import measures_taken

            stage("reading measures", seen, None)
            history.take_measures(measures_taken(source.path, source.cipher, source.until))
    return told
