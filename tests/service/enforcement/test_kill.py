"""A real server, killed again and again while it tells: every change arrives, in order per account, signed."""

import asyncio
import os

import httpx
import pytest
from tests.engine.worlds import event
from tests.ledger.worlds import policy
from tests.service.served import Served
from tests.service.waiting import WAIT_S, until

from tidegate import clock
from tidegate.ledger import Ledger
from tidegate.ledger.ledger import FILE
from tidegate.service.access.custody import Custody
from tidegate.service.enforcement.addresses import Addresses
from tidegate.service.enforcement.webhook_book import WebhookBook
from tidegate.service.server import Server, running
from tidegate.service.settings import Settings

KILLS = int(os.environ.get("TIDEGATE_KILLS", "1"))  # more: `make test-enforcement`
ACCOUNTS = 12  # per life


class Life(Served):
    """One process of the server, from its start to its violent end."""

    def __init__(self, folder, tokens):
        super().__init__(folder, tokens["ingest"], TIDEGATE_WEBHOOK_ALLOW="127.0.0.0/8")

    def send(self, number, kind, account, **fields):
        body = {"event_id": number, **event(kind, clock.now_ms(), account, **fields)}
        answer = self.client.post("/v1/events", json=body, headers={"prefer": "wait=20"})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def prepared(tmp_path, receiver):
    """A data folder with keys and a webhook; the secret that signs."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    ledger = Ledger.open(folder / FILE)
    custody = Custody.open(folder, ledger.database)
    tokens = {role: custody.keys.create(role, (role,), actor="test")[1] for role in ("ingest", "read")}
    book = WebhookBook(custody, Addresses.parse("127.0.0.0/8"))
    _, secret = book.create(receiver.url, (), actor="test")
    ledger.close()
    return tmp_path, tokens, secret


def test_what_was_decided_is_told_whatever_happens_to_the_process(prepared, receiver):
    folder, tokens, secret = prepared
    receiver.answers = [500, 204] * 4  # it has its own troubles
    expected = []
    for n in range(KILLS):
        life = Life(folder, tokens)
        for i in range(ACCOUNTS):
            account = f"a{n}-{i}"
            measure = life.send(f"{account}-1", "message_sent", account, is_forward=True)["sanctions"][0][
                "id"
            ]
            life.send(f"{account}-2", "sanction_lifted", account, sanction_id=measure)
            expected += [(account, "opened"), (account, "lifted")]
        life.end()
    settings = Settings(data=folder / "data", port=0, webhook_allow="127.0.0.0/8")
    pulled = asyncio.run(
        last_life(Server(settings, policy=policy), tokens, lambda: set(expected) <= set(receiver.told()))
    )
    told = list(dict.fromkeys(receiver.told()))
    assert sorted(told) == sorted(expected)
    for account, _ in expected:
        assert [kind for who, kind in told if who == account] == ["opened", "lifted"]
    assert all(receiver.genuine(secret, clock.now_ms() // 1000))
    assert sorted((c["subject"], c["type"].rpartition(".")[2]) for c in pulled) == sorted(expected)
    sequences = [c["sequence"] for c in pulled]
    assert sequences == sorted(set(sequences))
    assert {c["id"] for c in pulled} == {e["id"] for e in receiver.events()}


async def last_life(server, tokens, done):
    """A server in this process, until all has been told; return what the cursor gives."""
    headers = {"authorization": f"Bearer {tokens['read']}"}
    async with running(server):
        await until(done)
        url = f"http://127.0.0.1:{server.port}"
        async with httpx.AsyncClient(base_url=url, timeout=WAIT_S, trust_env=False) as client:
            answer = await client.get("/v1/measures/changes", params={"limit": 1000}, headers=headers)
    return answer.json()["changes"]
