"""Screenings over HTTP: a list in, progress, results, an access log; cancelled, erased; what makes no sense is refused."""

import asyncio
import io
import json
import sys

import pytest
import xlsxwriter
from tests.ledger.worlds import policy
from tests.service.routes.house import House
from tests.service.screenings.office import LIST, NUMBERS, Forked, Holding
from tests.service.waiting import eventually

from tidegate import clock
from tidegate.cli import main
from tidegate.service.access.audit_check import check_audit
from tidegate.service.screenings.screening import OPEN
from tidegate.service.screenings.screenings import PART

CSV = {"content-type": "text/csv"}
WHY = {"purpose": "monthly check", "basis": "Art. 6(1)(f) GDPR", "at": "2026-03-02"}
PATH = "/v1/screenings"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(
        tmp_path_factory.mktemp("screenings") / "data", policy, screening_bytes=20_000, screening_rows=50
    )
    house.service.parts[PART].runner._launch = Forked
    yield house
    house.close()


def upload(house, content=LIST, status=202, headers=CSV, who="ann", **query):
    return house.ask("POST", PATH, who, status, headers, content=content, params=WHY | query)


def over(house, screening_id):
    """The screening once it is over."""
    wait(house, screening_id, lambda found: found.state not in OPEN)
    return house.get(f"{PATH}/{screening_id}", "ann")


def wait(house, screening_id, until):
    eventually(lambda: until(house.service.parts[PART].book.found(screening_id)))


def contents(house, found):
    return {file["name"]: download(house, found["id"], file["name"]).content for file in found["files"]}


def download(house, screening_id, name, who="ann"):
    headers = {"authorization": f"Bearer {house.keys[who]}"}
    return house.run(house.client.get(f"{PATH}/{screening_id}/files/{name}", headers=headers))


def workbook():
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    for at, line in enumerate(LIST.decode().splitlines()):
        sheet.write_row(at, 0, line.split(","))
    book.close()
    return file.getvalue()


@pytest.fixture(scope="module")
def done(house):
    answer = house.run(
        house.client.post(
            PATH,
            content=LIST,
            params=WHY | {"dimensions": ["fake,non_compliant"]},
            headers=CSV | {"authorization": f"Bearer {house.keys['ann']}"},
        )
    )
    assert answer.status_code == 202
    assert answer.headers["location"] == f"{PATH}/{answer.json()['id']}"
    assert answer.json()["state"] in OPEN
    return over(house, answer.json()["id"])


def test_it_comes_to_the_same_as_the_command(house, done, tmp_path):
    (tmp_path / "list.csv").write_bytes(LIST)
    asked = ["--dimensions", "fake,non_compliant", "--at", "2026-03-02"]
    assert main(["screen", str(tmp_path / "list.csv"), "--out", str(tmp_path / "out"), *asked]) == 0
    given = contents(house, done)
    lines = (tmp_path / "out" / "result.ndjson").read_bytes()
    assert given["result.ndjson"] == lines
    assert len(lines.splitlines()) == len(NUMBERS)
    for name in ("secure.csv", "low_risk.csv", "high_risk.csv"):
        assert given[name] == (tmp_path / "out" / name).read_bytes()
    summary = json.loads(given["summary.json"])
    assert summary["tiers"] == done["summary"]["tiers"]
    assert (summary["purpose"], summary["basis"]) == ("monthly check", "Art. 6(1)(f) GDPR")
    assert done["progress"] == {"percent": 100, "text": "done"} | {
        name: done["progress"][name] for name in ("stage", "done", "total")
    }


def test_a_workbook_is_read_whatever_it_is_called(house, done):
    for form in ("text/csv", "application/octet-stream"):
        answer = upload(house, workbook(), headers={"content-type": form}, dimensions="fake,non_compliant")
        found = over(house, answer["id"])
        assert found["summary"]["tiers"] == done["summary"]["tiers"], form


def test_a_file_comes_under_a_name_of_ours_and_is_what_was_announced(house, done):
    answer = download(house, done["id"], "high_risk.csv")
    about = next(file for file in done["files"] if file["name"] == "high_risk.csv")
    assert (
        answer.headers["content-disposition"]
        == f'attachment; filename="screening-{done["id"]}-high_risk.csv"'
    )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert (int(answer.headers["content-length"]), len(answer.content)) == (about["bytes"], about["bytes"])
    for name in ("list", "..%2Flist", "list.sealed", "secure.csv.sealed", "checks.step"):
        assert download(house, done["id"], name).status_code == 404


def test_who_saw_what_is_in_the_access_log(house, done):
    download(house, done["id"], "secure.csv", "bob")
    house.get(f"{PATH}/{done['id']}/files", "bob")
    page = house.get(f"{PATH}/{done['id']}/accesses", "root", limit=1000)
    seen = [(entry["actor"].partition("#")[0], entry["action"], entry["what"]) for entry in page["accesses"]]
    assert seen[0][:2] == ("ann", "screening.start")
    assert seen[0][2]["purpose"] == "monthly check"
    assert ("ann", "screening.read", {"what": "summary"}) in seen
    assert seen[-2:] == [
        ("bob", "screening.download", {"file": "secure.csv"}),
        ("bob", "screening.read", {"what": "files"}),
    ]
    assert house.get(f"{PATH}/{done['id']}/accesses", "root", after=page["next_after"])["accesses"] == []


def test_nothing_on_the_disk_is_plain_and_lists_of_screenings_tell_of_nobody(house, done):
    listed = house.get(PATH, "ann", state="done")["screenings"]
    assert done["id"] in {one["id"] for one in listed}
    assert "summary" not in listed[0]
    on_disk = b"".join(path.read_bytes() for path in house.settings.data.rglob("*") if path.is_file())
    for number in NUMBERS[:5]:
        assert number[1:].encode() not in on_disk
    assert b"customer 7" not in on_disk
    for path in (house.settings.data / "screenings").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_the_journal_holds_is_evidence_and_what_comes_later_is_not(house):
    number, now = "+4915199999901", clock.now_ms()
    house.happen("account_registered", "j1", now - 1000, number=number)
    house.message("j1", is_forward=True)
    content = f"number,account id\n{number},j1\n".encode()

    def incidents(**query):
        answer = house.ask(
            "POST", PATH, "ann", 202, CSV, content=content, params={"purpose": "p", "basis": "b"} | query
        )
        found = over(house, answer["id"])
        (line,) = contents(house, found)["result.ndjson"].splitlines()
        checks = {check["check"]: check for check in json.loads(line)["checks"]}
        return found["summary"], checks["screen.historical-violation"]

    summary, check = incidents()
    assert (check["verdict"], check["observed"]) == ("true", 1)
    assert summary["screened_at_is"] == "newest event"
    assert summary["events"] == 2


def test_what_makes_no_sense_is_refused_by_name(house):
    for query, field, says in (
        ({"dimensions": "stollen"}, "dimensions", "did you mean `stolen`?"),
        ({"mode": "hasty"}, "mode", "one of standard"),
        ({"mode": "fine", "dimensions": "fake"}, "dimensions", "leave out `mode`"),
        ({"first": "hunger"}, "first", "one of stolen"),
        ({"country": "XX"}, "country", "ISO 3166"),
        ({"column": "number"}, "column", "write it as `number=B`"),
        ({"column": "nummer=B"}, "column", "one of number"),
        ({"at": "soon"}, "at", "such as 2026"),
        ({"purpose": " "}, "purpose", ""),
        ({"basis": "a\nb"}, "basis", ""),
        ({"notify": "ann@example.org"}, "notify", "TIDEGATE_SMTP_URL"),
        ({"notify": "ann@example.org\r\nBcc: eve@example.org"}, "notify", "such as"),
        ({"nottify": "x"}, "nottify", "did you mean `notify`?"),
    ):
        problem = upload(house, status=422, **query)
        assert problem["field"] == field, problem
        assert says in problem.get("hint", ""), problem
        assert "--" not in problem["detail"] + problem.get("hint", "")
    for missing in ("purpose", "basis"):
        query = {name: value for name, value in WHY.items() if name != missing}
        assert house.ask("POST", PATH, "ann", 422, CSV, content=LIST, params=query)["field"] == missing


def test_a_server_without_what_screening_needs_says_so(house, monkeypatch):
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    for name in [name for name in sys.modules if name.startswith("tidegate.screening.numbers.number")]:
        monkeypatch.delitem(sys.modules, name)
    problem = upload(house, status=503, country="DE")
    assert "tidegate[screen]" in problem["hint"]


def test_what_is_no_list_or_too_much_of_one_is_refused_and_nothing_stays(house):
    kept = sorted((house.settings.data / "screenings").glob("*"))  # there may be no such folder yet
    form = {"content-type": "multipart/form-data; boundary=x"}
    assert "--data-binary" in upload(house, status=415, headers=form)["hint"]
    assert upload(house, status=415, headers={"content-type": "application/x-www-form-urlencoded"})
    assert upload(house, status=415, headers=CSV | {"content-encoding": "gzip"})
    assert upload(house, b"x" * 20_001, 413)["field"] == "body"
    assert upload(house, pieces(b"x" * 15_000, b"x" * 15_000), 413)["field"] == "body"
    assert upload(house, b"", 422)["field"] == "body"
    assert sorted((house.settings.data / "screenings").glob("*")) == kept


async def pieces(*parts):
    for part in parts:
        yield part


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"name\nann\n", "no column holds phone numbers"),
        (b"PK\x03\x04 and then nothing", "no workbook"),
        (b"number\n" + b"+4915123456781\n" * 51, "more than 50 rows"),
        (b"\x00\xff" * 500, ""),
    ],
)
def test_a_list_that_cannot_be_read_fails_with_the_reason_and_nothing_of_it_stays(house, content, says):
    found = over(house, upload(house, content)["id"])
    assert found["state"] == "failed"
    assert says in found["error"]
    assert "tidegate-" not in found["error"], "no path of ours"
    house.service.parts[PART].runner.let_go(found["id"])
    assert not (house.settings.data / "screenings" / found["id"]).exists()


def test_the_same_request_again_starts_nothing_again(house):
    key = {"idempotency-key": "k1"}
    first = upload(house, headers=CSV | key)
    assert upload(house, headers=CSV | key)["id"] == first["id"]
    assert upload(house, headers=CSV | key, who="bob")["id"] != first["id"]
    for other in (
        {"content": LIST + b"+4915123456799,,,,,,\n"},
        {"purpose": "another"},
        {"dimensions": "fake"},
    ):
        assert upload(house, status=422, headers=CSV | key, **other)["field"] == "Idempotency-Key"
    over(house, first["id"])
    rows = house.ask("GET", PATH, "ann", params={"limit": 500})["screenings"]
    folders = {path.name for path in (house.settings.data / "screenings").iterdir()}
    assert folders <= {row["id"] for row in rows}


def test_one_under_way_is_cancelled_and_nothing_of_it_stays(house):
    part = house.service.parts[PART]
    part.runner._launch = Holding("checks")
    try:
        first, second = (upload(house)["id"] for _ in range(2))
        wait(house, first, lambda found: found.stage == "holding")
        found = house.get(f"{PATH}/{first}", "ann")
        assert found["progress"]["text"] == "50 %, holding"
        assert house.get(f"{PATH}/{first}/files", "ann") == {"files": []}
        assert house.post(f"{PATH}/{second}/cancel")["state"] == "cancelled"  # before its turn
        assert house.post(f"{PATH}/{first}/cancel")["state"] == "cancelled"
    finally:
        part.runner._launch = Forked
    assert house.post(f"{PATH}/{first}/cancel", status=409)["detail"] == "it is over: it is cancelled"
    for one in (first, second):
        assert not (house.settings.data / "screenings" / one).exists()
    assert over(house, upload(house)["id"])["state"] == "done"  # the next one has its turn


def test_what_is_erased_leaves_only_that_it_was(house):
    number = "+4915177777701"
    content = f"number,remark\n{number},somebody\n".encode()
    found = over(house, upload(house, content)["id"])
    path = f"{PATH}/{found['id']}"
    assert house.ask("DELETE", path, "ann", 403, params={"reason": "over"})
    assert house.ask("DELETE", path, "root", 422)["field"] == "reason"
    for _ in range(2):
        answer = house.run(
            house.client.delete(
                path, params={"reason": "over"}, headers={"authorization": f"Bearer {house.keys['root']}"}
            )
        )
        assert answer.status_code == 204
    left = house.get(path, "ann")
    assert (left["state"], left["summary"], left["files"], left["purpose"]) == (
        "erased",
        None,
        [],
        "monthly check",
    )
    assert download(house, found["id"], "secure.csv").status_code == 404
    on_disk = b"".join(p.read_bytes() for p in house.settings.data.rglob("*") if p.is_file())
    assert number[1:].encode() not in on_disk
    assert not (house.settings.data / "screenings" / found["id"]).exists()
    log = house.get(f"{path}/accesses", "root")["accesses"]
    assert [(e["action"], e["reason"]) for e in log][-2:] == [("screening.erase", "over")] * 2
    assert check_audit(house.service.custody.audit).problems == []
    assert house.get(f"{PATH}/nonsense", "ann", 404)["field"] == "screening_id"


def test_what_a_dead_server_left_behind_is_removed_at_the_next_start(house):
    lost = house.settings.data / "screenings" / "00ff00ff00ff00ff"
    (lost / "files").mkdir(parents=True)
    (lost / ".list.sealed.17").write_bytes(b"half a list")
    asyncio.run(asyncio.to_thread(house.service.parts[PART]._tidy))
    assert not lost.exists()
