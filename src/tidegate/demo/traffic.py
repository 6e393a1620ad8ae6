"""A week of made-up traffic: the same seed gives the same events, whatever the machine or the hash seed.

>>> week = Traffic(seed=7, accounts=300, days=1)
>>> next(iter(week.events()))["type"]
'baseline_profile'
>>> sorted(week.labels())[:2]
['account-takeover', 'broadcast-abuse']
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from tidegate.demo.abuses import ABUSES
from tidegate.demo.cast import Cast, cast
from tidegate.demo.day import Day, Numbering
from tidegate.demo.honest import SOURCES
from tidegate.demo.strand import Row, in_time_order, numbered
from tidegate.errors import UsageError

SEED = 20_260_302
ACCOUNTS = 2_000
DAYS = 7
START_MS = 1_772_409_600_000  # 2026-03-02T00:00:00Z, a Monday
HOUR_MS = 3_600_000
TOLD_EVERY = 2048  # events
FEWEST_ACCOUNTS = 200  # below, some tiers are empty and no ring comes together


@dataclass(frozen=True)
class Traffic:
    """Events of ``accounts`` accounts over ``days`` days from ``start_ms`` (UTC midnight, ms since the epoch).

    A day of 2,000 accounts is about 35,000 events; memory holds one day at a time. Chance is numpy's PCG64, one
    generator per source and day, so a source can be changed without moving the others. Raise UsageError where there are
    too few accounts or days, or the seed is negative.
    """

    seed: int = SEED
    accounts: int = ACCOUNTS
    days: int = DAYS
    start_ms: int = START_MS

    def __post_init__(self) -> None:
        if self.accounts < FEWEST_ACCOUNTS or self.days < 1:
            raise UsageError(
                f"`{self.accounts}` accounts over `{self.days}` days",
                hint=f"give at least {FEWEST_ACCOUNTS} accounts and a day",
            )
        if self.seed < 0:
            raise UsageError(f"the seed `{self.seed}`", hint="give a whole number from 0 on")

    def events(self) -> Iterator[Row]:
        """Yield the events in time order, ``event_id`` counting up from e-00000001; ``ts`` in ms since the epoch.

        Nothing happens after the last day: what an evening had begun breaks off at midnight.
        """
        return numbered(self._rows())

    def labels(self) -> dict[str, frozenset[str]]:
        """Return the ids of the abusive accounts, per abuse; all others are honest."""
        population = self._cast.population
        return {
            label: frozenset(str(value) for value in population.ids(members).values())
            for label, members in self._cast.members.items()
        }

    def write_ndjson(self, path: str | Path, *, progress: Callable[[int], None] | None = None) -> int:
        """Write the events to ``path``, one JSON object per line (gzip if it ends in .gz); return how many.

        ``progress`` is told from time to time how many hours of the traffic are written.
        """
        encode = json.JSONEncoder(separators=(",", ":")).encode
        count = 0
        with _opened(Path(path)) as file:
            for count, row in enumerate(self.events(), start=1):
                file.write(encode(row) + "\n")
                if progress is not None and count % TOLD_EVERY == 0:
                    moment = row["ts"]
                    assert isinstance(moment, int)
                    progress((moment - self.start_ms) // HOUR_MS)
        return count

    @cached_property
    def _cast(self) -> Cast:
        return cast(self.seed, self.accounts, self.days, self.start_ms)

    def _rows(self) -> Iterator[Row]:
        players, numbering = self._cast, Numbering()
        carried: list[Row] = []
        for index in range(self.days):
            day = Day(self.seed, index, players.population, numbering, players.quiet, players.unofficial)
            strands = [strand for source in SOURCES for strand in source(day)]
            for abuse in ABUSES:
                strands += abuse.strands(day, players.members[abuse.label])
            rows, carried = in_time_order(strands, carried, day.end_ms)
            yield from rows


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """Open for writing; a compressed file carries no name and no time, so that equal traffic gives equal bytes."""
    if path.suffix != ".gz":
        with path.open("w", encoding="utf-8", newline="\n") as file:
            yield file
        return
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
        TextIOWrapper(packed, encoding="utf-8", newline="\n") as text,
    ):
        yield text
