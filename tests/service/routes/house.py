"""A server without a socket: its real parts on a loop, asked through its app by people with keys of their own."""

import asyncio
import json
from itertools import count

import httpx
from tests.engine.worlds import event

from tidegate import clock
from tidegate.service.server import Server
from tidegate.service.settings import Settings

PEOPLE = {
    "ann": "analyst",
    "bob": "analyst",
    "eve": "analyst",
    "root": "admin",
    "rita": "read",
    "app": "ingest",
}


class House:
    """Ann, Bob and Eve are analysts, Root an admin, Rita reads, and App sends events."""

    def __init__(self, folder, policy, database="", **settings):
        self.loop = asyncio.new_event_loop()
        self.settings = Settings(data=folder, database=database, **settings)
        self.policy = policy
        self.numbers = count(1)
        self.keys = {}
        self.start()

    def run(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def start(self):
        self.server = Server(self.settings, policy=self.policy)
        self.run(self.server._open())
        self.service = self.server.service
        self.service.ready = True
        for name, role in PEOPLE.items():
            if name not in self.keys:
                self.keys[name] = self._key(name, role)
        transport = httpx.ASGITransport(app=self.server.config.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://house")

    def _key(self, name, role):
        _, token = self.service.custody.keys.create(name, (role,), actor="system", reason="a test")
        self.service.custody.access.forget_cache()
        return token

    def stop(self):
        self.run(self.client.aclose())
        self.run(self._stop())

    async def _stop(self):
        for part in reversed(self.service.parts.values()):
            await part.stop()
        await self.server.judging.stop()

    def close(self):
        self.stop()
        self.loop.close()

    # asking --------------------------------------------------------------------------------------------------
    def ask(self, method, path, who="ann", status=200, headers=None, **parts):
        given = {"authorization": f"Bearer {self.keys[who]}"} | (headers or {})
        answer = self.run(self.client.request(method, path, headers=given, **parts))
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json()

    def get(self, path, who="rita", status=200, **query):
        return self.ask("GET", path, who, status, params=query)

    def post(self, path, who="ann", status=200, headers=None, **body):
        return self.ask("POST", path, who, status, headers, json=body)

    # traffic -------------------------------------------------------------------------------------------------
    def happen(self, kind, account, /, ts=None, *, recorded=True, **fields):
        """Have an event judged; return its decision. `recorded`: once the ledger knows of it."""
        at = clock.now_ms() if ts is None else ts
        line = json.dumps({"event_id": f"h{next(self.numbers)}", **event(kind, at, account, **fields)})
        (answer,) = self.run(self.service.judging.submit([line.encode()]))
        assert answer.error is None, answer.error
        if recorded:
            self.run(self.service.parts["ledger"].flush())
        return answer.decision

    def message(self, account, **fields):
        return self.happen("message_sent", account, **fields)
