"""Schedules over HTTP; and a real server that screens a pool in three months, two of them by its schedule."""

import asyncio

import pytest
from tests.ledger.worlds import policy
from tests.service.conftest import client_of
from tests.service.routes.house import House
from tests.service.waiting import WAIT_S

from tidegate.ledger import Ledger
from tidegate.ledger.ledger import FILE
from tidegate.service.access.custody import Custody
from tidegate.service.server import Server
from tidegate.service.settings import Settings
from tidegate.windows.timestamps import parse_rfc3339

START = parse_rfc3339("2026-01-10T12:00:00Z")
LIST = "number,registered_at,interactions_90d,has_avatar,warnings\n+4915123456781,2020-01-01,0,no,0\n"
UPLOAD = {"purpose": "monthly check", "basis": "legitimate interest", "pool": "customers", "answer_days": 90}
CSV = {"content-type": "text/csv"}
MONTHLY = {"pool": "customers", "every": "month", "day": 31, "hour": 3, "zone": "Europe/Berlin"}
PATH = "/v1/screening-schedules"


class Clock:
    """The wall clock of a server, moved by hand."""

    ms = START


@pytest.fixture
def clock(monkeypatch):
    clock, opened = Clock(), Custody.open
    monkeypatch.setattr(Custody, "open", lambda *a, **k: opened(*a, **{"now": lambda: clock.ms} | k))
    return clock


@pytest.fixture
def house(tmp_path, clock):
    house = House(tmp_path / "data", policy, scratch=str(tmp_path))
    yield house
    house.close()


def upload(house, text=LIST, status=202, **options):
    parts = {"params": UPLOAD | options, "content": text.encode()}
    return house.ask("POST", "/v1/screenings", "ann", status, CSV, **parts)


def test_a_schedule_is_made_shown_and_ended_and_the_audit_log_has_it(house):
    upload(house)
    made = house.post(PATH, status=201, **MONTHLY)
    assert (made["next_at"], made["keep_days"], made["problem"]) == ("2026-01-31T02:00:00.000Z", 180, None)
    assert house.get(PATH, "ann")["schedules"] == [made]
    assert house.get(f"{PATH}/{made['id']}", "ann") == made
    audit = house.service.custody.audit
    named = f"screening:schedule:{made['id']}"
    assert house.run(house.client.delete(
        f"{PATH}/{made['id']}", headers={"authorization": f"Bearer {house.keys['ann']}"}
    )).status_code == 204  # fmt: skip
    assert [entry.data()["action"] for entry in audit.entries(subject=named)] == [
        "screening.schedule", "screening.unschedule",
    ]  # fmt: skip
    assert house.get(PATH, "ann")["schedules"] == []
    assert house.get(f"{PATH}/{made['id']}", "ann", 404)["type"] == "/problems/not-found"


REFUSED = (
    ({"zone": "Mars/Olympus"}, 422, "zone"),
    ({"day": 32}, 422, "day"),
    ({"day": 0}, 422, "day"),
    ({"hour": 24}, 422, "hour"),
    ({"every": "week"}, 422, "every"),
    ({"keep_days": 33}, 422, "keep_days"),
    ({"every": "quarter", "keep_days": 94}, 422, "keep_days"),
    ({"keep_days": 4000}, 422, "keep_days"),
    ({"pool": "others"}, 409, "pool"),
    ({"pool": ""}, 422, "pool"),
    ({"pool": "x" * 101}, 422, "pool"),
    ({"unheard": 1}, 422, "unheard"),
)


def test_a_schedule_that_makes_no_sense_is_refused_and_named(house):
    upload(house)
    for wrong, status, field in REFUSED:
        assert house.post(PATH, status=status, **MONTHLY | wrong)["field"] == field, wrong
    assert house.get(PATH, "ann")["schedules"] == []
    for days in (0, 3651, "x"):
        assert upload(house, status=422, keep_days=days)["field"] == "keep_days"


def test_a_pool_has_one_schedule_of_a_kind(house):
    upload(house)
    house.post(PATH, status=201, **MONTHLY | {"keep_days": 34})
    assert "already" in house.post(PATH, status=409, **MONTHLY)["detail"]
    house.post(PATH, status=201, **MONTHLY | {"every": "quarter", "keep_days": 95})


def test_a_list_that_is_gone_before_the_first_run_is_said_at_once(house, clock):
    upload(house, keep_days=3)
    assert "before the first run" in house.post(PATH, status=409, **MONTHLY)["detail"]
    clock.ms += 60_000  # the last list counts
    assert upload(house, keep_days=30)["keep_until"] == "2026-02-09T12:01:00.000Z"
    house.post(PATH, status=201, **MONTHLY)


def test_a_monthly_schedule_ran_twice_on_a_real_server(tmp_path, clock):
    """A list is uploaded once; the server is started again in the following months, and has its screening done each time."""
    data = tmp_path / "data"
    ledger = Ledger.open(data_file(data))
    custody = Custody.open(data, ledger.database)
    _, token = custody.keys.create("ann", ("analyst",), actor="test", reason="a test")
    ledger.close()
    asyncio.run(_first_day(data, token))
    for count, month in ((2, "2026-02-05T00:00:00Z"), (3, "2026-03-01T00:00:00Z")):
        clock.ms = parse_rfc3339(month)
        rows, drift = asyncio.run(_another_day(data, token, count))
    assert [row["state"] for row in rows] == ["done"] * 3
    assert [row["previous_id"] for row in rows] == [rows[1]["id"], rows[2]["id"], None]
    assert rows[0]["schedule_id"] == rows[1]["schedule_id"] is not None
    assert (drift["before"]["screened_at"], drift["now"]["screened_at"]) == (
        "2026-02-05T00:00:00.000Z", "2026-03-01T00:00:00.000Z",
    )  # fmt: skip
    assert drift["observation"]["month_over"] == 1


def data_file(data):
    data.mkdir(mode=0o700)
    return data / FILE


def serving(data, token):
    return client_of(Server(Settings(port=0, data=data, scratch=str(data.parent)), policy=policy), token)


async def _first_day(data, token):
    async with serving(data, token) as client:
        answer = await client.post("/v1/screenings", params=UPLOAD, content=LIST.encode(), headers=CSV)
        assert answer.status_code == 202, answer.text
        await _all_done(client, 1)
        assert (await client.post(PATH, json=MONTHLY)).status_code == 201


async def _another_day(data, token, count):
    """Return the screenings, the newest first, and the drift of the newest, once the run that was missed is done."""
    async with serving(data, token) as client:
        rows = await _all_done(client, count)
        drift = await client.get(f"/v1/screenings/{rows[0]['id']}/files/drift.json")
        return rows, drift.json()


async def _all_done(client, count):
    async with asyncio.timeout(WAIT_S):
        while True:
            rows = (await client.get("/v1/screenings")).json()["screenings"]
            if len(rows) == count and all(row["state"] == "done" for row in rows):
                return rows
            assert not any(row["state"] == "failed" for row in rows), rows
            await asyncio.sleep(0.05)
