"""What changed between two screenings, against a plain comparison of two dictionaries; shares against published intervals."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.screening.outputs.outcome import Outcome
from tidegate.screening.since.calendar_months import months_after
from tidegate.screening.since.change_of_share import Counts, change_of_share, wilson
from tidegate.screening.since.drift import Questions, drift
from tidegate.screening.tiers import TIERS
from tidegate.windows.timestamps import format_rfc3339, parse_rfc3339

CHECKS, RISKS = ("a.one", "a.two", "b.one"), ("a", "b")
OUTCOMES = st.builds(
    lambda tier, risks, truths: Outcome(
        tier,
        risks,
        frozenset(check for check, truth in zip(CHECKS, truths, strict=True) if truth == 1),
        frozenset(check for check, truth in zip(CHECKS, truths, strict=True) if truth == 2),
    ),
    st.sampled_from(TIERS),
    st.frozensets(st.sampled_from(RISKS)),
    st.tuples(*[st.integers(0, 2)] * 3),
)
POOLS = st.dictionaries(st.sampled_from([f"+4915{n}" for n in range(10)]), OUTCOMES)


def outcome(tier="secure", risks=(), holds=(), unknown=()):
    return Outcome(tier, frozenset(risks), frozenset(holds), frozenset(unknown))


def of(before, now, *, checks=CHECKS, risks=RISKS, asked_alike=True):
    return drift(
        before, now.items(), checks=frozenset(checks), risks=frozenset(risks), asked_alike=asked_alike
    )


def why(before, now, **options):
    changes = of({"+491": before}, {"+491": now}, **options).changes
    return changes[0][1].why if changes else None


@settings(max_examples=40)
@given(POOLS, POOLS)
def test_matrix_new_and_gone_are_those_of_a_plain_comparison(before, now):
    found = of(before, now)
    for tier in TIERS:
        for other in TIERS:
            same = [n for n in before.keys() & now.keys() if (before[n].tier, now[n].tier) == (tier, other)]
            assert found.matrix[tier][other] == len(same)
        assert found.tiers_of(new=True)[tier] == sum(now[n].tier == tier for n in now.keys() - before.keys())
        assert found.tiers_of(new=False)[tier] == sum(before[n].tier == tier for n in before.keys() - now)
        change = found.share_of_tier(tier)
        assert change.now == pytest.approx(sum(o.tier == tier for o in now.values()) / max(len(now), 1))
    for risk in RISKS:
        counts, _ = found.share_of_risk(risk)
        assert (counts.before, counts.before_of) == (
            sum(risk in o.risks for o in before.values()),
            len(before),
        )
        kept = [(risk in before[n].risks, risk in now[n].risks) for n in before.keys() & now.keys()]
        in_turn = ((False, False), (True, False), (False, True), (True, True))
        assert counts.both == tuple(kept.count(pair) for pair in in_turn)


@settings(max_examples=40)
@given(POOLS, POOLS)
def test_every_account_that_changed_is_listed_once_and_no_other(before, now):
    listed = [number for number, _ in of(before, now).changes]
    changed = {
        n
        for n in before.keys() | now.keys()
        if n not in before or n not in now or before[n].tier != now[n].tier or before[n].risks != now[n].risks
    }
    assert len(listed) == len(set(listed))
    assert set(listed) == changed


@settings(max_examples=40)
@given(POOLS)
def test_a_pool_compared_with_itself_has_no_drift(pool):
    found = of(pool, pool)
    assert found.changes == []
    assert {found.share_of_tier(tier).word for tier in TIERS} == (
        {"the same"} if pool else {"nothing to compare"}
    )


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (outcome("low"), outcome("high", holds=["a.one"]), "worse"),
        (outcome("high", holds=["a.one"]), outcome("low"), "better"),
        (outcome("high", holds=["a.one"]), outcome("secure", unknown=["a.one"]), "no longer known"),
        (outcome("high", holds=["a.one", "b.one"]), outcome("secure", unknown=["a.one"]), "better"),
        (outcome("high", ["a"]), outcome("high", ["b"]), "other risks"),
        (outcome(), outcome(holds=["a.one"]), None),
    ],
)
def test_why_an_account_is_listed(before, now, expected):
    assert why(before, now) == expected


def test_a_tier_that_moves_only_because_something_else_was_asked_is_not_called_worse():
    before, now = outcome("secure"), outcome("high", ["b"], ["b.one"])
    assert why(before, now, checks=["a.one"], risks=["a"], asked_alike=False) == "asked otherwise"
    assert why(before, now) == "worse"
    assert why(outcome(), outcome(risks=["b"]), risks=["a"]) is None


def test_checks_are_compared_where_both_asked_them_with_the_same_limit():
    before, now = (
        Questions({"a.one": 3, "a.two": 1, "b.one": 1}, "x"),
        Questions({"a.one": 2, "b.one": 1}, "x"),
    )
    assert now.checks_in(before) == {"b.one"}
    assert now.risks_in(before, {"a.one": "a", "a.two": "a", "b.one": "b"}) == {"b"}
    assert not now.same_as(before)
    assert before.same_as(Questions(before.limits)), "figures that are not known are not held against it"
    assert not before.same_as(Questions(before.limits, "y"))


# examples that Newcombe gives himself: pairs of 36, 12, 2 and 0; groups of 56 in 70 and 48 in 80; 15 in 148 alone
def test_intervals_are_those_that_were_published():
    groups = change_of_share(Counts(48, 80, 56, 70))
    assert groups.interval == pytest.approx((0.0524, 0.3339), abs=5e-5)
    pairs = change_of_share(Counts(38, 50, 48, 50, both=(0, 2, 12, 36)))
    assert pairs.interval == pytest.approx((0.0569, 0.3404), abs=5e-5)
    assert wilson(15, 148)[1:] == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_the_same_accounts_show_a_change_that_separate_ones_would_hide():
    apart = change_of_share(Counts(100, 1000, 120, 1000))
    same = change_of_share(Counts(100, 1000, 120, 1000, both=(880, 0, 20, 100)))
    assert (apart.word, same.word) == ("no more than chance", "rose, more than by chance")
    assert (
        change_of_share(Counts(120, 1000, 100, 1000, both=(880, 20, 0, 100))).word
        == "fell, more than by chance"
    )


@given(st.data())
def test_the_interval_holds_the_change_and_stays_within_what_is_possible(data):
    both = data.draw(st.tuples(*[st.integers(0, 50)] * 4))
    gone, new = data.draw(st.integers(0, 50)), data.draw(st.integers(0, 50))
    then, now = both[1] + both[3] + gone // 2, both[2] + both[3] + new // 2
    found = change_of_share(Counts(then, sum(both) + gone, now, sum(both) + new, both))
    if found.interval is not None:
        low, high = found.interval
        assert -1 <= low <= found.change + 1e-12
        assert found.change - 1e-12 <= high <= 1


@pytest.mark.parametrize(
    ("since", "months", "until"),
    [
        ("2026-04-01T08:00:00.000Z", 1, "2026-05-01T08:00:00.000Z"),
        ("2026-01-31T08:00:00.000Z", 1, "2026-02-28T08:00:00.000Z"),
        ("2028-01-31T08:00:00.000Z", 1, "2028-02-29T08:00:00.000Z"),
        ("2026-12-31T23:59:59.999Z", 2, "2027-02-28T23:59:59.999Z"),
    ],
)
def test_months_are_those_of_the_calendar_and_clamped(since, months, until):
    assert format_rfc3339(months_after(parse_rfc3339(since), months)) == until
