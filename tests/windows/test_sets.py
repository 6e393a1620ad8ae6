"""Numbers of sets against a dict of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.windows.interpreted import interpreted

from tidegate.windows.sets import SetNumbers

plain = interpreted("sets").SetNumbers
WORD = st.sampled_from([0, 0, 1, 1 << 63, (1 << 64) - 1])


@pytest.mark.parametrize("make", [SetNumbers, plain])
@given(rows=st.lists(st.tuples(WORD, WORD), max_size=40))
def test_equal_sets_have_equal_numbers_from_1_on_in_order(make, rows):
    bits = np.array(rows, np.uint64).reshape(-1, 2).T.copy()
    sets, known = make(2), {(0, 0): 0}
    sets.bind(bits)
    for p, row in enumerate(rows):
        assert sets.number(p) == known.setdefault(row, len(known))
        assert sets.bits(known[row]) == list(row)
    assert len(sets) == len(known)


@pytest.mark.parametrize("make", [SetNumbers, plain])
def test_many_sets_are_told_apart(make):
    bits = np.arange(1, 3001, dtype=np.uint64)[None, :] << np.uint64(32)
    sets = make(1)
    sets.bind(bits)
    order = np.arange(3000, dtype=np.int32)[::-1].copy()
    events = np.arange(3000)
    events[5] = -1
    for _ in range(2):
        out = np.zeros(3000, np.int32)
        sets.numbers(order, events, out)
        found = np.delete(out, 5).tolist()
        assert out[5] == 0
        assert found == list(range(1, 3000))
    assert [sets.bits(n)[0] >> 32 for n in (1, 5, 6, 2999)] == [3000, 2996, 2994, 1]
