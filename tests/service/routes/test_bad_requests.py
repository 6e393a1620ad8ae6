"""What cannot be read is said with its place: bodies, forms, addresses, and keys of requests that were used before."""

import pytest

JSON = {"content-type": "application/json"}
SANCTIONS = "/v1/sanctions"


@pytest.mark.parametrize(
    "body",
    [b'{"figures": {"x": ' + b"9" * 5000 + b'}, "reason": "r"}', b"[" * 100_000],
    ids=["digits", "deep"],
)
def test_a_body_that_no_parser_takes_is_an_error_of_the_body(house, body):
    problem = house.ask("POST", "/v1/revisions", status=422, headers=JSON, content=body)
    assert (problem["type"], problem["field"]) == ("/problems/invalid-request", "body")


def test_a_homeserver_that_asks_whether_we_are_there_is_answered_whatever_it_sends(house):
    path = "/v1/adapters/matrix/http-antispam/ping"
    for body in (b"[" * 100_000, b"", b"[]", b"\xff"):
        assert house.ask("POST", path, "app", headers=JSON, content=body) == {"id": None, "status": "ok"}
    assert house.post(path, "app", id="p1")["id"] == "p1"


def test_a_body_that_is_no_text_is_said_with_the_place(house):
    problem = house.ask("POST", SANCTIONS, status=422, headers=JSON, content=b'{"reason": "\xff"}')
    assert (problem["field"], problem["detail"]) == ("body", "body: byte 13 (`0xff`) is not UTF-8")


@pytest.mark.parametrize("known", [True, False], ids=["of a known length", "in pieces"])
@pytest.mark.parametrize("path", [SANCTIONS, "/v1/adapters/matrix/http-antispam/check_event_for_spam"])
def test_a_body_is_read_no_further_than_forms_are_long(house, path, known):
    """Also of strangers: a body is read before anybody looks at the key."""
    given = []

    async def pieces():
        for _ in range(1000):
            given.append(1)
            yield b" " * 65536

    headers = JSON | {"authorization": ""} | ({"content-length": str(65536 * 1000)} if known else {})
    answer = house.run(house.client.post(path, headers=headers, content=pieces()))
    assert answer.status_code in (401, 413)  # a homeserver is asked for its key first
    assert len(given) <= (0 if known else 17)
    if answer.status_code == 413:
        problem = answer.json()
        assert (problem["type"], problem["field"]) == ("/problems/too-large", "body")


@pytest.mark.parametrize("form", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_form_that_is_not_read_is_named(house, form):
    body = b'{"reason": "r"}'
    problem = house.ask(
        "POST", "/v1/sanctions/s-1/lift", status=415, headers={"content-type": form}, content=body
    )
    assert (problem["field"], problem["hint"]) == ("Content-Type", "application/json")
    assert form in problem["detail"]


def test_an_escape_that_is_no_text_is_nobodys_id(house):
    house.message("\ufffd")
    for method, who, path in (
        ("GET", "rita", "/v1/accounts/%ff"),
        ("DELETE", "root", "/v1/accounts/%FF?reason=r"),
        ("GET", "rita", "/v1/accounts/%ed%a0%80"),
    ):
        assert house.ask(method, path, who, status=400)["field"] == "path"
    assert house.get("/v1/accounts/%EF%BF%BD")["account_id"] == "\ufffd"


def test_fields_of_a_key_and_a_webhook_are_named(house):
    for field, value in (("expires", "soon"), ("expires", "2001-01-01T00:00:00Z"), ("networks", ["x"])):
        body = {"name": "n", "roles": ["read"], field: value}
        problem = house.post("/v1/keys", "root", 422, **body)
        assert (problem["type"], problem["field"]) == ("/problems/invalid-request", field)
    for url in ("nothing", "https://u:p@example.org/", "http://169.254.169.254/", "https://127.0.0.1/"):
        problem = house.post("/v1/webhooks", "root", 422, url=url)
        assert (problem["type"], problem["field"]) == ("/problems/invalid-request", "url")


FIGURE = "figures.contacts"


@pytest.mark.parametrize(
    ("path", "who", "body"),
    [
        ("/v1/appeals/ap-1/decide", "ann", {"granted": "no", "reason": "r"}),
        ("/v1/appeals/ap-1/decide", "ann", {"granted": 1, "reason": "r"}),
        ("/v1/revisions", "ann", {"figures": {FIGURE: True}, "reason": "r"}),
        ("/v1/revisions", "ann", {"figures": {FIGURE: {"new": "9"}}, "reason": "r"}),
        ("/v1/revisions/r-1/preview", "ann", {"days": "7"}),
        ("/v1/keys", "root", {"name": "x", "roles": ["read"], "per_s": True}),
        ("/v1/screening-schedules", "ann", {"pool": "p", "every": "month", "day": True, "hour": 3, "zone": "UTC"}),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_not_read_as_what_it_might_mean(house, path, who, body):
    problem = house.post(path, who, 422, **body)
    assert problem["type"] == "/problems/invalid-request"
    assert problem["field"].split(".")[0] in body


def test_what_was_sent_is_said_as_it_was_written(house):
    problem = house.get("/v1/cases", status=422, due_before="2026-03-02T10:02:00")
    assert problem["detail"] == "due_before: `2026-03-02T10:02:00` is not a time"


def test_a_key_of_a_request_stands_for_that_request_alone(house):
    key = {"Idempotency-Key": "once"}
    first, second = (
        house.message(account, is_forward=True)["sanctions"][0]["id"] for account in ("one", "two")
    )
    appeal = house.post("/v1/appeals", status=201, headers=key, sanction_id=first, reason="mistaken")
    same = house.post("/v1/appeals", status=201, headers=key, sanction_id=first, reason="mistaken")
    assert same["id"] == appeal["id"]
    for other in ({"sanction_id": second}, {"reason": "another one"}):
        body = {"sanction_id": first, "reason": "mistaken"} | other
        assert house.post("/v1/appeals", status=422, headers=key, **body)["field"] == "Idempotency-Key"
    for number in (first, second):  # another address is another request
        assert house.post(f"{SANCTIONS}/{number}/lift", headers=key, reason="r")["state"] == "ended"
    kind = house.get(f"{SANCTIONS}/{first}")["sanction"]
    taken = {"account_id": "three", "sanction": kind, "reason": "r"}
    number = house.post(SANCTIONS, status=201, headers=key, **taken)["id"]
    assert house.post(SANCTIONS, status=201, headers=key, **taken)["id"] == number
    problem = house.post(SANCTIONS, status=422, headers=key, **taken | {"account_id": "four"})
    assert problem["field"] == "Idempotency-Key"
    assert house.get(SANCTIONS, account_id="four")["sanctions"] == []
