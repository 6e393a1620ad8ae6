"""Values and combinations of a column, each once, and rows in order: as numpy's slower ways have them."""

import math
from copy import deepcopy

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tidegate.screening.evidence.event_table import Table, in_order
from tidegate.screening.telling_apart import combinations_in, values_in


@given(st.lists(st.sampled_from([0.0, 1.0, 2.5, -3.0, math.inf, -math.inf, math.nan]), max_size=30))
def test_values_are_those_that_numpy_finds_and_stand_where_it_says(column):
    values, which = values_in(np.array(column, np.float64))
    expected, places = np.unique(np.array(column, np.float64), return_inverse=True)
    assert np.array_equal(values, expected, equal_nan=True)
    assert which.tolist() == places.tolist()


@given(st.lists(st.lists(st.integers(0, 2**30), min_size=5, max_size=5), max_size=30))
def test_combinations_are_told_apart_however_many_there_are(rows):
    """Five columns of 30 bits are more than one whole number holds."""
    columns = list(np.array(rows, np.int64).reshape(len(rows), 5).T)
    first, which = combinations_in(columns, len(rows))
    assert [rows[first[place]] for place in which.tolist()] == rows
    assert [rows.index(rows[place]) for place in first.tolist()] == first.tolist()
    assert len(first) == len({tuple(row) for row in rows})


@given(st.lists(st.tuples(st.integers(-5, 5), st.sampled_from([-1, 0, 3, 2**31 - 1])), max_size=30))
def test_rows_are_ordered_by_whom_they_are_of_and_by_time(rows):
    ts, of = np.array(rows, np.int64).reshape(len(rows), 2).T
    assert in_order(ts, of).tolist() == np.lexsort((ts, of)).tolist()


def test_to_ask_a_table_without_rows_changes_nothing():
    """Another thread may be counting its rows: a column that appears meanwhile stopped it with an error, now and then."""
    table = Table()
    before = deepcopy(vars(table))
    assert len(table["ts"]) == len(table) == 0
    assert vars(table) == before
