"""Pages against a dict: every slot keeps what its row holds, whatever pages come and go."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.windows.chunk import Chunk
from tidegate.windows.counter import WindowCounter
from tidegate.windows.distinct import DistinctWindow
from tidegate.windows.latest import Latest
from tidegate.windows.route import ALWAYS

MINUTE = 60_000


def counted(counter, chunk, slot, ts):
    """The count of a slot within a minute after an event."""
    chunk.ts[0], chunk.cols[0, 0] = ts, slot
    counter.step(1)
    return chunk.cols[1, 0]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, MINUTE), st.booleans()), max_size=120))
def test_slots_keep_their_events_while_pages_come_and_go(events):
    counter, chunk = WindowCounter(1, [MINUTE], lanes=1), Chunk(n_cols=2)
    counter.route(0, key=0, flags=[ALWAYS], outs=[[1]])
    counter.bind(chunk)
    times, now = {}, 0
    for slot, gap, sweeps in events:
        now += gap
        times.setdefault(slot, []).append(now)
        assert counted(counter, chunk, slot, now) == sum(t > now - MINUTE for t in times[slot])
        if sweeps:
            counter.sweep(now, 1 << 20)
            counter.sweep(now, 1 << 20)  # the page it began within is given back when it is left once more
            state = counter.state()
            alive = {slot // 64 for slot, seen in times.items() if seen[-1] > now - MINUTE}
            assert len(state["meta"]) == 64 * (1 + len(alive))
            counter, old = WindowCounter(1, [MINUTE], lanes=1), counter
            counter.route(0, key=0, flags=[ALWAYS], outs=[[1]])
            counter.bind(chunk)
            counter.restore(state)
            assert counter.nbytes() <= old.nbytes()


def members_per_slot():
    distinct, chunk = DistinctWindow(1, [MINUTE], lateness=1000), Chunk(n_cols=3)
    distinct.route(0, key=0, member=1, outs=[2])
    distinct.bind(chunk)
    return distinct, chunk


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(1, 90), st.integers(0, MINUTE // 2), st.booleans()),
        max_size=80,
    )
)
def test_slots_keep_their_members_while_pages_come_and_go(events):
    distinct, chunk = members_per_slot()
    seen, now = {}, 0
    for slot, members, gap, sweeps in events:
        now += gap
        for member in range(members):  # up to a list of its own
            seen.setdefault(slot, {})[member] = now
            chunk.ts[0], chunk.cols[0, 0], chunk.cols[1, 0] = now, slot, member
            distinct.step(1)
        assert chunk.cols[2, 0] == sum(t > now - MINUTE for t in seen[slot].values())
        if sweeps:
            distinct.sweep(now, 1 << 20)
            distinct.sweep(now, 1 << 20)
            alive = {slot // 64 for slot, last in seen.items() if max(last.values()) > now - MINUTE - 1000}
            assert len(distinct.state()["slot"]) == 64 * (1 + len(alive))
            distinct, old = members_per_slot()[0], distinct
            distinct.bind(chunk)
            distinct.restore(old.state())
            assert np.flatnonzero(distinct.live(now)).tolist() == np.flatnonzero(old.live(now)).tolist()


@pytest.mark.parametrize("kind", ["counter", "latest", "distinct"])
def test_what_is_idle_costs_next_to_nothing(kind):
    chunk = Chunk(n_cols=3)
    if kind == "counter":
        kernel = WindowCounter(1, [MINUTE], lanes=1)
        kernel.route(0, key=0, flags=[ALWAYS], outs=[[1]])
    elif kind == "distinct":
        kernel = members_per_slot()[0]
        chunk.cols[1, :] = 7
    else:
        kernel = Latest(1, 0, keep_ms=MINUTE, lateness=0)
        kernel.route(0, key=0, outs={"ts": 1})
    kernel.bind(chunk)
    before = kernel.nbytes()
    for slot in range(20_000):
        chunk.ts[0], chunk.cols[0, 0] = slot, slot
        kernel.step(1)
    assert kernel.nbytes() > before + 8 * 20_000
    chunk.ts[0], chunk.cols[0, 0] = 10 * MINUTE, 19_999
    kernel.step(1)
    kernel.sweep(10 * MINUTE, 1 << 20)
    kernel.sweep(10 * MINUTE, 1 << 20)
    assert kernel.nbytes() < before + 4000
    assert np.flatnonzero(kernel.live(10 * MINUTE)).tolist() == [19_999]
