"""Secrets come from the environment or from files, never from a command line, where everybody on the machine reads them."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.errors import FileError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "TIDEGATE_MASTER_KEY"
VARIABLE_FILE = "TIDEGATE_MASTER_KEY_FILE"
NEW_VARIABLE = "TIDEGATE_NEW_MASTER_KEY"  # for `tidegate keys change-master` alone
NEW_VARIABLE_FILE = "TIDEGATE_NEW_MASTER_KEY_FILE"
KEYS = "keys"  # in the data folder
MASTER = "master.key"
NEXT_MASTER = "master.key.next"  # is there while the master key is being changed
KEY_BYTES = 32  # AES-256
_OTHERS_MAY_READ = 0o077


def master_key(folder: Path, environment: Mapping[str, str] | None = None, *, create: bool = True) -> bytes:
    """Return the key that seals the key ring of a data folder.

    From `TIDEGATE_MASTER_KEY` (base64 of 32 bytes), or the file that `TIDEGATE_MASTER_KEY_FILE` names, or
    `keys/master.key` in the folder, made at the first start. Raises UsageError or FileError.
    """
    found = os.environ if environment is None else environment
    if (given := _given(found, VARIABLE, VARIABLE_FILE)) is not None:
        return given
    path = folder / KEYS / MASTER
    if not path.exists():
        if not create:
            raise FileError(
                "there is no master key", place=str(path), hint=f"set {VARIABLE_FILE}, or restore the file"
            )
        write_private(path, base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
    return _decoded(read_secret(path), str(path))


def new_master_key(environment: Mapping[str, str] | None = None) -> bytes | None:
    """Return the master key that is to follow, None where the environment names none; raises UsageError or FileError."""
    return _given(os.environ if environment is None else environment, NEW_VARIABLE, NEW_VARIABLE_FILE)


def kept_in_folder(environment: Mapping[str, str] | None = None) -> bool:
    """Return whether the master key lies in the data folder: no variable names another one."""
    found = os.environ if environment is None else environment
    return not (found.get(VARIABLE) or found.get(VARIABLE_FILE))


def write_next_master(folder: Path, key: bytes) -> None:
    """Lay down beside the master key of a folder the one that follows it."""
    write_private(folder / KEYS / NEXT_MASTER, base64.b64encode(key) + b"\n")


def next_master(folder: Path) -> bytes | None:
    """Return the master key that was to follow when a change was interrupted; None where none was."""
    path = folder / KEYS / NEXT_MASTER
    return _decoded(read_secret(path), str(path)) if path.exists() else None


def put_next_in_place(folder: Path) -> None:
    """Have the master key that follows take the place of the one before."""
    (folder / KEYS / NEXT_MASTER).replace(folder / KEYS / MASTER)
    _sync(folder / KEYS)


def read_secret(path: Path) -> str:
    """Return the text of a file that only its owner may read; raises FileError where others may as well."""
    if path.stat().st_mode & _OTHERS_MAY_READ:
        raise FileError("others may read this secret", place=str(path), hint=f"chmod 600 {path}")
    return path.read_text(encoding="utf-8").strip()


def write_private(path: Path, content: bytes) -> None:
    """Replace a file at one stroke, readable by its owner alone, and on the disk when this returns."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _given(environment: Mapping[str, str], variable: str, variable_file: str) -> bytes | None:
    if text := environment.get(variable):
        return _decoded(text, variable)
    if name := environment.get(variable_file):
        return _decoded(read_secret(Path(name)), name)
    return None


def _decoded(text: str, place: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise UsageError(
            "this is no master key", place=place, hint="32 random bytes as base64: `openssl rand -base64 32`"
        )
    return key
