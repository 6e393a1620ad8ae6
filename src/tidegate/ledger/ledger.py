"""The ledger as one object: opened by URL, fed from the journal, read by whoever shows or decides something."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from tidegate.ledger.database import Database
from tidegate.ledger.migrating import migrate
from tidegate.ledger.projection import clear, position_of, project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import sqlalchemy as sa

    from tidegate.ledger.happened import Happened
    from tidegate.policy import Policy

TOGETHER = 2000  # decisions in one transaction while catching up

FILE = "tidegate.sqlite"  # in the data folder, where no URL is given


class Ledger:
    """The tables of one server. One thread feeds it; any number read.

    `service_ms` are the service times of queues: see `service_times`.
    """

    def __init__(self, database: Database, service_ms: Mapping[str, int] | None = None) -> None:
        self.database = database
        self.service_ms: Mapping[str, int] = service_ms or {}
        # further books that are fed with the read model, in its transaction; what they know already changes nothing there
        self.also: list[Callable[[sa.Connection, Sequence[Happened]], None]] = []

    @classmethod
    def open(cls, url: str | Path, policy: Policy | None = None) -> Ledger:
        """Open a database, its tables brought up to date; raise FileError where that cannot be done."""
        database = Database(url)
        try:
            migrate(database)
        except Exception:
            database.close()
            raise
        return cls(database, service_times(policy) if policy is not None else None)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    # writing -------------------------------------------------------------------------------------------------
    @property
    def position(self) -> int:
        """The last journal position that the read model knows; 0 before the first."""
        with self.database.reading() as connection:
            return position_of(connection)

    def project(self, happened: Sequence[Happened], position: int) -> None:
        """Take in what happened up to a journal position, all of it or nothing; positions known already change nothing.

        What happened at one position must come in one call.
        """
        with self.database.writing() as connection:
            project(connection, happened, position, self.service_ms)
            for take in self.also:
                take(connection, happened)

    def catch_up(self, history: Callable[[int], Iterable[Happened]]) -> int:
        """Take in what the journal has and the read model has not; return the number of decisions.

        `history` gives what happened behind a position, in order.
        """
        taken = 0
        for together in _batches(history(self.position)):
            self.project(together, together[-1].position)
            taken += len(together)
        return taken

    def rebuild(self, history: Callable[[int], Iterable[Happened]]) -> int:
        """Make the read model anew from the whole journal; books are left as they are. Return the number of decisions."""
        self.clear()
        return self.catch_up(history)

    def clear(self) -> None:
        """Empty the read model; books are left as they are."""
        with self.database.writing() as connection:
            clear(connection)

    # reading and books ---------------------------------------------------------------------------------------
    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state throughout."""
        with self.database.reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection to write to books: all of it, or nothing. The read model is written by `project` alone."""
        with self.database.writing() as connection:
            yield connection


def service_times(policy: Policy) -> dict[str, int]:
    """Return the service time of every queue that rules of the policy open cases for, the shortest where they differ; ms."""
    found: dict[str, int] = {}
    for rule in policy.rules:
        for case in rule.cases:
            found[case.queue] = min(case.within.ms, found.get(case.queue, case.within.ms))
    return found


def _batches(happened: Iterable[Happened]) -> Iterator[list[Happened]]:
    """Gather decisions; what happened at one position stays together."""
    together: list[Happened] = []
    for _, group in groupby(happened, attrgetter("position")):
        together += group
        if len(together) >= TOGETHER:
            yield together
            together = []
    if together:
        yield together
