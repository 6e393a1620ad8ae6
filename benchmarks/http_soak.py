"""A day of a platform in minutes: what the server holds beside the engine's memory stays flat.

The events of 24 hours, their times as they would be, sent as fast as they are answered; single events among batches. Checkpoints
are written all the while, so their memory counts. The engine's own memory (`tidegate_state_bytes`) has to grow for some weeks: it
remembers days and weeks exactly, and `memory` measures it. The index of event ids grows as well, but lies in a file: its pages
the system takes back where it needs them, so they are told apart (`RssAnon` and `RssFile` of /proc/PID/status).
"""

from __future__ import annotations

import http.client
import re
import tempfile
from itertools import islice
from pathlib import Path

from benchmarks.http_decisions import NDJSON
from benchmarks.http_load import HOST, Served, batches, closed_loop, requests, served
from benchmarks.load import WEEK_MS, Load, message_lines
from benchmarks.measure import Result, Row, Scale, Spread, main

EVENTS = {"tiny": 4_800, "quick": 240_000, "full": 4_800_000}  # in 24 hours
HOURS = 24
SETTLED = 12  # hours after which the population is known: each account has sent, widths of windows of minutes are full
SINGLES = 50  # of each hour's events
CONNECTIONS = 4  # at the tiny size events lie 18 s apart: seventeen that overtake one make it too late


def state_mb(server: Served) -> float:
    """Return what the engine remembers, as the server tells it."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=60)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {server.key}"})
    text = connection.getresponse().read().decode()
    connection.close()
    found = re.findall(r"^tidegate_state_bytes\{.*\} (\S+)$", text, re.MULTILINE)
    return sum(map(float, found)) / 2**20


def run(scale: Scale) -> Result:
    """Send a day; look at the memory after every hour."""
    events = EVENTS[scale]
    accounts = events // 24
    load = Load(events, accounts, per_week=events / accounts * WEEK_MS / 86_400_000)
    lines = message_lines(load)
    resident: list[float] = []
    beside: list[float] = []
    files: list[float] = []
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
            anonymous = server.anonymous_mb()
            beside.append(anonymous - state_mb(server))
            files.append(resident[-1] - anonymous)
        cpu = server.cpu_s()
    # the least of six hours: what a checkpoint holds while it is written is left out here, and in the ranges below
    before, behind = min(beside[SETTLED - 6 : SETTLED]), min(beside[-6:])
    growth = (behind - before) / before * 100
    rows = [
        Row("growth beside the state, hours 6-12 to 18-24", Spread.of([growth]), "%", 10.0, 5.0),
        Row("memory beside the state, last 6 hours", Spread.of(beside[-6:]), "MB"),
        Row("pages of files beside that, last 6 hours", Spread.of(files[-6:]), "MB"),
        Row("memory in all, last 6 hours", Spread.of(resident[-6:]), "MB"),
        Row("the day took", Spread.of([taken]), "s"),
    ]
    details = {
        "memory beside the state": [(f"hour {n}", mb, "MB") for n, mb in enumerate(beside, 1)],
        "memory in all": [(f"hour {n}", mb, "MB") for n, mb in enumerate(resident, 1)],
    }
    notes = [f"{events:,} events of {accounts:,} accounts; {cpu:.1f} s of CPU time of the server"]
    return Result("http_soak", "24 hours of events over HTTP, memory flat", rows, details, notes)


if __name__ == "__main__":
    main(run)
