"""The answer that is due, with or without the decision; queues that end; a stop that loses nothing; failures that are said."""

import asyncio
import json

from tests.service.conftest import LINES, decoded, event, lines
from tests.service.waiting import WAIT_S, until

from tidegate.errors import JournalFull
from tidegate.service import judge_thread
from tidegate.service.settings import Settings


async def reconciled(client, count):
    """Wait until so many fallbacks are listed."""
    async with asyncio.timeout(WAIT_S):
        while True:
            found = (await client.get("/v1/fallbacks")).json()["fallbacks"]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.02)


def test_an_answer_is_due_whether_or_not_there_is_a_decision(serving):
    async def use(client, server, engine):
        patient = LINES | {"Prefer": "wait=20"}
        await client.post("/v1/events", content=lines(*(event(n) for n in range(12))), headers=patient)
        with engine.holding():
            answer = await client.post("/v1/events", json=event(12))
        fallback = answer.json()
        assert (answer.status_code, fallback["verdict"], fallback["fallback"]) == (200, "challenge", True)
        assert (fallback["event_id"], fallback["account_id"], fallback["fired"]) == ("e12", "a1", [])
        [found] = await reconciled(client, 1)
        assert found == {
            "number": 1,
            "event_id": "e12",
            "answered": "challenge",
            "decided": "deny",
            "differs": True,
        }
        assert (await client.get("/v1/decisions/e12")).json()["verdict"] == "deny"

    engine = serving(use, deadline_ms=100, fallback_verdict="challenge")
    assert engine.marks == [("fallback", {"answered": "challenge", "events": ["e12"], "decided": ["deny"]})]


def test_of_a_batch_only_what_is_not_decided_yet_is_a_fallback(serving):
    async def use(client, server, engine):
        events = [event(n, account_id=f"a{n}") for n in range(9000)]
        body = lines(*events, b"{broken")
        with engine.holding(after=1):
            answer = await client.post("/v1/events", content=body, headers=LINES)
        found = decoded(answer.text)
        assert [f.get("event_id") for f in found] == [e["event_id"] for e in events] + [None]
        late = [n for n, f in enumerate(found[:-1]) if "fallback" in f]
        assert late
        assert late == list(range(late[0], 9000))
        assert found[-1]["line"] == 9001
        listed = await reconciled(client, 1)
        assert listed[0]["event_id"] == f"e{late[0]}"

    serving(use, deadline_ms=200, deadline_us_per_event=0)


def test_a_batch_waits_for_its_decisions_also_where_the_machine_is_busy(serving):
    async def use(client, server, engine):
        with engine.holding():
            body = lines(*(event(n) for n in range(2000)))
            asked = asyncio.ensure_future(client.post("/v1/events", content=body, headers=LINES))
            await until(engine.at_work.is_set)
            await asyncio.sleep(0.5)
        found = decoded((await asked).text)
        assert [one["verdict"] for one in found] == ["allow"] * 12 + ["deny"] * 1988
        assert not any("fallback" in one for one in found)

    serving(use, deadline_ms=Settings().deadline_ms)


def test_a_client_may_say_how_long_it_would_wait_and_keeps_nobody_else_waiting(serving):
    async def use(client, server, engine):
        with engine.holding():
            headers = {"Prefer": "respond-async, wait=20"}
            patient = asyncio.ensure_future(client.post("/v1/events", json=event(1), headers=headers))
            await until(engine.at_work.is_set)
            answer = await client.post("/v1/events", json=event(2))
            assert answer.json()["fallback"] is True
            assert not patient.done()
        assert "fallback" not in (await patient).json()

    serving(use, deadline_ms=100)


def test_what_is_no_time_to_wait_is_passed_over(serving):
    async def use(client, server, engine):
        with engine.holding():
            for n, nonsense in enumerate(("wait=-1", "wait=x", "wait=99999999999", "await=5")):
                answer = await client.post("/v1/events", json=event(n), headers={"Prefer": nonsense})
                assert answer.json()["fallback"] is True

    serving(use, deadline_ms=50)


def test_a_wrong_event_is_never_answered_with_a_verdict(serving):
    async def use(client, server, engine):
        with engine.holding():
            slow = asyncio.ensure_future(client.post("/v1/events", json=event(1)))
            await until(engine.at_work.is_set)
            answer = await client.post("/v1/events", json=event(2, type="nothing"))
            assert answer.status_code == 422
            assert (await slow).json()["fallback"] is True

    serving(use, deadline_ms=100)


def test_a_full_queue_says_when_to_come_again(serving):
    async def use(client, server, engine):
        with engine.holding():
            asked = [asyncio.ensure_future(client.post("/v1/events", json=event(n))) for n in range(60)]
            await until(lambda: sum(one.done() for one in asked) + server.judging.waiting_events == 60)
        answers = await asyncio.gather(*asked)
        assert {a.status_code for a in answers} == {200, 429}
        for answer in answers:
            if answer.status_code != 200:
                assert int(answer.headers["retry-after"]) >= 1
                assert answer.json()["status"] == answer.status_code
        assert engine.position == sum(a.status_code == 200 for a in answers)
        batch = lines(*(event(n) for n in range(100, 200)))
        assert (await client.post("/v1/events", content=batch, headers=LINES)).status_code == 200
        assert server.judging.waiting_events == server.judging.waiting_bytes == 0

    serving(use, queue_events=40)


def test_more_than_the_whole_queue_is_answered_503(serving):
    async def use(client, server, engine):
        with engine.holding():
            first = asyncio.ensure_future(client.post("/v1/events", json=event(0)))
            await until(engine.at_work.is_set)
            batch = lines(*(event(n) for n in range(100, 200)))
            answer = await client.post("/v1/events", content=batch, headers=LINES)
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/overloaded")
            assert answer.headers["retry-after"] == "1"
        assert (await first).status_code == 200

    serving(use, queue_events=40)


def test_what_arrives_while_a_batch_is_judged_is_the_next_batch(serving):
    async def use(client, server, engine):
        with engine.holding():
            asked = [asyncio.ensure_future(client.post("/v1/events", json=event(n))) for n in range(50)]
            await until(lambda: server.judging.waiting_events == 50)
        await asyncio.gather(*asked)
        assert sum(engine.batches) == 50
        assert len(engine.batches) <= 2

    serving(use)


def test_a_part_that_stops_while_a_batch_is_judged_takes_the_batch_from_nobody(serving):
    async def use(client, server, engine):
        told, watchers = [], server.judging.watchers

        def stops(*_):
            watchers.remove(stops)

        watchers.extend([stops, lambda *_: told.append("the next one")])
        assert (await client.post("/v1/events", json=event(1))).status_code == 200
        assert told == ["the next one"]

    serving(use)


def test_a_stop_answers_what_is_under_way_and_takes_nothing_new(serving):
    async def use(client, server, engine):
        with engine.holding():
            asked = asyncio.ensure_future(client.post("/v1/events", json=event(1)))
            await until(engine.at_work.is_set)
            server.should_exit = True
            await until(lambda: not any(one.is_serving() for one in server.servers))
        answer = await asked
        assert (answer.status_code, answer.json()["event_id"]) == (200, "e1")
        assert answer.headers["connection"] == "close"

    engine = serving(use)
    assert (engine.position, engine.checkpoints, engine.closed) == (1, 1, True)


def test_a_server_to_which_nothing_comes_any_more_writes_its_checkpoint(serving, monkeypatch):
    monkeypatch.setattr(judge_thread, "LOOK_S", 0.01)
    now = [0.0]
    monkeypatch.setattr(judge_thread, "monotonic_s", lambda: now[0])

    async def use(client, server, engine):
        await client.post("/v1/events", json=event(1))
        assert engine.checkpoints == 0
        now[0] = 60.0
        await until(lambda: engine.checkpoints == 1)
        now[0] = 3600.0
        await asyncio.sleep(0.3)
        assert engine.checkpoints == 1, "nothing has happened since"

    serving(use, checkpoint_s=60.0)


def test_a_journal_that_cannot_be_written_decides_nothing_and_goes_on_later(serving, caplog):
    async def use(client, server, engine):
        engine.fails = JournalFull("no room is left", hint="free some space")
        for answer in (
            await client.post("/v1/events", json=event(1)),
            await client.post("/v1/events", content=lines(event(1), event(2)), headers=LINES),
        ):
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-durable")
            assert answer.headers["retry-after"] == "10"
        told = [one for one in caplog.records if "journal cannot be written" in one.message]
        assert [one.error for one in told] == ["JournalFull"]  # to the operator, and not for every event
        engine.fails = None
        assert (await client.post("/v1/events", json=event(1))).json()["verdict"] == "allow"

    serving(use)


def test_a_mistake_while_judging_stops_the_server_with_an_answer(serving):
    async def use(client, server, engine):
        engine.fails = ZeroDivisionError("secret")
        answer = await client.post("/v1/events", json=event(1))
        assert (answer.status_code, "secret" in answer.text) == (503, False)
        assert server.judging.stage == "failed"
        await until(lambda: server.should_exit)
        assert isinstance(server.failure, ZeroDivisionError)

    serving(use)


def test_numbers_tell_what_was_decided(serving):
    async def use(client, server, engine):
        body = lines(*(event(n) for n in range(14)), event(1), b"{broken")
        await client.post("/v1/events", content=body, headers=LINES)
        await client.post("/v1/events", json={k: v for k, v in event(20).items() if k != "account_id"})
        await client.get("/v1/accounts/a-person")
        answer = await client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        numbers = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
        assert numbers['tidegate_decisions_total{verdict="deny"}'] == "2.0"
        assert numbers['tidegate_decisions_total{verdict="allow"}'] == "13.0"
        assert numbers['tidegate_events_total{outcome="repeated"}'] == "1.0"
        assert numbers['tidegate_rule_total{outcome="fired",rule="msg.burst"}'] == "2.0"
        assert numbers['tidegate_rule_total{outcome="undecided",rule="msg.burst"}'] == "1.0"
        assert numbers['tidegate_requests_total{route="/v1/events",status="200"}'] == "2.0"
        assert numbers['tidegate_requests_total{route="/v1/accounts/{account_id}",status="200"}'] == "1.0"
        assert float(numbers["tidegate_log_position"]) == 15
        assert float(numbers['tidegate_state_bytes{part="kernels"}']) > 0
        assert numbers["tidegate_ready"] == "1.0"
        assert "a-person" not in answer.text

    serving(use)


def test_health_is_told_from_readiness(serving):
    async def use(client, server, engine):
        assert (await client.get("/readyz")).status_code == 200
        server.service.ready = False
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        for path in ("/readyz", "/v1/accounts/a1", "/metrics"):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        server.service.ready = True
        assert json.loads((await client.get("/readyz")).text)["status"] == "ready"

    serving(use)
