"""WindowCounter against an oracle that recomputes every value from the list of events. Zero tolerance."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.windows.interpreted import interpreted
from tests.windows.oracle import CounterOracle

from tidegate.windows import counter as built
from tidegate.windows.chunk import Chunk
from tidegate.windows.route import ALWAYS, NEVER

plain = interpreted("counter", needs=("arena", "pages", "start", "rings"))
KEY, FLAGS, AMOUNTS, STARTS, OUTS = 0, 2, 6, 8, 10  # first columns; a list key takes two
LANES, SUMS, N_STARTS, HORIZON = 3, 2, 2, 300
WINDOWS = [10, 60, 200]
WIDTH = (len(WINDOWS) + N_STARTS) * (LANES + SUMS)
OUTPUTS = np.arange(OUTS, OUTS + WIDTH).reshape(-1, LANES + SUMS)
MAX = 2**53


def some_outputs(rng):
    return np.where(rng.random(OUTPUTS.shape) < 0.7, OUTPUTS, -1)


def routes(rng):
    """Five types: three ways to write, one that reads only, one that is not routed (code 4)."""
    common = {"amounts": [AMOUNTS, AMOUNTS + 1], "start_cols": [STARTS, STARTS + 1]}
    return {
        0: common | {"key": KEY, "flags": [ALWAYS, (FLAGS, False), (FLAGS + 1, True)], "outs": OUTPUTS},
        1: common
        | {"key": KEY, "flags": [(FLAGS, True), NEVER, (FLAGS + 1, False)], "amounts": [-1, AMOUNTS],
           "outs": some_outputs(rng)},
        2: common
        | {"key": KEY, "key_many": True, "flags": [(FLAGS + 1, False), ALWAYS, NEVER], "outs": some_outputs(rng)},
        3: common | {"key": KEY, "flags": [ALWAYS] * 3, "update": False, "outs": OUTPUTS},
    }  # fmt: skip


def times(rng, n, lateness):
    """Event times in order of arrival: ties, steps, exact window edges, late ones up to the limit, long silences."""
    newest, past = int(rng.integers(0, 1000)), [0]
    for _ in range(n):
        way = rng.random()
        if way < 0.2:
            t = newest
        elif way < 0.5:
            t = newest + int(rng.integers(1, 6))
        elif way < 0.7:  # one, in both directions, around the moment an event leaves a window
            t = past[-int(rng.integers(1, min(len(past), 60) + 1))]
            t += int(rng.choice([*WINDOWS, HORIZON])) + int(rng.integers(-1, 2))
        elif way < 0.99:
            t = newest - int(rng.integers(0, lateness + 1))
        else:
            t = newest + int(rng.choice([HORIZON, HORIZON + lateness, 10**11]))
        t = max(t, newest - lateness, 0)
        newest = max(newest, t)
        past.append(t)
        yield t


def world(seed, n, lateness, hot=0.6):
    """Columns of n events in arrival order, as (kinds, ts, cols, items)."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice(5, n, p=[0.5, 0.15, 0.15, 0.1, 0.1])
    ts = np.array(list(times(rng, n, lateness)), np.int64)
    cols = np.full((OUTS + WIDTH, n), np.nan)
    cols[KEY] = np.where(rng.random(n) < hot, 0, rng.choice([1, 2, 3, 70, np.nan, -np.inf], n))
    cols[FLAGS : FLAGS + 2] = rng.choice([0.0, 1.0, 1.0, np.nan, -np.inf], (2, n))
    cols[AMOUNTS : AMOUNTS + 2] = rng.choice(
        [0.0, 1.0, 7.0, -3.0, MAX, -MAX, MAX - 1, np.nan, -np.inf], (2, n)
    )
    cols[STARTS] = np.where(rng.random(n) < 0.9, ts // 100 * 100, np.nan)  # midnight, sort of
    cols[STARTS + 1] = (
        ts - rng.integers(-20, 400, n) + rng.choice([0, 0, 0.5], n)
    )  # to and fro, also in the future
    cols[STARTS + 1, rng.random(n) < 0.1] = -np.inf
    items = []
    for i in np.flatnonzero(kinds == 2):
        length = int(rng.integers(0, 6))
        cols[KEY : KEY + 2, i] = len(items), length
        items += rng.choice([0.0, 0.0, 1.0, 2.0, 3.0, 90.0, np.nan, -np.inf], length).tolist()
        if rng.random() < 0.1:
            cols[KEY, i] = np.nan
    return rng, kinds, ts, cols, np.array([*items, 0.0])


def chunk_of(world_parts, lo, hi):
    """Events lo..hi-1 as a chunk, grouped by type."""
    _, kinds, ts, cols, items = world_parts
    grouped = np.argsort(kinds[lo:hi], kind="stable")
    chunk = Chunk(len(cols), rows=hi - lo)
    chunk.n = hi - lo
    chunk.kind[:] = kinds[lo:hi][grouped]
    chunk.ts[:] = ts[lo:hi][grouped]
    chunk.cols[:] = cols[:, lo:hi][:, grouped]
    chunk.order[grouped] = np.arange(hi - lo)
    chunk.items = items
    return chunk


def counter_of(module, lateness, wiring):
    counter = module.WindowCounter(5, WINDOWS, LANES, SUMS, N_STARTS, HORIZON, lateness)
    for code, route in wiring.items():
        counter.route(code, **route)
    return counter


def oracle_of(wiring):
    oracle = CounterOracle(WINDOWS, LANES, SUMS, N_STARTS, HORIZON)
    for code, route in wiring.items():
        oracle.route(code, **route)
    return oracle


def values_of(chunk):
    """Outputs in arrival order."""
    return chunk.cols[OUTS:, chunk.order[: chunk.n]].copy()


def run(module, parts, wiring, size, lateness, chores=None, oracle=None):
    """All outputs of the world in chunks of `size`; `chores` seeds what happens between the chunks."""
    counter = counter_of(module, lateness, wiring)
    chance = np.random.default_rng(chores)
    outputs, newest = [], 0
    for lo in range(0, len(parts[1]), size):
        chunk = chunk_of(parts, lo, min(lo + size, len(parts[1])))
        if oracle is not None:
            wanted = copy.deepcopy(chunk)
            oracle.step(wanted)
        counter.bind(chunk)
        counter.step(chunk.n)
        outputs.append(values_of(chunk))
        newest = max(newest, int(chunk.ts.max()))
        if oracle is not None:
            assert_same(outputs[-1], values_of(wanted))
        if chores is not None:
            counter = some_chore(module, counter, chance, newest, lateness, wiring, oracle)
    return np.hstack(outputs), counter


def some_chore(module, counter, chance, newest, lateness, wiring, oracle):
    way = chance.random()
    if way < 0.3:
        counter.sweep(newest, int(chance.integers(0, 100)))
    elif way < 0.5:
        state = copy.deepcopy(counter.state())
        counter = counter_of(module, lateness, wiring)
        counter.restore(state)
    elif way < 0.7:
        for slot in np.flatnonzero(counter.live(newest) == 0):
            counter.forget(int(slot))
    elif way < 0.75 and oracle is not None:
        slot = int(chance.choice([0, 1, 2, 1000]))
        counter.forget(slot)
        oracle.forget(slot)
    return counter


def assert_same(got, wanted):
    differs = ~((got == wanted) | (np.isnan(got) & np.isnan(wanted)))
    assert not differs.any(), [(i, c, got[c, i], wanted[c, i]) for c, i in np.argwhere(differs)[:5]]


worlds = {
    "seed": st.integers(0, 2**32),
    "n": st.integers(1, 250),
    "lateness": st.sampled_from([0, 5, 40, 500]),
}


@pytest.mark.parametrize("module", [built, plain], ids=["built", "interpreted"])
@settings(max_examples=40, deadline=None)
@given(**worlds, size=st.sampled_from([1, 7, 777]), hot=st.sampled_from([0.2, 0.6, 0.95]))
def test_every_value_is_what_the_list_of_events_says(module, seed, n, lateness, size, hot):
    parts = world(seed, n, lateness, hot)
    wiring = routes(parts[0])
    run(module, parts, wiring, size, lateness, chores=seed, oracle=oracle_of(wiring))


@settings(max_examples=20, deadline=None)
@given(**worlds)
def test_the_size_of_chunks_and_chores_between_them_change_nothing(seed, n, lateness):
    parts = world(seed, n, lateness)
    wiring = routes(parts[0])
    whole, _ = run(built, parts, wiring, 777, lateness)
    for size in (1, 7):
        assert_same(run(built, parts, wiring, size, lateness, chores=seed)[0], whole)


@settings(max_examples=20, deadline=None)
@given(**worlds, size=st.sampled_from([7, 777]))
def test_interpreted_and_compiled_agree_bit_for_bit_in_values_and_state(seed, n, lateness, size):
    parts = world(seed, n, lateness)
    wiring = routes(parts[0])
    fast, compiled = run(built, parts, wiring, size, lateness, chores=seed)
    slow, source = run(plain, parts, wiring, size, lateness, chores=seed)
    assert fast.tobytes() == slow.tobytes()
    state, twin = compiled.state(), source.state()
    assert state.keys() == twin.keys()
    assert all(np.array_equal(state[name], twin[name]) for name in state)
    assert compiled.nbytes() == source.nbytes()
