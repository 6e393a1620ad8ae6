"""Which files can be read as events, told by their name, and what is wrong with those that cannot."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.errors import FileError
from tidegate.events.suggestions import nearest

if TYPE_CHECKING:
    from tidegate.journal import Cipher

STANDARD_INPUT = "-"
_FORMS = {
    ".ndjson": "lines",
    ".jsonl": "lines",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".ipc": "arrow",
    ".feather": "arrow",
}
_COMPRESSIONS = {".gz": "gz", ".zst": "zst"}
_ENDINGS = "`.ndjson` (also with `.gz` or `.zst`), `.parquet` and `.arrow`; NDJSON of any name with `replay - < FILE`"


@dataclass(frozen=True)
class InputFile:
    """A file of events, or the data folder of a live system: `name` as the user wrote it, `form` "lines", "parquet" or "arrow", `compression` "", "gz" or "zst"."""

    name: str
    path: Path
    form: str
    compression: str
    cipher: Cipher | None = None  # of a log
    until: int | None = None  # of a log: the position of the last event that counts; None: all do

    def __fspath__(self) -> str:
        """Return its path."""
        return str(self.path)


Source = str | InputFile  # what a replay reads: a file by its name, or one that has been looked at


def input_file(name: str | os.PathLike[str]) -> InputFile:
    """Return the file of that name; `-` is standard input. Raise FileError where it cannot be read as events."""
    path = Path(name)
    name = shown_name(name)
    if name == STANDARD_INPUT:
        return InputFile(name, path, "lines", "")
    if (path / "journal").is_dir():
        return InputFile(name, path, "log", "")
    _check_there(name, path)
    suffix = path.suffix.lower()
    compression = _COMPRESSIONS.get(suffix, "")
    inner = Path(path.stem).suffix.lower() if compression else suffix
    form = _FORMS.get(inner)
    if form is None or (compression and form != "lines"):
        raise FileError(
            "its ending does not say what is in it", place=name, hint=f"events are read from {_ENDINGS}"
        )
    return InputFile(name, path, form, compression)


def shown_name(name: str | os.PathLike[str]) -> str:
    r"""Return a file's name as it can be shown and written: bytes of it that are not UTF-8 as `\xff`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _check_there(name: str, path: Path) -> None:
    try:
        exists, is_folder = path.exists(), path.is_dir()
    except (OSError, ValueError):  # a name that no file can have
        exists = is_folder = False
    if not exists:
        raise FileError("there is no such file", place=name, hint=_hint_missing(path))
    if is_folder:
        raise FileError(
            "is a folder", place=name, hint=f"name the files in it, such as `{path / '*.ndjson'}`"
        )
    if not os.access(path, os.R_OK):
        raise FileError("may not be read", place=name, hint="ask its owner for read permission")


def _hint_missing(path: Path) -> str:
    try:
        beside = [entry.name for entry in path.parent.iterdir()]
    except (OSError, ValueError):
        return "check the spelling and the folder"
    meant = nearest(path.name, beside)
    return (
        f"did you mean `{shown_name(path.parent / meant)}`?" if meant else "check the spelling and the folder"
    )
