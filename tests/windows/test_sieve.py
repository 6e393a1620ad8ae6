"""Kernels behind a sieve against the same kernels without one."""

import random

import numpy as np
import pytest
from tests.windows.interpreted import interpreted

from tidegate.windows import sieve, sieve_row
from tidegate.windows.chunk import Chunk
from tidegate.windows.counter import WindowCounter
from tidegate.windows.distinct import DistinctWindow
from tidegate.windows.facts import RUN, ZERO, Facts
from tidegate.windows.latest import RUN as FOLD_RUN
from tidegate.windows.latest import Latest
from tidegate.windows.samples import TOP, Samples
from tidegate.windows.sieve import ALWAYS_FEEDS, FEEDS, READS

plain = interpreted("sieve", needs=("growth", "kernel"))
plain_row = interpreted("sieve_row", needs=("growth", "kernel", "sieve"))

NAN, NULL = float("nan"), float("-inf")
KEY, OTHER, GATE, VALUE, START, OUT, MORE = range(7)
FEEDER, READER, BOTH, SILENT, FURTHER = range(5)  # kinds of event; the last is a further reading of BOTH
LATE, WINDOW = 50, 300
SLOTS = 40_000


def counter():
    kernel = WindowCounter(5, [WINDOW], 1, starts=1, horizon=WINDOW, lateness=LATE)
    outs = [[OUT], [MORE]]
    kernel.route(FEEDER, key=KEY, flags=[(GATE, True)], outs=[[-1], [-1]])
    kernel.route(READER, key=KEY, update=False, start_cols=[START], outs=outs)
    kernel.route(BOTH, key=KEY, flags=[(GATE, True)], start_cols=[START], outs=outs)
    return kernel, [(OUT, KEY, 0.0, -1), (MORE, KEY, 0.0, START)]


def distinct():
    kernel = DistinctWindow(5, [WINDOW], lateness=LATE)
    kernel.route(FEEDER, key=KEY, member=VALUE, gate=(GATE, False))
    kernel.route(READER, key=KEY, update=False, outs=[OUT])
    kernel.route(BOTH, key=KEY, member=VALUE, gate=(GATE, False))
    kernel.chain(BOTH, FURTHER)
    kernel.route(FURTHER, key=OTHER, update=False, outs=[OUT])
    return kernel, [(OUT, KEY, 0.0, -1)]


def latest():
    kernel = Latest(5, 1, FOLD_RUN, keep_ms=WINDOW, lateness=LATE)
    outs = {"value0": OUT, "run": MORE}
    kernel.route(FEEDER, key=KEY, inputs=[VALUE], flag=VALUE, gate=(GATE, False))
    kernel.route(READER, key=KEY, update=False, outs=outs)
    kernel.route(BOTH, key=KEY, inputs=[VALUE], flag=VALUE, gate=(GATE, False), outs=outs)
    return kernel, [(OUT, KEY, NAN, -1), (MORE, KEY, 0.0, -1)]


def facts():
    kernel = Facts(5, 2, {1: RUN}, lateness=LATE)
    outs, inputs = [(0, OUT), (1, MORE, ZERO)], [(0, GATE, VALUE), (1, GATE, VALUE)]
    kernel.route(FEEDER, key=KEY, inputs=inputs)
    kernel.route(READER, key=KEY, outs=outs)
    kernel.route(BOTH, key=KEY, inputs=inputs, outs=outs)
    return kernel, [(OUT, KEY, NAN, -1), (MORE, KEY, 0.0, -1)]


def top():
    kernel = Samples(5, TOP, [WINDOW], cap=2, lateness=LATE)
    kernel.route(FEEDER, key=KEY, member=VALUE, gate=(GATE, False))
    kernel.route(READER, key=KEY, update=False, outs=[(OUT, -1)])
    kernel.route(BOTH, key=KEY, member=VALUE, gate=(GATE, False), outs=[(OUT, -1)])
    return kernel, [(OUT, KEY, 0.0, -1)]


def sieved(module, made, fed=None):
    kernel, outs = made
    found = module.Sieve(kernel, 4, fed)
    found.route(FEEDER, keys=[(KEY, False, FEEDS)], gates=[GATE])
    found.route(READER, keys=[(KEY, False, READS)], outs=outs)
    both = [(KEY, False, FEEDS)]
    if isinstance(kernel, DistinctWindow):
        both, outs = [*both, (OTHER, False, READS)], [(OUT, OTHER, 0.0, -1)]
    found.route(BOTH, keys=both, gates=[GATE], outs=outs)
    return found


def chunks(rng, crowded):
    """Chunks of events, grouped by kind; few of the slots are ever fed."""
    now = 0
    for _ in range(60):
        n = rng.randrange(1, 40)
        chunk = Chunk(n_cols=7, rows=64)
        kinds = sorted(rng.choice([READER, READER, BOTH, SILENT, FEEDER]) for _ in range(n))
        chunk.kind[:n] = kinds
        order = list(range(n))
        rng.shuffle(order)
        chunk.order[:n] = order
        for p in order:
            now += rng.randrange(12)
            chunk.ts[p] = max(0, now - rng.choice([0, 0, 0, 20, LATE]))
            slot = rng.choice(
                [rng.randrange(4), rng.randrange(SLOTS), rng.randrange(SLOTS) if crowded else 5]
            )
            chunk.cols[KEY, p] = rng.choice([slot, slot, slot, -1.0, NAN, NULL])
            chunk.cols[OTHER, p] = rng.choice([rng.randrange(4), rng.randrange(SLOTS), NAN])
            chunk.cols[GATE, p] = rng.choice([0.0, 0.0, 0.0, 1.0, NAN if crowded else 0.0])
            chunk.cols[VALUE, p] = rng.choice([1.0, 1.0, 2.0, 3.0])
            chunk.cols[START, p] = rng.choice([chunk.ts[p] - 100.0, NAN, NULL])
        chunk.cols[OUT:, :] = 12345.0
        chunk.n = n
        yield chunk


@pytest.mark.parametrize("module", [sieve, plain], ids=["compiled", "interpreted"])
@pytest.mark.parametrize("make", [counter, distinct, latest, facts, top])
@pytest.mark.parametrize("seed", range(8))
def test_an_event_sees_the_same_behind_a_sieve(module, make, seed):
    rng = random.Random(seed)
    direct, _ = make()
    behind = sieved(module, make())
    for number, chunk in enumerate(chunks(rng, crowded=seed % 2 == 1)):
        expected = chunk.cols.copy()
        direct.bind(chunk)
        direct.step(chunk.n)
        expected, chunk.cols[:] = chunk.cols.copy(), expected
        behind.bind(chunk)
        behind.step(chunk.n)
        np.testing.assert_array_equal(chunk.cols, expected)
        newest = int(chunk.ts[: chunk.n].max())
        if number % 7 == 0:
            direct.sweep(newest, 1000)
        if number % 11 == 0:
            behind.renew(newest)


def counted(sieve_of, chunk):
    """How many events the kernel behind a sieve is stepped over."""
    steps = []

    class Spy(type(sieve_of).__mro__[1]):
        def bind(self, chunk):
            pass

        def live(self, _):
            return np.zeros(0, np.uint8)

        def step(self, n):
            steps.append(n)

    spied = type(sieve_of)(Spy(), 2)
    spied.route(0, keys=[(KEY, False, ALWAYS_FEEDS)])
    spied.route(1, keys=[(KEY, False, READS)], outs=[(OUT, KEY, 0.0, -1)])
    spied.bind(chunk)
    return spied, steps


@pytest.mark.parametrize("module", [plain], ids=["interpreted"])
def test_a_kernel_is_not_stepped_where_nothing_concerns_it(module):
    chunk = Chunk(n_cols=7, rows=64)
    chunk.kind[:], chunk.cols[KEY, :] = 1, 3.0
    spied, steps = counted(module.Sieve(counter()[0], 2), chunk)
    spied.step(64)
    assert steps == []
    chunk.kind[:2] = 0
    chunk.cols[KEY, :2] = [3.0, NAN]
    chunk.cols[KEY, 2:] = [3.0, *[4.0] * 61]
    chunk.order[:] = np.arange(64)
    spied.step(64)
    assert steps == [2]


def test_what_all_events_pass_is_no_sieve_any_more():
    kernel, outs = counter()
    found = sieve.Sieve(kernel, 4)
    found.route(BOTH, keys=[(KEY, False, ALWAYS_FEEDS)], outs=outs)
    found.route(READER, keys=[(KEY, False, READS)], outs=outs)
    chunk = Chunk(n_cols=7)
    chunk.kind[:], chunk.cols[KEY, :], chunk.cols[GATE, :] = BOTH, 7.0, 1.0
    found.bind(chunk)
    for _ in range(70):
        found.step(512)
    assert found.nbytes() == 0
    chunk.kind[:], chunk.cols[KEY, :] = READER, 8.0
    found.step(512)
    assert chunk.cols[OUT, :3].tolist() == [0.0, 0.0, 0.0]
    found.renew(0)
    assert found.nbytes() > 0
    chunk.cols[KEY, :3] = 7.0
    found.step(512)
    assert chunk.cols[OUT, 2:4].tolist() == [70 * 512, 0.0]


def another():
    """A kernel that writes nothing, fed by other keys."""
    kernel = WindowCounter(5, [WINDOW], 1, lateness=LATE)
    kernel.route(BOTH, key=OTHER, flags=[(GATE, True)], outs=[[-1]])
    return kernel


@pytest.mark.parametrize(
    ("rows", "sieves"), [(sieve_row, sieve), (plain_row, plain_row)], ids=["compiled", "interpreted"]
)
@pytest.mark.parametrize("make", [counter, distinct, latest, facts, top])
@pytest.mark.parametrize("single", [False, True], ids=["chunks", "single"])
@pytest.mark.parametrize("seed", range(2))
def test_sieves_in_a_row_do_what_their_kernels_do_alone(rows, sieves, make, single, seed):
    rng = random.Random(seed)
    direct, _ = make()
    fed = sieves.Fed()
    others = [sieves.Sieve(another(), 4, fed) for _ in range(3)]  # they share the byte
    for other in others:
        other.route(BOTH, keys=[(OTHER, False, FEEDS)], gates=[GATE])
    behind = sieved(sieves, make(), fed)
    row = rows.SieveRow([*others, behind], 4)
    for number, chunk in enumerate(chunks(rng, crowded=seed % 2 == 1)):
        if single:
            chunk.n, chunk.order[0] = 1, 0
        before = chunk.cols.copy()
        direct.bind(chunk)
        direct.step(chunk.n)
        expected, chunk.cols[:] = chunk.cols.copy(), before
        for bound in (*others, behind, row):
            bound.bind(chunk)
        row.step(chunk.n)
        np.testing.assert_array_equal(chunk.cols, expected)
        if number % 11 == 0:
            for one in (*others, behind):
                one.renew(int(chunk.ts[: chunk.n].max()))


def test_a_row_asks_only_the_kernels_that_something_concerns():
    chunk = Chunk(n_cols=7, rows=64)
    chunk.kind[:], chunk.cols[KEY, :] = READER, 3.0
    (quiet, quiet_steps), (fed, fed_steps) = (
        counted(plain_row.Sieve(counter()[0], 2), chunk) for _ in range(2)
    )
    row = plain_row.SieveRow([quiet, fed], 2)
    row.bind(chunk)
    row.step(64)
    assert (quiet_steps, fed_steps) == ([], [])
    fed.fed.mark(3, 1)
    row.step(64)
    assert (quiet_steps, fed_steps) == ([], [64])
