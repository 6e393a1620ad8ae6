"""Sketch against the sets it samples: exact while they are small, within its error bound beyond."""

import random
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.windows.interpreted import interpreted
from tests.windows.traffic import (
    NAN,
    NULL,
    Event,
    Layout,
    Upkeep,
    feed,
    is_open,
    same,
    sizes,
    streams,
    upkeeps,
)

from tidegate.features import stream
from tidegate.windows import sketch
from tidegate.windows.sketch import Sketch

plain = interpreted("sketch", needs=("arena",))

# fields: key, member, gate, other key
LAYOUT = Layout(scalars=4, lists=0, outputs=2)
# fields: key, member, three other keys
SEVERAL = Layout(scalars=5, lists=0, outputs=1)
LISTED = Layout(scalars=2, lists=1, outputs=1)
KINDS = 4
ROUTES = {
    0: {"key": 0, "member": 1, "against": [3], "out": 4},
    1: {"key": 0, "member": 1, "update": False, "against": [3], "out": 4},
    2: {"key": 0, "member": 1, "gate": (2, True), "against": [3], "out": 4},
    KINDS: {"key": 3, "against": [2], "out": 5},
}
CHAIN = {0: KINDS}

KEY = st.sampled_from([-1.0, 0.0, 1.0, 1.0, 2.0, 70.0, NAN, NULL])
MEMBER = st.one_of(st.sampled_from([NAN, NULL, float(2**53 - 1)]), st.integers(0, 9).map(float))
TRUTH = st.sampled_from([1.0, 1.0, 0.0, NAN, NULL])
STREAMS = streams((KEY, MEMBER, TRUTH, KEY), kinds=KINDS, lateness=12, step=15)


def make(module=sketch, k=256):
    def build():
        kernel = module.Sketch(KINDS + 1, k, lateness=12)
        for kind, route in ROUTES.items():
            kernel.route(kind, **route)
        for kind, then in CHAIN.items():
            kernel.chain(kind, then)
        return kernel

    return build


def oracle(events, similarity):
    slots = {}
    for e in events:
        row = {4: 12345.0, 5: 12345.0}
        for kind in (e.kind, CHAIN.get(e.kind)):
            route = ROUTES.get(kind)
            if not route:
                continue
            key, other = e.cells[route["key"]], e.cells[route["against"][0]]
            adds = kind == 0 or (kind == 2 and is_open(route["gate"], e.cells))
            if adds and key >= 0 and e.cells[1] >= 0:
                slots.setdefault(key, set()).add(int(e.cells[1]))
            a, b = slots.get(key), slots.get(other)
            row[route["out"]] = similarity(a, b) if a and b else NAN
        yield list(row.values())


def jaccard(a, b):
    return len(a & b) / len(a | b)


def bottom(k):
    """The similarity that samples of the k least hashes give."""

    def similarity(a, b):
        least = sorted(a | b, key=plain._mix)[:k]
        return sum(m in a and m in b for m in least) / len(least)

    return similarity


@settings(deadline=None)
@given(STREAMS, sizes(), upkeeps())
def test_small_sets_are_compared_exactly(events, size, upkeep):
    same(feed(make(), events, LAYOUT, size, upkeep), oracle(events, jaccard))


def in_several(events, k):
    """The share of the k least hashes of all sets named that is in two or more of them."""
    slots = {}
    for e in events:
        key, member, *others = e.cells
        if key >= 0 and member >= 0:
            slots.setdefault(key, set()).add(int(member))
        named = [other for other in others if other >= 0]
        sets = [slots.get(slot) for slot in {key, *named}]
        if not named or None in sets:
            yield [NAN]
            continue
        least = sorted(set().union(*sets), key=plain._mix)[:k]
        yield [sum(sum(m in s for s in sets) >= min(2, len(sets)) for m in least) / len(least)]


@settings(deadline=None)
@given(
    streams((KEY, MEMBER, KEY, KEY, KEY), kinds=1, lateness=12, step=15),
    st.sampled_from([4, 256]),
    st.sampled_from([sketch, plain]),
    sizes(),
    upkeeps(),
)
def test_of_several_sets_it_is_the_share_in_two_or_more(events, k, module, size, upkeep):
    def make():
        kernel = module.Sketch(1, k, lateness=12)
        kernel.route(0, key=0, member=1, against=[2, 3, 4], out=5)
        return kernel

    same(feed(make, events, SEVERAL, size, upkeep), in_several(events, k))


@settings(deadline=None)
@given(STREAMS, sizes(), upkeeps())
def test_larger_sets_are_compared_by_the_least_hashes_of_their_union(events, size, upkeep):
    same(feed(make(k=4), events, LAYOUT, size, upkeep), oracle(events, bottom(4)))


@pytest.mark.parametrize("k", [4, 20, 256])
@pytest.mark.parametrize("seed", range(3))
def test_a_long_stream_is_compared_by_the_least_hashes_of_the_unions(seed, k):
    rng = random.Random(seed)
    key = [0.0, 1.0, 2.0, 70.0, NAN]
    events = [
        Event(rng.randrange(KINDS), 0, (rng.choice(key), float(rng.randrange(60)), 1.0, rng.choice(key)))
        for _ in range(1000)
    ]
    same(feed(make(k=k), events, LAYOUT, 7, Upkeep(seed, 0.3, 0.3)), oracle(events, bottom(k)))


@settings(deadline=None, max_examples=30)
@given(STREAMS, sizes(), upkeeps())
def test_compiled_and_interpreted_agree_bit_for_bit(events, size, upkeep):
    a = feed(make(k=5), events, LAYOUT, size, upkeep)
    b = feed(make(plain, k=5), events, LAYOUT, size, upkeep)
    assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("module", [sketch, plain])
def test_a_list_takes_the_place_of_all_members_without_those_not_known(module):
    def make():
        kernel = module.Sketch(1, 256, lateness=0)
        kernel.route(0, key=0, member=2, member_many=True, against=[1], out=4)
        return kernel

    lists = [[1.0, 2.0, NAN], [2.0, 3.0, 4.0], [2.0], [3.0, 5.0], NAN, [], [1.0]]
    events = [Event(0, 0, (float(i % 2), float(1 - i % 2), members)) for i, members in enumerate(lists)]
    found = feed(make, events, LISTED, 3)[:, 0]
    # {1, 2} and {2, 3, 4}; {2}; {3, 5}; not known: as before; none; {1}
    assert np.array_equal(found, [NAN, 1 / 4, 1 / 3, 0, 0, NAN, NAN], equal_nan=True)


@pytest.mark.parametrize("shared", [0, 200, 1000, 1900, 2000])
@pytest.mark.parametrize("seed", range(3))
def test_the_estimate_is_within_four_standard_errors(seed, shared):
    rng = random.Random(seed)
    ids = rng.sample(range(10**6), 4000 - shared)
    a, b = ids[:2000], ids[2000 - shared :]
    events = [Event(0, 0, (0.0, float(m), NAN, 1.0)) for m in a]
    events += [Event(0, 0, (1.0, float(m), NAN, 0.0)) for m in b]
    rng.shuffle(events)
    estimate = feed(make(), events, LAYOUT, 512, Upkeep(seed, 0.3, 0.3))[-1, 0]
    truth = jaccard(set(a), set(b))
    assert abs(estimate - truth) <= 4 * sqrt(truth * (1 - truth) / 256)


def test_a_slot_takes_no_more_room_than_its_hashes():
    kernel = Sketch(1, lateness=0)
    kernel.route(0, key=0, member=1)
    layout = Layout(2, 0, 0)
    chunk = layout.chunk(20_000)
    kernel.bind(chunk)
    layout.load(chunk, [Event(0, 0, (0.0, float(i))) for i in range(20_000)])
    kernel.step(20_000)
    assert kernel.nbytes() < 8 * 256 * 3


def test_a_forgotten_slot_starts_anew():
    events = [Event(0, 0, (key, float(m), NAN, 0.0)) for key in (0.0, 1.0) for m in range(300)]
    kernel, chunk = make()(), LAYOUT.chunk(600)
    kernel.bind(chunk)
    for _ in range(2):
        LAYOUT.load(chunk, events)
        kernel.step(600)
        assert chunk.cols[4, 599] == 1.0
        assert kernel.live(0).tolist() == [1, 1]
        kernel.forget(0)
        kernel.forget(1)
    assert kernel.live(0).tolist() == [0, 0]


@pytest.mark.parametrize("module", [sketch, plain])
def test_members_whose_hashes_are_held_can_be_told(module):
    for k, ids in ((256, [0, 1, 7, 2**53 - 1]), (8, range(100))):
        kernel, chunk = make(module, k)(), LAYOUT.chunk(1)
        kernel.bind(chunk)
        assert kernel.members(0).tolist() == []
        for n, member in enumerate(ids):
            LAYOUT.load(chunk, [Event(0, 10, (float(2 * (n % 2)), float(member), 1.0, NAN))])
            kernel.step(1)
        found = kernel.members(0).tolist()
        assert sorted(set(found) & set(ids)) == found
        assert len(found) == min(len(ids), 2 * k)


def test_the_language_compares_a_set_with_as_many_as_the_kernel_holds():
    assert stream.OTHERS_MAX == plain.OTHERS_MAX == sketch.OTHERS_MAX
