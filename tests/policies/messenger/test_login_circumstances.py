"""Login rules about the circumstances: abroad, at night, networks, SIM, sessions, what follows a login."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    T0,
    Table,
    at,
    event,
    judge,
    last,
    login,
    profile,
    what_it_does,
)

TRAVEL = "login.foreign-over-5-in-72h-travel-lock"
NIGHT = "login.early-morning-security-question-38pct"
VPN = "login.vpn-sim-country-mismatch"
TLS = "login.public-wifi-weak-tls"
FACE = "login.profile-change-right-after-login"
SIM = "login.sim-changed-7d-id-document"
OPERATOR = "login.carrier-consistency-check"
VERIFY = "login.prompt-verification-after-anomaly"
PARAMETERS = "login.device-param-change-over-40pct"
AT_ONCE = "login.concurrent-two-devices"


def at_home(*countries, ts=T0 - DAY):
    return profile(ts=ts, home_countries=list(countries))


def abroad(count, step=14 * HOUR, country="FR", **fields):
    return [login(T0 + i * step, ip_country=country, **fields) for i in range(count)]


def of_number(**fields):
    """An account with a number, and what its operator says about the SIM."""
    return [
        event("account_registered", T0 - 9 * DAY, number="n"),
        event("carrier_check", T0 - HOUR, None, number="n", **fields),
    ]


def through_vpn(country="US", **fields):
    return login(T0, **{"is_vpn": True, "ip_country": country} | fields)


def on_wifi(version, network="public_wifi", **fields):
    return login(T0, network_type=network, tls_version=version, **fields)


def changed(after, **fields):
    """A change of the picture, so long after the login."""
    return event("profile_changed", T0 + after, **{"field": "avatar"} | fields)


def new_sim(days, *, owned=True):
    """A change of SIM, said of the account or only of its number, and a login so many days later."""
    if owned:
        return [event("sim_changed", T0 - days * DAY, sim_kind="esim"), login(T0, device_id="d")]
    number = event("account_registered", T0 - 100 * DAY, number="n")
    return [number, event("sim_changed", T0 - days * DAY, None, number="n"), login(T0, device_id="d")]


def named(moves):
    """Sessions that open (+) and close (-) on devices: sign, device (? where it is not said), number of the session."""
    return [
        event(
            "session_state",
            T0 + i * MINUTE,
            session_id=number,
            state="open" if sign == "+" else "close",
            **({} if device == "?" else {"device_id": device}),
        )
        for i, (sign, device, number) in enumerate(moves.split())
    ]


def sessions(text, step=MINUTE):
    """Sessions of one account: `+A` opens one on device A, `-A` closes one, of `?A` nobody says which."""
    words = {"+": {"state": "open"}, "-": {"state": "close"}, "?": {}}
    return [
        event("session_state", T0 + i * step, device_id=part[1:], **words[part[0]])
        for i, part in enumerate(text.split())
    ]


def reported(changed=0, of=12, *, ts=T0, **fields):
    """A login whose device reports so many parameters, the first of them changed."""
    params = {f"p{i}": "new" if i < changed else "old" for i in range(of)}
    return login(ts, device_params=params, **fields)


FIRST = reported(ts=T0 - DAY)
THREE = [login(T0 + i * MINUTE, ip_country=c) for i, c in enumerate(("IT", "FR", "US"))]


def check(ts, *, passed=True):
    return event("challenge_result", ts, challenge_type="sms", passed=passed)


# whatever names an account and a number says whose the number is
WITH_NUMBER = (
    ("account_profile", {"market": "IT"}),
    ("registration_attempt", {"outcome": "created"}),
    ("verification_code_attempt", {"correct": True}),
    ("challenge_issued", {"challenge_type": "sms"}),
    ("challenge_result", {"challenge_type": "sms", "passed": True}),
    ("session_state", {"state": "open"}),
    ("client_report", {"is_modified": False}),
    ("device_report", {"model": "m"}),
    ("network_switch", {"to_type": "wifi"}),
    ("number_profile", {"carrier_kind": "mno"}),
    ("payment_attempted", {"amount": "1"}),
    ("message_sent", {"recipient_id": "b"}),
)


CASES = [
    (TRAVEL, "under", [at_home("IT"), abroad(4)], "rests"),
    (TRAVEL, "at", [at_home("IT"), abroad(5)], "rests"),
    (TRAVEL, "over", [at_home("IT"), abroad(6)], "fires"),
    (TRAVEL, "the first is 72 h old", [at_home("IT"), abroad(5), login(T0 + 72 * HOUR, ip_country="FR")], "rests"),
    (TRAVEL, "the first is a millisecond younger", [at_home("IT"), abroad(5), login(T0 + 72 * HOUR - 1, ip_country="FR")], "fires"),
    (TRAVEL, "one of two habitual countries", [at_home("IT", "FR"), abroad(6)], "rests"),
    (TRAVEL, "the newest list of countries holds", [at_home("IT", "FR"), at_home("IT", ts=T0 - HOUR), abroad(6)], "fires"),
    (TRAVEL, "different countries abroad", [at_home("IT"), [login(T0 + i * HOUR, ip_country=c) for i, c in enumerate(("FR", "DE", "ES", "US", "FR", "AT"))]], "fires"),
    (TRAVEL, "the sixth failed", [at_home("IT"), abroad(5), login(T0 + 60 * HOUR, ok=False, ip_country="FR")], "rests"),
    (TRAVEL, "the sixth is at home", [at_home("IT"), abroad(5), login(T0 + 60 * HOUR, ip_country="IT")], "rests"),
    (TRAVEL, "the market is home where no list is", [profile(market="IT"), abroad(6)], "fires"),
    (TRAVEL, "the country of the number is home", [event("account_registered", T0 - DAY, number_country="FR"), abroad(6)], "rests"),
    (TRAVEL, "the country that the number was registered with is home", [event("registration_attempt", T0 - DAY, None, number="n", number_country="FR"), event("account_registered", T0 - DAY, number="n"), abroad(6)], "rests"),
    (TRAVEL, "abroad from where the number was registered", [event("registration_attempt", T0 - DAY, None, number="n", number_country="IT"), event("account_registered", T0 - DAY, number="n"), abroad(6)], "fires"),
    (TRAVEL, "home not known", abroad(6), "undecided"),
    (TRAVEL, "country of the sixth not known", [at_home("IT"), abroad(5), login(T0 + 60 * HOUR)], "undecided"),
    (VPN, "under: same country", [of_number(sim_country="US"), through_vpn()], "rests"),
    (VPN, "at: other country", [of_number(sim_country="IT"), through_vpn()], "fires"),
    (VPN, "over: roaming without a VPN", [of_number(sim_country="IT"), through_vpn(is_vpn=False)], "rests"),
    (VPN, "said of the account", [event("carrier_check", T0 - HOUR, sim_country="IT"), through_vpn()], "fires"),
    (VPN, "in the number's profile", [event("account_registered", T0 - DAY, number="n"), event("number_profile", T0 - HOUR, None, number="n", sim_country="IT"), through_vpn()], "fires"),
    *((VPN, f"the number on {kind}", [event("carrier_check", T0 - HOUR, None, number="n", sim_country="IT"), event(kind, T0 - MINUTE, number="n", **fields), through_vpn()], "fires") for kind, fields in WITH_NUMBER),
    (VPN, "the number registered wins over one seen together", [of_number(sim_country="IT"), event("carrier_check", T0 - HOUR, None, number="m", sim_country="US"), profile(ts=T0 - MINUTE, number="m"), through_vpn()], "fires"),
    (VPN, "the number of the login", [event("carrier_check", T0 - HOUR, None, number="n", sim_country="IT"), through_vpn(number="n")], "fires"),
    (VPN, "a login that failed", [of_number(sim_country="IT"), through_vpn(ok=False)], "rests"),
    (VPN, "not said whether it failed", [of_number(sim_country="IT"), event("login_attempt", T0, is_vpn=True, ip_country="US")], "fires"),
    (VPN, "no country on record", [of_number(sim_country=None), through_vpn()], "rests"),
    (VPN, "country of the SIM not known", [through_vpn()], "undecided"),
    (TLS, "under: 1.1", [on_wifi("1.1")], "fires"),
    (TLS, "1.0", [on_wifi("1.0")], "fires"),
    (TLS, "at: 1.2", [on_wifi("1.2")], "rests"),
    (TLS, "over: 1.3", [on_wifi("1.3")], "rests"),
    (TLS, "at home", [on_wifi("1.1", "wifi")], "rests"),
    (TLS, "a login that failed", [on_wifi("1.1", ok=False)], "rests"),
    (TLS, "version not known", [login(T0, network_type="public_wifi")], "undecided"),
    (TLS, "network not known", [login(T0, tls_version="1.1")], "undecided"),
    (FACE, "under: 4 min", [login(T0, device_id="d"), changed(4 * MINUTE)], "fires"),
    (FACE, "at: 5 min", [login(T0, device_id="d"), changed(5 * MINUTE)], "fires"),
    (FACE, "a millisecond more", [login(T0, device_id="d"), changed(5 * MINUTE + 1)], "rests"),
    (FACE, "over: 6 min", [login(T0, device_id="d"), changed(6 * MINUTE)], "rests"),
    (FACE, "device not known", [login(T0), changed(MINUTE)], "fires"),
    (FACE, "the signature", [login(T0), changed(MINUTE, field="signature")], "rests"),
    (FACE, "what was changed is not on record", [login(T0), event("profile_changed", T0 + MINUTE, field=None)], "rests"),
    (FACE, "what was changed is not known", [login(T0), event("profile_changed", T0 + MINUTE)], "undecided"),
    (FACE, "a login that failed", [login(T0, ok=False), changed(MINUTE)], "rests"),
    (FACE, "never logged in", [changed(MINUTE)], "rests"),
    (FACE, "used for a week", [login(T0 - 7 * DAY, device_id="d"), login(T0, device_id="d"), changed(MINUTE)], "rests"),
    (FACE, "used for almost a week", [login(T0 - 6 * DAY, device_id="d"), login(T0, device_id="d"), changed(MINUTE)], "fires"),
    (FACE, "another device used for a week", [login(T0 - 8 * DAY, device_id="d"), login(T0, device_id="e"), changed(MINUTE)], "fires"),
    (FACE, "an old device, then a login that names none", [login(T0 - 8 * DAY, device_id="d"), login(T0), changed(MINUTE)], "fires"),
    *((SIM, f"{d} days", new_sim(d, owned=owned), x) for owned in (True, False) for d, x in ((6, "fires"), (7, "fires"), (8, "rests"))),
    (SIM, "a millisecond more than 7 days", [event("sim_changed", T0 - 7 * DAY - 1), login(T0)], "rests"),
    (SIM, "as the operator says", [of_number(last_sim_change=T0 - 3 * DAY), login(T0)], "fires"),
    (SIM, "never changed", [login(T0)], "rests"),
    (SIM, "the account's old device", [login(T0 - 20 * DAY, device_id="d"), new_sim(3)], "rests"),
    (SIM, "a login that failed", [event("sim_changed", T0 - DAY), login(T0, ok=False)], "rests"),
    (OPERATOR, "the data agree", of_number(carrier_match=True), "rests"),
    (OPERATOR, "they do not", of_number(carrier_match=False), "fires"),
    (OPERATOR, "not known", of_number(), "undecided"),
    (VERIFY, "the abnormal login itself", THREE, "fires"),
    (VERIFY, "the next login", [*THREE, login(T0 + 30 * DAY, ip_country="IT")], "fires"),
    (VERIFY, "an ordinary login", THREE[:2], "rests"),
    (VERIFY, "a check was passed", [*THREE, check(T0 + HOUR), login(T0 + 3 * HOUR, ip_country="IT")], "rests"),
    (VERIFY, "a check was failed", [*THREE, check(T0 + HOUR, passed=False), login(T0 + 3 * HOUR, ip_country="IT")], "fires"),
    (VERIFY, "a check passed before", [check(T0), *THREE], "fires"),
    (VERIFY, "a check passed, and back where he was", [*THREE, check(T0 + 10 * MINUTE), login(T0 + 20 * MINUTE, ip_country="IT")], "rests"),
    (VERIFY, "a check passed, and a country more", [*THREE, check(T0 + 10 * MINUTE), login(T0 + 20 * MINUTE, ip_country="DE")], "fires"),
    (PARAMETERS, "none of 12 changed", [FIRST, reported()], "rests"),
    (PARAMETERS, "4 of 12", [FIRST, reported(4)], "rests"),
    (PARAMETERS, "5 of 12", [FIRST, reported(5)], "fires"),
    (PARAMETERS, "all of 12", [FIRST, reported(12)], "fires"),
    (PARAMETERS, "at: 2 of 5", [reported(of=5, ts=T0 - DAY), reported(2, of=5)], "rests"),
    (PARAMETERS, "4 of 10", [reported(of=10, ts=T0 - DAY), reported(4, of=10)], "rests"),
    (PARAMETERS, "5 of 10", [reported(of=10, ts=T0 - DAY), reported(5, of=10)], "fires"),
    (PARAMETERS, "the first login", [reported(12)], "rests"),
    (PARAMETERS, "back to the values of the last but one", [FIRST, reported(5, ts=T0 - HOUR), reported()], "fires"),
    (PARAMETERS, "small changes one after the other", [FIRST, reported(3, ts=T0 - HOUR), reported(6)], "rests"),
    (PARAMETERS, "one parameter more", [reported(of=11, ts=T0 - DAY), reported()], "rests"),
    (PARAMETERS, "five parameters less", [FIRST, reported(of=7)], "fires"),
    (PARAMETERS, "values exchanged", [login(T0 - DAY, device_params={"a": "1", "b": "2"}), login(T0, device_params={"a": "2", "b": "1"})], "fires"),
    (PARAMETERS, "a failed login in between", [FIRST, reported(12, ts=T0 - HOUR, ok=False), reported()], "rests"),
    (PARAMETERS, "a login without any in between", [FIRST, login(T0 - HOUR), reported(5)], "fires"),
    (PARAMETERS, "parameters not known", [FIRST, login(T0)], "undecided"),
    (PARAMETERS, "known to be none", [FIRST, login(T0, device_params=None)], "rests"),
    (AT_ONCE, "under: one device", sessions("+A"), "rests"),
    (AT_ONCE, "at: two devices", sessions("+A +B"), "fires"),
    (AT_ONCE, "over: three devices", sessions("+A +B +C"), "fires"),
    (AT_ONCE, "one after the other", sessions("+A -A +B"), "rests"),
    (AT_ONCE, "two sessions of one device", sessions("+A +A"), "rests"),
    (AT_ONCE, "one of three is closed", sessions("+A +B +C -B"), "fires"),
    (AT_ONCE, "two of three are closed", sessions("+A +B +C -B -A"), "rests"),
    (AT_ONCE, "back on the first device", sessions("+A -A +B -B +A"), "rests"),
    (AT_ONCE, "closed what was never opened", sessions("-A -B +A"), "rests"),
    (AT_ONCE, "two accounts on a device each", [sessions("+A"), event("session_state", T0 + HOUR, "b", device_id="B", state="open")], "rests"),
    (AT_ONCE, "the first was opened 30 days ago", [*sessions("+A"), event("session_state", T0 + 30 * DAY, device_id="B", state="open")], "rests"),
    (AT_ONCE, "one of two sessions of a device is closed", named("+A1 +A2 -A1 +B3"), "fires"),
    (AT_ONCE, "both sessions of a device are closed", named("+A1 +A2 -A1 -A2 +B3"), "rests"),
    (AT_ONCE, "a session that is told twice", named("+A1 +A1 -A1 +B3"), "rests"),
    (AT_ONCE, "the close names no device", named("+A1 -?1 +B3"), "rests"),
    (AT_ONCE, "a close of a session that was never opened", named("+A1 -A9 +B3"), "fires"),
    (AT_ONCE, "one may have been closed", sessions("+A +B ?B"), "undecided"),
    (AT_ONCE, "one may have been closed before", sessions("+A +B ?B +A"), "undecided"),
    (AT_ONCE, "one may have been opened", sessions("+A ?B"), "undecided"),
    (AT_ONCE, "one at most", sessions("?A"), "rests"),
    (AT_ONCE, "two at least", sessions("+A +B +C ?C"), "fires"),
    (AT_ONCE, "two, and a session on no device", [event("session_state", T0 - HOUR, state="open", device_id=None, session_id="s"), sessions("+A +B")], "fires"),
    (AT_ONCE, "two, and a session on no device that is closed", [*(event("session_state", T0 - HOUR + i, state=s, device_id=None, session_id="s") for i, s in enumerate(["open", "close"])), sessions("+A +B")], "fires"),
    (AT_ONCE, "two, and one of which nobody knows on what", [event("session_state", T0 - HOUR, state="open"), sessions("+A +B")], "fires"),
    (AT_ONCE, "one, and one of which nobody knows on what", [event("session_state", T0 - HOUR, state="open"), sessions("+A")], "undecided"),
    (AT_ONCE, "no device on record", [*sessions("+A"), event("session_state", T0 + HOUR, state="open", device_id=None)], "rests"),
    (AT_ONCE, "device not known", [*sessions("+A"), event("session_state", T0 + HOUR, state="open")], "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-03T01:59:59.999+01:00", "rests"),
        ("2026-03-03T02:00:00.000+01:00", "fires"),
        ("2026-03-03T04:59:59.999+01:00", "fires"),
        ("2026-03-03T05:00:00.000+01:00", "rests"),
        ("2026-03-03T05:00:01.000+01:00", "rests"),
        ("2026-03-29T03:00:00.000+02:00", "fires"),  # clocks go forward in Rome: 02:00 becomes 03:00
        ("2026-10-25T02:30:00.000+02:00", "fires"),  # and back: 02:30 happens twice
        ("2026-10-25T02:30:00.000+01:00", "fires"),
    ],
)
def test_the_early_morning_is_that_of_the_account(text, expected):
    world = [profile(tz="Europe/Rome", ts=at(text) - DAY), login(at(text))]
    assert what_it_does(NIGHT, last(world)) == expected


def test_the_early_morning_asks_a_question_that_does_not_score():
    seen = last([login(T0, local_hour=4)])
    assert (seen.verdict, seen.challenge) == ("challenge", "security_question")
    assert (seen.fired[NIGHT]["probability"], seen.score) == (0.38, 0.0)
    assert what_it_does(NIGHT, last([login(T0)])) == "undecided", "no zone, no hour"


def test_many_logins_from_abroad_lock_payments_only():
    world = [at_home("IT"), abroad(6, HOUR)]
    seen = last(world)
    assert "travel-mode" in seen.labels
    (measure,) = seen.sanctions
    assert (measure["sanction"], measure["capability"]) == ("sanction.travel-mode-lock", ["payment"])
    pay = event("payment_attempted", T0 + 6 * HOUR)
    assert last([*world, pay]).verdict == "deny"
    assert last([*world, login(T0 + 6 * HOUR, ip_country="FR")]).verdict == "allow"


def test_a_masked_login_abroad_counts_once_with_its_vpn():
    seen = last([of_number(sim_country="IT"), through_vpn(is_proxy=False)])
    assert seen.labels == ["high-risk-login"]
    assert seen.score == 0.64, "the VPN alone is part of it"
    assert seen.fired[VPN]["reason"] == "through a VPN from US, the SIM is of IT"


def test_the_next_abnormal_login_is_asked_although_a_check_was_passed():
    passed = event("challenge_result", T0 + 10 * MINUTE, challenge_type="two_factor", passed=True)
    back, more = (login(T0 + 20 * MINUTE, ip_country=c) for c in ("IT", "DE"))
    assert last([*THREE, passed, back]).verdict == "allow"
    seen = last([*THREE, passed, more])
    assert (seen.verdict, seen.challenge) == ("challenge", "two_factor")
    assert VERIFY in [m["cause"] for m in seen.sanctions]


def test_what_follows_a_login_and_its_transport_score():
    assert last([on_wifi("1.1")]).score == 0.43
    seen = last([login(T0, device_id="d"), changed(MINUTE)])
    assert (seen.score, seen.labels) == (0.57, ["high-risk-login"])
    assert last(sessions("+A +B")).score == 0.42


def test_the_device_that_a_profile_lists_may_change_its_picture():
    listed = profile(known_devices=["c", "d"])
    assert what_it_does(FACE, last([listed, login(T0, device_id="d"), changed(MINUTE)])) == "rests"
    assert what_it_does(FACE, last([listed, login(T0, device_id="e"), changed(MINUTE)])) == "fires"


def test_after_a_change_of_sim_a_document_is_asked_for_and_looked_at():
    seen = last(new_sim(6))
    assert (seen.verdict, seen.challenge) == ("challenge", "id_document")
    assert [c["queue"] for c in seen.cases] == ["identity"]
    assert (seen.fired[SIM]["probability"], seen.score) == (0.15, 0.0)


def test_a_device_that_has_become_another_one_meets_a_second_factor():
    seen = last([FIRST, reported(5)])
    assert (seen.verdict, seen.challenge) == ("challenge", "two_factor")
    assert seen.fired[PARAMETERS]["observed"] == pytest.approx(5 / 12)


def test_a_late_login_is_compared_with_the_one_before_it():
    world = [FIRST, reported(12, ts=T0), reported(4, ts=T0 - MINUTE), reported(12, ts=T0 + MINUTE)]
    _, on_time, late, following = judge(world, arrival=True)
    assert PARAMETERS in on_time.fired
    assert PARAMETERS not in late.fired, "4 of 12 differ from the day before"
    assert PARAMETERS not in following.fired


def test_a_late_login_moves_what_comes_after_it():
    #   time     T0 login      +4 min change (first)     +5 min change      arrival of the login: in between
    world = [changed(4 * MINUTE), login(T0, device_id="d"), changed(5 * MINUTE)]
    first, _, second = judge(world, arrival=True)
    assert FACE not in first.fired
    assert FACE in second.fired
