"""Sets of undecided rules as numbers: the same set, the same number, however many there are and however they come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine import patterns
from tidegate.engine.patterns import FEW, Patterns, bits_set

RULES = tuple(f"rule-{n}" for n in range(130))
WORDS = 3


def spelled_out(columns):
    return [tuple(RULES[bit] for bit in bits_set(list(column)) if bit < len(RULES)) for column in columns]


def numbered(sets, columns):
    words = np.array(columns, np.uint64).T.copy()
    return [sets.listed[n] for n in sets.numbers(words)]


words = st.sampled_from([0, 1, 2, 5, 1 << 63])
chunks = st.lists(
    st.lists(st.tuples(words, words, st.sampled_from([0, 1, 3])), min_size=1, max_size=60), max_size=6
)


@given(chunks)
def test_a_number_spells_out_its_set(blocks):
    sets = Patterns(RULES, (True,) * len(RULES))
    for columns in blocks:
        assert numbered(sets, columns) == spelled_out(columns)
    assert len(set(sets.listed)) == len(sets.listed)


@pytest.mark.parametrize("count", [1, FEW - 1, FEW, 600])
def test_no_rule_undecided_is_number_0(count):
    sets = Patterns(RULES, (True,) * len(RULES))
    assert (sets.numbers(np.zeros((WORDS, count), np.uint64)) == 0).all()


def test_sets_that_mix_to_one_number_stay_apart(monkeypatch):
    monkeypatch.setattr(patterns, "_mix", lambda words: np.zeros(words.shape[1], np.uint64))
    sets = Patterns(RULES, (True,) * len(RULES))
    columns = [(n % 5, 0, n % 3) for n in range(40)]
    for _ in range(2):
        assert numbered(sets, columns) == spelled_out(columns)


def test_rules_that_are_not_shown_are_left_out():
    sets = Patterns(RULES, tuple(n != 1 for n in range(len(RULES))))
    assert numbered(sets, [(3, 0, 0), (1, 0, 0)] * FEW) == [("rule-0",)] * 2 * FEW
