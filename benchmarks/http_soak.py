"""A day of a platform in minutes: the server's memory stays flat once the population is known.

The events of 24 hours, their times as they would be, sent as fast as they are answered; single events among batches. Checkpoints
are written as in real life, so their memory counts. What may grow is the index of event ids: 24 bytes for a group of 256.
"""

from __future__ import annotations

import tempfile
from itertools import islice
from pathlib import Path

from benchmarks.http_decisions import NDJSON
from benchmarks.http_load import batches, closed_loop, requests, served
from benchmarks.load import WEEK_MS, Load, message_lines
from benchmarks.measure import Result, Row, Scale, Spread, main

EVENTS = {"tiny": 4_800, "quick": 240_000, "full": 4_800_000}  # in 24 hours
HOURS = 24
SETTLED = 12  # hours after which the population is known: each account has sent, widths of windows of minutes are full
SINGLES = 50  # of each hour's events
CONNECTIONS = 16


def run(scale: Scale) -> Result:
    """Send a day; look at the memory after every hour."""
    events = EVENTS[scale]
    accounts = events // 24
    load = Load(events, accounts, per_week=events / accounts * WEEK_MS / 86_400_000)
    lines = message_lines(load)
    resident: list[float] = []
    taken = 0.0
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "data", checkpoint_s="5") as server,
    ):
        for _ in range(HOURS):
            hour = list(islice(lines, events // HOURS))
            bodies = [b"\n".join(hour[at : at + 1000]) for at in range(SINGLES, len(hour), 1000)]
            taken += closed_loop(server, requests(server, hour[:SINGLES]), CONNECTIONS)
            taken += batches(server, bodies, NDJSON)
            resident.append(server.resident_mb())
        cpu = server.cpu_s()
    growth = (
        (max(resident[-6:]) - max(resident[SETTLED - 6 : SETTLED]))
        / max(resident[SETTLED - 6 : SETTLED])
        * 100
    )
    rows = [
        Row("growth from hour 6-12 to hour 18-24", Spread.of([growth]), "%", 10.0, 5.0),
        Row("memory at the end of the day", Spread.of([resident[-1]]), "MB"),
        Row("the day took", Spread.of([taken]), "s"),
    ]
    details = {"memory by hour": [(f"hour {n}", mb, "MB") for n, mb in enumerate(resident, 1)]}
    notes = [f"{events:,} events of {accounts:,} accounts; {cpu:.1f} s of CPU time of the server"]
    return Result("http_soak", "24 hours of events over HTTP, memory flat", rows, details, notes)


if __name__ == "__main__":
    main(run)
