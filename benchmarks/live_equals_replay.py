"""A load over HTTP, a kill in the midst of it, a stop: the replay of the log makes the same decisions, byte for byte.

`python -m benchmarks.live_equals_replay --events 1000000`; not among the others, since it has no gate but equality. The traffic is
that of the demo, so abuses are in it and rules fire. A line in a hundred is sent twice: its second answer is the first one,
marked.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from benchmarks.http_decisions import NDJSON
from benchmarks.http_load import HOST, Served
from tidegate.demo import Traffic

DAYS = 7
PER_ACCOUNT = 100  # events of an account in that time, at least
PER_BATCH = 2000
REPEATED = 100  # one line of so many
TIDEGATE = (sys.executable, "-c", "import sys; from tidegate.cli import main; sys.exit(main())")
_KEY = re.compile(r"tg_[\w-]{43}")
_READY = re.compile(r"ready on http://[^ ]+:(\d+),")
_DUPLICATE = b',"duplicate":true}\n'
_TIMER = b'{"event_id":null,'


@contextmanager
def serving(folder: Path, key: str) -> Iterator[Served]:
    """Run `tidegate serve` as everybody does; its key is that of the first start. It is stopped in order, unless it was killed."""
    command = [*TIDEGATE, "serve", "--data", str(folder), "--port", "0"]
    environment = os.environ | {"TIDEGATE_LOG_LEVEL": "warning", "MALLOC_ARENA_MAX": "1"}
    environment |= {"PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        port = 0
        while not (port and key):
            line = process.stdout.readline()
            if not line:
                sys.exit("the server ended while it was starting")
            if (found := _KEY.search(line)) is not None:
                key = found[0]
            if (ready := _READY.search(line)) is not None:
                port = int(ready[1])
        try:
            yield Served(port, key, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.stdout.read()
            process.wait(120)


def send(server: Served, lines: list[bytes], kept: BinaryIO) -> tuple[int, int]:
    """Send lines in batches; keep the first answers in the order of the log. Return how many were repeated and refused."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=120)
    headers = {"Content-Type": NDJSON, "Authorization": f"Bearer {server.key}", "Prefer": "wait=60"}
    repeated = refused = 0
    for at in range(0, len(lines), PER_BATCH):
        batch = lines[at : at + PER_BATCH]
        connection.request("POST", "/v1/events", b"\n".join([*batch, *batch[::REPEATED]]), headers)
        answer = connection.getresponse()
        answers = answer.read().splitlines(keepends=True)
        if answer.status != 200 or len(answers) != len(batch) + len(batch[::REPEATED]):
            sys.exit(f"not answered with decisions: {answer.status} {answers[:1]!r}")
        for line in answers:
            repeated += line.endswith(_DUPLICATE)
            refused += line.startswith(b'{"line":')
        kept.writelines(
            line for line in answers if not line.endswith(_DUPLICATE) and not line.startswith(b'{"line":')
        )
    connection.close()
    return repeated, refused


def compared(answered: Path, replayed: Path) -> tuple[int, int, int]:
    """Return how many decisions are equal byte for byte, how many differ, and how many timers the replay has beside them."""
    equal = different = timers = 0
    with answered.open("rb") as first, replayed.open("rb") as again:
        for line in again:
            if line.startswith(_TIMER):
                timers += 1
            elif line == first.readline():
                equal += 1
            else:
                different += 1
        different += sum(1 for _ in first)
    return equal, different, timers


def run(events: int, folder: Path) -> int:
    """Send, kill, start, send, stop, replay, compare; return how many decisions differ."""
    data, answered = folder / "data", folder / "answered.ndjson"
    traffic = Traffic(accounts=max(200, events // PER_ACCOUNT), days=DAYS)
    lines = [msgspec.json.encode(event) for event in islice(traffic.events(), events)]
    if len(lines) < events:
        sys.exit(f"the traffic has {len(lines)} events only")
    half, repeated, refused, cpu = events // 2, 0, 0, 0.0
    key, begun = "", time.perf_counter()
    with answered.open("wb") as kept:
        for part, end in ((lines[:half], signal.SIGKILL), (lines[half:], signal.SIGTERM)):
            with serving(data, key) as server:
                key = server.key
                more = send(server, part, kept)
                repeated, refused = repeated + more[0], refused + more[1]
                cpu += server.cpu_s()
                os.kill(server.pid, end)
    taken = time.perf_counter() - begun
    print(
        f"{events:,} events over HTTP in {taken:.0f} s, {cpu:.1f} s of CPU time of the server ({events / cpu:,.0f}/s);"
        f" {repeated:,} repeated, {refused:,} refused; killed after {half:,}",
        flush=True,
    )
    replay = [*TIDEGATE, "replay", "--data", str(data), "--out", str(folder / "again")]
    subprocess.run([*replay, "--no-plot"], check=True)
    equal, different, timers = compared(answered, folder / "again" / "decisions.ndjson")
    print(f"{equal:,} decisions equal, {different:,} different, {timers:,} of deadlines beside them")
    return different


def main() -> int:
    """Run it in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="live-equals-replay-") as folder:
        return int(run(given.events, Path(folder)) > 0)


if __name__ == "__main__":
    sys.exit(main())
