"""Accounts over HTTP: what the engine remembers and what the ledger has on record, together."""

import json

from tidegate import clock
from tidegate.service.shapes.accounts import Quota


def test_an_account_stands_as_it_was_judged(house):
    house.message("stands", is_forward=True, link_hashes=["l"])
    house.happen("report_filed", "stands", reporter_id="r", report_id="r1")
    shown = house.get("/v1/accounts/stands")
    assert {s["sanction"] for s in shown["sanctions"]} == {"slow", "prove", "reported"}
    assert shown["restrained"]["send"]["verdict"] == "deny"
    assert "send" not in shown["allowed"]
    assert "login" in shown["allowed"]
    assert {label["name"]: label["cause"] for label in shown["labelled"]} == {
        "pusher": "forwarded",
        "seller": "many-links",
    }
    assert shown["labels"] == ["pusher", "seller"]
    assert [c["queue"] for c in shown["cases"]] == ["reports"]
    assert [e["type"] for e in shown["timeline"]] == ["report_filed", "message_sent"]
    assert shown["timeline"][0]["cases"][0]["id"] == shown["cases"][0]["id"]
    assert shown["signals"] == []
    assert shown["score"] == 0.0


def test_what_restrains_without_end_says_who_must_confirm_it(house):
    house.message("for-ever", is_promotional=True)
    house.happen(
        "sanction_applied",
        "for-ever",
        sanction_id="x9",
        kind="of-others",
        capability=["send"],
        expires_ts=None,
    )
    house.message("for-ever", is_forward=True)
    measures = house.get("/v1/accounts/for-ever/capabilities")["restrained"]["send"]["measures"]
    assert {m["sanction"]: (m["until"] == "permanent", m["review"]) for m in measures} == {
        "ban": (True, "deactivation"),
        "of-others": (True, "deactivation"),
        "slow": (False, None),
    }


def test_an_account_that_nobody_knows_may_do_everything(house):
    shown = house.get("/v1/accounts/stranger")
    assert (shown["restrained"], shown["sanctions"], shown["timeline"]) == ({}, [], [])
    assert house.get("/v1/accounts/stranger/capabilities")["allowed"] == ["group_join", "login", "send"]


def test_what_is_left_of_a_quota_is_written_as_a_replay_writes_it():
    quota = Quota.model_config["json_schema_extra"]["examples"][0]
    for figures in ({"used": 13, "limit": 20, "remaining": 7}, {"used": 8.4, "limit": 10, "remaining": None}):
        shown = json.dumps(quota | figures, separators=(",", ":"))
        assert Quota.model_validate_json(shown).model_dump_json() == shown


def test_what_restrains_ends_by_the_clock_also_where_nothing_happens(house, monkeypatch):
    house.message("idle", is_forward=True)
    assert "send" in house.get("/v1/accounts/idle/capabilities")["restrained"]
    now = clock.now_ms()
    monkeypatch.setattr(clock, "now_ms", lambda: now + 31 * 60_000)
    assert house.get("/v1/accounts/idle/capabilities")["restrained"] == {}
    assert house.get("/v1/accounts/idle")["sanctions"] == []


def test_a_timeline_is_read_page_by_page_and_shows_what_people_did(house):
    for n in range(4):
        number = house.message("story", is_forward=True)["sanctions"][0]["id"]
        house.post(f"/v1/sanctions/{number}/lift", reason=f"reason {n}")
    seen, cursor = [], None
    while True:
        page = house.get("/v1/accounts/story/timeline", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += page["timeline"]
        cursor = page["next"]
        if cursor is None:
            break
    assert [e["type"] for e in seen] == ["sanction_lifted", "message_sent"] * 4
    assert [e["by_people"]["reason"] for e in seen if e["by_people"]] == [f"reason {n}" for n in (3, 2, 1, 0)]
    assert len({(e["at"], e["event_id"]) for e in seen}) == 8


def test_labels_are_found_by_name_and_entity(house):
    house.message("labelled", device_id="d1", is_forward=True)
    listed = house.get("/v1/labels", subject="device", subject_id="d1")["labels"]
    assert [(one["name"], one["cause"]) for one in listed] == [("odd", "odd-device")]
    assert "labelled" in [
        one["subject_id"] for one in house.get("/v1/labels", name="pusher", limit=500)["labels"]
    ]
    house.message("cleared", link_hashes=["l"])
    house.happen("challenge_result", "cleared", passed=True, challenge_type="sms")
    assert house.get("/v1/labels", subject_id="cleared")["labels"] == []
    (once,) = house.get("/v1/labels", subject_id="cleared", carried=False)["labels"]
    assert once["taken_off_at"] is not None
    assert house.get("/v1/labels", status=422, subject="planet")["field"] == "subject"
