"""How the reasons of decisions word figures."""

from math import inf, nan

import pytest

from tidegate.engine.decision import figure, text_of, words_of


@pytest.mark.parametrize(
    ("observed", "limit", "words"),
    [
        (13.0, 12.0, ("13", "12")),
        (5 / 12, 0.4, ("0.417", "0.4")),
        (10 / 86_400_000, 7.0, ("0", "7")),
        (12.0, 13 + 1 / 3, ("12", "13.333")),
        # what differs is not worded as if it were the same, and what is the same is
        (90 + 10 / 86_400, 90.0, ("90.0001", "90")),
        (5 - 1 / 3_600_000, 5.0, ("4.99999972", "5")),
        (0.8500001, 0.85, ("0.8500001", "0.85")),
        (1 / 3, 1 / 3, ("0.333", "0.333")),
        (-0.0001, 0.5, ("0", "0.5")),
        (nan, 1.0, ("unknown", "1")),
        (inf, 90.0, ("unknown", "90")),
    ],
)
def test_figures_are_short_and_still_as_they_compare(observed, limit, words):
    assert words_of(observed, limit) == words


def test_figures_of_decisions_have_nine_digits():
    assert (figure(5 / 12), text_of(5 / 12)) == (0.416666667, "0.416666667")
