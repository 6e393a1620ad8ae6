"""What was answered over HTTP is what a replay of the journal decides, byte for byte; also over a stop and a start."""

import asyncio
import random
from pathlib import Path

import pytest
from tests.service.conftest import LINES, client_of, event, lines

from tidegate.cli import main
from tidegate.policies.loading import load_policy
from tidegate.service.server import Server
from tidegate.service.settings import Settings


@pytest.fixture
def path(tmp_path, policy):
    from tests.policy.mistakes import RIGHT

    path = tmp_path / "ours.py"
    path.write_text(RIGHT, encoding="utf-8")
    return path


def load(seed, first, count):
    """Messages of a few people in bursts, some repeated, some wrong."""
    chance = random.Random(seed)
    made = []
    for n in range(first, first + count):
        repeated = n > first and chance.random() < 0.05
        number = chance.randrange(first, n) if repeated else n
        made.append(event(number, account_id=f"a{chance.randrange(6)}", ts=event(0)["ts"] + number * 700))
    return made


def test_a_load_over_http_replays_to_the_same_decisions(tmp_path, path):
    folder = tmp_path / "data"
    answered = {}
    key = ""

    async def day(first):
        nonlocal key
        chosen = Settings(port=0, data=folder, deadline_ms=30_000)
        server = Server(chosen, policy=load_policy(str(path)))
        async with client_of(server) as client:
            key = server.first_key or key
            client.headers["Authorization"] = f"Bearer {key}"
            events = load(first, first, 300)
            singles = [client.post("/v1/events", json=e) for e in events[:40]]
            for answer in await asyncio.gather(*singles):
                keep(answer.content)
            body = lines(*events[40:], b"{broken")
            answer = await client.post("/v1/events", content=body, headers=LINES)
            for line in answer.content.splitlines(keepends=True):
                keep(line)
            assert (await client.get("/readyz")).status_code == 200

    def keep(line):
        if b'"duplicate":true' not in line and b'"error"' not in line:
            event_id = line.split(b'"', 4)[3].decode()
            assert event_id not in answered
            answered[event_id] = line

    asyncio.run(day(0))
    asyncio.run(day(1000))
    out = tmp_path / "out"
    status = main(["replay", "--data", str(folder), "--policy", str(path), "--out", str(out), "--no-plot"])
    assert status == 0
    replayed = Path(out, "decisions.ndjson").read_bytes().splitlines(keepends=True)
    found = {line.split(b'"', 4)[3].decode(): line for line in replayed}
    assert found == answered
    assert any(b'"verdict":"deny"' in line for line in replayed)
