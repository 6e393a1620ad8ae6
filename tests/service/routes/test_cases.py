"""Cases over HTTP: taken, given back, decided; what was found is kept, and measures end with it."""


def reported(house, account):
    """The case and the measure that a report opens."""
    decision = house.happen("report_filed", account, reporter_id="r", report_id=f"r-{account}")
    return decision["cases"][0]["id"], decision["sanctions"][0]["id"]


def test_a_case_goes_from_its_queue_to_a_decision(house):
    case, measure = reported(house, "innocent")
    shown = house.get(f"/v1/cases/{case}")
    assert (shown["queue"], shown["state"], shown["cause"], shown["overdue"]) == (
        "reports",
        "open",
        "any-report",
        False,
    )
    taken = house.post(f"/v1/cases/{case}/take")
    assert (taken["state"], taken["taken_by"].split("#")[0]) == ("taken", "ann")
    decided = house.post(
        f"/v1/cases/{case}/decide", finding="unfounded", lift=[measure], reason="a quarrel of neighbours"
    )
    assert (decided["state"], decided["decision"], decided["reason"]) == (
        "decided",
        "unfounded",
        "a quarrel of neighbours",
    )
    assert house.get(f"/v1/sanctions/{measure}")["state"] == "ended"
    assert house.message("innocent")["verdict"] == "allow"
    (found,) = house.get("/v1/findings", account_id="innocent")["findings"]
    assert (found["rule"], found["right"], found["source"], found["source_id"]) == (
        "any-report",
        False,
        "review",
        case,
    )
    assert house.post(f"/v1/cases/{case}/take", who="bob", status=409)["type"] == "/problems/conflict"


def test_only_one_has_a_case(house):
    case, _ = reported(house, "shared")
    house.post(f"/v1/cases/{case}/take")
    assert "ann#" in house.post(f"/v1/cases/{case}/take", who="bob", status=409)["detail"]
    assert house.post(f"/v1/cases/{case}/decide", who="bob", status=409, finding="confirmed", reason="x")[
        "hint"
    ]
    assert (
        house.post(f"/v1/cases/{case}/release", who="bob", status=403, reason="x")["type"]
        == "/problems/four-eyes"
    )
    assert house.post(f"/v1/cases/{case}/release", who="root", reason="on holiday")["state"] == "open"
    assert house.post(f"/v1/cases/{case}/take", who="bob")["taken_by"].startswith("bob#")
    assert house.post(f"/v1/cases/{case}/release", who="bob", reason="not mine")["state"] == "open"
    assert house.post(f"/v1/cases/{case}/release", who="bob", status=409, reason="again")["status"] == 409


def test_a_confirmed_case_lifts_nothing_and_no_other_account_is_touched(house):
    case, _ = reported(house, "guilty")
    _, other = reported(house, "bystander")
    house.post(f"/v1/cases/{case}/take")
    path = f"/v1/cases/{case}/decide"
    assert house.post(path, status=422, finding="confirmed", lift=[other], reason="x")["field"] == "lift"
    assert house.post(path, status=422, finding="unfounded", lift=[other], reason="x")["field"] == "lift"
    assert house.post(path, status=422, finding="maybe", reason="x")["field"] == "finding"
    assert house.post(path, finding="confirmed", reason="threats")["decision"] == "confirmed"
    assert house.get("/v1/findings", account_id="guilty")["findings"][0]["right"] is True
    assert house.get(f"/v1/sanctions/{other}")["state"] == "running"


def test_an_inconclusive_case_says_nothing_of_the_rule(house):
    case, _ = reported(house, "unclear")
    house.post(f"/v1/cases/{case}/take")
    house.post(f"/v1/cases/{case}/decide", finding="inconclusive", reason="nobody answers")
    assert house.get("/v1/findings", account_id="unclear")["findings"] == []


def test_cases_are_listed_by_queue_and_time_they_are_due(house):
    first, _ = reported(house, "due1")
    second, _ = reported(house, "due2")
    listed = [c["id"] for c in house.get("/v1/cases", queue="reports", state="open", limit=500)["cases"]]
    assert listed.index(first) < listed.index(second)
    due = house.get(f"/v1/cases/{second}")["due"]
    before = [c["id"] for c in house.get("/v1/cases", queue="reports", due_before=due, limit=500)["cases"]]
    assert second not in before
    assert house.get("/v1/cases", queue="nothing")["cases"] == []
    assert house.get("/v1/cases", status=422, due_before="soon")["field"] == "due_before"
    assert house.get("/v1/cases/c-none", status=404)["field"] == "case_id"
    queue = next(q for q in house.get("/v1/queues")["queues"] if q["queue"] == "reports")
    assert queue["open"] >= 2
    assert queue["overdue"] == 0
