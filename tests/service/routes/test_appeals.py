"""Appeals over HTTP: the reversal ends the measure, is an event that rules see, and is decided by somebody without part in it."""

import pytest

pytestmark = pytest.mark.parametrize("house", ["sqlite", "postgresql"], indirect=True, scope="module")


def restrained(house, account):
    return house.message(account, is_forward=True)["sanctions"][0]["id"]


def filed(house, account, who="app", **evidence):
    """An appeal that the platform sent as an event."""
    measure = restrained(house, account)
    number = f"ap-{account}"
    house.happen(
        "appeal_filed",
        account,
        appeal_id=number,
        sanction_id=measure,
        extra={"reason": "no spam"},
        **evidence,
    )
    return number, measure


def test_an_appeal_that_is_granted_ends_the_measure(house):
    number, measure = filed(house, "right", compliant_share=0.97)
    shown = house.get(f"/v1/appeals/{number}")
    assert (shown["state"], shown["sanction_id"], shown["statement"], shown["compliant_share"]) == (
        "open",
        measure,
        "no spam",
        0.97,
    )
    granted = house.post(f"/v1/appeals/{number}/decide", granted=True, reason="invitations to a wedding")
    assert (granted["state"], granted["reason"]) == ("granted", "invitations to a wedding")
    assert house.message("right")["verdict"] == "allow"
    history = house.get(f"/v1/sanctions/{measure}")["history"]
    assert (history[-1]["change"], history[-1]["actor"].split("#")[0]) == ("lifted", "ann")
    (found,) = house.get("/v1/findings", right="false", account_id="right")["findings"]
    assert (found["rule"], found["source"], found["sanction_id"]) == ("forwarded", "appeal", measure)


def test_later_events_see_that_an_appeal_was_granted(house):
    number, _ = filed(house, "vindicated")
    assert "vindicated-before" not in house.message("vindicated", is_reply=True)["labels"]
    house.post(f"/v1/appeals/{number}/decide", granted=True, reason="right")
    assert "vindicated-before" in house.message("vindicated", is_reply=True)["labels"]


def test_a_refusal_is_turned_round_by_somebody_else(house):
    number, measure = filed(house, "second-look")
    before = house.get("/v1/rules/forwarded")["counts"]
    assert house.post(f"/v1/appeals/{number}/reverse", status=409, reason="x")["type"] == "/problems/conflict"
    assert (
        house.post(f"/v1/appeals/{number}/decide", granted=False, reason="looks like spam")["state"]
        == "refused"
    )
    assert house.message("second-look")["verdict"] == "deny"
    again = house.post(f"/v1/appeals/{number}/decide", who="bob", status=409, granted=True, reason="no")
    assert "reverse" in again["hint"]
    assert (
        house.post(f"/v1/appeals/{number}/reverse", status=403, reason="I was wrong")["type"]
        == "/problems/four-eyes"
    )
    turned = house.post(f"/v1/appeals/{number}/reverse", who="bob", reason="not spam at all")
    assert (turned["state"], turned["decided_by"].split("#")[0], turned["reversed_by"].split("#")[0]) == (
        "granted",
        "ann",
        "bob",
    )
    assert house.get(f"/v1/sanctions/{measure}")["state"] == "ended"
    assert house.message("second-look")["verdict"] == "allow"
    listed = house.get("/v1/findings", account_id="second-look")["findings"]
    assert [(f["right"], f["overturned"]) for f in listed] == [(False, False), (True, True)]
    after = house.get("/v1/rules/forwarded")["counts"]
    assert after["found_right"] == before["found_right"]  # what was turned round says nothing for the rule
    assert after["found_wrong"] == before["found_wrong"] + 1


def test_who_took_or_confirmed_a_measure_or_filed_the_appeal_does_not_decide_it(house):
    taken = house.post("/v1/sanctions", status=201, account_id="own", sanction="ban", reason="threats")["id"]
    house.post(f"/v1/sanctions/{taken}/confirm", who="bob", reason="seen")
    appeal = house.post("/v1/appeals", who="eve", status=201, sanction_id=taken, reason="a quotation")
    assert (appeal["state"], appeal["filed_by"].split("#")[0]) == ("open", "eve")
    for who in ("ann", "bob", "eve"):
        path = f"/v1/appeals/{appeal['id']}/decide"
        assert (
            house.post(path, who=who, status=403, granted=True, reason="x")["type"] == "/problems/four-eyes"
        )
    assert house.post(path, who="root", granted=True, reason="a quotation")["state"] == "granted"
    assert house.message("own")["verdict"] == "allow"


def test_one_appeal_at_a_time(house):
    measure = restrained(house, "once")
    first = house.post("/v1/appeals", status=201, sanction_id=measure, reason="please")
    problem = house.post("/v1/appeals", status=409, sanction_id=measure, reason="please!")
    assert first["id"] in problem["detail"]
    house.post(f"/v1/appeals/{first['id']}/decide", who="bob", granted=True, reason="fine")
    assert (
        house.post("/v1/appeals", status=409, sanction_id=measure, reason="again")["field"] == "sanction_id"
    )
    assert house.post("/v1/appeals", status=404, sanction_id="s-none", reason="x")["field"] == "sanction_id"
    over = house.post("/v1/appeals", status=422, sanction_id=measure, reason="x", compliant_share=1.5)
    assert over["field"] == "compliant_share"


def test_appeals_are_listed_by_state_and_account(house):
    number, measure = filed(house, "listed")
    for query in (
        {"account_id": "listed"},
        {"sanction_id": measure},
        {"account_id": "listed", "state": "open"},
    ):
        assert [a["id"] for a in house.get("/v1/appeals", **query)["appeals"]] == [number]
    assert house.get("/v1/appeals", account_id="listed", state="granted")["appeals"] == []
    assert house.get("/v1/appeals/ap-none", status=404)["field"] == "appeal_id"
