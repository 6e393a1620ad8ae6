"""The arena against a map of who owns which unit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.windows.interpreted import interpreted

from tidegate.windows import arena as built

modules = pytest.mark.parametrize("module", [built, interpreted("arena")], ids=["built", "interpreted"])


@modules
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 40))))
def test_blocks_never_overlap_and_all_that_is_free_is_known(module, chores):
    arena = module.Arena(3)
    held = []
    for order, which in chores:
        if which < len(held):
            arena.release(*held.pop(which))
        else:
            held.append((arena.allocate(order), order))
            assert held[-1][0] % (1 << order) == 0
        units = [unit + i for unit, order in [*held, *arena.free_blocks()] for i in range(1 << order)]
        assert sorted(units) == list(range(1, arena.size))
        if which % 7 == 0:
            arena.trim()
            units = [unit + i for unit, order in [*held, *arena.free_blocks()] for i in range(1 << order)]
            assert sorted(units) == list(range(1, arena.size))
        if which % 5 == 0:
            copy = module.Arena(3)
            copy.restore(arena.state())
            arena = copy


@modules
def test_neighbours_melt_into_the_largest_block(module):
    arena = module.Arena(2)
    held = [arena.allocate(0) for _ in range(255)]
    for unit in held:
        arena.release(unit, 0)
    assert sorted(order for _, order in arena.free_blocks()) == list(range(8))
    assert arena.allocate(7) == 128
    assert arena.size == 256


@modules
def test_what_is_free_at_the_end_is_given_back_and_what_is_held_stays_as_it_was(module):
    arena = module.Arena(2)
    held = [arena.allocate(4) for _ in range(1000)]
    kept = held[3]
    words = np.asarray(arena.state()["words"])
    arena.restore(arena.state() | {"words": np.arange(len(words))})
    for unit in held:
        if unit != kept:
            arena.release(unit, 4)
    before = arena.nbytes()
    assert arena.trim()
    assert arena.nbytes() < before / 100
    assert arena.size == kept + 16
    state = arena.state()
    assert state["words"][2 * kept : 2 * (kept + 16)].tolist() == [*range(2 * kept, 2 * (kept + 16))]
    other = arena.allocate(4)
    assert other != kept
    for unit in (kept, other):
        arena.release(unit, 4)
    arena.trim()
    assert arena.size == 1
    assert not arena.trim(), "there is nothing left to give back"
