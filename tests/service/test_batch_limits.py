"""Batches of nothing: lines and rows that cost no bytes are counted all the same, and large answers hold up nobody."""

import asyncio
import gzip
import json
from contextlib import nullcontext

import pyarrow as pa
import pytest
from tests.service.conftest import LINES, decoded, event, lines

from tidegate.service import decision_route

ARROW = {"Content-Type": "application/vnd.apache.arrow.stream"}


def rows_of_nothing(n):
    """A stream of `n` rows that know nothing."""
    table = pa.table({name: pa.nulls(n, pa.string()) for name in ("event_id", "type", "ts")})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def test_a_batch_of_more_lines_or_rows_than_the_limit_is_refused(serving):
    async def use(client, server, engine):
        full = lines(*(event(n) for n in range(10)))
        assert len(decoded((await client.post("/v1/events", content=full, headers=LINES)).text)) == 10
        packed = LINES | {"Content-Encoding": "gzip"}
        for body, headers in (
            (full + b"\n\n", LINES),
            (b"\n" * 11, LINES),
            (b"{}\n" * 11, LINES),
            (gzip.compress(b"\n" * 5000), packed),
            (rows_of_nothing(11), ARROW),
        ):
            answer = await client.post("/v1/events", content=body, headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
            assert (answer.json()["field"], "10 events" in answer.json()["detail"]) == ("body", True)
        assert engine.position == 10

    serving(use, batch_events=10)


@pytest.mark.parametrize("deadline_ms", [20_000, 50])
def test_a_large_batch_with_a_bad_line_is_answered_line_by_line_beside_the_loop(
    serving, monkeypatch, deadline_ms
):
    monkeypatch.setattr(decision_route, "_FEW", 3)
    loop_thread = []

    async def use(client, server, engine):
        body = lines(event(1), b"{bad", b"", event(2), event(3))
        with nullcontext() if deadline_ms > 1000 else engine.holding():
            answer = await client.post("/v1/events", content=body, headers=LINES)
        answers = decoded(answer.text)
        assert [one.get("event_id", one.get("line")) for one in answers] == ["e1", 2, "e2", "e3"]
        late = [one.get("fallback", False) for one in answers]
        assert late == ([False] * 4 if deadline_ms > 1000 else [True, False, True, True])
        assert {one["verdict"] for one in answers if "verdict" in one} == {"allow"}
        assert loop_thread == [False]

    answer_each = decision_route.DecisionRoute._answer_each

    def seen(self, *given):
        try:
            asyncio.get_running_loop()
            loop_thread.append(True)
        except RuntimeError:
            loop_thread.append(False)
        return answer_each(self, *given)

    monkeypatch.setattr(decision_route.DecisionRoute, "_answer_each", seen)
    serving(use, deadline_ms=deadline_ms, deadline_us_per_event=0)


def test_a_batch_that_the_journal_does_not_take_is_refused_as_a_whole(serving, monkeypatch):
    monkeypatch.setattr(decision_route, "_FEW", 1)

    async def use(client, server, engine):
        engine.fails = OSError(28, "no space left on device")
        answer = await client.post("/v1/events", content=lines(event(1), event(2)), headers=LINES)
        assert (answer.status_code, json.loads(answer.text)["type"]) == (503, "/problems/not-durable")

    serving(use)
