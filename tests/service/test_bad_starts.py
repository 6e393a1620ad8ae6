"""Starts that find something damaged or wrong: a warning in the log, or the end of the start with what may be done."""

import asyncio

import pytest
from tests.ledger.worlds import policy
from tests.service.routes.house import House

from tidegate.errors import JournalError, UsageError
from tidegate.service.server import Server
from tidegate.service.settings import Settings


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path / "data", policy)
    house.message("a", is_forward=True)
    house.stop()
    yield house
    house.loop.close()


def test_a_checkpoint_that_cannot_be_read_is_a_warning(house, tmp_path, caplog):
    for checkpoint in (tmp_path / "data" / "checkpoints").iterdir():
        checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    house.start()
    (told,) = [one for one in caplog.records if "checkpoint is damaged" in one.message]
    assert told.levelname == "WARNING"
    assert "older beginning" in told.message
    assert "send" in house.get("/v1/accounts/a/capabilities")["restrained"]
    house.stop()


def test_a_log_that_is_damaged_in_its_midst_ends_the_start_with_what_may_be_done(house, tmp_path):
    house.start()
    house.message("b")
    house.message("c")
    house.stop()
    for checkpoint in (tmp_path / "data" / "checkpoints").iterdir():
        checkpoint.unlink()
    (segment,) = (tmp_path / "data" / "journal").glob("*.seg")
    damaged = bytearray(segment.read_bytes())
    damaged[-len(damaged) // 4] ^= 0x55
    segment.write_bytes(damaged)
    with pytest.raises(JournalError) as refused:
        house.start()
    assert segment.name in str(refused.value)
    assert "TIDEGATE_DAMAGED=give-up" in refused.value.hint


def test_a_start_that_fails_makes_no_key_that_nobody_is_told(tmp_path, monkeypatch):
    async def begun():
        server = Server(Settings(data=tmp_path / "data", port=0), policy=policy)
        try:
            await server._open()
        finally:
            for part in reversed(server.service.parts.values()):
                await part.stop()
            await server.judging.stop()
        return server.first_key

    monkeypatch.setenv("TIDEGATE_MATRIX_ADMIN_URL", "http://hs")
    with pytest.raises(UsageError, match="without a token"):
        asyncio.run(begun())
    monkeypatch.delenv("TIDEGATE_MATRIX_ADMIN_URL")
    assert asyncio.run(begun()).startswith("tg_")
    assert asyncio.run(begun()) is None
