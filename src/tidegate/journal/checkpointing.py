"""Writing a checkpoint: here and now, or beside the judging by a forked process, which has the memory as it was."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from tidegate.clock import monotonic_s
from tidegate.errors import TidegateError, reason
from tidegate.journal.checkpoint import KEPT, Checkpoint, checkpoints, read_meta, write_checkpoint
from tidegate.journal.folder import alone, sweep, sync_file
from tidegate.journal.forked import Forked
from tidegate.journal.retention import drop_old

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tidegate.engine.snapshot import Snapshot
    from tidegate.journal.folder import DataFolder
    from tidegate.journal.frame import Cipher

PATIENCE_S = 30.0  # that a stop and an erasure wait for a process that writes


@dataclass(frozen=True)
class Written:
    """What became of a checkpoint: its file, and the names of those that went because they were older than the retention.

    `first` is how many events lie before those that stay. `path` is None where none could be written; `failure` says why, or
    why old files stayed.
    """

    path: Path | None = None
    dropped: tuple[str, ...] = ()
    first: int = 0
    failure: str = ""


@dataclass(frozen=True)
class Order:
    """A checkpoint to be written. `unsynced`: files of decisions it relies on. `before_ms`: what is older goes; None: all stays."""

    folder: DataFolder
    cipher: Cipher | None
    checkpoint: Checkpoint
    memory: Callable[[], Snapshot]
    unsynced: list[Path]
    before_ms: int | None

    def carried_out(self, alive: Callable[[], None] = lambda: None) -> Written:
        """Write it, then drop what is old. `alive` is called again and again, and may leave instead of returning."""
        path = None
        try:
            for file in self.unsynced:
                sync_file(file)
            path = write_checkpoint(
                self.folder.checkpoints, self.checkpoint, _told(self.memory(), alive), self.cipher
            )
            return Written(path, *self._dropped())
        except Exception as error:  # noqa: BLE001  whatever it is, the events are in the log
            return Written(path, failure=_why(error))

    def _dropped(self) -> tuple[tuple[str, ...], int]:
        listed = checkpoints(self.folder.checkpoints)
        if self.before_ms is None or len(listed) < KEPT:
            return (), 0  # should it be unreadable, the log must reach further back
        oldest = read_meta(listed[-1], self.cipher)
        return drop_old(self.folder, self.cipher, oldest.segment, self.before_ms)


def _why(error: Exception) -> str:
    """Say what went wrong; of what is not ours the kind alone, since its text may quote an event."""
    if isinstance(error, OSError):
        return reason(error)
    return str(error) if isinstance(error, TidegateError) else type(error).__name__


def _told(memory: Snapshot, alive: Callable[[], None]) -> Iterator[bytes | memoryview]:
    for piece in memory.pieces():
        alive()
        yield piece
    alive()


class Writing:
    """A checkpoint that a forked process is writing. Raise OSError where none can be had."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.began = monotonic_s()
        parent = os.getpid()

        def alive() -> None:
            if os.getppid() != parent:  # who comes after it may have begun: nothing more is ours to write
                os._exit(1)

        def work() -> bytes:
            with alone(order.folder.checkpoints):
                alive()
                written = order.carried_out(alive)
            name = written.path.name if written.path is not None else ""
            return msgspec.msgpack.encode((name, written.dropped, written.first, written.failure))

        self._forked = Forked(work)

    @property
    def done(self) -> bool:
        """Whether it has come to its end."""
        return self._forked.done

    def give_up(self) -> None:
        """End it as it is."""
        self._forked.kill()

    def written(self) -> Written:
        """Wait for its end, for no longer than it may take, and return what became of it."""
        told, status = self._forked.result(PATIENCE_S)
        if not told:
            with suppress(OSError):  # half a memory takes room, and has names that may be forgotten
                sweep(self.order.folder.checkpoints)
            return Written(failure=f"the process that wrote it ended with {status}")
        name, dropped, first, failure = msgspec.msgpack.decode(
            told, type=tuple[str, tuple[str, ...], int, str]
        )
        path = self.order.folder.checkpoints / name if name else None
        return Written(path, dropped, first, failure)
