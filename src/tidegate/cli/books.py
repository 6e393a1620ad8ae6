"""What commands on the books of a data folder have in common: how they are opened, and who acts."""

from __future__ import annotations

import os
import pwd
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate.service.access.custody import Custody

DATABASE = "TIDEGATE_DATABASE"  # URL of PostgreSQL; SQLite in the data folder where it is not set


@contextmanager
def custody_of(folder: Path, *, create: bool = False) -> Iterator[Custody]:
    """Open the books of a data folder, beside a server that may be running on it; raises FileError."""
    from tidegate.ledger.ledger import FILE, Ledger
    from tidegate.service.access.custody import Custody

    if not create and not folder.is_dir():
        raise FileError(
            "there is no data folder", place=str(folder), hint="`tidegate serve --data DIR` makes one"
        )
    if create:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ledger = Ledger.open(os.environ.get(DATABASE) or folder / FILE)
    try:
        yield Custody.open(folder, ledger.database, create=create)
    finally:
        ledger.close()


def acting() -> str:
    """Return who acts, for the audit log: the user of this machine."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return f"cli:{os.environ.get('SUDO_USER') or name}"
