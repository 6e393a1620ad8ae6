"""What people decide in a live system says how right the screening before was, and takes incidents off that were none."""

import json

import pytest
from tests.ledger.worlds import policy
from tests.service.routes.house import House
from tests.service.screenings.office import NUMBERS, Forked
from tests.service.screenings.test_over_http import CSV, contents, over

from tidegate.service.screenings.screenings import PART

BANNED, PUSHER = NUMBERS[0], NUMBERS[1]
POOL = f"number\n{BANNED}\n{PUSHER}\n".encode()
ASKED = {"purpose": "audit of a quarter", "basis": "interest", "pool": "customers"}


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path / "data", policy)
    house.service.parts[PART].runner._launch = Forked
    yield house
    house.close()


def screened(house):
    """Return results by number, and drift.json where there is one."""
    answer = house.ask("POST", "/v1/screenings", "ann", 202, CSV, content=POOL, params=ASKED)
    given = contents(house, over(house, answer["id"]))
    lines = map(json.loads, given["result.ndjson"].splitlines())
    return {line["number"]: line for line in lines}, json.loads(given.get("drift.json", b"null"))


def test_a_ban_that_is_confirmed_was_right_and_a_measure_lifted_on_appeal_was_wrong(house):
    house.message("banned", number=BANNED, is_promotional=True)
    slowed = house.message("pusher", number=PUSHER, is_forward=True)["sanctions"][0]["id"]
    before, nothing = screened(house)
    assert [line["reasons"] for line in before.values()] == [["screen.historical-violation"]] * 2
    assert nothing is None
    (ban,) = house.get("/v1/sanctions", state="unconfirmed", account_id="banned")["sanctions"]
    house.post(f"/v1/sanctions/{ban['id']}/confirm", reason="five hundred adverts")
    appeal = house.post("/v1/appeals", who="eve", status=201, sanction_id=slowed, reason="a wedding")
    house.post(f"/v1/appeals/{appeal['id']}/decide", granted=True, reason="invitations to a wedding")
    now, drift = screened(house)
    found = drift["accuracy"]["non_compliant"]
    assert (found["flagged"], found["flagged_right"], found["flagged_wrong"], found["precision"]) == (
        2,
        1,
        1,
        0.5,
    )
    assert [found["missed"], found["recall"]] == [0, 1.0]
    assert drift["accuracy"]["stolen"]["precision"] is None
    assert now[BANNED]["reasons"] == ["screen.historical-violation"]
    assert (
        next(c for c in now[BANNED]["checks"] if c["check"] == "screen.historical-violation")["observed"] == 1
    )
    assert now[PUSHER]["reasons"] == []
