"""The installed command with streams that are closed, narrow, or read by somebody who leaves."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "command",
    ["policy list", "policy list --json", "replay events.ndjson --policy ours.py", "--help", "replay --help"],
)
def test_a_reader_who_has_seen_enough_is_no_failure(command):
    tidegate = Path(sys.executable).parent / "tidegate"
    piped = f"'{tidegate}' {command} | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", piped], capture_output=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")


def in_shell(command, **environment):
    tidegate = Path(sys.executable).parent / "tidegate"
    line = command.replace("tidegate", f"'{tidegate}'", 1)
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, check=False, timeout=120, env=os.environ | environment
    )


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_leads_nowhere(closed):
    done = in_shell(f"tidegate replay events.ndjson --policy ours.py {closed}")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len(Path("tidegate-out/decisions.ndjson").read_bytes().splitlines()) == 14
    assert in_shell(f"tidegate --version {closed}").returncode == 0


def test_a_terminal_of_few_characters_shows_a_question_mark_for_the_others():
    done = in_shell("tidegate replay events.ndjson --policy ours.py", PYTHONIOENCODING="ascii:strict")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"events.ndjson ? ours 1")


def test_a_file_may_have_a_name_that_is_no_text():
    lines = Path("events.ndjson").read_bytes() + b"{broken"
    Path(os.fsdecode(b"\xff\xfe.ndjson")).write_bytes(lines)
    done = in_shell(r"tidegate replay $'\xff\xfe.ndjson' --policy ours.py")
    assert (done.returncode, done.stderr) == (3, b"")
    assert rb"\xff\xfe.ndjson" in done.stdout
    (rejected,) = Path("tidegate-out/rejected.ndjson").read_text("utf-8").splitlines()
    assert json.loads(rejected)["file"] == r"\xff\xfe.ndjson"
    done = in_shell(r"tidegate replay events.ndjson --account $'a\xff' --policy ours.py")
    assert (done.returncode, done.stderr.startswith(rb"--account: `a\xff` is not UTF-8 text")) == (2, True)
