"""What must survive a restart: the state we set on users of the homeserver, and how far its lists were read.

A file of its own in the data folder: it belongs to one homeserver, and is written some times a minute at most.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from tidegate.adapters.matrix.wanted import Kept, Wanted

_TABLES = """
create table if not exists enforced (user text primary key, state text not null) without rowid;
create table if not exists cursors (list text primary key, count integer not null) without rowid;
"""


class HomeserverMemory:
    """A small SQLite file. Every change is synced before it counts as made."""

    def __init__(self, file: Path) -> None:
        file.touch(mode=0o600)
        self._database = sqlite3.connect(file, isolation_level=None)
        self._database.execute("pragma journal_mode=wal")
        self._database.execute("pragma synchronous=full")
        self._database.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    # what is set on users ---------------------------------------------------------------------------------------
    def state_of(self, user: str) -> Kept | None:
        """Return what we know to have set; None if nothing of ours is set."""
        row = self._database.execute("select state from enforced where user = ?", (user,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Kept)

    def keep_state(self, user: str, kept: Kept) -> None:
        """Remember what we have set, and what we are about to."""
        if kept == Kept(Wanted()):
            self._database.execute("delete from enforced where user = ?", (user,))
            return
        text = msgspec.json.encode(kept).decode()
        self._database.execute("insert or replace into enforced values (?, ?)", (user, text))

    def users(self) -> list[str]:
        """Return the users on whom anything of ours is set."""
        return [user for (user,) in self._database.execute("select user from enforced order by user")]

    def forget(self, user: str) -> None:
        """Know nothing of a user any more, and leave nothing of it in the file."""
        self._database.execute("delete from enforced where user = ?", (user,))
        self._database.execute("vacuum")
        self._database.execute("pragma wal_checkpoint(truncate)")

    # how far lists were read ------------------------------------------------------------------------------------
    def taken(self, name: str) -> int:
        """Return how many rows of a list were taken."""
        row = self._database.execute("select count from cursors where list = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def keep_taken(self, name: str, count: int) -> None:
        """Remember how many rows of a list were taken."""
        self._database.execute("insert or replace into cursors values (?, ?)", (name, count))
