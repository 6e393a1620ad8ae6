"""`tidegate serve` as a process: says where it is, stops by SIGTERM with everything kept, refuses what cannot be."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.policy.mistakes import RIGHT
from tests.service.conftest import event
from tests.service.waiting import WAIT_S, eventually

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def command(tmp_path):
    (tmp_path / "ours.py").write_text(RIGHT, encoding="utf-8")
    words = ["serve", "--data", str(tmp_path / "data"), "--policy", str(tmp_path / "ours.py"), "--port", "0"]
    return [
        sys.executable,
        "-c",
        "import sys; from tidegate.cli import main; sys.exit(main(sys.argv[1:]))",
        *words,
    ]


@contextmanager
def serving(command, **settings):
    """A server that is ready: its address, what it printed until then, and its process."""
    first = not Path(command[command.index("--data") + 1]).exists()
    environment = (
        os.environ | {"TIDEGATE_DEADLINE_MS": "20000", "COLUMNS": "200", "PYTHONUNBUFFERED": "1"} | settings
    )
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        printed = ""
        while "ready on" not in printed or (first and "curl" not in printed):
            line = process.stdout.readline()
            assert line, process.stderr.read()
            printed += line
        try:
            yield re.search(r"ready on (\S+),", printed)[1], printed, process
        finally:
            if process.poll() is None:
                process.kill()


def ask(address, path, key, body=None):
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data, headers)  # noqa: S310  to this machine
    with urllib.request.urlopen(request, timeout=WAIT_S) as answer:  # noqa: S310
        return answer.read()


def quiet_port():
    """A free port that nobody is given by chance: not another test, nor a connection of ours, which would then answer itself."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def test_a_server_that_is_stopped_while_it_starts_still_tells_the_first_key(command):
    port = quiet_port()
    command[command.index("--port") + 1] = str(port)
    with subprocess.Popen(
        [*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=WAIT_S).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=WAIT_S)
    assert (process.returncode, "Traceback" in err) == (0, False), err
    ready = json.loads(out)
    assert ready["url"] == f"http://127.0.0.1:{port}"
    assert ready["key"].startswith("tg_")


def test_a_server_is_stopped_and_started_and_knows_what_it_had_answered(command):
    with serving(command) as (address, printed, process):
        key = re.search(r"shown this once: (tg_\S+)", printed)[1]
        first = ask(address, "/v1/events", key, event(1))
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(address, "/v1/accounts/a1", "tg_nonsense")
        assert refused.value.code == 401
        refused.value.close()
        second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=WAIT_S)
        assert second.returncode == 1
        assert "in use" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
        log = [json.loads(line) for line in process.stderr.read().splitlines()]
        assert {"ready"} <= {line["message"] for line in log}
    with serving(command) as (address, printed, process):
        assert "shown this once" not in printed
        assert ask(address, "/v1/decisions/e1", key) == first
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT_S) == 0


def test_what_was_answered_before_it_was_decided_is_listed_also_after_a_crash(command):
    soon = {"TIDEGATE_DEADLINE_MS": "1", "TIDEGATE_DEADLINE_US_PER_EVENT": "0"}
    with serving(command, **soon) as (address, printed, process):
        key = re.search(r"shown this once: (tg_\S+)", printed)[1]
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
        body = "\n".join(json.dumps(event(n)) for n in range(5000)).encode()
        request = urllib.request.Request(f"{address}/v1/events", body, headers)  # noqa: S310  to this machine
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:  # noqa: S310
            late = [one["event_id"] for one in map(json.loads, answer) if "fallback" in one]
        assert late
        eventually(lambda: len(fallbacks(address, key)) == len(late))
        before = fallbacks(address, key)
        process.kill()
        process.wait(WAIT_S)
    with serving(command) as (address, *_):
        assert fallbacks(address, key) == before
        assert [one["event_id"] for one in before] == late
        assert [one["number"] for one in before] == list(range(1, len(late) + 1))


def fallbacks(address, key):
    """All that are listed, read in parts."""
    found = []
    while True:
        after = found[-1]["number"] if found else 0
        part = json.loads(ask(address, f"/v1/fallbacks?limit=1000&after={after}", key))["fallbacks"]
        if not part:
            return found
        found += part
