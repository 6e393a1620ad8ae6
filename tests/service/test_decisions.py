"""POST /v1/events: one event, lines, Arrow, packed; answers in form and order; repetitions; what is wrong, named."""

import gzip
import json
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pyarrow as pa
from tests.service.conftest import LINES, START, decoded, event, lines
from tests.service.waiting import WAIT_S

from tidegate import clock

ARROW = {"Content-Type": "application/vnd.apache.arrow.stream"}


def stream(rows, schema=None):
    batch = pa.RecordBatch.from_pylist(rows, schema=schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def test_one_event_gets_its_decision(serving):
    async def use(client, server, engine):
        answers = [await client.post("/v1/events", json=event(n)) for n in range(13)]
        assert {a.status_code for a in answers} == {200}
        assert {a.headers["content-type"] for a in answers} == {"application/json"}
        assert [a.json()["verdict"] for a in answers] == ["allow"] * 12 + ["deny"]
        assert answers[-1].json()["fired"][0]["observed"] == 13

    serving(use)


def test_the_same_id_again_gets_the_first_decision_and_changes_nothing(serving):
    async def use(client, server, engine):
        first = await client.post("/v1/events", json=event(1))
        again = await client.post("/v1/events", json=event(1, account_id="somebody-else"))
        assert again.json() == first.json() | {"duplicate": True}
        assert engine.position == 1

    serving(use)


def test_an_event_written_over_several_lines_is_one_event(serving):
    async def use(client, server, engine):
        body = json.dumps(event(1), indent=2)
        answer = await client.post(
            "/v1/events", content=body, headers={"Content-Type": "application/json; charset=utf-8"}
        )
        assert answer.json()["event_id"] == "e1"

    serving(use)


# body, field, what the detail has to say
WRONG = [
    (event(1, is_foward=True), "is_foward", "no such field"),
    (event(1, ts="yesterday"), "ts", "yesterday"),
    ({"type": "message_sent", "ts": START}, "event_id", "missing"),
    (event(1, type="mesage_sent"), "type", "mesage_sent"),
    (b"{broken", "body", "not JSON"),
    (b"[1]", "body", "a list"),
    (b"", "body", "no event"),
    (b"\n \n", "body", "no event"),
    (b"\xff\xfe", "body", "UTF-8"),
    (b'{"event_id": "e1",\n "type": "x\ny"}', "type", "control character"),
]


def test_what_is_wrong_with_an_event_is_said_with_its_field(serving):
    async def use(client, server, engine):
        for body, field, words in WRONG:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            answer = await client.post(
                "/v1/events", content=content, headers={"Content-Type": "application/json"}
            )
            problem = answer.json()
            assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
            assert (problem["type"], problem["status"]) == ("/problems/invalid-event", 422)
            assert problem.get("field") == field, problem
            assert words in problem["detail"]
        assert engine.position == 0

    serving(use)


def test_an_event_that_comes_too_late_is_refused_and_says_so(serving):
    async def use(client, server, engine):
        await client.post("/v1/events", json=event(1000))
        answer = await client.post("/v1/events", json=event(1))
        assert answer.status_code == 409
        assert (answer.json()["type"], answer.json()["field"]) == ("/problems/too-late", "ts")

    serving(use)


def test_lines_get_lines_in_order_and_a_bad_one_is_reported_in_its_place(serving):
    async def use(client, server, engine):
        body = lines(event(1), b"{broken", event(2), b"", event(1), event(3, type="nothing"), event(4))
        answer = await client.post("/v1/events", content=body, headers=LINES)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
        found = decoded(answer.text)
        assert [f.get("event_id") for f in found] == ["e1", None, "e2", "e1", None, "e4"]
        assert [f["line"] for f in found if "error" in f] == [2, 6]
        assert (found[1]["error"]["type"], found[1]["error"]["field"]) == ("/problems/invalid-event", "body")
        assert found[4]["error"]["field"] == "type"
        assert found[3]["duplicate"] is True
        assert engine.batches == [4]

    serving(use)


def test_many_lines_are_judged_in_parts_and_answered_as_one(serving):
    async def use(client, server, engine):
        events = [event(n, account_id=f"a{n % 97}") for n in range(9000)]
        answer = await client.post("/v1/events", content=lines(*events), headers=LINES)
        found = decoded(answer.text)
        assert [f["event_id"] for f in found] == [e["event_id"] for e in events]
        assert len(engine.batches) > 2

    serving(use)


def test_a_batch_and_single_events_are_decided_as_they_come(serving):
    async def use(client, server, engine):
        body = lines(*(event(n) for n in range(12)))
        await client.post("/v1/events", content=body, headers=LINES)
        answer = await client.post("/v1/events", json=event(12))
        assert answer.json()["verdict"] == "deny"

    serving(use)


def test_arrow_gets_arrow_row_by_row(serving):
    async def use(client, server, engine):
        rows = [event(n) for n in range(12)] + [event(12, type="nothing"), event(3), event(13)]
        answer = await client.post("/v1/events", content=stream(rows), headers=ARROW)
        assert answer.headers["content-type"] == ARROW["Content-Type"]
        table = pa.ipc.open_stream(answer.content).read_all().to_pylist()
        assert [row["verdict"] for row in table] == ["allow"] * 12 + [None, "allow", "deny"]
        assert [row["event_id"] for row in table] == [e["event_id"] for e in rows[:12]] + [None, "e3", "e13"]
        assert json.loads(table[12]["error"])["field"] == "type"
        assert json.loads(table[13]["decision"])["duplicate"] is True
        assert json.loads(table[14]["decision"])["fired"][0]["observed"] == 13
        assert table[14]["retry_after_s"] == json.loads(table[14]["decision"])["retry_after_s"]

    serving(use)


def test_lists_that_are_all_empty_need_no_type_in_arrow(serving):
    async def use(client, server, engine):
        rows = [event(n, link_hashes=[]) for n in range(3)]
        assert pa.types.is_null(pa.RecordBatch.from_pylist(rows).schema.field("link_hashes").type.value_type)
        answer = await client.post("/v1/events", content=stream(rows), headers=ARROW)
        assert answer.status_code == 200, answer.text
        table = pa.ipc.open_stream(answer.content).read_all()
        alike = [(await client.post("/v1/events", json=row)).json() for row in rows]
        assert [json.loads(text) | {"duplicate": True} for text in table["decision"].to_pylist()] == alike

    serving(use)


def test_members_that_no_row_of_a_batch_has_need_no_type_in_arrow(serving):
    async def use(client, server, engine):
        rows = [event(n, extra={"a": "x", "b": None, "c": {"d": None, "e": []}}) for n in range(3)]
        table = pa.RecordBatch.from_pylist(rows)
        assert pa.types.is_null(table.schema.field("extra").type.field("b").type)
        answer = await client.post("/v1/events", content=stream(rows), headers=ARROW)
        assert answer.status_code == 200, answer.text
        assert pa.ipc.open_stream(answer.content).read_all()["error"].null_count == 3

    serving(use)


def test_the_three_forms_decide_alike(serving, tmp_path):
    events = [event(n, account_id=f"a{n % 3}", is_reply=n % 2 == 0) for n in range(60)]
    answers = {}

    def asking(form):
        async def use(client, server, engine):
            if form == "single":
                found = [(await client.post("/v1/events", json=e)).json() for e in events]
            elif form == "lines":
                found = decoded((await client.post("/v1/events", content=lines(*events), headers=LINES)).text)
            else:
                reply = await client.post("/v1/events", content=stream(events), headers=ARROW)
                table = pa.ipc.open_stream(reply.content).read_all()
                found = [json.loads(text) for text in table["decision"].to_pylist()]
            answers[form] = found

        return use

    for form in ("single", "lines", "arrow"):
        serving(asking(form))
    assert answers["single"] == answers["lines"] == answers["arrow"]
    assert {a["verdict"] for a in answers["single"]} == {"allow", "deny"}


def test_what_is_no_arrow_stream_is_refused(serving):
    async def use(client, server, engine):
        for body in (b"", b"nothing of the kind", stream([event(1)])[:-40], b"ARROW1\0\0"):
            answer = await client.post("/v1/events", content=body, headers=ARROW)
            assert (answer.status_code, answer.json()["field"]) == (400, "body")

    serving(use)


def test_a_column_that_no_event_has_is_named(serving):
    async def use(client, server, engine):
        answer = await client.post("/v1/events", content=stream([event(1, acount="a1")]), headers=ARROW)
        assert answer.status_code == 422
        assert "`acount`" in answer.json()["detail"]

    serving(use)


def test_a_packed_body_is_unpacked(serving):
    async def use(client, server, engine):
        zstd = pa.Codec("zstd").compress(lines(event(2)), asbytes=True)
        for coding, body in (("gzip", gzip.compress(lines(event(1)))), ("zstd", zstd)):
            answer = await client.post(
                "/v1/events", content=body, headers=LINES | {"Content-Encoding": coding}
            )
            assert answer.status_code == 200, answer.text
        assert engine.position == 2

    serving(use)


def test_a_form_that_is_not_read_is_refused_with_those_that_are(serving):
    async def use(client, server, engine):
        for form in ("", "text/plain", "application/x-www-form-urlencoded", "application/xml; a=b"):
            headers = {"Content-Type": form} if form else {}
            answer = await client.post("/v1/events", content=b"{}", headers=headers)
            problem = answer.json()
            assert (answer.status_code, problem["field"]) == (415, "Content-Type")
            assert "application/x-ndjson" in problem["hint"]

    serving(use)


def test_a_decision_is_found_again_by_its_event(serving):
    async def use(client, server, engine):
        first = await client.post("/v1/events", json=event(1))
        found = await client.get("/v1/decisions/e1")
        assert found.content == first.content
        assert (await client.get("/v1/decisions/e2")).status_code == 404

    serving(use)


def test_an_account_and_what_it_may_do_are_shown(serving):
    async def use(client, server, engine):
        body = lines(*(event(n) for n in range(13)))
        await client.post("/v1/events", content=body, headers=LINES)
        account = (await client.get("/v1/accounts/a1")).json()
        assert account["labels"] == ["abnormal"]
        able = (await client.get("/v1/accounts/a1/capabilities")).json()
        assert able["restrained"]["send"]["verdict"] == "deny"
        assert able["quotas"] == account["quotas"]

    serving(use)


def test_every_answer_says_once_when_it_was_made(serving):
    async def use(client, server, engine):
        answers = [
            await client.post("/v1/events", json=event(1)),
            await client.post("/v1/events", json=event(2), headers={"Connection": "close"}),
            await client.post("/v1/events", content=b"{broken", headers={"Content-Type": "application/json"}),
            await client.get("/v1/decisions/e1"),
            await client.get("/v1/decisions/none"),
            await client.post("/v1/events", content=b"x", headers={"X-Long": "x" * 40_000}),
        ]
        assert [a.status_code for a in answers] == [200, 200, 422, 200, 404, 431]
        for answer in answers:
            (date,) = answer.headers.get_list("date")
            made = parsedate_to_datetime(date)
            assert abs(clock.now_ms() / 1000 - made.timestamp()) < WAIT_S
            assert made.utcoffset() == timedelta(0)
            assert date.endswith(" GMT")

    serving(use)
