"""The score: strongest of each correlated group, independent doubt otherwise, four digits, strictly above."""

import itertools

import pytest

from tidegate.scoring import Signal, score

TABLE = [
    ([], 0, 0.0),
    ([("a", 0.6, "")], 0, 0.6),
    ([("a", 0.6, ""), ("b", 0.85, "")], 0, 0.94),
    ([("a", 0.6, "g"), ("b", 0.85, "g")], 0, 0.85),
    ([("a", 0.6, "g"), ("b", 0.5, "g"), ("c", 0.5, "")], 0, 0.8),
    ([("a", 0.6, "g"), ("b", 0.5, "h")], 0, 0.8),
    ([("a", 0.5, ""), ("b", 0.5, ""), ("c", 0.5, "")], 0, 0.875),
    ([("a", 0.6, "g h"), ("b", 0.5, "h i"), ("c", 0.2, "k")], 0, 0.68),  # a and b share h
    ([("a", 0.6, "g"), ("b", 0.5, "g h"), ("c", 0.2, "h")], 0, 0.68),  # b does not count, so c does
    ([("a", 0.5, "g"), ("b", 0.6, "g h"), ("c", 0.2, "h")], 0, 0.6),
    ([("a", 0.6, "")], 10, 0.7),
    ([("a", 0.6, "")], 40, 1.0),
    ([("a", 0.6, "")], 400, 1.0),
    ([], 85, 0.85),
    ([("a", 0.99, ""), ("b", 0.99, "")], 0, 0.9999),
    ([("a", 0.99, ""), ("b", 0.99, ""), ("c", 0.99, "")], 0, 1.0),  # 0.999999
]


@pytest.mark.parametrize(("signals", "points", "expected"), TABLE)
def test_the_table(signals, points, expected):
    assert score([Signal(*signal) for signal in signals], points) == expected


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (0.12345, 0.1234),  # the digit after the fourth is 5: to the even neighbour
        (0.12355, 0.1236),
        (0.12345000001, 0.1235),
        (0.99994, 0.9999),
        (0.99995, 1.0),
    ],
)
def test_it_is_rounded_to_four_digits_half_to_even(probability, expected):
    assert score([Signal("a", probability)]) == expected


def test_neither_order_nor_grouping_of_the_sum_changes_the_last_digit():
    signals = [Signal(f"r{i}", p) for i, p in enumerate((0.1, 0.3, 0.7, 0.15, 0.62))]
    assert len({score(order) for order in itertools.permutations(signals)}) == 1


def test_one_rule_counts_once_however_often_it_is_named():
    assert score([Signal("a", 0.6), Signal("a", 0.6)]) == 0.6


def test_a_group_and_a_rule_of_one_name_are_two_things():
    assert score([Signal("a", 0.5, "b"), Signal("b", 0.5)]) == 0.75
    assert score([Signal("a", 0.5, "b"), Signal("group b", 0.5)]) == 0.75


@pytest.mark.parametrize(
    ("signals", "points", "restricted"),
    [
        ([("a", 0.85, "")], 0, False),
        ([("a", 0.85005, "")], 0, False),  # 0.8500 once rounded, half to even
        ([("a", 0.85006, "")], 0, True),  # 0.8501
        ([("a", 0.7, ""), ("b", 0.5, "")], 0, False),  # 1 - 0.3 * 0.5 = 0.85 exactly, also in binary
        ([("a", 0.6, ""), ("b", 0.625, "")], 0, False),  # 1 - 0.4 * 0.375
        ([("a", 0.8, "")], 5, False),
        ([("a", 0.8, "")], 5.01, True),
    ],
)
def test_exactly_0_85_is_not_above_it(signals, points, restricted):
    assert (score([Signal(*signal) for signal in signals], points) > 0.85) is restricted
