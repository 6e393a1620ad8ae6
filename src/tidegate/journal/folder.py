"""The data folder: where everything lies, who may read it, and that one process at a time writes it."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from tidegate.clock import monotonic_s
from tidegate.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDER_MODE = 0o700
FILE_MODE = 0o600
ASK_S = 0.005  # between two tries to lock a file
PATIENCE_S = 0.5  # a process that was killed just now may not have let go of everything
LEAVING_S = 60.0  # a process that writes for one that was killed may have a large file to sync first
UNFINISHED = ".new"  # ends the name of a file that is being written, see `write_whole`


@dataclass(frozen=True)
class DataFolder:
    """A data folder; `held` is its lock while it is open for writing."""

    path: Path

    @property
    def journal(self) -> Path:
        """Segments of the log."""
        return self.path / "journal"

    @property
    def checkpoints(self) -> Path:
        """Checkpoints of the engine's memory."""
        return self.path / "checkpoints"

    @property
    def decisions(self) -> Path:
        """Decisions and the ids of the events they are about."""
        return self.path / "decisions"

    def make(self) -> None:
        """Make the folders where they are missing, for their owner only."""
        for folder in (self.path, self.journal, self.checkpoints, self.decisions):
            folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)

    def sweep(self) -> None:
        """Remove what a process left that died while it wrote a file: for whoever holds the lock."""
        for folder in (self.journal, self.checkpoints, self.decisions):
            sweep(folder)

    def require(self) -> None:
        """Raise JournalError where this is no data folder."""
        if not self.journal.is_dir():
            raise JournalError(
                f"`{self.path}` is no data folder",
                hint="name the folder that `tidegate serve --data` was given",
            )

    def lock(self) -> int:
        """Return the open file of the lock; raise JournalError where another process holds it.

        A process that wrote a checkpoint for the one before leaves when it sees that it is left: it is waited for.
        """
        held = os.open(self.path / "LOCK", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        if not _locked(held, PATIENCE_S):
            owner = os.pread(held, 32, 0).decode("ascii", "replace").strip()
            os.close(held)
            raise JournalError(
                f"`{self.path}` is in use by process {owner or '?'}",
                hint="stop it first, or name another folder",
            )
        os.ftruncate(held, 0)
        os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
        if self.checkpoints.is_dir() and not self._left():
            os.close(held)
            raise JournalError(
                f"a process still writes in `{self.checkpoints}`",
                hint="it was left by one that was killed: end it, then start again",
            )
        return held

    def _left(self) -> bool:
        """Wait for whoever writes a checkpoint; return whether nobody does any more."""
        handle = os.open(self.checkpoints, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            return _locked(handle, LEAVING_S)
        finally:
            os.close(handle)


def _locked(handle: int, patience_s: float) -> bool:
    """Lock a file, and wait so long for who has it; return whether it is ours."""
    until = monotonic_s() + patience_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if monotonic_s() >= until:
                return False
            sleep(ASK_S)
        else:
            return True


def create(path: Path) -> int:
    """Return a new file, open for reading and appending, for its owner only."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, FILE_MODE)


def reopen(path: Path) -> int:
    """Return a file open for reading and appending."""
    return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)


def sync_file(path: Path) -> None:
    """Make what was written to a file durable; one that is gone needs it no more."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove what was left half written in a folder by a process that is no more."""
    for path in folder.glob(f"*{UNFINISHED}"):
        path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep those who drop files of a folder and those who write them anew apart: what was dropped must not come back."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_whole(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file so that it is there whole or not at all, whatever happens meanwhile."""
    beside = path.with_name(path.name + UNFINISHED)
    beside.unlink(missing_ok=True)
    handle = create(beside)
    try:
        for part in parts:
            write_all(handle, part)
        os.fsync(handle)
    except BaseException:
        os.close(handle)
        beside.unlink(missing_ok=True)
        raise
    os.close(handle)
    beside.rename(path)
    sync_folder(path.parent)


def write_all(handle: int, data: bytes | memoryview) -> None:
    """Write all of the data, in as many steps as the system takes."""
    view = memoryview(data)
    while view.nbytes:
        view = view[os.write(handle, view) :]
