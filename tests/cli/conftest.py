"""A folder with a policy and events, and a way to run commands in it."""

import json
from pathlib import Path

import pytest
from tests.policy.mistakes import RIGHT

from tidegate.cli import main

START = 1_772_443_800_000  # 2026-03-02T09:30:00Z


def event(n, **fields):
    base = {"event_id": f"e{n}", "type": "message_sent", "ts": START + 1000 * n, "account_id": "a1"}
    return json.dumps(base | fields)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with a policy, events, and a terminal of a known width."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tidegate.cli.terminal.console._width", 100)
    Path("ours.py").write_text(
        RIGHT.replace('version="1"', 'version="1", parameter_sets={"strict": {"Burst.limit": 3}}'),
        encoding="utf-8",
    )
    Path("events.ndjson").write_text("".join(f"{event(n)}\n" for n in range(14)), encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(capsys):
    """Run a command; return its status, what it printed and what it complained about."""

    def command(*arguments):
        status = main([str(a) for a in arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command
