"""Checkpoints written beside the judging: the memory is copied at a stroke, the disk takes its time in a thread of its own."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING

from tidegate.journal.checkpoint import KEPT, Checkpoint, checkpoints, read_meta, write_checkpoint
from tidegate.journal.folder import sync_file
from tidegate.journal.freed import give_back
from tidegate.journal.retention import drop_old

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate.engine.snapshot import Snapshot
    from tidegate.journal.folder import DataFolder
    from tidegate.journal.frame import Cipher


class Writing:
    """A checkpoint being written. `before_ms`: what is older may go; None: everything is kept.

    Once it is `done`: `path` is None where it failed, for the reason in `failure`; `dropped` names the files that went,
    `first` is how many events lie before those that stay.
    """

    def __init__(
        self,
        folder: DataFolder,
        cipher: Cipher | None,
        checkpoint: Checkpoint,
        memory: Snapshot,
        unsynced: list[Path],
        before_ms: int | None,
    ) -> None:
        self.unsynced = unsynced
        self.path: Path | None = None
        self.failure: Exception | None = None
        self.dropped: tuple[str, ...] = ()
        self.first = 0
        self._given = (folder, cipher, checkpoint, memory, before_ms)
        self._thread = Thread(target=self._run, name="checkpoint")
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it has come to its end."""
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Wait for its end."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._write()
        except Exception as error:  # noqa: BLE001  told to the thread that waits for it
            self.failure = error

    def _write(self) -> None:
        folder, cipher, checkpoint, memory, before_ms = self._given
        del self._given  # the copy of the memory goes as soon as it is written
        for path in self.unsynced:
            sync_file(path)
        state = memory.packed()
        del memory
        self.path = write_checkpoint(folder.checkpoints, replace(checkpoint, state=state), cipher)
        del state
        give_back()
        listed = checkpoints(folder.checkpoints)
        if (
            before_ms is None or len(listed) < KEPT
        ):  # should it be unreadable, the log must reach further back
            return
        oldest = read_meta(listed[-1], cipher)
        self.dropped, self.first = drop_old(folder, cipher, oldest.segment, before_ms)
