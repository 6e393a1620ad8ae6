"""Sets of undecided rules as numbers: the same set, the same number, however many there are and however they come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.patterns import Patterns, bits_set

RULES = tuple(f"rule-{n}" for n in range(130))
WORDS = 3
EVENTS = 40


def patterns(hidden=()):
    return Patterns(RULES, tuple(n not in hidden for n in range(len(RULES))), WORDS)


def spelled_out(columns):
    return [tuple(RULES[bit] for bit in bits_set(list(column)) if bit < len(RULES)) for column in columns]


def numbered(sets, columns):
    """The sets of events as they come out, entered in reverse order."""
    words = np.array(columns, np.uint64).T.copy()
    n = len(columns)
    numbers = np.full(n, -1, np.int32)
    backwards = np.arange(n)[::-1]
    sets.bind(words)
    sets.enter(backwards.astype(np.int32), backwards.astype(np.int64), numbers)
    assert [sets.number(p) for p in range(n)] == numbers.tolist()
    return [sets.listed[number] for number in numbers]


words = st.sampled_from([0, 1, 2, 5, 1 << 63])
chunks = st.lists(
    st.lists(st.tuples(words, words, st.sampled_from([0, 1, 3])), min_size=1, max_size=60), max_size=6
)


@given(chunks)
def test_a_number_spells_out_its_set(blocks):
    sets = patterns()
    for columns in blocks:
        assert numbered(sets, columns) == spelled_out(columns)
    assert len(set(sets.listed)) == len(sets.listed)


@pytest.mark.parametrize("count", [1, 15, 600])
def test_no_rule_undecided_is_number_0(count):
    numbers = np.full(count, -1, np.int32)
    events = np.arange(count)
    sets = patterns()
    sets.bind(np.zeros((WORDS, count), np.uint64))
    sets.enter(events.astype(np.int32), events, numbers)
    assert (numbers == 0).all()


def test_rules_that_are_not_shown_are_left_out():
    sets = patterns(hidden=(1,))
    assert numbered(sets, [(3, 0, 0), (1, 0, 0)] * EVENTS) == [("rule-0",)] * 2 * EVENTS
