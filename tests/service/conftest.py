"""A server on this machine in front of an engine in memory, or of a real journal, and a client."""

import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import pytest
from tests.policy.mistakes import RIGHT
from tests.service.stand_in import StandIn
from tests.service.waiting import WAIT_S

from tidegate.policies.loading import load_policy
from tidegate.service.server import Server, running
from tidegate.service.settings import Settings

START = 1_772_443_800_000  # 2026-03-02T09:30:00Z
LINES = {"Content-Type": "application/x-ndjson"}


def event(n, **fields):
    """One message as plain data; the thirteenth within a minute is one too many."""
    base = {"event_id": f"e{n}", "type": "message_sent", "ts": START + 1000 * n, "account_id": "a1"}
    return base | fields


def lines(*events):
    """A body of lines; what is bytes already stands as it is."""
    return b"\n".join(e if isinstance(e, bytes) else json.dumps(e).encode() for e in events)


def decoded(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="session")
def policy(tmp_path_factory):
    path = tmp_path_factory.mktemp("policy") / "ours.py"
    path.write_text(RIGHT, encoding="utf-8")
    return load_policy(str(path))


@pytest.fixture
def serving(tmp_path, policy):
    """Run `use(client, server, engine)` against a server in front of an engine in memory; settings by name."""

    def run(use, **settings):
        made = []

        def open_engine():
            made.append(StandIn(policy, tmp_path))
            return made[0]

        async def whole():
            # a busy machine must not turn decisions into fallbacks
            given = Settings(port=0, data=tmp_path, **{"deadline_ms": 20_000} | settings)
            server = Server(given, policy=policy, open_engine=open_engine)
            async with client_of(server) as client:
                await use(client, server, made[0])

        asyncio.run(whole())
        return made[0]

    return run


@asynccontextmanager
async def client_of(server, token=""):
    """A client of a server that runs inside."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with running(server):
        if server.failure is not None:
            raise server.failure
        address = f"http://127.0.0.1:{server.port}"
        # no certificates: reading those of the machine takes longer than most of these tests
        options = {"headers": headers, "timeout": WAIT_S, "verify": False}
        async with httpx.AsyncClient(base_url=address, **options) as client:
            yield client
