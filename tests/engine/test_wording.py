"""How the reasons of decisions word figures."""

from math import inf, nan

import pytest

import tidegate as tg
from tidegate.engine.decision import figure, text_of, words_of
from tidegate.events import PaymentAttempted
from tidegate.testing import Bench


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
        (-1e100, 90.0, ("unknown", "90")),
    ],
)
def test_figures_are_short_and_still_as_they_compare(observed, limit, words):
    assert words_of(observed, limit) == words


def test_what_has_no_lower_bound_is_shown_as_not_known():
    balance = (
        tg.events(PaymentAttempted)
        .sum(PaymentAttempted.amount)
        .per(PaymentAttempted.account_id)
        .over(tg.days(1))
    )
    rules = {
        name: tg.Rule(
            id=name, title=name, on=(PaymentAttempted,), when=when, reason="{observed}; {limit}", points=1
        )
        for name, when in (("few", tg.least(balance, 3) / 4 < 5), ("many", balance > 5))
    }
    bench = Bench(tg.Policy(name="p", version="1", rule_sets=(type("Balance", (tg.RuleSet,), rules),)))
    decision = bench.send("payment_attempted", account_id="ann")
    assert decision.undecided == ("many",)
    (fired,) = decision.data({})["fired"]
    assert (fired["rule"], fired["observed"], fired["limit"], fired["reason"]) == (
        "few",
        None,
        5,
        "unknown; 5",
    )


def test_figures_of_decisions_have_nine_digits():
    assert (figure(5 / 12), text_of(5 / 12)) == (0.416666667, "0.416666667")
