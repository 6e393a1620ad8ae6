"""A server that ends once nobody asks: what is asked, and being answered, keeps it."""

import asyncio

from tests.service.conftest import client_of
from tests.service.stand_in import StandIn

from tidegate.service.server import Server
from tidegate.service.settings import Settings


def test_it_ends_once_nobody_asks_and_never_under_an_answer(tmp_path, policy, monkeypatch):
    monkeypatch.setattr("tidegate.service.server.SWEEP_S", 0.05)

    async def whole():
        settings = Settings(port=0, data=tmp_path)
        server = Server(settings, policy=policy, open_engine=lambda: StandIn(policy, tmp_path), idle_s=0.5)

        async def slow():
            await asyncio.sleep(1.5)
            return {"ended": server.should_exit}

        server.config.app.add_api_route("/slow", slow)
        async with client_of(server) as client:
            assert (await client.get("/slow")).json() == {"ended": False}
            assert not server.should_exit
            async with asyncio.timeout(30):
                while not server.should_exit:  # noqa: ASYNC110  the server has no event for it
                    await asyncio.sleep(0.05)

    asyncio.run(whole())
