"""An event of a wrong year is refused alone: taken in, it would make every later one too late."""

from tests.service.conftest import LINES, decoded, event, lines

from tidegate.clock import now_ms

DAY_MS = 86_400_000


def test_an_event_far_ahead_of_the_clock_is_refused_and_those_beside_it_are_judged(serving):
    async def use(client, server, engine):
        far = event(1, ts=now_ms() + 367 * DAY_MS)
        answer = await client.post("/v1/events", json=far)
        assert (answer.status_code, answer.json()["field"]) == (422, "ts")
        assert "more than 366 days ahead of the clock" in answer.json()["detail"]
        near = event(3, ts=now_ms() + 365 * DAY_MS)
        batch = await client.post("/v1/events", content=lines(event(2), far, near), headers=LINES)
        answers = decoded(batch.text)
        assert [one.get("event_id", one.get("line")) for one in answers] == ["e2", 2, "e3"]
        assert answers[1]["error"]["field"] == "ts"
        assert engine.position == 2

    serving(use)


def test_an_operator_may_let_events_lie_as_far_ahead_as_they_like(serving):
    async def use(client, server, engine):
        answer = await client.post("/v1/events", json=event(1, ts=4_000_000_000_000))
        assert answer.json()["verdict"] == "allow"

    serving(use, ahead_days=0)
