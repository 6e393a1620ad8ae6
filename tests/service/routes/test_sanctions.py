"""Measures over HTTP: what an analyst does to one holds for the next event, and is on record."""

from tests.service.routes.house import House

from tidegate import clock
from tidegate.windows.timestamps import format_rfc3339

HOUR = 3_600_000


def opened(house, account, **fields):
    """The measure that a message opens."""
    decision = house.message(account, **(fields or {"is_forward": True}))
    assert decision["sanctions"], decision
    return decision["sanctions"][0]["id"]


def later(ms):
    return format_rfc3339(clock.now_ms() + ms)


def test_a_measure_is_shown_with_its_history(house):
    number = opened(house, "shown")
    shown = house.get(f"/v1/sanctions/{number}")
    assert (shown["state"], shown["sanction"], shown["cause"], shown["capability"]) == (
        "running",
        "slow",
        "forwarded",
        ["send"],
    )
    assert [(h["change"], h["actor"]) for h in shown["history"]] == [("opened", None)]


def test_what_a_decision_names_is_found_and_lifted_at_once(house):
    first, second = (house.message("hasty", recorded=False, is_forward=True) for _ in range(2))
    number = first["sanctions"][0]["id"]
    assert second["verdict"] == "deny"
    assert house.get("/v1/sanctions", account_id="hasty")["sanctions"][0]["id"] == number
    number = house.message("hastier", recorded=False, is_forward=True)["sanctions"][0]["id"]
    assert house.post(f"/v1/sanctions/{number}/lift", reason="a family album")["state"] == "ended"


def test_a_lifted_measure_restrains_no_more(house):
    number = opened(house, "lifted")
    assert house.message("lifted")["verdict"] == "deny"
    after = house.post(f"/v1/sanctions/{number}/lift", reason="a family album")
    assert (after["state"], after["history"][-1]["change"], after["history"][-1]["reason"]) == (
        "ended",
        "lifted",
        "a family album",
    )
    assert after["history"][-1]["actor"].startswith("ann#")
    assert house.message("lifted")["verdict"] == "allow"
    again = house.post(f"/v1/sanctions/{number}/lift", status=409, reason="once more")
    assert (again["type"], again["status"]) == ("/problems/conflict", 409)


def test_a_shortened_measure_ends_earlier_and_no_other_time_will_do(house):
    number = opened(house, "short")
    before = house.get(f"/v1/sanctions/{number}")
    after = house.post(f"/v1/sanctions/{number}/shorten", until=later(60_000), reason="a first offence")
    assert after["until"] < before["until"] == after["planned_until"]
    for until, says in ((later(HOUR), "ends at"), ("2001-01-01T00:00:00Z", "past"), ("tomorrow", "until")):
        problem = house.post(f"/v1/sanctions/{number}/shorten", status=422, until=until, reason="no")
        assert problem["field"] == "until"
        assert says in problem["detail"]
    assert house.get("/v1/accounts/short/capabilities")["restrained"]["send"]["until"] == after["until"]


def test_a_permanent_measure_is_confirmed_once(house):
    number = opened(house, "banned", is_promotional=True)
    listed = house.get("/v1/sanctions", state="unconfirmed", account_id="banned")["sanctions"]
    assert [(s["id"], s["until"], s["review"]) for s in listed] == [(number, "permanent", "deactivation")]
    after = house.post(f"/v1/sanctions/{number}/confirm", reason="five hundred adverts")
    assert after["confirmed_by"].startswith("ann#")
    assert house.get("/v1/sanctions", state="unconfirmed", account_id="banned")["sanctions"] == []
    assert (
        house.post(f"/v1/sanctions/{number}/confirm", status=409, who="bob", reason="me too")["status"] == 409
    )


def test_a_measure_that_ends_by_itself_needs_no_confirmation(house):
    number = opened(house, "plain")
    assert (
        house.post(f"/v1/sanctions/{number}/confirm", status=409, reason="sure")["type"]
        == "/problems/conflict"
    )


def test_who_takes_a_permanent_measure_cannot_confirm_it(house):
    taken = house.post(
        "/v1/sanctions", status=201, account_id="threat", sanction="ban", reason="threats, ticket 4711"
    )
    assert (taken["until"], taken["cause"]) == ("permanent", "by hand")
    assert taken["opened_by"].startswith("ann#")
    assert house.message("threat")["verdict"] == "deny"
    path = f"/v1/sanctions/{taken['id']}/confirm"
    problem = house.post(path, status=403, reason="sure")
    assert (problem["type"], problem["title"]) == ("/problems/four-eyes", "Forbidden")
    assert house.post(path, who="bob", reason="seen too")["confirmed_by"].startswith("bob#")


def test_a_measure_by_hand_may_have_its_own_end_and_capability(house):
    until = later(HOUR)
    body = {"account_id": "call", "sanction": "slow", "until": until, "capability": ["group_join"]}
    taken = house.post("/v1/sanctions", status=201, reason="by law", **body)
    assert (taken["until"], taken["capability"]) == (until, ["group_join"])
    assert house.message("call")["verdict"] == "allow"
    for field, value in (
        ("sanction", "nonsense"),
        ("capability", ["fly"]),
        ("until", "1999-01-01T00:00:00Z"),
        ("account_id", ""),
    ):
        problem = house.post("/v1/sanctions", status=422, reason="no", **body | {field: value})
        assert problem["field"].split(".")[0] == field


def test_a_kind_that_somebody_has_taken_already_is_not_taken_twice(house):
    body = {"account_id": "again", "sanction": "slow", "reason": "by law"}
    headers = {"Idempotency-Key": "k3"}
    first = house.post("/v1/sanctions", status=201, headers=headers, **body)
    problem = house.post("/v1/sanctions", who="bob", status=409, **body)
    assert (problem["type"], problem["field"]) == ("/problems/conflict", "sanction")
    assert first["id"] in problem["detail"]
    assert house.post("/v1/sanctions", status=201, headers=headers, **body) == first
    house.post("/v1/sanctions", status=201, **body | {"sanction": "ban"})
    house.post(f"/v1/sanctions/{first['id']}/lift", reason="mistaken")
    assert house.post("/v1/sanctions", status=201, **body)["state"] == "running"


def test_the_same_key_lifts_once(house):
    number = opened(house, "twice")
    headers = {"Idempotency-Key": "k1"}
    first = house.post(f"/v1/sanctions/{number}/lift", headers=headers, reason="once")
    second = house.post(f"/v1/sanctions/{number}/lift", headers=headers, reason="once")
    assert [h["change"] for h in second["history"]] == ["opened", "lifted"]
    assert first["history"] == second["history"]
    taken = [
        house.post(
            "/v1/sanctions",
            status=201,
            headers=headers | {"Idempotency-Key": "k2"},
            account_id="twice",
            sanction="slow",
            reason="x",
        )
        for _ in range(2)
    ]
    assert taken[0]["id"] == taken[1]["id"]


def test_measures_are_listed_page_by_page(house):
    made = [
        opened(house, "many")
        for _ in range(5)
        if not house.get("/v1/sanctions", account_id="many", state="running")["sanctions"]
        or _lift_all(house, "many")
    ]
    seen, cursor = [], None
    while True:
        query = {"account_id": "many", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = house.get("/v1/sanctions", **query)
        seen += [s["id"] for s in page["sanctions"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)
    assert len(seen) == 5


def _lift_all(house, account):
    for one in house.get("/v1/sanctions", account_id=account, state="running")["sanctions"]:
        house.post(f"/v1/sanctions/{one['id']}/lift", reason="for the test")
    return True


def test_lists_are_narrowed(house):
    number = opened(house, "narrow", device_id="d1")
    assert [
        s["id"] for s in house.get("/v1/sanctions", subject_id="d1", account_id="narrow")["sanctions"]
    ] == [number]
    assert house.get("/v1/sanctions", account_id="narrow", capability="send")["sanctions"] == []
    assert (
        len(house.get("/v1/sanctions", account_id="narrow", capability="login", state="running")["sanctions"])
        == 1
    )
    assert house.get("/v1/sanctions", account_id="narrow", state="ended")["sanctions"] == []


def test_what_does_not_fit_is_named(house):
    for query, field in (
        ({"cursor": "nonsense"}, "cursor"),
        ({"limit": 0}, "limit"),
        ({"state": "gone"}, "state"),
    ):
        problem = house.get("/v1/sanctions", status=422, **query)
        assert (problem["field"], problem["status"]) == (field, 422)
    assert house.get("/v1/sanctions/s-none", status=404)["field"] == "sanction_id"
    number = opened(house, "named")
    assert house.post(f"/v1/sanctions/{number}/lift", status=422, reason="")["field"] == "reason"
    assert house.post(f"/v1/sanctions/{number}/lift", status=422, reason="  ")["field"] == "reason"
    assert house.post(f"/v1/sanctions/{number}/lift", status=422, reason="x", resaon="y")["field"] == "resaon"
    assert house.post("/v1/sanctions/s-none/lift", status=404, reason="x")["type"] == "/problems/not-found"


def test_who_only_reads_decides_nothing(house):
    number = opened(house, "reader")
    for what in ("lift", "confirm"):
        assert (
            house.post(f"/v1/sanctions/{number}/{what}", who="rita", status=403, reason="x")["status"] == 403
        )
    assert house.get("/v1/sanctions", who="app", status=403)["status"] == 403


def test_an_act_is_in_the_audit_log(house):
    number = opened(house, "audited")
    house.post(f"/v1/sanctions/{number}/lift", reason="seen")
    entries = house.service.custody.audit.entries(subject="audited")
    assert [(e.action, e.details.reason) for e in entries] == [("sanction.lift", "seen")]
    assert entries[0].actor.startswith("ann#")
    (before,) = entries[0].details.before["measures"]
    (after,) = entries[0].details.after["events"]
    assert (before["id"], before["until"] > after["ts"]) == (number, True)
    assert (after["type"], after["sanction_id"]) == ("sanction_lifted", number)


def test_an_id_may_have_a_slash_within(house):
    decision = house.message("team/ann", is_forward=True)
    for path in ("", "/capabilities", "/timeline"):
        assert house.get(f"/v1/accounts/team%2Fann{path}")
    assert house.get("/v1/accounts/team%2fann")["account_id"] == "team/ann"
    number = decision["sanctions"][0]["id"]
    assert [m["id"] for m in house.get("/v1/sanctions", account_id="team/ann")["sanctions"]] == [number]
    house.get("/v1/accounts/team/ann", status=404)
    house.get("/v1/accounts/team%252Fann")  # an escaped percent sign: another id
    assert house.get("/v1/accounts/team%252Fann")["account_id"] == "team%2Fann"


def test_an_id_with_a_slash_may_be_acted_on_under_a_key(house):
    house.message("slash", is_forward=True)
    house.happen(
        "sanction_applied", "slash", sanction_id="case/17", kind="slow", expires_ts=clock.now_ms() + HOUR
    )
    for _ in range(2):
        lifted = house.post(
            "/v1/sanctions/case%2F17/lift", headers={"Idempotency-Key": "k4"}, reason="mistaken"
        )
        assert [h["change"] for h in lifted["history"]] == ["opened", "lifted"]


def test_a_body_that_is_no_json_says_where(house):
    problem = house.ask(
        "POST",
        "/v1/sanctions/s-1/lift",
        status=422,
        headers={"content-type": "application/json"},
        content=b'{"reason": }',
    )
    assert (problem["field"], problem["detail"]) == (
        "body",
        "body: not JSON: expecting value, at character 11",
    )


def test_an_act_on_events_that_come_hours_late_does_not_make_the_next_ones_too_late(house, tmp_path):
    late = House(tmp_path / "late", house.policy)
    try:
        start = clock.now_ms() - 5 * HOUR
        number = late.message("late", ts=start, is_forward=True)["sanctions"][0]["id"]
        assert late.get("/v1/accounts/late/capabilities")["restrained"]["send"]["measures"][0]["id"] == number
        late.post(f"/v1/sanctions/{number}/lift", reason="a family album")
        assert late.message("late", ts=start + 30_000)["verdict"] == "allow"
        assert late.get("/v1/accounts/late")["at"] > format_rfc3339(start + 30_000)  # time goes on
    finally:
        late.close()


def test_in_a_log_of_the_past_it_is_the_time_of_the_newest_event_however_long_ago_that_came(house, tmp_path):
    past = House(tmp_path / "past", house.policy)
    try:
        start = clock.now_ms() - 30 * 24 * HOUR
        number = past.message("past", ts=start, is_forward=True)["sanctions"][0]["id"]
        past.service.metrics.decided.newest_at -= 2 * HOUR  # it came two hours ago
        lifted = past.post(f"/v1/sanctions/{number}/lift", reason="a family album")
        assert lifted["lifted_at"] == past.get("/v1/accounts/past")["at"] == format_rfc3339(start)
        assert past.message("past", ts=start)["verdict"] == "allow"
    finally:
        past.close()
