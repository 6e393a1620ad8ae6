"""What a command reads it does not write over: a list may be the only copy that somebody has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def require_kept(inputs: Iterable[Path], outputs: Iterable[Path]) -> None:
    """Raise FileError where one of the files to be written is one of those that are read."""
    read = [path for path in inputs if path.is_file()]
    for out in outputs:
        if any(out.exists() and out.samefile(path) for path in read):
            raise FileError(f"`{out}` would be written over", hint="name another place with `--out`")
