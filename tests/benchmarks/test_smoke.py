"""The benchmarks run, agree with their peers and fill their page. Nothing here is about time."""

import importlib
import json
from dataclasses import asdict

import numpy as np
import pytest
from benchmarks.load import Load, message_lines
from benchmarks.measure import Busyness, Result, Row, Spread
from benchmarks.rivals import plain_python, tidegate_engine
from benchmarks.rivals.stream import stream_of

from benchmarks import measure, page, peers, sized_policy
from tidegate.events import decode_lines


@pytest.mark.parametrize("name", page.ORDER)
def test_a_benchmark_runs_at_a_tiny_size(name):
    result = importlib.import_module(f"benchmarks.{name}").run("tiny")
    assert result.name == name
    assert result.rows
    assert all(row.spread.least <= row.spread.median <= row.spread.most for row in result.rows)
    assert all(row.spread.median > 0 for row in result.rows)


def test_a_rival_that_differs_in_one_cell_is_found():
    stream = stream_of(200, 10)
    cells = tidegate_engine.prepare(stream)()
    others = plain_python.prepare(stream)()
    peers.assert_equal("plain Python", others, cells)
    others[17, 3] += 1
    with pytest.raises(AssertionError, match="plain Python differs in 1 of 2400 cells"):
        peers.assert_equal("plain Python", others, cells)


def test_the_sized_policy_is_of_full_size():
    assert len(sized_policy.policy.rules) >= 140
    assert sized_policy.features_of(sized_policy.policy) >= 60


def test_the_load_is_ordered_by_time_and_readable_as_events():
    load = Load(500, 40)
    ts = np.concatenate([block.ts for block in load.blocks()])
    assert (np.diff(ts) >= 0).all()
    decoded = decode_lines(list(message_lines(load)))
    assert (len(decoded.block), decoded.rejected) == (500, [])
    assert all(record.account_id != record.recipient_id for record in decoded.block.records)


def test_distinct_times_are_distinct_also_from_block_to_block():
    load = Load(
        200_000, 100_000_000, distinct_times=True
    )  # so many accounts send several messages a millisecond
    ts = np.concatenate([block.ts for block in load.blocks()])
    assert (np.diff(ts) > 0).all()


def test_results_name_no_host_and_the_page_shows_gate_and_ratio(tmp_path):
    row = Row("some rate", Spread.of([1.0, 2.0, 3.0]), "M events/s", gate=0.8, stretch=1.2, better="more")
    result = Result("replay_interned", "a promise", [row], {"parts": [("one part", 12.0, "ns")]}, ["a note"])
    saved = measure.save(result, "quick", [Busyness(30, 8, 1700)] * 2, tmp_path)
    assert set(json.loads(saved.read_text("utf-8"))["machine"]) == {
        "processor", "cores", "memory_gb", "system", "python", "kernels", "packages",
    }  # fmt: skip
    page.write_page(tmp_path, tmp_path / "page.md")
    text = (tmp_path / "page.md").read_text("utf-8")
    assert "| some rate | 2 | 1 to 3 | M events/s | 0.8 | 1.2 | 2.50 |" in text
    assert "one part" in text


def test_the_page_cuts_long_names_and_adds_up_what_takes_little(tmp_path):
    long = (
        "count per account: count of message_sent where ("
        + " and ".join(["it is so"] * 90)
        + ") per account over P1D"
    )
    parts = [(long, 400.0, "ns"), ("in between", 20.0, "ns"), ("one", 12.0, "ns"), ("another", 7.5, "ns")]
    sizes = [("small", 3.0, "bytes"), ("smaller", 2.0, "bytes")]
    row = Row("some rate", Spread.of([1.0]), "M events/s")
    result = Result("replay_interned", "a promise", [row], {"passes": parts, "sizes": sizes}, [])
    measure.save(result, "quick", [Busyness(30, 8, 1700)] * 2, tmp_path)
    page.write_page(tmp_path, tmp_path / "page.md")
    text = (tmp_path / "page.md").read_text("utf-8")
    folded = text[text.index("<details>") :].splitlines()
    (cut, taken), *rest = [line.strip("| ").split(" | ") for line in folded if line.count("|") == 3][2:]
    assert (len(cut) <= 120, taken) == (True, "400")
    assert cut.startswith("count per account: count of message_sent where (it is so and ")
    assert cut.endswith(" … is so and it is so) per account over P1D")
    assert rest[:2] == [["in between", "20"], ["2 others", "19.5"]]
    assert rest[-2:] == [["small", "3"], ["smaller", "2"]]


def test_a_figure_that_should_be_small_is_worse_when_it_is_larger():
    row = Row("bytes", Spread.of([1400.0]), "bytes", gate=700.0)
    assert row.times_better_than_gate == 0.5
    assert asdict(row)["spread"]["runs"] == 1
