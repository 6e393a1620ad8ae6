"""What a server finds damaged when it starts is a warning in its log, or the end of its start with what may be done."""

import pytest
from tests.ledger.worlds import policy
from tests.service.routes.house import House

from tidegate.errors import JournalError


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
