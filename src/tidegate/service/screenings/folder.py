"""Where a screening's files are: all of them sealed, under names of ours; and the memory where they stand open meanwhile.

DATA/screenings/ID/list.sealed          the list as it was uploaded
DATA/screenings/ID/STEP.step.sealed     what a step came to, until the screening is done
DATA/screenings/ID/files/NAME.sealed    what it gave
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.errors import FileError
from tidegate.service.screenings.sealed_file import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

SCREENINGS = "screenings"  # in the data folder
SEALED = ".sealed"
MEMORY = Path("/dev/shm")  # noqa: S108  a file system in memory: what is opened is never written to a disk
_NAME = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9]+)+")


@dataclass(frozen=True)
class ScreeningFolder:
    """The folder of one screening."""

    path: Path

    @classmethod
    def of(cls, data: Path, screening_id: str) -> ScreeningFolder:
        """Return that of a screening in a data folder; it need not be there."""
        return cls(data / SCREENINGS / screening_id)

    @property
    def list(self) -> Path:
        """The list that was uploaded."""
        return self.path / f"list{SEALED}"

    def step(self, name: str) -> Path:
        """Return where the outcome of a step is kept."""
        return self.path / f"{name}.step{SEALED}"

    def file(self, name: str) -> Path:
        """Return where a file is kept that the screening gave."""
        assert _NAME.fullmatch(name), name
        return self.path / "files" / f"{name}{SEALED}"

    def create(self) -> None:
        """Make it, for its owner alone."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.mkdir(mode=0o700, exist_ok=True)
        (self.path / "files").mkdir(mode=0o700, exist_ok=True)

    def remove_steps(self) -> None:
        """Remove what only was needed to go on."""
        for path in (*self.path.glob(f"*.step{SEALED}"), *self.path.glob(".*.*"), self.path / "lock"):
            path.unlink(missing_ok=True)

    def begin_anew(self) -> None:
        """Leave nothing but the list: whoever works on it next begins with it."""
        for path in (*self.path.glob(f"*.step{SEALED}"), *(self.path / "files").iterdir()):
            path.unlink()

    def open_list(self, key: bytes, scratch: Path) -> Path:
        """Return the list, opened in a scratch folder; its first bytes say what it is. Raise FileNotFoundError or SealError."""
        pieces = opened(self.list, key)
        first = next(pieces, b"")
        path = scratch / ("list.xlsx" if first.startswith(b"PK\x03\x04") else "list.csv")
        with path.open("wb") as file:
            file.write(first)
            for piece in pieces:
                file.write(piece)
        return path

    @contextmanager
    def aside(self) -> Iterator[Path]:
        """Give an empty folder for files that take the place of others; what is left in it afterwards goes."""
        path = self.path / "files.new"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def remove(self) -> None:
        """Remove it with everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self.path.exists():
            raise FileError("it cannot be removed", place=str(self.path), hint="check whose it is")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Wait until no other process works in it; it does not as long as this one does."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def scratch_of(screening_id: str, chosen: str = "") -> Path:
    """Return where the files of a screening stand open while it is worked on; it need not be there.

    `chosen` is the folder that the operator set; else it is one in memory.
    """
    return (Path(chosen) if chosen else MEMORY) / f"tidegate-{screening_id}"


def require_scratch(path: Path) -> None:
    """Raise FileError where there is no folder to make a scratch folder in."""
    folder = path.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise FileError(
            "there is no folder in memory to open lists in",
            place=str(folder),
            hint="set TIDEGATE_SCRATCH to a tmpfs, or to a folder on an encrypted disk",
        )


def clear_scratch(path: Path) -> None:
    """Remove what an earlier process left there; raise FileError where somebody else made it."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise FileError("somebody else made this folder", place=str(path), hint="have it removed")
    shutil.rmtree(path, ignore_errors=True)
