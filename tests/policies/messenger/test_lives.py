"""Lives of accounts: what is tried while measures run, at their ends, and after what undoes them."""

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
    report,
    stable,
)

BURST = messages(13, T0, SECOND)
STOPPED_AT = T0 + 12 * SECOND


def batch(ts, **fields):
    return event("broadcast_batch", ts, batch_id=f"b{ts}", **{"recipient_count": 3} | fields)


def test_whoever_may_not_send_does_not_do_so_to_many_at_once():
    end = STOPPED_AT + 2 * HOUR
    *_, tried, after = judge([stable(), BURST, batch(end - 1), batch(end)])
    assert (tried.verdict, tried.retry_after_s) == ("deny", 1)
    assert after.verdict == "allow"


def told_of(kind, capability, **fields):
    return event(
        "sanction_applied",
        T0,
        sanction_id="x1",
        kind=kind,
        capability=[capability],
        expires_ts=T0 + DAY,
        **fields,
    )


USES = [
    ("contact_added", {"contact_id": "c"}, "deny"),
    ("contacts_exported", {"count": 3}, "deny"),
    ("location_shared", {}, "deny"),
    ("media_downloaded", {}, "deny"),
    ("profile_changed", {"field": "name"}, "deny"),
    ("group_left", {"group_id": "g"}, "allow"),
    ("appeal_filed", {"appeal_id": "p", "sanction_id": "x1"}, "allow"),
    ("report_filed", {"reporter_id": "r"}, "allow"),
]


@pytest.mark.parametrize(("kind", "fields", "verdict"), USES)
def test_who_is_banned_uses_nothing_but_may_leave_and_appeal(kind, fields, verdict):
    used = event(kind, T0 + HOUR, **fields)
    ban = told_of("sanction.account-lock-24h", "all")
    assert last([stable(), ban, used]).verdict == verdict
    assert last([stable(), told_of("sanction.send-suspend-2h", "send"), used]).verdict == "allow"
    assert last([stable(), ban, used | {"account_id": "b"}]).verdict == "allow"
    assert last([stable(), ban, used | {"ts": T0 + DAY}]).verdict == "allow"


def test_a_batch_that_stops_sending_does_not_go_out_itself():
    strangers = [f"s{i}" for i in range(21)]
    *_, tried = judge([stable(), batch(T0, recipient_count=21, recipient_ids=strangers, content_fp="0" * 16)])
    assert [s["capability"] for s in tried.sanctions] == [["send"]]
    assert (tried.verdict, tried.retry_after_s) == ("deny", 2 * DAY // SECOND)


def given(ts, score):
    return event("account_profile", ts, risk_score=score)


def tried(ts):
    return event("message_sent", ts, recipient_id="b")


def test_a_restriction_of_functions_ends_with_a_score_that_is_taken_back():
    restricted, denied, lowered, free, again = judge(
        [
            given(T0, 0.9),
            tried(T0 + 1),
            given(T0 + HOUR, 0.85),
            tried(T0 + HOUR + 1),
            given(T0 + 2 * HOUR, 0.86),
        ]
    )
    assert [s["sanction"] for s in restricted.sanctions] == ["sanction.function-restriction"]
    assert (denied.verdict, free.verdict) == ("deny", "allow")
    assert not lowered.sanctions
    assert [s["level"] for s in again.sanctions] == [1, 2]


def test_a_lower_score_ends_nothing_while_it_is_above_the_threshold():
    world = [given(T0, 0.9), given(T0 + HOUR, 0.8501), tried(T0 + HOUR + 1)]
    assert judge(world)[-1].verdict == "deny"


def test_what_another_rule_restricts_outlasts_a_lower_score():
    strangers = [f"s{i}" for i in range(21)]
    stopped = batch(T0, recipient_count=21, recipient_ids=strangers, content_fp="0" * 16)
    assert judge([given(T0, 0.9), stopped, given(T0 + HOUR, 0), tried(T0 + HOUR + 1)])[-1].verdict == "deny"


def test_a_restriction_lasts_its_day_where_signals_are_merely_over():
    wifi = {
        "ip_country": "US",
        "is_vpn": True,
        "network_type": "public_wifi",
        "tls_version": "1.1",
        "ok": True,
    }
    world = [
        stable(),
        event("carrier_check", T0 - HOUR, None, number="+1", sim_country="DE"),
        event("login_attempt", T0 - HOUR, number="+1", ok=True),
        event("login_attempt", T0, **wifi),
        event("profile_changed", T0 + 4 * 60 * SECOND, field="name"),
    ]
    opened = T0 + 4 * 60 * SECOND
    *_, crossed, late, over = judge([*world, tried(opened + DAY - 1), tried(opened + DAY)])
    assert crossed.score == 0.9118
    assert (late.score, late.verdict, over.verdict) == (0.57, "deny", "allow")


PRIOR = "appeal.prior-sanction-90d-35pct"


def wave(ts, name="r"):
    """Six people report within the hour: sending is restricted at the last of them."""
    return [report(ts - (5 - i) * MINUTE, f"{name}{i}", category="other") for i in range(6)]


def appeal(ts, sanction="none of ours"):
    return event("appeal_filed", ts, appeal_id=f"a{ts}", sanction_id=sanction)


@pytest.mark.parametrize(("later", "fires"), [(90 * DAY, True), (90 * DAY + 1, False)])
def test_a_measure_because_of_reports_that_a_rule_took_counts_against_an_appeal(later, fires):
    assert (PRIOR in judge([stable(), wave(T0), appeal(T0 + later)])[-1].fired) is fires


def test_what_runs_at_an_appeal_is_no_earlier_measure():
    assert PRIOR not in judge([stable(), wave(T0), appeal(T0 + HOUR)])[-1].fired
    again = judge([stable(), wave(T0), wave(T0 + 60 * DAY, "s"), appeal(T0 + 60 * DAY + HOUR)])[-1]
    assert again.fired[PRIOR]["observed"] == pytest.approx(60 + 1 / 24)


def told(ts, until, **fields):
    """The platform tells of a measure because of reports, or of a new end of it."""
    fields = {"sanction_id": "x", "kind": "sanction.send-restrict-48h", "capability": ["send"]} | fields
    return event(
        "sanction_applied", ts, expires_ts=until, **{"cause": "report.rate-over-0p8pct-48h"} | fields
    )


def test_a_measure_that_people_shorten_began_when_it_was_opened():
    opened = judge([stable(), wave(T0)])[-1].sanctions[0]
    assert opened["sanction"] == "sanction.report-restriction-48-72h"
    named = {"sanction_id": opened["id"], "kind": opened["sanction"], "cause": opened["cause"]}
    shortened = told(T0 + DAY, T0 + DAY + HOUR, **named)
    for later, fires in ((90 * DAY, True), (90 * DAY + HOUR, False)):
        assert (PRIOR in judge([stable(), wave(T0), shortened, appeal(T0 + later)])[-1].fired) is fires


@pytest.mark.parametrize("until", [T0 + 30 * DAY, None])
def test_a_measure_that_is_told_again_began_when_it_was_told_first(until):
    over = event("sanction_lifted", T0 + 20 * DAY, sanction_id="x", reason="condition_met")
    world = [stable(), told(T0, until), told(T0 + 10 * DAY, until), over]
    assert PRIOR in judge([*world, appeal(T0 + 90 * DAY)])[-1].fired
    assert PRIOR not in judge([*world, appeal(T0 + 90 * DAY + HOUR)])[-1].fired


def test_a_measure_that_was_found_wrong_is_no_earlier_one_however_often_it_is_told():
    again = [told(T0 + n * HOUR, T0 + 3 * DAY) for n in range(5)]
    wrong = event("sanction_lifted", T0 + DAY, sanction_id="x", reason="review")
    assert PRIOR not in judge([stable(), again, wrong, appeal(T0 + 5 * DAY)])[-1].fired
