"""PairIndex against a dict and a list of released ids."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.windows.interpreted import interpreted

from tidegate.windows import pairs
from tidegate.windows.chunk import Chunk

NAN, NULL = float("nan"), float("-inf")
KERNELS = [pairs, interpreted("pairs")]
A, B, OUT = 0, 1, 2
ADDING, ASKING, NOT_ROUTED = 0, 1, 2


class Model:
    """What a PairIndex is: ids in order of arrival, the lowest released one first."""

    def __init__(self):
        self.ids = {}
        self.released = []
        self.bound = 0

    def id_of(self, a, b, add):
        if not (a >= -1 and b >= -1):
            return NAN
        if a < 0 or b < 0 or ((a, b) not in self.ids and not add):
            return -1
        if (a, b) not in self.ids:
            if not self.released:
                self.released.append(self.bound)
                self.bound += 1
            self.released.sort(reverse=True)
            self.ids[a, b] = self.released.pop()
        return self.ids[a, b]

    def release(self, pair):
        del self.ids[next(parts for parts, known in self.ids.items() if known == pair)]
        self.released.append(pair)


def made(module, chunk, seed=0):
    index = module.PairIndex(3, seed=seed)
    index.route(ADDING, a=A, b=B, out=OUT, add=True)
    index.route(ASKING, a=A, b=B, out=OUT, add=False)
    index.bind(chunk)
    return index


def stepped(index, chunk, events):
    """Outputs of events (type, a, b) laid out from the last position to the first."""
    n = len(events)
    chunk.cols[:] = 7.5
    for i, (kind, a, b) in enumerate(events):
        p = n - 1 - i
        chunk.order[i], chunk.kind[p], chunk.cols[A, p], chunk.cols[B, p] = p, kind, a, b
    index.step(n)
    return chunk.cols[OUT, :n][::-1].copy()


parts = st.sampled_from([*range(6), NAN, NULL, -1, 2**31 - 1])
events = st.tuples(st.sampled_from([ADDING, ADDING, ASKING, NOT_ROUTED]), parts, parts)
actions = st.lists(
    st.one_of(
        st.tuples(st.just("step"), st.lists(events, max_size=20)),
        st.tuples(st.just("release"), st.integers(0, 40)),
        st.tuples(st.just("reload"), st.integers(0, 2**64 - 1)),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(actions)
def test_pairs_keep_their_ids_through_releases_and_reloads(steps):
    chunk = Chunk(3, rows=32)
    model, indexes = Model(), [made(module, chunk) for module in KERNELS]
    for name, argument in steps:
        if name == "step":
            expected = [7.5 if k == NOT_ROUTED else model.id_of(a, b, k == ADDING) for k, a, b in argument]
            for index in indexes:
                np.testing.assert_array_equal(stepped(index, chunk, argument), expected)
        elif name == "release" and argument in model.ids.values():
            model.release(argument)
            for index in indexes:
                index.release(argument)
        elif name == "reload":
            states = [index.state() for index in indexes]
            indexes = [made(module, chunk, seed=argument) for module in KERNELS]
            for index, state in zip(indexes, reversed(states), strict=True):
                index.restore(state)
        for index in indexes:
            assert len(index) == len(model.ids)
            assert index.ids().tolist() == sorted(model.ids.values())
            assert {index.parts(i): i for i in index.ids().tolist()} == model.ids


@pytest.mark.parametrize("module", KERNELS, ids=["built", "interpreted"])
def test_chained_routes_serve_one_event_one_after_the_other(module):
    chunk = Chunk(5, rows=2)
    index = module.PairIndex(3)
    index.route(0, a=A, b=B, out=OUT, add=True)
    index.chain(0, 1)
    index.route(1, a=B, b=A, out=3, add=True)
    index.chain(1, 2)
    index.route(2, a=A, b=3, out=4, add=False)
    index.bind(chunk)
    chunk.cols[A, 0], chunk.cols[B, 0] = 0, 7
    chunk.cols[A, 1], chunk.cols[B, 1] = 7, 0
    index.step(2)
    assert chunk.cols[OUT:].tolist() == [[0, 1], [1, 0], [-1, 1]]


@pytest.mark.parametrize("module", KERNELS, ids=["built", "interpreted"])
def test_growth_and_releases_lose_no_pair(module):
    index = module.PairIndex(1)
    pairs_of = [(i % 40, i // 40) for i in range(4000)]
    assert [index.id_of(a, b, add=True) for a, b in pairs_of] == list(range(4000))
    index.release_many(np.arange(0, 4000, 3))
    assert [index.id_of(a, b) for a, b in pairs_of] == [-1 if i % 3 == 0 else i for i in range(4000)]
    assert index.id_of(99, 99, add=True) == 0
    assert len(index) == 4000 - 1334 + 1
    assert index.nbytes() <= 20 * 4000
    index.release_many(index.ids()[10:])
    assert index.nbytes() <= 1000
    assert index.id_of(99, 99) == 0


@pytest.mark.parametrize("module", KERNELS, ids=["built", "interpreted"])
def test_a_released_id_or_a_part_out_of_range_is_refused(module):
    index = module.PairIndex(1)
    pair = index.id_of(1, 2, add=True)
    index.release(pair)
    for call in (lambda: index.release(pair), lambda: index.parts(pair), lambda: index.id_of(1, 2**31)):
        with pytest.raises(AssertionError):
            call()


@pytest.mark.parametrize("module", KERNELS, ids=["built", "interpreted"])
def test_the_pairs_of_a_list_are_a_list_in_a_region_of_its_own(module):
    chunk = Chunk(n_cols=6, rows=8, n_items=4, regions=2)
    chunk.grow_items(6)  # two regions of eight behind the lists themselves
    lists = {0: [5.0, 6.0], 2: [6.0, 5.0], 4: [9.0]}
    for start, members in lists.items():
        chunk.items[start : start + len(members)] = members
    events = [
        (ADDING, 1.0, 0.0, 2.0),
        (ADDING, 1.0, 2.0, 2.0),
        (ASKING, 1.0, 4.0, 1.0),
        (ADDING, -1.0, 0.0, 2.0),
    ]
    events += [
        (ADDING, NAN, 0.0, 2.0),
        (ADDING, 1.0, NAN, NAN),
        (ADDING, 1.0, NULL, NULL),
        (ADDING, 1.0, 0.0, 0.0),
    ]
    for i, (kind, a, offset, length) in enumerate(events):
        chunk.kind[i], chunk.cols[0, i], chunk.cols[1, i], chunk.cols[2, i] = kind, a, offset, length
    index = module.PairIndex(3)
    index.route(ADDING, a=0, b=1, out=3, add=True, region=2)
    index.route(ASKING, a=0, b=1, out=3, add=False, region=1)
    index.bind(chunk)
    index.step(len(events))
    starts, lengths = chunk.cols[3, : len(events)], chunk.cols[4, : len(events)]
    made = [
        chunk.items[int(s) : int(s + n)].tolist() if s >= 0 else None
        for s, n in zip(starts, lengths, strict=True)
    ]
    # event 3 shares the list of event 0, whose place in the region it takes
    assert made == [[-1, -1], [1, 0], [-1], [-1, -1], None, None, None, []]
    assert starts[:3].tolist() == [16.0, 18.0, 12.0]
    np.testing.assert_array_equal(starts[4:7], [NAN, NAN, NULL])
    np.testing.assert_array_equal(lengths[4:7], [NAN, NAN, NULL])
    assert (index.id_of(1, 5, add=False), index.id_of(1, 6, add=False), len(index)) == (0, 1, 2)
