"""A pool and events in files, screened by the command; results out of the files it writes."""

import json

import pytest

from tidegate.cli import main

NUMBER = "+4915123456781"
AT = 1_772_443_800_000  # 2026-03-02T09:30:00Z
DAY = 86_400_000


class Screened:
    """What the command wrote: results by number, the summary, the exit status."""

    def __init__(self, out, status):
        self.out, self.status = out, status
        self.summary = json.loads((out / "summary.json").read_text())
        lines = (out / "result.ndjson").read_text().splitlines()
        self.results = {line["number"]: line for line in map(json.loads, lines)}

    def verdict(self, check, number=NUMBER):
        found = next(c for c in self.results[number]["checks"] if c["check"] == check)
        return found["verdict"], found["observed"]

    def __getitem__(self, number):
        return self.results[number]


@pytest.fixture
def screen(tmp_path):
    """Screen a pool (text of a CSV, or facts of one account) with events, and return what was written."""

    def run(pool=None, events=(), *options, at=AT, name="pool.csv", out="out", **facts):
        if pool is None:
            pool = ",".join(["number", *facts]) + "\n" + ",".join([NUMBER, *map(str, facts.values())]) + "\n"
        file = tmp_path / name
        if isinstance(pool, bytes):
            file.write_bytes(pool)
        elif pool is not file:
            file.write_text(pool)
        given = ["screen", str(file), "--out", str(tmp_path / out), *options]
        if at is not None:
            given += ["--at", moment(at)]
        if events:
            path = tmp_path / "events.ndjson"
            path.write_text(
                "".join(json.dumps({"event_id": f"e{i}"} | e) + "\n" for i, e in enumerate(events))
            )
            given += ["--events", str(path)]
        status = main(given)
        return Screened(tmp_path / out, status)

    return run


def moment(ms):
    """Return ms since the epoch as RFC 3339."""
    from tidegate.windows.timestamps import format_rfc3339

    return format_rfc3339(ms)
