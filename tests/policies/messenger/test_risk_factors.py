"""Risk factors, points taken off, evidence of appeals: boundaries of every row."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    attempt,
    event,
    joins,
    judge,
    last,
    login,
    messages,
    profile,
    registered,
    reports,
    stable,
)

from tidegate.policies.messenger.risk_factors import RiskFactors

TEN_PER_DAY = 10


def devices(letters, start=T0, **fields):
    """Successful logins, one every ten hours, on devices so named."""
    return [login(start + i * TEN_PER_DAY * HOUR, device_id=f"d{c}", **fields) for i, c in enumerate(letters)]


def sim(days, ms=0, account="a", **fields):
    return event("sim_changed", T0 - days * DAY - ms, account, **fields)


def operator(days, number="n"):
    return event("carrier_check", T0 - HOUR, None, number=number, last_sim_change=T0 - days * DAY)


def report_of(ts=T0, **fields):
    return event("client_report", ts, **fields)


def switches(count, start=T0, step=MINUTE, session="s", **fields):
    return [event("network_switch", start + i * step, session_id=session, **fields) for i in range(count)]


def at_hour(hour, minute=0, zone="Asia/Jakarta", ahead=7):
    """An account of that zone, and a login there at that hour of the next day."""
    midnight = T0 - T0 % DAY + DAY - ahead * HOUR
    return [profile(tz=zone), login(midnight + hour * HOUR + minute * MINUTE)], midnight


def export_after(hour, minute=0, kind="contacts_exported", wait=MINUTE, count=51, **options):
    world, midnight = at_hour(hour, minute, **options)
    fields = {"count": count} if kind == "contacts_exported" and count != "not known" else {}
    return [*world, event(kind, midnight + hour * HOUR + minute * MINUTE + wait, **fields)]


FREQUENT, NIGHT_OPERATION = "login.frequent-switch-risk-plus-60pct", "login.unusual-hour-with-high-risk-op"
SIM_30, SIM_7 = "login.sim-changed-30d-high-risk", "login.sim-changed-7d-verification-failures"
OUTDATED, AUTO_OFF = "client.not-updated-over-90d", "client.auto-update-off-2p3x"
DYNAMIC, WANDERING = "net.dynamic-ip-plus-40pct", "reg.network-switch-over-2-in-10min"
RECOVERY = "client.recovery-reinstall-minus-35"
COMPLIANT, CALM = "appeal.evidence-7d-compliant-over-95pct", "appeal.evidence-rate-below-5-per-min"


def updated(ts, *, before=False, after=True, **fields):
    return event("client_updated", ts, from_official=before, to_official=after, **fields)


def restored(days, ts=T0, **fields):
    return event("backup_restored", ts, age_days=days, **fields)


TABLE = Table(
    [
        # told of at every message, also where there is no sign
        ("link.risk-4p3x", "one link", messages(1, link_hashes=["l1"]), "fires"),
        ("link.risk-4p3x", "no link", messages(1, link_hashes=[]), "rests"),
        ("link.risk-4p3x", "nothing said of links", messages(1), "undecided"),
        (FREQUENT, "1 switch", devices("ab"), "rests"),
        (FREQUENT, "2 switches", devices("aba"), "rests"),
        (FREQUENT, "3 switches", devices("abab"), "fires"),
        (FREQUENT, "3 switches, old account", [stable(), devices("abab")], "fires"),
        (FREQUENT, "none on record is no device", [login(T0 + i * HOUR, device_id=d) for i, d in enumerate(["a", None] * 3)], "rests"),
        (FREQUENT, "first week", [registered(2 * DAY), devices("abab")], "rests"),
        (FREQUENT, "3 switches in more than a week", [devices("ab", T0 - 8 * DAY), devices("ab")], "rests"),
        (NIGHT_OPERATION, "01:59", export_after(1, 59), "rests"),
        (NIGHT_OPERATION, "02:00", export_after(2), "fires"),
        (NIGHT_OPERATION, "04:59, exported after five", export_after(4, 59, wait=5 * MINUTE), "fires"),
        (NIGHT_OPERATION, "05:00", export_after(5), "rests"),
        (NIGHT_OPERATION, "03:00, 50 contacts", export_after(3, count=50), "rests"),
        (NIGHT_OPERATION, "03:00, no number of contacts on record", export_after(3, count=None), "rests"),
        (NIGHT_OPERATION, "03:00, how many contacts is not known", export_after(3, count="not known"), "undecided"),
        (NIGHT_OPERATION, "05:00, how many contacts is not known", export_after(5, count="not known"), "rests"),
        (NIGHT_OPERATION, "03:00, payment", export_after(3, kind="payment_attempted"), "fires"),
        (NIGHT_OPERATION, "03:00 in Lisbon", export_after(3, zone="Europe/Lisbon", ahead=0), "fires"),
        (NIGHT_OPERATION, "03:00 by the event", [login(T0, local_hour=3), event("contacts_exported", T0 + 1, count=51)], "fires"),
        (NIGHT_OPERATION, "no zone", [login(T0), event("contacts_exported", T0 + 1, count=51)], "undecided"),
        (NIGHT_OPERATION, "a day later", export_after(3, wait=DAY), "undecided"),
        (SIM_30, "29 days", [sim(29), login(T0)], "fires"),
        (SIM_30, "30 days", [sim(30), login(T0)], "fires"),
        (SIM_30, "30 days and a moment", [sim(30, 1), login(T0)], "rests"),
        (SIM_30, "31 days", [sim(31), login(T0)], "rests"),
        (SIM_30, "by the number", [sim(29, account=None, number="n"), login(T0, number="n")], "fires"),
        (SIM_30, "by the operator", [operator(30), login(T0, number="n")], "fires"),
        (SIM_30, "long ago by the operator", [operator(31), login(T0, number="n")], "rests"),
        (SIM_30, "another number", [sim(29, account=None, number="m"), login(T0, number="n")], "rests"),
        (SIM_30, "no number known", [login(T0)], "undecided"),
        (SIM_7, "6 days", [sim(6), login(T0)], "fires"),
        (SIM_7, "7 days", [sim(7), login(T0)], "fires"),
        (SIM_7, "8 days", [sim(8), login(T0)], "rests"),
        (SIM_7, "changed again", [sim(40), sim(6), login(T0)], "fires"),
        (OUTDATED, "89 days", [updated(T0 - 89 * DAY), report_of()], "rests"),
        (OUTDATED, "90 days", [updated(T0 - 90 * DAY), report_of()], "rests"),
        (OUTDATED, "91 days", [updated(T0 - 91 * DAY), report_of()], "fires"),
        (OUTDATED, "91 days, at a login", [updated(T0 - 91 * DAY), login(T0)], "fires"),
        (OUTDATED, "old build", [report_of(build_date="2025-11-01")], "fires"),
        (OUTDATED, "new build", [report_of(build_date="2026-02-01")], "rests"),
        (OUTDATED, "update long ago, new build", [updated(T0 - 91 * DAY), report_of(build_date="2026-02-01")], "rests"),
        (OUTDATED, "old build, updated since", [updated(T0 - 9 * DAY), report_of(build_date="2025-11-01")], "rests"),
        (OUTDATED, "nothing known", [login(T0)], "undecided"),
        (OUTDATED, "no date of the build on record", [report_of(build_date=None)], "rests"),
        (AUTO_OFF, "on", [report_of(auto_update=True)], "rests"),
        (AUTO_OFF, "off", [report_of(auto_update=False)], "fires"),
        (AUTO_OFF, "not known", [report_of()], "undecided"),
        (DYNAMIC, "fixed", switches(1, is_dynamic_ip=False), "rests"),
        (DYNAMIC, "dynamic", switches(1, is_dynamic_ip=True), "fires"),
        (DYNAMIC, "dynamic and VPN", switches(1, is_dynamic_ip=True, is_vpn=True), "fires"),
        (WANDERING, "1 switch", [attempt(T0, session_id="s"), switches(1, T0 + 1)], "rests"),
        (WANDERING, "2 switches", [attempt(T0, session_id="s"), switches(2, T0 + 1)], "rests"),
        (WANDERING, "3 switches", [attempt(T0, session_id="s"), switches(3, T0 + 1)], "fires"),
        (WANDERING, "3 switches before", [switches(3), attempt(T0 + 5 * MINUTE, session_id="s")], "fires"),
        (WANDERING, "over ten minutes", [switches(3), attempt(T0 + 10 * MINUTE, session_id="s")], "rests"),
        (WANDERING, "no registration", switches(4), "rests"),
        (WANDERING, "another session", [attempt(T0, session_id="r"), switches(3, T0 + 1)], "rests"),
        (RECOVERY, "6 days", [updated(T0 - HOUR), restored(6)], "fires"),
        (RECOVERY, "7 days", [updated(T0 - HOUR), restored(7, is_official=True, code_valid=True)], "fires"),
        (RECOVERY, "8 days", [updated(T0 - HOUR), restored(8)], "rests"),
        (RECOVERY, "copy from elsewhere", [updated(T0 - HOUR), restored(7, is_official=False)], "rests"),
        (RECOVERY, "code not valid", [updated(T0 - HOUR), restored(7, code_valid=False)], "rests"),
        (RECOVERY, "official all along", [updated(T0 - HOUR, before=True), restored(7)], "rests"),
        (RECOVERY, "modified again", [updated(T0 - HOUR), report_of(T0 - 1, is_modified=True), restored(7)], "rests"),
        (RECOVERY, "modified until it returned", [
            report_of(T0 - DAY, is_modified=True), updated(T0 - HOUR), report_of(T0 - 1, auto_update=True), restored(7)], "fires"),
        (RECOVERY, "updated since it returned", [updated(T0 - HOUR), updated(T0 - 1, before=True), restored(7)], "fires"),
        (RECOVERY, "left since it returned", [updated(T0 - HOUR), updated(T0 - 1, before=True, after=False), restored(7)], "rests"),
        (RECOVERY, "the second time", [updated(T0 - DAY), restored(7, T0 - HOUR), updated(T0 - 1), restored(7)], "rests"),
        (RECOVERY, "after one that was not granted", [updated(T0 - DAY), restored(8, T0 - HOUR), restored(7)], "fires"),
        (COMPLIANT, "94 %", [event("appeal_filed", T0, compliant_share=0.94)], "rests"),
        (COMPLIANT, "95 %", [event("appeal_filed", T0, compliant_share=0.95)], "rests"),
        (COMPLIANT, "96 %", [event("appeal_filed", T0, compliant_share=0.96)], "fires"),
        (CALM, "4 a minute", [event("appeal_filed", T0, claimed_rate=4)], "fires"),
        (CALM, "5 a minute", [event("appeal_filed", T0, claimed_rate=5)], "rests"),
        (CALM, "6 a minute", [event("appeal_filed", T0, claimed_rate=6)], "rests"),
        (CALM, "not claimed", [event("appeal_filed", T0, compliant_share=0.5)], "undecided"),
    ]
)  # fmt: skip


@pytest.mark.parametrize(("table", "number"), TABLE.params)
def test_boundary(table, number):
    assert table.outcome(number) == table.cases[number][3]


# scores -----------------------------------------------------------------------------------------------------------
GUESSED = [
    *(login(T0 - HOUR + i * SECOND, ok=False) for i in range(5)),
    login(T0),
]  # a sign at logins: 0.91


def test_a_changed_sim_makes_a_sign_at_logins_weigh_more_and_no_other():
    assert last(GUESSED).score == 0.91
    assert last([sim(7), *GUESSED]).score == 0.99
    queue = event("client_queue", T0 + 1, queued=13)
    assert judge([sim(7), login(T0), queue])[-1].score == judge([login(T0), queue])[-1].score == 0.1


def test_automatic_updates_off_multiply_all_signs_for_a_day():
    queue = event("client_queue", T0 + 1, queued=13)
    off = report_of(T0, auto_update=False)
    assert last([off, queue]).score == 0.23
    assert last([off, queue | {"ts": T0 + DAY - 1}]).score == 0.23
    assert last([off, queue | {"ts": T0 + DAY}]).score == 0.1
    assert last([off, updated(T0 - 91 * DAY), queue]).score == 0.99  # 0.1 x 2.3 x 4.8 is more than certain


def test_a_dynamic_address_says_nothing_by_default_and_40_percent_more_in_the_strict_set():
    world = [*switches(1, is_dynamic_ip=True), event("client_queue", T0 + 1, queued=13)]
    assert (last(world).score, last(world, figures="strict").score) == (0.1, 0.14)


def test_a_link_multiplies_the_signs_of_the_account_at_that_message_once():
    sign = event("client_queue", T0, queued=13)
    seen = judge(
        [
            stable(),
            sign,
            messages(1, T0 + MINUTE),
            messages(1, T0 + 2 * MINUTE, link_hashes=["l1", "l2"]),
            messages(1, T0 + 3 * MINUTE),
        ]
    )
    assert [s.score for s in seen[2:]] == [0.1, 0.43, 0.1]
    assert ["link.risk-4p3x" in s.fired for s in seen[2:]] == [False, True, False]


def test_a_state_weighs_until_a_report_says_that_it_is_over():
    weak = {"device_id": "d", "network_type": "public_wifi", "tls_version": "1.1"}
    sign = event("login_attempt", T0, ok=True, **weak)
    off, on, nothing = {"auto_update": False}, {"auto_update": True}, {}
    told = [off, nothing, on, off]
    reports = [event("client_report", T0 + 1 + n, device_id="d", **said) for n, said in enumerate(told)]
    assert [s.score for s in judge([stable(), sign, *reports])[1:]] == [0.43, 0.989, 0.989, 0.43, 0.989]


@pytest.mark.parametrize(("age", "score"), [(DAY - 1, 0.23), (DAY, 0.1)])
def test_a_state_that_nobody_tells_of_again_weighs_as_long_as_a_signal_and_its_page_says_so(age, score):
    told = event("client_report", T0 - age, device_id="d", auto_update=False)
    assert last([stable(), told, event("client_queue", T0, queued=13)]).score == score
    assert RiskFactors.auto_update_off.risk.span.startswith("while a signal would stay active")


def test_an_update_ends_what_an_old_app_adds_to_other_signs():
    old = updated(T0 - 91 * DAY, before=True)
    sign = report_of(T0, tls_cert_ok=False)
    world = [old, sign, updated(T0 + HOUR, before=True), messages(1, T0 + 2 * HOUR)]
    assert [seen.score for seen in judge(world)[1:]] == [0.48, 0.1, 0.1]


def test_the_first_mark_multiplies_the_odds_of_later_signs_by_six_however_often_it_was_set():
    contacts = [
        event("contact_added", T0 + i * SECOND, contact_id=f"c{i}", is_known=False) for i in range(31)
    ]
    marked = [registered(HOUR), contacts]
    sign = event("client_queue", T0 + 10 * DAY, queued=13)
    at_message = messages(1, T0 + 10 * DAY + 1)
    assert last([registered(HOUR), sign, at_message]).score == 0.1
    assert last([marked, sign, at_message]).score == 0.4
    assert "score.first-risk-mark-6x" in last([marked, sign, at_message]).fired
    assert last([marked, sign]).score == 0.4, "at the sign itself, wherever that is found"
    later = switches(1, T0 + 10 * DAY, is_vpn=True)
    assert (last([marked, later]).score, last([registered(HOUR), later]).score) == (0.4, 0.1)


def test_the_first_mark_does_not_multiply_the_sign_that_set_it():
    assert last([registered(HOUR), messages(60, T0, 20 * SECOND)]).score == 0.82
    seen = last(
        [
            registered(HOUR),
            messages(60, T0, 20 * SECOND),
            event("message_sent", T0 + DAY - 1, recipient_id="b"),
        ]
    )
    assert seen.score == 0.82


def test_while_permissions_are_downgraded_the_limit_of_a_minute_is_that_of_the_tier_below():
    burst = messages(13, T0, SECOND)
    later = messages(6, T0 + 3 * HOUR, SECOND, to="c{}")
    level_1 = "msg.burst-over-12-in-60s-l1"
    assert level_1 not in judge([stable(), later])[-1].fired
    seen = judge([stable(), burst, later])[-1]
    assert seen.fired[level_1]["limit"] == 5
    assert level_1 not in judge([stable(), burst, [e | {"ts": e["ts"] + DAY} for e in later]])[-1].fired
    of_unknown_age = judge([burst, later])[-1]  # its limits were those of stable accounts
    assert of_unknown_age.fired[level_1]["limit"] == 5


def test_while_permissions_are_downgraded_published_limits_of_the_tier_below_are_marked_too():
    of_new, of_stable = "msg.quota-new-per-minute", "msg.quota-stable-per-minute"
    burst = messages(13, T0, SECOND)
    later = messages(6, T0 + 3 * HOUR, SECOND, to="c{}")
    seen = judge([stable(), burst, later])
    assert seen[13].fired[of_stable]["limit"] == 12
    assert of_new not in seen[13].fired, "it is downgraded from here on"
    assert (seen[-1].fired[of_new]["observed"], seen[-1].fired[of_new]["limit"]) == (6, 5)
    assert of_new not in seen[-2].fired
    many = messages(13, T0 + 3 * HOUR, SECOND, to="c{}")
    assert {of_new, of_stable} <= set(judge([stable(), burst, many])[-1].fired)
    day_after = [e | {"ts": e["ts"] + DAY} for e in many]
    assert {of_new, of_stable} & set(judge([stable(), burst, day_after])[-1].fired) == {of_stable}


def test_a_clean_return_takes_35_points_off_and_leaves_the_labels():
    world = [GUESSED, updated(T0 + 1), restored(7, T0 + 2), login(T0 + 3)]
    assert last(world).score == pytest.approx(0.91 - 0.35)
    seen = judge(world)
    assert seen[-2].fired[RECOVERY]["observed"] == 7
    only = judge([updated(T0 + 1), restored(7, T0 + 2)])[-1]
    assert only.score == 0.0


def test_reports_and_joins_need_no_risk_factor():
    assert not last([reports(1)]).fired
    assert "link.risk-4p3x" not in last([joins(1)]).fired


BY_NIGHT = [1 / 7] * 7 + [0] * 17  # hours 0 to 6
BY_DAY = [0] * 8 + [1 / 14] * 14 + [0] * 2  # hours 8 to 21


@pytest.mark.parametrize(
    ("hours", "hour", "fires"),
    [
        (BY_NIGHT, 3, False),
        (BY_NIGHT, 6, False),
        (BY_NIGHT, 12, True),
        (BY_DAY, 3, True),
        (BY_DAY, 1, True),
        (BY_DAY, 8, False),
        (BY_DAY, 21, False),
        (BY_DAY, 22, True),
        ([1 / 24] * 24, 3, False),
        (None, 3, True),
        (None, 1, False),
        ([0] * 24, 3, True),
    ],
)
def test_a_profile_of_hours_says_which_are_unusual(hours, hour, fires):
    (zone, came), midnight = at_hour(hour)
    world = [zone, profile(hour_profile=hours), came]
    night = "login.early-morning-security-question-38pct"
    assert (night in last(world).fired) is (fires and 2 <= hour < 5)
    seen = last([*world, event("contacts_exported", midnight + hour * HOUR + MINUTE, count=51)])
    assert (NIGHT_OPERATION in seen.fired) is fires
