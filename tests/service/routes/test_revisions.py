"""Figures and states of rules over HTTP: proposed within bounds, previewed on the journal, approved by somebody else."""

import pytest
from tests.ledger.worlds import policy
from tests.service.routes.house import House

from tidegate import clock
from tidegate.windows.timestamps import format_rfc3339


@pytest.fixture
def house(tmp_path):
    """A house of its own for every test: figures hold for all."""
    house = House(tmp_path / "data", policy)
    yield house
    house.close()


def contacts(house, account, count):
    """Add contacts; return whether the rule fired at the last one."""
    decision = [house.happen("contact_added", account) for _ in range(count)][-1]
    return "harvest" in [fired["rule"] for fired in decision["fired"]]


def proposed(house, figures=None, states=None, **parts):
    body = {"figures": figures or {}, "states": states or {}, "reason": "parties have grown"}
    return house.post("/v1/revisions", status=201, **body, **parts)


def test_figures_are_shown_with_their_bounds(house):
    shown = house.get("/v1/parameters/figures.contacts")
    assert (shown["value"], shown["written"], shown["low"], shown["high"], shown["unit"]) == (
        3,
        3,
        1,
        50,
        "contacts",
    )
    assert "figures.contacts" in [p["name"] for p in house.get("/v1/parameters")["parameters"]]
    assert house.get("/v1/parameters/nonsense", status=404)["field"] == "name"


def test_a_revision_holds_once_somebody_else_has_approved_it(house):
    assert contacts(house, "a", 4)
    revision = proposed(house, {"figures.contacts": 5})
    assert (revision["state"], revision["stale"]) == ("proposed", False)
    assert contacts(house, "b", 4)
    path = f"/v1/revisions/{revision['id']}/approve"
    assert house.post(path, status=403, reason="mine")["type"] == "/problems/four-eyes"
    active = house.post(path, who="bob", reason="sounds right")
    assert (active["state"], active["decided_by"].split("#")[0]) == ("active", "bob")
    assert not contacts(house, "c", 4)
    assert contacts(house, "c", 2)
    assert house.get("/v1/parameters/figures.contacts")["value"] == 5
    assert house.post(path, who="bob", status=409, reason="again")["type"] == "/problems/conflict"
    stamps = {house.message(who)["policy"]["parameters"] for who in ("d", "e")}
    assert stamps == {policy.revise({"figures.contacts": 5}).digest}


def test_a_revision_may_wait_for_its_event_time(house):
    now = clock.now_ms()
    house.message("a")
    revision = proposed(house, {"figures.contacts": 5})
    path = f"/v1/revisions/{revision['id']}/approve"
    past = house.post(path, who="bob", status=422, reason="x", active_from=format_rfc3339(now - 3_600_000))
    assert past["field"] == "active_from"
    house.post(path, who="bob", reason="from then on", active_from=format_rfc3339(now + 240_000))
    assert contacts(house, "a", 4)
    for n in range(4):
        decision = house.happen("contact_added", "b", ts=now + 240_000 + n)
    assert decision["fired"] == []


def test_a_revision_outlives_a_restart(house):
    revision = proposed(house, {"figures.contacts": 5})
    house.post(f"/v1/revisions/{revision['id']}/approve", who="bob", reason="yes")
    house.stop()
    house.start()
    assert house.get("/v1/parameters/figures.contacts")["value"] == 5
    assert not contacts(house, "a", 4)


def test_a_crash_between_journal_and_book_is_made_good(house):
    revision = proposed(house, {"figures.contacts": 5})
    changed = policy.revise({"figures.contacts": 5})
    note = {"revision": revision["id"]}
    house.run(
        house.service.judging.call(
            lambda live: live.revise(changed, live.engine.newest, by="bob#k", note=note)
        )
    )
    shown = house.get(f"/v1/revisions/{revision['id']}")
    assert (shown["state"], shown["decided_by"]) == ("active", "bob#k")


def test_a_rule_is_put_into_shadow_and_still_counted(house):
    assert contacts(house, "a", 4)
    revision = proposed(house, states={"harvest": "shadow"})
    house.post(f"/v1/revisions/{revision['id']}/approve", who="bob", reason="too many parties")
    assert not contacts(house, "b", 5)
    shown = house.get("/v1/rules/harvest")
    assert (shown["state"], shown["written_state"]) == ("shadow", "active")
    assert (shown["counts"]["fired"], shown["counts"]["shadow"]) == (1, 2)
    assert shown["parameters"] == ["figures.contacts"]
    assert [(d["fired"], d["shadow"]) for d in shown["days"]] == [(1, 2)]
    listed = {r["id"]: r["state"] for r in house.get("/v1/rules")["rules"]}
    assert (listed["harvest"], listed["quiet"], listed["forwarded"]) == ("shadow", "shadow", "active")


def test_a_rule_that_people_found_wrong_says_so(house):
    number = house.message("a", is_forward=True)["sanctions"][0]["id"]
    appeal = house.post("/v1/appeals", status=201, sanction_id=number, reason="please")["id"]
    house.post(f"/v1/appeals/{appeal}/decide", who="bob", granted=True, reason="fine")
    counts = house.get("/v1/rules/forwarded")["counts"]
    assert (counts["found_right"], counts["found_wrong"]) == (0, 1)


def test_a_preview_says_what_would_have_changed_and_changes_nothing(house):
    contacts(house, "party", 5)
    contacts(house, "shy", 2)
    house.message("bystander", is_forward=True)
    before = house.get("/v1/accounts/party")["sanctions"]
    revision = proposed(house, {"figures.contacts": 4})
    shown = house.post(f"/v1/revisions/{revision['id']}/preview", days=7)["preview"]
    assert (shown["state"], shown["events"], shown["days"]) == ("done", 8, 7)
    assert shown["decisions_changed"] == 2
    assert shown["rules"] == {"harvest": {"both": 1, "only_in_force": 1, "only_proposed": 0}}
    assert {d["account_id"] for d in shown["decisions"]} == {"party"}
    first = shown["decisions"][0]
    assert (first["in_force"]["fired"], first["proposed"]["fired"]) == (["harvest"], [])
    assert house.get(f"/v1/revisions/{revision['id']}")["preview"] == shown
    assert house.get("/v1/accounts/party")["sanctions"] == before
    assert house.get("/v1/parameters/figures.contacts")["value"] == 3


def test_a_preview_fills_its_memory_from_before_the_days_it_counts(house, monkeypatch):
    day, now = 86_400_000, clock.now_ms()
    monkeypatch.setattr(clock, "now_ms", lambda: now)  # however long it takes, the days are these
    for n in range(3):  # the last seconds before the days that are counted
        house.happen("contact_added", "early", ts=now - day - 30_000 + n)
    for n in range(2):
        house.happen("contact_added", "early", ts=now - day + 5_000 + n)
    house.message("early", ts=now)
    revision = proposed(house, {"figures.contacts": 4})
    path = f"/v1/revisions/{revision['id']}/preview"
    shown = house.post(path, days=1, warm_up_days=1)["preview"]
    assert (shown["events"], shown["warm_up_events"]) == (3, 3)
    assert shown["rules"] == {"harvest": {"both": 1, "only_in_force": 1, "only_proposed": 0}}
    cold = house.post(path, days=1, warm_up_days=0)["preview"]
    assert (cold["events"], cold["warm_up_events"], cold["decisions_changed"]) == (3, 0, 0)


def test_what_does_not_fit_is_named(house):
    for figures, states, field in (
        ({"figures.contacts": 51}, {}, "figures.figures.contacts"),
        ({"figures.contacs": 5}, {}, "figures.figures.contacs"),
        ({"figures.contacts": "many"}, {}, "figures.figures.contacts"),
        ({}, {"nonsense": "active"}, "states.nonsense"),
        ({}, {"harvest": "asleep"}, "states.harvest"),
    ):
        problem = house.post("/v1/revisions", status=422, figures=figures, states=states, reason="x")
        assert problem["field"] == field, problem
    same = house.post("/v1/revisions", status=409, figures={"figures.contacts": 3}, reason="x")
    assert same["field"] == "figures"
    assert house.get("/v1/revisions/rev-none", status=404)["field"] == "revision_id"


def test_a_proposal_upon_other_figures_has_to_be_made_anew(house):
    first, second = (proposed(house, {"figures.contacts": n}) for n in (5, 6))
    house.post(f"/v1/revisions/{first['id']}/approve", who="bob", reason="yes")
    assert house.get(f"/v1/revisions/{second['id']}")["stale"] is True
    problem = house.post(f"/v1/revisions/{second['id']}/approve", who="bob", status=409, reason="yes")
    assert "came into force" in problem["detail"]
    assert house.post(f"/v1/revisions/{second['id']}/refuse", reason="too late")["state"] == "withdrawn"
    third = proposed(house, {"figures.contacts": 7})
    assert house.post(f"/v1/revisions/{third['id']}/refuse", who="bob", reason="no")["state"] == "refused"
    states = [r["state"] for r in house.get("/v1/revisions")["revisions"]]
    assert sorted(states) == ["active", "refused", "withdrawn"]
    assert [r["id"] for r in house.get("/v1/revisions", state="active")["revisions"]] == [first["id"]]
