"""From fired rules to a score: beliefs, factors, points, and the restriction above the threshold."""

import json

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
)

import tidegate as tg
from tidegate.events import LoginAttempt, MessageSent, NetworkSwitch, ReportFiled, decode_lines

UNSTATED = figure(0.1, "unstated", high=0.5)
STOP = sanction("stop", capability=("all",))
RESTRICTION = tg.ScoreRule(
    id="score",
    title="Above the threshold",
    threshold=figure(0.85, "threshold", low=0.5, high=1),
    reason="{observed} above {limit}",
    measures=(tg.Measure(STOP),),
)


# beliefs ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("revisions", "score"), [({}, 0.19), ({"figures.unstated": 0.2}, 0.36)])
def test_a_belief_that_is_a_figure_is_revised_for_all_rules_that_share_it(revisions, score):
    policy = policy_of(rule("a", prior=tg.Prior(UNSTATED)), rule("b", prior=tg.Prior(UNSTATED)))
    decision = judge(policy.revise(revisions), [message(T0)])[0]
    assert decision["score"] == score
    assert [f["probability"] for f in decision["fired"]] == [revisions.get("figures.unstated", 0.1)] * 2


def test_a_belief_cannot_be_revised_to_certainty():
    with pytest.raises(tg.errors.ParameterError, match="no prior probability"):
        tg.Prior(figure(0.1, "certain", low=0, high=1))


# whom else it counts against ---------------------------------------------------------------------------------------
_IN_GROUP = (
    tg.events(MessageSent).recent(MessageSent.account_id, 10).per(MessageSent.group_id).over(tg.hours(1))
)


def reaching(whom, **parts):
    return rule("hot", given=MessageSent.is_forward, reaches=whom, labels=(tg.Label("seen"),), **parts)


def posts(*posted):
    """Posts in a group, a minute apart: who posts, and whether it is a forward."""
    return [
        message(T0 + n * MINUTE, who.lower(), group_id="g", is_forward=who.isupper())
        for n, who in enumerate(posted)
    ]


@pytest.mark.parametrize(
    ("how", "each", "two"), [({"prior": tg.Prior(0.5)}, 0.5, 0.5), ({"points": 40}, 0.4, 0.4)]
)
def test_a_rule_counts_against_all_it_reaches_as_against_the_account_of_the_event(how, each, two):
    policy = policy_of(reaching(_IN_GROUP, **how), restriction=RESTRICTION)
    seen = judge(policy, [*posts(*"abC"), *(message(T0 + HOUR, who) for who in "abcd")])
    assert [s["score"] for s in seen] == [0, 0, each, each, each, each, 0]
    assert seen[2]["labels"] == ["seen"]
    assert [s["score"] for s in judge(policy, posts(*"aBBa"))] == [0, each, two, two], "it is one rule"


def test_within_a_minute_it_counts_once_against_those_whom_it_reaches():
    engine = tg.Engine(policy_of(reaching(_IN_GROUP, points=40), restriction=RESTRICTION))
    sent = [
        message(T0 + after, who, group_id="g", is_forward=forward)
        for after, who, forward in (
            (0, "a", False),
            (1, "b", True),
            (MINUTE, "c", True),
            (MINUTE + 1, "b", True),
            (3 * MINUTE, "c", True),
        )
    ]
    lines = [json.dumps(e | {"event_id": f"e{n}"}).encode() for n, e in enumerate(sent)]
    judged = engine.step(decode_lines(lines).block)
    reached = [sorted(mark.of for mark in judged.closer[n].marks) for n in range(1, 5)]
    assert reached == [["", "a"], [""], ["", "a"], ["", "a", "b"]]
    signals = {who: engine.account(who).signals[0].fired_at - T0 for who in "abc"}
    assert signals == {"a": 3 * MINUTE, "b": 3 * MINUTE, "c": 3 * MINUTE}


def test_whom_it_takes_over_the_threshold_is_restricted_at_an_event_of_his_own():
    another = rule("another", on=ReportFiled, points=50)
    policy = policy_of(reaching(_IN_GROUP, points=40), another, restriction=RESTRICTION)
    seen = judge(policy, [event("report_filed", T0, "a"), *posts(*"aB"), message(T0 + HOUR, "a")])
    assert [[s["sanction"] for s in one["sanctions"]] for one in seen] == [[], [], [], ["stop"]]
    assert seen[-1]["score"] == 0.9


def test_labels_reach_them_too_and_what_is_not_known_reaches_nobody():
    marked = rule("marked", on=ReportFiled, given=tg.labelled("seen", ReportFiled.account_id))
    policy = policy_of(reaching(MessageSent.recipient_id, points=40), marked)
    sent = [message(T0, "a", is_forward=True, recipient_id="b"), message(T0, "c", is_forward=True)]
    seen = judge(policy, [*sent, *(event("report_filed", T0 + 1, who) for who in "abcd")])
    assert [s["score"] for s in seen[2:]] == [0.4, 0.4, 0.4, 0]
    assert [[f["rule"] for f in s["fired"]] for s in seen[2:]] == [["marked"]] * 3 + [[]]


@pytest.mark.parametrize(
    "whom", [MessageSent.group_id, MessageSent.link_hashes, MessageSent.media_bytes, "b"]
)
def test_what_names_no_account_reaches_nobody(whom):
    with pytest.raises(tg.errors.PolicyError, match="which names no account"):
        reaching(whom)


# deadlines --------------------------------------------------------------------------------------------------------
_SIX_HOURS = tg.deadline(LoginAttempt, tg.hours(6), LoginAttempt.account_id, name="deadline.six-hours")


@pytest.mark.parametrize(
    ("state", "shown"), [("active", ["late", "score"]), ("shadow", None), ("draft", None), ("retired", None)]
)
def test_only_a_rule_that_is_active_opens_a_restriction_anew_when_a_moment_passes(state, shown):
    hot, late = rule("hot", on=ReportFiled, points=90), rule("late", on=_SIX_HOURS, state=state)
    engine = tg.Engine(policy_of(hot, late, restriction=RESTRICTION))
    events = [
        event("login_attempt", T0),
        event("report_filed", T0),
        message(T0 + 7 * HOUR, "b"),
        message(T0 + 7 * HOUR),
    ]
    judged = engine.step(
        decode_lines([json.dumps(e | {"event_id": f"e{n}"}).encode() for n, e in enumerate(events)]).block
    )
    assert [[f.rule for f in t.decision.fired] for t in judged.timers] == ([shown] if shown else [])
    (restricted,) = [
        s.since
        for s in (*judged.closer[3].sanctions, *(s for t in judged.timers for s in t.decision.sanctions))
    ]
    assert restricted == (T0 + 6 * HOUR if shown else T0 + 7 * HOUR)


# risk factors -----------------------------------------------------------------------------------------------------
def factor(name, value, on=NetworkSwitch, **parts):
    """A rule that fires at network switches and makes signals weigh more."""
    given = parts.pop("given", None)
    return rule(name, on=on, given=given, risk=tg.Risk(factor=figure(value, name, low=0.1), **parts))


def world(*factors, p=0.3, restriction=None):
    """A policy in which a message is a signal of area `messaging`, a login one of area `login`."""
    return policy_of(
        {
            "messaging": (rule("sent", prior=tg.Prior(p)),),
            "login": (rule("logged-in", on=LoginAttempt, prior=tg.Prior(p)),),
            "network": factors,
        },
        restriction=restriction,
    )


SWITCH = event("network_switch", T0)
LOGIN = event("login_attempt", T0 + 1, ok=True)


def scores(policy, *events):
    return [seen["score"] for seen in judge(policy, events)]


@pytest.mark.parametrize(
    ("factors", "score"),
    [
        ([factor("f", 1.6)], 0.48),
        ([factor("f", 1.6), factor("g", 1.5)], 0.72),
        ([factor("f", 10)], 0.99),
        ([factor("f", 0.5)], 0.15),
        ([factor("f", 1)], 0.3),
        ([factor("f", 1.6, of="messaging")], 0.48),
        ([factor("f", 1.6, of="login")], 0.3),
        ([factor("f", 3, odds=True)], 0.5625),
        ([factor("f", 3, odds=True), factor("g", 1.6)], 0.9),
    ],
)
def test_factors_that_hold_multiply_the_signals_they_speak_of(factors, score):
    assert scores(world(*factors), SWITCH, message(T0 + 1)) == [0.0, score]


def test_a_factor_speaks_of_the_signals_of_its_area_only():
    assert scores(world(factor("f", 2, of="login")), SWITCH, LOGIN, message(T0 + 2))[1:] == [0.6, 0.72]


def test_a_factor_holds_for_signals_that_were_there_before_it():
    assert scores(world(factor("f", 2)), message(T0 - 1), SWITCH, message(T0 + 1)) == [0.3, 0.6, 0.6]


def test_a_factor_holds_for_a_day_after_it_last_fired_and_for_that_account():
    again = event("network_switch", T0 + HOUR)
    late = [message(T0 + DAY), message(T0 + HOUR + DAY - 1), message(T0 + HOUR + DAY)]
    assert scores(world(factor("f", 2)), SWITCH, again, *late)[2:] == [0.6, 0.6, 0.3]
    assert scores(world(factor("f", 2)), SWITCH, message(T0 + 1, "b")) == [0.0, 0.3]


def test_a_message_that_comes_late_knows_no_factor_after_it():
    assert scores(world(factor("f", 2)), SWITCH, message(T0 - 1), message(T0 + 1)) == [0.0, 0.3, 0.6]


def test_a_factor_is_listed_with_its_value_where_it_fires_and_makes_nobody_conspicuous():
    seen = judge(world(factor("f", 1.6)), [SWITCH, event("report_filed", T0 + 1)])
    assert [f["rule"] for f in seen[0]["fired"]] == ["f"]
    assert seen[0]["fired"][0]["modifiers"] == [{"modifier": "f", "factor": 1.6}]
    assert seen[1] == {"verdict": "allow", "score": 0.0, "fired": [], "labels": [], "sanctions": []}


def test_a_passing_factor_holds_for_its_event_and_is_listed_there():
    linked = tg.size(MessageSent.link_hashes) > 0
    policy = world(factor("links", 2, on=MessageSent, given=linked, passing=True))
    seen = judge(policy, [message(T0), message(T0 + 1, link_hashes=["h"]), message(T0 + 2)])
    assert [s["score"] for s in seen] == [0.3, 0.6, 0.3]
    assert [[f["rule"] for f in s["fired"]] for s in seen] == [["sent"], ["sent", "links"], ["sent"]]


def test_a_passing_factor_is_listed_where_nothing_is_on_record_and_leaves_nothing_behind():
    policy = policy_of(
        factor("links", 2, on=MessageSent, passing=True),
        rule("seen", on=NetworkSwitch, prior=tg.Prior(0.3)),
    )
    seen = judge(policy, [message(T0), message(T0 + 1, "b"), event("network_switch", T0 + 2)])
    assert [[f["rule"] for f in s["fired"]] for s in seen] == [["links"], ["links"], ["seen"]]
    assert seen[0]["fired"][0]["modifiers"] == [{"modifier": "links", "factor": 2}]
    assert [s["score"] for s in seen] == [0.0, 0.0, 0.3]


def test_a_factor_of_a_state_ends_where_the_state_is_known_not_to_hold():
    policy = world(factor("f", 2, given=NetworkSwitch.is_dynamic_ip == 1, state=True))
    on, off, unknown = {"is_dynamic_ip": True}, {"is_dynamic_ip": False}, {}
    told = [event("network_switch", T0 + 2 * n, **said) for n, said in enumerate([on, unknown, off, on])]
    between = [message(T0 + 2 * n + 1) for n in range(4)]
    events = [each for pair in zip(told, between, strict=True) for each in pair]
    assert scores(policy, *events)[1::2] == [0.6, 0.6, 0.3, 0.6]
    late = [told[0], told[3], message(T0 + 7), told[2], message(T0 + 5), message(T0 + 8)]
    assert scores(policy, *late)[2:] == [0.6, 0.0, 0.3, 0.6]


def test_the_factor_of_a_state_ends_with_it_also_where_its_signal_stays_as_long_as_a_label():
    parts = {"labels": (tg.Label("l"),), "prior": tg.Prior(0.1, while_labelled=True)}
    dynamic = NetworkSwitch.is_dynamic_ip == 1
    risk = tg.Risk(factor=figure(2, "f"), of="messaging", state=True)
    sheets = {
        "messaging": (rule("sent", prior=tg.Prior(0.3)),),
        "network": (rule("f", on=NetworkSwitch, given=dynamic, risk=risk, **parts),),
    }
    told = [event("network_switch", T0 + 2 * n, is_dynamic_ip=n == 0) for n in range(2)]
    assert scores(policy_of(sheets), told[0], message(T0 + 1), told[1], message(T0 + 3))[1::2] == [0.64, 0.37]


@pytest.mark.parametrize("tidied", [False, True])
def test_the_end_of_a_state_depends_on_nothing_that_has_run_out(tidied):
    policy = world(factor("f", 2, given=NetworkSwitch.is_dynamic_ip == 1, state=True))
    told = [(T0, True), (T0 + 2 * DAY + 2, False), (T0 + 2 * DAY + 1, True)]  # the last one is late
    switches = [event("network_switch", ts, is_dynamic_ip=on) for ts, on in told]
    engine = tg.Engine(policy)
    for n, each in enumerate([switches[0], message(T0 + 2 * DAY, "b"), *switches[1:], message(T0 + 3 * DAY)]):
        judged = engine.step(decode_lines([json.dumps({"event_id": f"e{n}", **each}).encode()]).block)
        if tidied:
            engine.tidy()
    assert judged.closer[0].score == 0.6


def test_a_factor_in_shadow_changes_no_score():
    shadow = rule("f", on=NetworkSwitch, state="shadow", risk=tg.Risk(factor=figure(2, "f")))
    assert scores(world(shadow), SWITCH, message(T0 + 1)) == [0.0, 0.3]


@pytest.mark.parametrize(
    ("p", "value", "verdict"), [(0.5, 1.7, "allow"), (0.5, 1.7001, "allow"), (0.5, 1.7002, "deny")]
)
def test_the_score_is_rounded_to_four_digits_before_it_is_strictly_compared(p, value, verdict):
    policy = world(factor("f", value), p=p, restriction=RESTRICTION)
    assert judge(policy, [SWITCH, message(T0 + 1)])[1]["verdict"] == verdict


# points -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("taken", "score"), [(-35, 0.25), (-60, 0.0), (-100, 0.0)], ids=["less", "none", "never below none"]
)
def test_points_may_be_taken_off_down_to_a_score_of_0(taken, score):
    policy = policy_of(rule("sent", prior=tg.Prior(0.6)), rule("better", on=ReportFiled, points=taken))
    assert scores(policy, message(T0), event("report_filed", T0 + 1)) == [0.6, score]


@pytest.mark.parametrize(("points", "restricted"), [(45, False), (46, True)])
def test_85_points_do_not_restrict_and_86_do(points, restricted):
    policy = policy_of(rule("a", points=points), rule("b", points=40), restriction=RESTRICTION)
    seen = judge(policy, [message(T0)])[0]
    assert (seen["verdict"] == "deny") is restricted
    assert [m["sanction"] for m in seen["sanctions"]] == ["stop"] * restricted


def test_ids_used_again_do_not_inherit_a_factor():
    engine = tg.Engine(world(factor("f", 2)))
    scores_seen = []
    for n, e in enumerate([SWITCH, message(T0 + 1, "b"), message(T0 + 2, "a")]):
        judged = engine.step(decode_lines([json.dumps({"event_id": f"e{n}", **e}).encode()]).block)
        scores_seen.append(judged.closer[0].score)
        engine.upkeep.recycle(engine.newest)
    assert scores_seen == [0.0, 0.3, 0.6]
