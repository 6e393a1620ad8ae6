"""Standings over HTTP: of whom, to whom, how much, and who gets to know that somebody asked."""

import json

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from tests.ledger.worlds import policy
from tests.service.routes.house import House
from tests.service.waiting import until

from tidegate import clock
from tidegate.ledger.tables_standing import standing_tokens
from tidegate.screening.providers.blinding import blind, prefix_of, unblind
from tidegate.service.standing import index as index_module
from tidegate.service.standing import terms as terms_module
from tidegate.service.standing.terms import token_key

NUMBERS = {"good-1": "+4915100000001", "banned-1": "+4915100000002", "slow-1": "+4915100000003"}
WHY = {"reason": "asked for it"}


def offering(folder, lists="adverse", **settings):
    house = House(folder, policy, standing=lists, **settings)
    house.keys["partner"] = house._key("partner", "standing")
    return house


def live(house):
    """Three accounts are registered with their numbers; one is banned, one slowed, by events that name no number."""
    for account, number in NUMBERS.items():
        house.happen("account_registered", account, number=number)
    house.message("banned-1", is_promotional=True)
    house.message("slow-1", is_forward=True)
    settle(house)


def settle(house):
    """Let the loop run until the index knows everything."""

    async def wait():
        index = house.service.parts["standing"].index
        await house.service.judging.call(lambda _: None)
        await until(
            lambda: (
                index.ready and index._held == 0 and index._queue.empty() and position(house) >= index._queued
            )
        )

    house.run(wait())


def position(house):
    from tidegate.ledger import standing

    with house.service.ledger.reading() as connection:
        return standing.position_of(connection)


def token(house, number):
    return token_key(house.service.custody).token(number).hex()


def entries(house, prefix="any"):
    found = house.get(f"/v1/standing/{prefix}", "partner")["entries"]
    return {entry.pop("token"): entry for entry in found}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = offering(tmp_path_factory.mktemp("standing") / "data")
    live(house)
    yield house
    house.close()


@pytest.fixture(scope="module")
def open_house(tmp_path_factory):
    """One that tells of everybody."""
    house = offering(tmp_path_factory.mktemp("open") / "data", "all")
    live(house)
    yield house
    house.close()


def test_those_are_listed_against_whom_something_speaks(house):
    assert house.get("/v1/standing", "partner")["lists"] == "adverse"
    assert entries(house) == {
        token(house, NUMBERS["banned-1"]): {"standing": "banned", "incidents": 1, "incidents_most": 1},
        token(house, NUMBERS["slow-1"]): {"standing": "restricted", "incidents": 1, "incidents_most": 1},
    }


def test_an_answer_names_nobody_and_its_length_says_nothing(house):
    headers = {"authorization": f"Bearer {house.keys['partner']}"}
    answer = house.run(house.client.get("/v1/standing/any", headers=headers))
    assert len(answer.content) % 16_384 == 0
    for word in (*NUMBERS, *NUMBERS.values()):
        assert word not in answer.text
        assert word.lstrip("+") not in answer.text


def test_tokens_are_made_together(house):
    blinded = [blind(number) for number in NUMBERS.values()]
    sent = {"points": [one.point.hex() for one in blinded]}
    points = house.post("/v1/standing/evaluations", "partner", **sent)["points"]
    made = [unblind(one, bytes.fromhex(point)).hex() for one, point in zip(blinded, points, strict=True)]
    assert made == [token(house, number) for number in NUMBERS.values()]


@pytest.mark.parametrize("points", [[], ["00"], ["ff" * 32], ["zz" * 32], [5], "ab", ["00" * 32] * 1001])
def test_what_is_no_point_is_refused(house, points):
    before = house.get("/v1/standing", "partner")["numbers_left_today"]
    problem = house.post("/v1/standing/evaluations", "partner", 422, points=points)
    assert problem["field"].startswith("points")
    assert house.get("/v1/standing", "partner")["numbers_left_today"] == before, "and costs nothing"


@pytest.mark.parametrize("prefix", ["0", "1", "01", "0" * 20])
def test_no_prefix_is_so_long_that_few_share_it(house, prefix):
    problem = house.get(f"/v1/standing/{prefix}", "partner", 422)
    assert problem["type"] == "/problems/prefix-length"


@pytest.mark.parametrize("prefix", ["2", "x", "0" * 21, "ANY", "%2e"])
def test_what_is_no_prefix_is_refused(house, prefix):
    assert house.get(f"/v1/standing/{prefix}", "partner", 422)["field"] == "prefix"


def test_a_partner_sees_nothing_else(house):
    for path in ("/v1/accounts/banned-1", "/v1/sanctions", "/v1/audit", "/v1/decisions/h1", "/v1/labels"):
        house.get(path, "partner", 403)
    for who in ("rita", "ann", "app"):
        house.get("/v1/standing", who, 403)
    house.get("/v1/standing", "root")


def test_the_audit_log_says_who_asked_how_much_and_not_what(house):
    blinded = blind(NUMBERS["banned-1"])
    house.post("/v1/standing/evaluations", "partner", points=[blinded.point.hex()] * 3)
    entries(house)
    house.service.parts["standing"].note()
    log = house.service.custody.audit.entries()
    mine = [one for one in log if one.actor.startswith("partner#")]
    assert {one.action for one in mine} == {"standing.ask", "standing.read"}
    assert mine[-2].details.after == {"numbers": 3}
    assert set(mine[-1].details.after) == {"prefixes"}
    text = " ".join(str(one.details) for one in mine)
    assert blinded.point.hex() not in text
    assert all(number not in text for number in NUMBERS.values())


def test_what_another_thread_notes_meanwhile_is_no_fault(house, monkeypatch):
    offer = house.service.parts["standing"]

    class Turn:
        def __enter__(self):
            offer._read.clear()  # it was quicker

        def __exit__(self, *_):
            pass

    entries(house)
    monkeypatch.setattr(offer, "_lock", Turn())
    offer.note()


def test_what_could_not_be_noted_is_noted_later(house, monkeypatch):
    offer = house.service.parts["standing"]
    offer.note()
    entries(house)
    with monkeypatch.context() as broken:
        broken.setattr(house.service.custody.audit.database, "writing", None)
        house.run(offer._noted())
    entries(house)
    house.run(offer._noted())
    newest = house.service.custody.audit.entries()[-1]
    assert (newest.action, newest.details.after) == ("standing.read", {"prefixes": 2})


def test_where_everybody_is_listed_the_good_are_too(open_house):
    assert open_house.get("/v1/standing", "partner")["lists"] == "all"
    found = entries(open_house)
    good = found[token(open_house, NUMBERS["good-1"])]
    assert good == {"standing": "good", "incidents": 0, "incidents_most": 0}


def test_unless_it_is_turned_on_nobody_is_told(tmp_path):
    house = House(tmp_path / "data", policy)
    house.keys["partner"] = house._key("partner", "standing")
    for path in ("/v1/standing", "/v1/standing/any"):
        assert house.get(path, "partner", 404)["type"] == "/problems/not-offered"
    house.post("/v1/standing/evaluations", "partner", 404, points=["00" * 32])
    house.close()


def test_a_day_has_so_many_numbers(house, monkeypatch):
    offer = house.service.parts["standing"]
    spent = offer.numbers_per_day - house.get("/v1/standing", "partner")["numbers_left_today"]
    monkeypatch.setattr(offer, "numbers_per_day", spent + 5)
    points = [blind(str(i)).point.hex() for i in range(6)]
    headers = {"authorization": f"Bearer {house.keys['partner']}"}
    house.post("/v1/standing/evaluations", "partner", points=points[:4])
    answer = house.run(
        house.client.post("/v1/standing/evaluations", headers=headers, json={"points": points[:2]})
    )
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 86_400
    house.post("/v1/standing/evaluations", "partner", points=points[:1])
    assert house.get("/v1/standing", "partner")["numbers_left_today"] == 0
    log = house.service.custody.audit.entries()
    asked = [one.details.after["numbers"] for one in log if one.action == "standing.ask"]
    assert asked[-2:] == [4, 1], "what was refused was not asked"


def test_what_happened_while_it_was_off_is_known_once_it_is_on(tmp_path):
    house = House(tmp_path / "data", policy)
    for account, number in NUMBERS.items():
        house.happen("account_registered", account, number=number)
    house.message("banned-1", is_promotional=True)
    house.close()
    numbers = house.numbers
    house = offering(tmp_path / "data")
    house.numbers = numbers  # ids of events go on
    settle(house)
    assert list(entries(house)) == [token(house, NUMBERS["banned-1"])]
    house.happen("account_registered", "new-1", number="+4915100000009")
    house.message("new-1", is_promotional=True)
    settle(house)
    assert token(house, "+4915100000009") in entries(house)
    house.close()


def test_an_index_that_lags_tells_nothing_until_it_has_caught_up(open_house, monkeypatch):
    house = open_house
    index = house.service.parts["standing"].index
    monkeypatch.setattr(index_module, "HELD_MAX", -1)
    house.happen("account_registered", "late-comer", number="+4915100000040")
    assert not index.ready
    assert house.get("/v1/standing/any", "partner", 503)["type"] == "/problems/not-ready"
    monkeypatch.setattr(index_module, "HELD_MAX", 1000)
    index._queue.put(([], 0))
    settle(house)
    assert token(house, "+4915100000040") in entries(house)


class Down:
    """A database that refuses the tokens so many times."""

    def __init__(self, monkeypatch, times):
        self.left = times
        noted = index_module.standing.note

        def note(*given):
            if self.left:
                self.left -= 1
                raise OperationalError("", {}, Exception("down"))
            return noted(*given)

        monkeypatch.setattr(index_module.standing, "note", note)
        monkeypatch.setattr(index_module, "AGAIN_S", 0.01)


def test_a_database_that_fails_for_a_while_costs_no_number(open_house, monkeypatch):
    down = Down(monkeypatch, 2)
    for i in range(3):
        open_house.happen("login_attempt", "traveller", number=f"+491510000005{i}")
    settle(open_house)
    assert down.left == 0
    found = entries(open_house)
    assert all(token(open_house, f"+491510000005{i}") in found for i in range(3))


def test_what_was_in_hand_of_an_erased_account_is_let_go(open_house, monkeypatch):
    """Its number waits for a database that is down; when that is back, the account is gone."""
    down = Down(monkeypatch, 1_000_000)
    for i in range(3):
        open_house.happen("login_attempt", "leaver-1", number=f"+491510000003{i}")
    open_house.ask("DELETE", "/v1/accounts/leaver-1", "root", params=WHY)
    down.left = 0
    settle(open_house)
    found = entries(open_house)
    assert all(token(open_house, f"+491510000003{i}") not in found for i in range(3))


def test_an_erased_account_leaves_no_token(open_house):
    open_house.happen("account_registered", "gone-1", number="+4915100000060")
    settle(open_house)
    gone = token(open_house, "+4915100000060")
    assert gone in entries(open_house)
    open_house.ask("DELETE", "/v1/accounts/gone-1", "root", params=WHY)
    settle(open_house)
    assert gone not in entries(open_house)
    with open_house.service.ledger.reading() as connection:
        rows = connection.execute(sa.select(standing_tokens)).all()
    assert gone not in {bytes(row.token).hex() for row in rows}
    assert "gone-1" not in {row.account_id for row in rows}


def test_a_number_goes_to_the_account_that_was_named_with_it_last(open_house):
    number = "+4915100000020"
    open_house.happen("account_registered", "first-1", number=number)
    open_house.message("first-1", is_promotional=True)
    settle(open_house)
    assert entries(open_house)[token(open_house, number)]["standing"] == "banned"
    minute = 60_000  # events may come so late
    for who, ago, standing in (
        ("heir-1", minute, "banned"),
        ("heir-1", 0, "good"),
        ("first-1", minute, "good"),
    ):
        open_house.happen("login_attempt", who, clock.now_ms() - ago, number="0049 151 000000 20")
        settle(open_house)
        assert entries(open_house)[token(open_house, number)]["standing"] == standing


@pytest.mark.parametrize(("id_", "hours"), [("late", 1), ("h1", 0)])
def test_events_that_the_log_does_not_take_in_are_not_indexed(open_house, id_, hours):
    """One that comes too late, and one whose id another one had."""
    at = clock.now_ms() - hours * 3_600_000
    line = {
        "event_id": id_,
        "type": "account_registered",
        "ts": at,
        "account_id": "x-1",
        "number": "+4915100000008",
    }
    open_house.run(open_house.service.judging.submit([json.dumps(line).encode()]))
    settle(open_house)
    assert token(open_house, "+4915100000008") not in entries(open_house)


def test_prefixes_grow_with_the_number_of_accounts(open_house, monkeypatch):
    for i in range(17):
        open_house.happen("account_registered", f"acc-{i}", number=f"+49151000001{i:02}")
    settle(open_house)
    everybody = entries(open_house)
    assert 16 <= len(everybody) < 32
    monkeypatch.setattr(terms_module, "SHARE", 1)
    assert open_house.get("/v1/standing", "partner")["prefix_bits"] == 4
    found = {}
    for prefix in ("00", "010", "0110", "0111", "10", "11"):
        part = entries(open_house, prefix)
        assert all(prefix_of(bytes.fromhex(one), 4).startswith(prefix) for one in part)
        found |= part
    assert found == everybody
    for prefix in ("any", "0", "00000"):
        open_house.get(f"/v1/standing/{prefix}", "partner", 422)
