"""Measures with a condition of their own: the rule fires by its conditions, the measure opens by its own."""

import random

import pytest
from tests.engine.worlds import (
    DAY,
    HOUR,
    MINUTE,
    T0,
    event,
    figure,
    judge,
    message,
    policy_of,
    rule,
    sanction,
    verdicts,
)

import tidegate as tg
from tidegate.errors import PolicyError
from tidegate.events import MessageSent, ReportFiled

M, R = MessageSent, ReportFiled
LIGHT, HARD = sanction("light"), sanction("hard", level=4, capability=("all",), lasting=tg.days(3))
SENT = tg.events(M).count().per(M.account_id).over(tg.hours(1))


def on_report(*measures, **parts):
    return policy_of(rule("reported", on=R, measures=measures, **parts))


def opened(decision):
    return [s["sanction"] for s in decision["sanctions"]]


def fired(decision):
    return [f["rule"] for f in decision["fired"]]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"category": "spam"}, ["light", "hard"]),
        ({"category": "illegal"}, ["light"]),
        ({"category": None}, ["light"]),
        ({}, ["light"]),
    ],
)
def test_a_measure_opens_only_where_its_own_condition_is_true_and_the_rule_fires_all_the_same(
    named, expected
):
    policy = on_report(tg.Measure(LIGHT), tg.Measure(HARD, given=R.category == "spam"), points=10)
    (seen,) = judge(policy, [event("report_filed", T0, **named)])
    assert (opened(seen), fired(seen), seen["score"]) == (expected, ["reported"], 0.1)
    assert not seen.get("undecided")


def test_what_is_undecided_about_the_rule_stays_undecided():
    policy = on_report(tg.Measure(LIGHT, given=R.category == "spam"), given=R.via == "delete_and_mark_spam")
    (seen,) = judge(policy, [event("report_filed", T0, category="spam")])
    assert (fired(seen), opened(seen)) == ([], [])


@pytest.mark.parametrize(("certain", "expected"), [(1, []), (2, ["light"])])
def test_a_count_with_events_that_cannot_be_judged_opens_it_only_where_they_do_not_matter(certain, expected):
    forwards = tg.events(M).where(M.is_forward).count().per(M.account_id).over(tg.hours(1))
    policy = policy_of(
        rule("reported", on=R, measures=(tg.Measure(LIGHT, given=forwards >= tg.Parameter(2, low=1, high=9, unit="messages", why="two", name="figures.two")),))
    )  # fmt: skip
    sent = [message(T0 + n, is_forward=True) for n in range(certain)]
    seen = judge(policy, [*sent, message(T0 + MINUTE), event("report_filed", T0 + 2 * MINUTE)])
    assert (opened(seen[-1]), fired(seen[-1])) == (expected, ["reported"])


def test_it_may_ask_what_is_on_record():
    policy = on_report(tg.Measure(HARD, given=tg.labelled("seen", R.account_id)), labels=(tg.Label("seen"),))
    seen = judge(policy, [event("report_filed", T0 + n, who) for n, who in enumerate("aaba")])
    assert [opened(s) for s in seen] == [[], ["hard"], [], []], (
        "the second report; the first measure still runs"
    )


def test_of_several_measures_the_conditions_choose():
    policy = on_report(
        tg.Measure(LIGHT, lasting=tg.hours(1), given=R.category == "spam"),
        tg.Measure(LIGHT, lasting=tg.days(1), given=R.category == "other"),
    )
    world = [event("report_filed", T0, category="other"), message(T0 + DAY - 1), message(T0 + DAY)]
    assert verdicts(judge(policy, world))[1:] == ["deny", "allow"]
    world = [event("report_filed", T0, category="spam"), message(T0 + HOUR - 1), message(T0 + HOUR)]
    assert verdicts(judge(policy, world))[1:] == ["deny", "allow"]


def test_a_measure_against_what_the_event_does_not_name_is_withheld_too_and_stands_for_no_other():
    on_device = tg.Measure(HARD, subject="device")
    condition = M.is_forward == 1
    withheld = policy_of(rule("sent", measures=(tg.Measure(HARD, subject="device", given=condition),)))
    assert [opened(s) for s in judge(withheld, [message(T0), message(T0 + 1, is_forward=True)])] == [
        [],
        ["hard"],
    ]
    both = policy_of(rule("sent", measures=(tg.Measure(HARD, given=condition), on_device)))
    (seen,) = judge(both, [message(T0)])
    assert [s["subject"] for s in seen["sanctions"]] == ["device"], (
        "no measure of its kind opened on the account"
    )
    (seen,) = judge(both, [message(T0, is_forward=True)])
    assert [s.get("subject", "account") for s in seen["sanctions"]] == ["account"]


def test_a_ladder_climbs_by_the_times_it_opened_not_by_those_it_was_withheld():
    ladder = tg.Measure(LIGHT, given=R.category == "spam", then=(tg.Measure(HARD),), within=tg.days(30))
    categories = ["spam", "illegal", "illegal", "spam"]
    world = [event("report_filed", T0 + n * DAY, category=c) for n, c in enumerate(categories)]
    assert [opened(s) for s in judge(on_report(ladder), world)] == [["light"], [], [], ["light", "hard"]]


def test_a_condition_has_its_value_also_where_another_rule_asks_for_it_seldom():
    """Some readings are computed only where a rule asks for them: a measure asks too."""
    to_two = tg.events(M).top(M.recipient_id, 2).per(M.account_id).over(tg.hours(1))
    concentrated = to_two / SENT > figure(0.6, "few")
    seldom = tg.Rule(
        id="seldom", title="x", on=(M,), when=concentrated, given=M.is_reply == 1, reason="x",
        labels=(tg.Label("seen"),),
    )  # fmt: skip
    own = rule("sent", measures=(tg.Measure(LIGHT, lasting=tg.seconds(1), given=concentrated),))
    rng = random.Random(5)
    world = [
        message(
            T0 + n * MINUTE, rng.choice("ab"), recipient_id=rng.choice("stuvw"), is_reply=rng.random() < 0.2
        )
        for n in range(24)
    ]
    alone = [opened(s) for s in judge(policy_of(own), world)]
    assert {tuple(names) for names in alone} == {(), ("light",)}
    assert [opened(s) for s in judge(policy_of(seldom, own), world)] == alone


@pytest.mark.parametrize(
    ("waited", "until"), [(HOUR, T0 + 2 * HOUR), (2 * HOUR, T0 + 4 * HOUR), (3 * HOUR, T0 + 5 * HOUR)]
)
def test_a_measure_ends_at_its_moment_where_that_comes_before_its_own_length_is_over(waited, until):
    seen = tg.events(M).last_seen().per(M.account_id).ever()
    policy = on_report(tg.Measure(LIGHT, ends=seen + tg.hours(2)))  # two hours by itself
    report = event("report_filed", T0 + waited)
    told = judge(policy, [message(T0), report, message(until - 1), message(until)])
    assert verdicts(told)[2:] == ["deny", "allow"]
    nobody_sent = judge(
        policy, [event("report_filed", T0), message(T0 + 2 * HOUR - 1), message(T0 + 2 * HOUR)]
    )
    assert verdicts(nobody_sent)[1:] == ["deny", "allow"]


@pytest.mark.parametrize("ends", [M.media_bytes, tg.hours(1), "soon"])
def test_an_end_that_is_no_moment_is_refused(ends):
    with pytest.raises(PolicyError, match="not a moment"):
        tg.Measure(LIGHT, ends=ends)


@pytest.mark.parametrize("given", [M.media_bytes, "spam", True])
def test_a_condition_that_is_neither_true_nor_false_is_refused(given):
    with pytest.raises(PolicyError, match="not true or false"):
        tg.Measure(LIGHT, given=given)


@pytest.mark.parametrize("own", [{"given": M.is_forward == 1}, {"named": M.recipient_id}, {"ends": tg.now()}])
def test_steps_of_a_ladder_and_the_restriction_have_none_of_their_own(own):
    with pytest.raises(PolicyError, match="a step of a ladder with"):
        tg.Measure(LIGHT, then=(tg.Measure(HARD, **own),), within=tg.days(1))
    with pytest.raises(PolicyError, match="a measure of the restriction with"):
        tg.ScoreRule(
            id="score", title="x", threshold=figure(0.85, "threshold"), reason="x",
            measures=(tg.Measure(LIGHT, **own),),
        )  # fmt: skip
