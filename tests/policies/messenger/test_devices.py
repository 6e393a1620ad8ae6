"""Device and network rules: every boundary case of their catalogue rows, as events in and decisions out."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    T0,
    Table,
    attempt,
    event,
    judge,
    last,
    login,
    message,
)

LINKED = "device.over-3-accounts-30d"
CARRIER = "device.over-3-accounts-90d-permanent"
REGISTERED = "reg.device-over-3-accounts-30d-association"
WRONG = "device.param-error-over-20pct"
EVASION = "device.reban-after-number-change-78pct"
PROCESSOR = "device.cpu-isa-deviation-over-034"
SCREEN = "device.screen-anomaly-rate"
LINKAGE = "device.identity-linkage"
UNSTABLE = "net.switch-over-3-in-10min"
MASKED = "net.vpn-proxy-function-restriction"


def device(ts=T0, name="d", **fields):
    return event("device_report", ts, device_id=name, **fields)


def logins(count, step=DAY, **fields):
    """Logins of so many accounts on one device."""
    return [login(T0 + i * step, f"a{i}", device_id="d", **fields) for i in range(count)]


def created(*days, outcome="created", **fields):
    """Registrations on one device on these days, each of another number."""
    return [attempt(T0 + d * DAY, f"n{i}", f"i{i}", outcome=outcome, **fields) for i, d in enumerate(days)]


def made(*days, first=0, number="n", **fields):
    """Accounts that are registered on one device on these days, each with a number of its own, if any."""
    return [
        event(
            "account_registered",
            T0 + day * DAY,
            f"a{i}",
            device_id="d",
            **({"number": f"{number}{i}"} if number else {}),
            **fields,
        )
        for i, day in enumerate(days, first)
    ]


def account(number, ts=T0, name="new", on="d", **fields):
    return event("account_registered", ts, name, device_id=on, number=number, **fields)


def wrong(count, total):
    return device(params_wrong=count, params_total=total)


def hardware(name, ts=T0, **codes):
    return device(ts, name, **({"board_serial_hash": "b"} | codes))


def switches(count):
    """So many switches of the network, two minutes apart."""
    return [event("network_switch", T0 + i * 2 * MINUTE, "a") for i in range(count)]


WRONG_ONES = {"params_wrong": 3, "params_total": 12}


def tried(number, ts=T0, **fields):
    """A registration attempt on device d."""
    return attempt(ts, number, device="d", **fields)


LISTED = event(
    "device_profile", T0 - HOUR, None, device_id="d", labels={"device-risk": T0 - DAY, "seen": T0 - DAY}
)
marked = device(T0 - HOUR, params_wrong=3, params_total=12)
before = account("n1", T0 - DAY, "old")

CASES = [
    (REGISTERED, "told of by registrations", made(0, 9, 18, 29), "fires"),
    (REGISTERED, "the first is 30 days old", made(0, 9, 18, 30), "rests"),
    (REGISTERED, "three, told of by both", [created(0, 9, 18), made(0, 9, 18)], "rests"),
    (REGISTERED, "one went on as another account", [made(0, 9, 18), made(29, first=3, merged_into="b")], "rests"),
    (UNSTABLE, "under", switches(2), "rests"),
    (UNSTABLE, "at", switches(3), "rests"),
    (UNSTABLE, "over", switches(4), "fires"),
    (UNSTABLE, "the first is 10 minutes old", [switches(3), event("network_switch", T0 + 10 * MINUTE, "a")], "rests"),
    (UNSTABLE, "the account is not known", [event("network_switch", T0, None)], "undecided"),
    (LINKED, "under", logins(2), "rests"),
    (LINKED, "at", logins(3), "rests"),
    (LINKED, "over", logins(4), "fires"),
    (LINKED, "the first is 30 days old", logins(4, step=10 * DAY), "rests"),
    (LINKED, "failed logins", logins(4, ok=False), "rests"),
    (LINKED, "an account registered there", [logins(3), account("n", T0 + 3 * DAY)], "fires"),
    (LINKED, "a new number for one of them", [logins(3), account("n", T0 + 3 * DAY, merged_into="a0")], "rests"),
    (LINKED, "not known whether the last login succeeded", [logins(3), event("login_attempt", T0 + 4 * DAY, "x", device_id="d")], "fires"),
    (LINKED, "device not known", [login(T0)], "undecided"),
    (CARRIER, "under", created(0, 1), "rests"),
    (CARRIER, "at", created(0, 1, 2), "rests"),
    (CARRIER, "over", created(0, 30, 60, 89), "fires"),
    (CARRIER, "days 0, 30, 60, 91", created(0, 30, 60, 91), "rests"),
    (CARRIER, "attempts that failed", created(0, 1, 2, 3, outcome="failed"), "rests"),
    (CARRIER, "accounts made, attempts not told", made(0, 30, 60, 89), "fires"),
    (CARRIER, "accounts made on days 0, 30, 60, 91", made(0, 30, 60, 91), "rests"),
    (CARRIER, "attempt and registration of an account are one", [created(0, 30, 60), made(0, 30, 60)], "rests"),
    (CARRIER, "registrations without numbers", made(0, 30, 60, 89, number=None), "fires"),
    (CARRIER, "the fourth is merged into another account", [made(0, 30, 60), made(89, first=3, merged_into="old")], "rests"),
    (CARRIER, "outcome of the last not known", [created(0, 1, 2), attempt(T0 + 3 * DAY, "x", "j")], "undecided"),
    (WRONG, "under: 19 of 100", [wrong(19, 100)], "rests"),
    (WRONG, "at: 20 of 100", [wrong(20, 100)], "rests"),
    (WRONG, "over: 21 of 100", [wrong(21, 100)], "fires"),
    (WRONG, "2 of 12", [wrong(2, 12)], "rests"),
    (WRONG, "3 of 12", [wrong(3, 12)], "fires"),
    (WRONG, "3 of 15: exactly a fifth", [wrong(3, 15)], "rests"),
    (WRONG, "none expected", [wrong(0, 0)], "rests"),
    (WRONG, "how many are wrong is not known", [device(params_total=12)], "undecided"),
    (EVASION, "unmarked device, new number", [before, account("n2")], "rests"),
    (EVASION, "marked device, new number", [before, marked, account("n2")], "fires"),
    (EVASION, "marked device, same number", [before, marked, account("n1")], "rests"),
    (EVASION, "another device", [before, marked, account("n2", on="e")], "rests"),
    (EVASION, "an attempt with a new number", [before, marked, tried("n2")], "fires"),
    (EVASION, "an attempt with the number of before", [before, marked, tried("n1")], "rests"),
    (EVASION, "a number tried before", [tried("n1", T0 - DAY), marked, tried("n1")], "rests"),
    (EVASION, "the account that such an attempt makes", [before, marked, tried("n2", T0 - MINUTE, outcome="created"), account("n2")], "fires"),
    (EVASION, "an account that goes on under a new number", [before, marked, account("n2", merged_into="old")], "rests"),
    (EVASION, "the attempt that ends so", [before, marked, tried("n2", outcome="merged")], "rests"),
    (EVASION, "a device that its profile marks", [before, LISTED, tried("n2")], "fires"),
    (EVASION, "a mark that a later profile lists no more", [before, LISTED, LISTED | {"ts": T0 - MINUTE, "labels": {"seen": T0 - DAY}}, tried("n2")], "rests"),
    (EVASION, "an attempt on an unmarked device", [before, tried("n2")], "rests"),
    (EVASION, "device not known", [event("registration_attempt", T0, None, number="n")], "undecided"),
    (LINKAGE, "the main board of a marked device", [hardware("d", T0 - DAY, board_serial_hash="b0", **WRONG_ONES), hardware("e", board_serial_hash="b0")], "fires"),
    (LINKAGE, "its IMEI", [device(T0 - DAY, imei_hash="i", **WRONG_ONES), device(name="e", imei_hash="i")], "fires"),
    (LINKAGE, "an unmarked device", [hardware("d", T0 - DAY, board_serial_hash="b1"), hardware("e", board_serial_hash="b1")], "rests"),
    (LINKAGE, "the marked device again", [hardware("d", T0 - DAY, board_serial_hash="b2", **WRONG_ONES), hardware("d", board_serial_hash="b2")], "rests"),
    (LINKAGE, "another main board", [hardware("d", T0 - DAY, board_serial_hash="b3", **WRONG_ONES), hardware("e", board_serial_hash="c3")], "rests"),
    (LINKAGE, "neither code known", [marked, device(name="e")], "undecided"),
    (CARRIER, "numbers not known", [event("registration_attempt", T0 + d * DAY, None, device_id="d", outcome="created") for d in range(4)], "fires"),
    (EVASION, "number not known", [marked, event("account_registered", T0, "new", device_id="d")], "undecided"),
    (PROCESSOR, "under", [device(cpu_isa_deviation=0.33)], "rests"),
    (PROCESSOR, "at", [device(cpu_isa_deviation=0.34)], "rests"),
    (PROCESSOR, "over", [device(cpu_isa_deviation=0.35)], "fires"),
    (PROCESSOR, "between the two figures", [device(cpu_isa_deviation=0.2)], "rests"),
    (PROCESSOR, "not known", [device()], "undecided"),
    (SCREEN, "under", [device(screen_anomaly_rate=0.26)], "rests"),
    (SCREEN, "at", [device(screen_anomaly_rate=0.27)], "fires"),
    (SCREEN, "over", [device(screen_anomaly_rate=0.28)], "fires"),
    (SCREEN, "not known", [device()], "undecided"),
    (MASKED, "neither", [login(T0, is_vpn=False, is_proxy=False)], "rests"),
    (MASKED, "a VPN", [event("network_switch", T0, ip="i", is_vpn=True)], "fires"),
    (MASKED, "a proxy", [login(T0, is_proxy=True)], "fires"),
    (MASKED, "left it again", [login(T0, is_vpn=True, is_proxy=False), login(T0 + HOUR, is_vpn=False, is_proxy=False)], "rests"),
    (MASKED, "left it, for where is not known", [login(T0, is_vpn=True), event("network_switch", T0 + HOUR, ip="j")], "undecided"),
    (MASKED, "none on record", [login(T0, is_vpn=True), login(T0 + HOUR, is_vpn=None, is_proxy=None)], "rests"),
    (MASKED, "one is not known", [login(T0, is_vpn=False)], "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_a_device_of_many_accounts_is_marked_and_reviewed():
    seen = last(logins(4))
    assert "device-risk" in seen.labels
    assert [c["queue"] for c in seen.cases] == ["behaviour"]


def test_a_risk_carrier_waits_for_a_person_and_keeps_its_functions():
    seen = last(created(0, 30, 60, 89))
    assert seen.labels == ["device-risk-carrier"]
    (measure,) = [s for s in seen.sanctions if s["subject"] == "device"]
    assert (measure["sanction"], measure["review"]) == (
        "sanction.device-permanent-risk-carrier",
        "registration",
    )


def test_a_new_number_on_a_marked_device_is_banned_until_a_person_decides():
    world = [before, marked, account("n2")]
    seen = last(world)
    assert seen.score == 0.78, "not enough to restrict by score"
    assert [c["queue"] for c in seen.cases] == ["permanent-deactivation"]
    (ban,) = [s for s in seen.sanctions if s.get("subject", "account") == "account"]
    assert (ban["until"], ban["review"]) == ("permanent", "permanent-deactivation")
    assert last([*world, message(T0 + 365 * DAY, account="new")]).verdict == "deny"
    lifted = event("sanction_lifted", T0 + DAY, "new", sanction_id=ban["id"], reason="appeal")
    assert last([*world, lifted, message(T0 + DAY, account="new")]).verdict == "allow"


def test_a_new_number_is_stopped_at_the_attempt_and_the_account_it_makes():
    world = [before, marked, tried("n2", T0 - MINUTE, outcome="created"), account("n2")]
    *_, attempted, made = judge(world)
    assert attempted.verdict == "deny"
    assert [s.get("subject", "account") for s in attempted.sanctions if s["cause"] == EVASION] == ["number"]
    assert [s.get("subject", "account") for s in made.sanctions if s["cause"] == EVASION] == ["account"]


def test_a_mark_moves_on_with_the_hardware_so_that_a_new_number_finds_it():
    world = [hardware("d", T0 - DAY, **WRONG_ONES), hardware("e", T0 - HOUR)]
    assert last(world).labels == ["device-risk"]
    assert EVASION in last([*world, account("n2", on="e")]).fired


@pytest.mark.parametrize(("wrong_ones", "fires"), [(2, False), (3, True)])
def test_parameters_are_counted_whichever_set_an_app_reports(wrong_ones, fires):
    # reg.device-fingerprint-12 and device.standard-params: twelve; device.hardware-indicators-15: fifteen
    assert (WRONG in last([wrong(wrong_ones, 12)]).fired) is fires
    assert (WRONG in last([wrong(wrong_ones + 1, 15)]).fired) is fires


def test_a_network_that_hides_its_users_scores_and_only_hops_restrict():
    switch = {"is_vpn": True, "is_proxy": False}
    seen = last([event("network_switch", T0, ip="i", **switch)])
    assert (seen.score, seen.sanctions) == (0.1, [])
    hops = [event("network_switch", T0 + i * MINUTE, ip=f"i{i}", **switch) for i in range(7)]
    seen = last(hops)
    assert {s["cause"] for s in seen.sanctions} == {MASKED, "net.ip-hops-over-5-per-hour"}
    assert {(s["sanction"], s["until"]) for s in seen.sanctions} == {
        ("sanction.function-restriction", "2026-03-03T09:36:00.000Z")
    }
    assert last(hops[:6]).sanctions == []


@pytest.mark.parametrize(("ok", "fires"), [({}, True), ({"ok": True}, True), ({"ok": False}, False)])
def test_a_login_links_unless_it_is_known_to_have_failed(ok, fires):
    seen = last([event("login_attempt", T0 + i * DAY, f"a{i}", device_id="d", **ok) for i in range(4)])
    assert (LINKED in seen.fired) is fires


def test_the_fourth_switch_in_ten_minutes_marks_the_account():
    seen = last(switches(4))
    assert (seen.fired[UNSTABLE]["observed"], seen.fired[UNSTABLE]["limit"]) == (4, 3)
    assert seen.labels == ["unstable-network"]


@pytest.mark.parametrize(
    ("report", "limit"), [({}, 14.4), ({"params_wrong": 2, "params_total": 12}, 14.4), (WRONG_ONES, 12)]
)
def test_little_memory_relaxes_only_where_the_report_is_sound(report, limit):
    burst = [message(T0 + i * 1000, f"b{i}") for i in range(15)]
    seen = last([device(T0 - MINUTE, ram_mb=1024, **report), *burst])
    assert seen.fired["msg.burst-over-12-per-minute-flag"]["limit"] == limit
