"""The threshold of the score on both scales, the four levels of measures, and what broadcasts are exempt from."""

import json

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    event,
    judge,
    last,
    messages,
    profile,
    registered,
    report,
    stable,
    timers,
)

import tidegate as tg
from tidegate.events import decode_lines
from tidegate.policies.messenger import policy

UNIT, POINTS = "score.restrict-threshold-unit-scale", "score.restrict-threshold-points-scale"
CLUSTER = "client.cluster-over-5-devices-same-ip"


def crowd(ts=T0):
    """Six devices of one modified build at one address; the last is that of the account `a`: 40 points."""
    return [
        event(
            "client_report", ts + i * SECOND, "a" if i == 5 else f"u{i}", device_id=f"d{i}", ip="i", is_modified=True,
            mod_family="f", mod_version="1", app_version="1",
        )
        for i in range(6)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("score", "reached"), [(0.849, False), (0.85, False), (0.851, True), (0.84, False), (0.86, True), (1, True), (0, False)]
)  # fmt: skip
def test_a_score_that_another_system_gives_is_held_against_the_threshold(score, reached):
    seen = last([profile(ts=T0, risk_score=score)])
    assert seen.score == score
    assert (UNIT in seen.fired) is (POINTS in seen.fired) is reached
    assert ("restricted" in seen.labels) is reached
    assert [s["sanction"] for s in seen.sanctions] == ["sanction.function-restriction"] * reached
    if reached:
        assert (seen.fired[POINTS]["observed"], seen.fired[POINTS]["limit"]) == (round(100 * score, 2), 85)


@pytest.mark.parametrize(("base", "reached"), [(0.45, False), (0.46, True), (0.5, True), (0.44, False)])
def test_points_are_added_to_the_base_and_exactly_85_do_not_restrict(base, reached):
    seen = last([profile(ts=T0 - HOUR, risk_score=base), crowd()])
    assert CLUSTER in seen.fired
    assert seen.score == round(base + 0.4, 4)
    assert (POINTS in seen.fired) is reached
    assert (seen.verdict, bool(seen.sanctions)) == ("allow", reached)


def test_scores_are_clamped_to_100_points():
    assert last([profile(ts=T0 - HOUR, risk_score=0.9), crowd()]).score == 1.0


def test_a_given_score_adds_to_signals_and_holds_until_another_is_given():
    fast = messages(60, T0, step=900)  # 0.95 by itself, and more
    tls = event("client_report", T0 + 2 * DAY, tls_cert_ok=False)  # 0.10
    assert last([profile(ts=T0 - 30 * DAY, risk_score=0.5), tls]).score == 0.55
    assert (
        last([profile(ts=T0 - 30 * DAY, risk_score=0.5), profile(ts=T0, risk_score=0.2), tls]).score == 0.28
    )
    assert (
        last([profile(ts=T0 - 30 * DAY, risk_score=0.5), profile(ts=T0, risk_score=None), tls]).score == 0.1
    )
    assert last([profile(ts=T0 - 30 * DAY, risk_score=0.5), profile(ts=T0, tz="UTC"), tls]).score == 0.55
    assert last([profile("b", ts=T0 - 30 * DAY, risk_score=0.5), tls]).score == 0.1
    assert last([stable(), fast]).score < last([stable(), profile(ts=T0 - HOUR, risk_score=0.5), fast]).score


def test_a_late_event_sees_the_score_that_was_given_before_it():
    tls = event("client_report", T0 - MINUTE, tls_cert_ok=False)
    seen = judge([profile(ts=T0 - HOUR, risk_score=0.5), profile(ts=T0, risk_score=0.2), tls], arrival=True)
    assert seen[-1].score == 0.55


def test_a_given_score_outlives_a_restart():
    lines = [
        json.dumps({"event_id": f"e{n}", **e}).encode()
        for n, e in enumerate(
            [profile(ts=T0, risk_score=0.5), event("client_report", T0 + DAY, tls_cert_ok=False)]
        )
    ]
    engine = tg.Engine(policy)
    engine.step(decode_lines(lines[:1]).block)
    again = tg.Engine.restore(policy, engine.state())
    assert again.step(decode_lines(lines[1:]).block).closer[0].score == 0.55


# sanction.ladder-4-levels
def levels(seen):
    return [s["level"] for s in seen.sanctions]


def test_the_first_trigger_opens_a_measure_of_the_first_level():
    seen = last([stable(), messages(13)])
    assert {s["level"] for s in seen.sanctions} == {1}
    assert "sanction.send-suspend-2h" in [s["sanction"] for s in seen.sanctions]


def test_five_points_of_reports_open_one_of_the_second_level():
    known = {"reporter_is_admin": False, "reporter_age_days": 300, "reporter_active": True}
    people = [report(T0 + i * MINUTE, f"r{i}", category="illegal", **known) for i in range(5)]
    seen = judge([registered(200 * DAY), people])
    opened = [
        s
        for decision in seen
        for s in decision.sanctions
        if s["cause"] == "report.weighted-5-points-24h-level2"
    ]
    assert [s["level"] for s in opened] == [2]


def test_a_client_with_a_protocol_of_its_own_opens_one_of_the_fourth_level():
    seen = last([event("client_report", T0, mod_category="core_protocol", device_id="d")])
    assert set(levels(seen)) == {4}


def lifted(ts, sanction_id, reason="review"):
    return event("sanction_lifted", ts, sanction_id=sanction_id, reason=reason)


def test_a_person_lets_go_of_whose_score_has_not_changed():
    given = profile(ts=T0, risk_score=0.9)
    (measure,) = last([given]).sanctions
    assert measure["until"] == "2026-03-03T09:30:00.000Z"
    world = [given, lifted(T0 + HOUR, measure["id"])]
    after = [*messages(2, T0 + HOUR + 1, 1), *messages(1, T0 + DAY - 1, 1)]
    for seen in judge([*world, *after])[1:]:
        assert (seen.verdict, seen.sanctions, seen.score) == ("allow", [], 0.9)
        assert UNIT in seen.fired
    assert last([*world, *messages(1, T0 + DAY, 1)]).verdict == "deny"  # as long as it would have run


def test_what_is_new_after_a_person_let_go_restricts_again():
    given = profile(ts=T0, risk_score=0.9)
    (measure,) = last([given]).sanctions
    world = [given, lifted(T0 + HOUR, measure["id"])]
    again = last([*world, profile(ts=T0 + 2 * HOUR, risk_score=0.91)])
    assert "sanction.function-restriction" in [s["sanction"] for s in again.sanctions]
    assert last([*world, crowd(T0 + 2 * HOUR)]).sanctions, "a rule that counts has fired"


def test_a_granted_appeal_lets_go_too():
    given = profile(ts=T0, risk_score=0.9)
    (measure,) = last([given]).sanctions
    world = [
        given,
        event("appeal_filed", T0 + 1, appeal_id="p", sanction_id=measure["id"]),
        event("appeal_decided", T0 + 2, appeal_id="p", granted=True),
    ]
    assert last([*world, *messages(1, T0 + 3, 1)]).verdict == "allow"


def test_whoever_is_restricted_again_and_again_climbs_all_levels_but_the_last():
    bursts = [messages(60, T0 + 3 * i * DAY, step=900) for i in range(5)]
    opened = [
        [s["level"] for s in seen.sanctions if s["cause"] == UNIT]
        for seen in judge([stable(), bursts])
        if UNIT in seen.fired
    ]
    assert [found for found in opened if found] == [[1], [1, 2], [1, 2, 3], [1, 2, 3, 3], [1, 2, 3, 3]]


@pytest.mark.parametrize("links", [[], ["h"]])  # a link makes more of what stands above the threshold anyway
def test_a_score_that_merely_stands_restricts_on_and_climbs_no_level(links):
    days = [messages(1, T0 + n * DAY, 1, link_hashes=links) for n in range(1, 4)]
    opened = judge([profile(ts=T0, risk_score=0.9), days, profile(ts=T0 + 4 * DAY, risk_score=0.91)])
    assert [[s["level"] for s in seen.sanctions] for seen in opened] == [[1], [1], [1], [1], [1, 2]]


def test_each_link_that_takes_a_score_over_the_threshold_is_a_step():
    days = [
        [event("client_report", T0 + n * 2 * DAY, tls_cert_ok=False), *messages(1, T0 + n * 2 * DAY + 1, 1, link_hashes=["h"])]
        for n in range(2)
    ]  # fmt: skip
    seen = judge([profile(ts=T0 - DAY, risk_score=0.8), days])
    assert [s.score for s in seen] == [0.8, 0.82, 0.886, 0.82, 0.886]
    assert [[s["level"] for s in one.sanctions] for one in seen] == [[], [], [1], [], [1, 2]]


# bcast.exempt-from-per-minute-rule
def sent(single, broadcast):
    batch = messages(broadcast, T0, step=SECOND, to="x{}", is_broadcast=True, batch_id="m")
    return [stable(), batch, messages(single, T0 + 100, step=SECOND)]


@pytest.mark.parametrize(
    ("single", "broadcast", "expected"),
    [(13, 0, True), (0, 13, False), (13, 13, True), (12, 13, False), (12, 1, False)],
)
def test_messages_of_a_broadcast_are_exempt_from_the_rule_about_single_ones(single, broadcast, expected):
    fired = [seen.fired for seen in judge(sent(single, broadcast))]
    assert any("msg.rate-over-12-per-minute-downgrade" in found for found in fired) is expected


def test_a_message_of_a_batch_is_part_of_a_broadcast_where_it_is_not_said():
    unsaid = [event("message_sent", T0 + i * SECOND, recipient_id=f"x{i}", batch_id="m") for i in range(13)]
    assert "msg.rate-over-12-per-minute-downgrade" not in last([stable(), unsaid]).fired


def test_events_that_no_rule_is_judged_at_say_the_score_of_their_account_too():
    told = [
        event("challenge_issued", T0 + SECOND, challenge_type="sms"),
        event("sim_changed", T0 + 2 * SECOND),
        event("message_delivered", T0 + 3 * SECOND, "b"),
        event("sim_changed", T0 + DAY),
    ]
    world = [profile(ts=T0, risk_score=0.4), *told[:3], profile(ts=T0 + DAY - 1, risk_score=None), told[3]]
    assert [seen.score for seen in judge(world)] == [0.4, 0.4, 0.4, 0.0, 0.0, 0.0]


def test_a_deadline_at_which_no_rule_fires_restricts_nobody():
    entered = event(
        "login_attempt", T0, device_id="d", ok=True
    )  # looked at again 72 hours later, without a mark
    given = profile(ts=T0 + HOUR, risk_score=0.9)  # restricted for a day
    later = event("sim_changed", T0 + 4 * DAY, "b")
    assert timers([entered, given, later]) == []
    again = event("call_started", T0 + 4 * DAY, callee_id="c")
    (restricted,) = judge([entered, given, again])[-1].sanctions
    assert restricted["from"] == "2026-03-06T09:30:00.000Z"


@pytest.mark.parametrize("kind", ["sanction.send-restrict-48h", "sanction.of-theirs"])
def test_a_measure_of_others_without_an_end_names_the_review_that_must_confirm_it(kind):
    told = event("sanction_applied", T0, sanction_id="x", kind=kind, capability=["send"], expires_ts=None)
    (measure,) = last([told]).sanctions
    assert (measure["until"], measure["review"]) == ("permanent", "permanent-deactivation")
