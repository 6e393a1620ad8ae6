"""Login and network rules: every boundary case of their catalogue rows, as events in and decisions out."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    event,
    last,
    login,
    message,
    outcome,
    registered,
    stable,
)

COUNTRIES_2H = "login.countries-3-in-2h"
COUNTRIES = "login.countries-over-3"
SPEED = "login.impossible-travel-950kmh"
JUMP = "login.distance-over-800km-implausible"
GUESSED = "login.success-after-5-failures"
CHECKS = "login.failed-verification-over-3"
DEVICES = "login.devices-over-3-in-24h"
NEW_SWITCH = "login.new-account-device-switch-over-2"
HOPS = "net.ip-hops-over-5-per-hour"

KM_PER_DEGREE = 6371.0088 * 3.141592653589793 / 180


def from_countries(*countries, step=30 * MINUTE):
    return [login(T0 + i * step, ip_country=country) for i, country in enumerate(countries)]


def listing(*devices):
    """Profiles, one after the other, each with its list of the account's devices."""
    return [event("account_profile", T0 - HOUR + i, known_devices=names) for i, names in enumerate(devices)]


def journey(km, ms, **second):
    """Two logins, so far apart and so long after each other, along a meridian."""
    start = login(T0, ip_lat=10.0, ip_lon=20.0)
    return [start, login(T0 + ms, **{"ip_lat": 10.0 + km / KM_PER_DEGREE, "ip_lon": 20.0} | second)]


RESULTS = {"F": False, "S": True, "N": None}  # N: on record as none


def tries(letters, step=MINUTE):
    """Logins of one account: F failed, S successful."""
    return [login(T0 + i * step, ok=RESULTS[letter]) for i, letter in enumerate(letters)]


def checks(letters, step=MINUTE):
    return [
        event("challenge_result", T0 + i * step, challenge_type="sms", passed=RESULTS[letter])
        for i, letter in enumerate(letters)
    ]


def on_devices(devices, step=MINUTE, **fields):
    return [login(T0 + i * step, device_id=device, **fields) for i, device in enumerate(devices)]


def hops(addresses, step=5 * MINUTE):
    return [event("network_switch", T0 + i * step, ip=ip) for i, ip in enumerate(addresses)]


CASES = [
    (COUNTRIES_2H, "under", from_countries("IT", "FR"), "rests"),
    (COUNTRIES_2H, "at", from_countries("IT", "FR", "US"), "fires"),
    (COUNTRIES_2H, "over", from_countries("IT", "FR", "US", "DE"), "fires"),
    (COUNTRIES_2H, "three in exactly 2 hours: the first is too old", from_countries("IT", "FR", "US", step=HOUR), "rests"),
    (COUNTRIES_2H, "a failed login abroad", [from_countries("IT", "FR"), login(T0 + HOUR, ok=False, ip_country="US")], "rests"),
    (COUNTRIES_2H, "a login whose success is not known", [from_countries("IT", "FR"), event("login_attempt", T0 + HOUR, ip_country="US")], "undecided"),
    (COUNTRIES_2H, "a login whose country is not known", [from_countries("IT", "FR"), login(T0 + HOUR)], "undecided"),
    (COUNTRIES, "under", from_countries("IT", "FR", step=3 * HOUR), "rests"),
    (COUNTRIES, "at", from_countries("IT", "FR", "US", step=3 * HOUR), "rests"),
    (COUNTRIES, "over", from_countries("IT", "FR", "US", "DE", step=3 * HOUR), "fires"),
    (SPEED, "under: 949 km/h", journey(949, HOUR), "rests"),
    (SPEED, "at: 950 km/h", journey(950, HOUR), "rests"),
    (SPEED, "exactly 1900 km in 2 h", journey(1900, 2 * HOUR), "rests"),
    (SPEED, "over: 951 km/h", journey(951, HOUR), "fires"),
    (SPEED, "5 km within the second", journey(5, 0), "rests"),
    (SPEED, "99 km within the second", journey(99, 0), "rests"),
    (SPEED, "101 km at the same time: one second is the least", journey(101, 0), "fires"),
    (SPEED, "1899 km in 2 h", journey(1899, 2 * HOUR), "rests"),
    (SPEED, "1901 km in 2 h", journey(1901, 2 * HOUR), "fires"),
    (SPEED, "a failed login far away", journey(5000, HOUR, ok=False), "rests"),
    (SPEED, "the first login", journey(0, HOUR)[:1], "rests"),
    (SPEED, "place not known", [journey(0, 0)[0], login(T0 + HOUR, ip_lat=10.0)], "undecided"),
    (SPEED, "no place on record", journey(5000, HOUR, ip_lat=None, ip_lon=None), "rests"),
    (JUMP, "no longitude on record", journey(5000, HOUR, ip_lon=None), "rests"),
    (SPEED, "a login without a place in between is skipped", [*journey(2000, HOUR), login(T0 + 30 * MINUTE)], "fires"),
    (JUMP, "under: 799 km in 10 min", journey(799, 10 * MINUTE), "rests"),
    (JUMP, "at: 800 km in 10 min", journey(800, 10 * MINUTE), "rests"),
    (JUMP, "over: 801 km in 10 min", journey(801, 10 * MINUTE), "fires"),
    (JUMP, "900 km in 2 h are plausible", journey(900, 2 * HOUR), "rests"),
    (GUESSED, "under", tries("FFFFS"), "rests"),
    (GUESSED, "at", tries("FFFFFS"), "fires"),
    (GUESSED, "over", tries("FFFFFFS"), "fires"),
    (GUESSED, "a success in between", tries("FFFSFFS"), "rests"),
    (GUESSED, "no result is no failure", tries("FFFFNS"), "rests"),
    (GUESSED, "no result ends no run", tries("FFFFFNS"), "fires"),
    (GUESSED, "no success yet", tries("FFFFFF"), "rests"),
    (GUESSED, "five failures in 25 hours", tries("FFFFFS", step=5 * HOUR), "rests"),
    (CHECKS, "under", checks("FF"), "rests"),
    (CHECKS, "at", checks("FFF"), "rests"),
    (CHECKS, "over", checks("FFFF"), "fires"),
    (CHECKS, "no result is no failure", checks("FFFN"), "rests"),
    (CHECKS, "no result ends no run", checks("FFFNF"), "fires"),
    (CHECKS, "a passed check resets", checks("FFFSF"), "rests"),
    (CHECKS, "four in 24 hours: the first is too old", checks("FFFF", step=8 * HOUR), "rests"),
    (DEVICES, "under", on_devices("AB"), "rests"),
    (DEVICES, "at", on_devices("ABC"), "rests"),
    (DEVICES, "over", on_devices("ABCD"), "fires"),
    (DEVICES, "attempts count", on_devices("ABCD", ok=False), "fires"),
    (DEVICES, "ten attempts on three devices", on_devices("ABCABCABCA"), "rests"),
    *(
        (NEW_SWITCH, name, [registered(2 * HOUR), on_devices(devices, step=HOUR)], expected)
        for name, devices, expected in (("under", "AB", "rests"), ("at: A, B, A", "ABA", "rests"), ("over", "ABAB", "fires"))
    ),
    (NEW_SWITCH, "an old account", [stable(), on_devices("ABAB")], "rests"),
    (NEW_SWITCH, "on the seventh day", [registered(7 * DAY, until=T0 + 3 * MINUTE), on_devices("ABAB")], "fires"),
    (NEW_SWITCH, "past the seventh day", [registered(7 * DAY + 1, until=T0 + 3 * MINUTE), on_devices("ABAB")], "rests"),
    (NEW_SWITCH, "none on record is no device", [registered(HOUR), on_devices(["A", None, "A", None, "A"])], "rests"),
    (NEW_SWITCH, "over none to the next", [registered(HOUR), on_devices(["A", None, "B", None, "A", "B"])], "fires"),
    (NEW_SWITCH, "device not known", [registered(HOUR), on_devices("ABA"), login(T0 + HOUR)], "undecided"),
    (NEW_SWITCH, "failed logins are no switch", [registered(HOUR), on_devices("ABAB", ok=False)], "rests"),
    (HOPS, "under", hops("12345"), "rests"),
    (HOPS, "at", hops("123456"), "rests"),
    (HOPS, "over", hops("1234567"), "fires"),
    (HOPS, "the same address again is no hop", hops("1122334455666"), "rests"),
    (HOPS, "no address for a moment is no hop", hops(["1", "2", "3", "4", "5", "6", None, "6"]), "rests"),
    (HOPS, "to a seventh address over none", hops(["1", "2", "3", "4", "5", "6", None, "7"]), "fires"),
    (HOPS, "the first hop is an hour old", hops("1234567", step=12 * MINUTE), "rests"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_an_impossible_journey_meets_a_biometric_check():
    seen = last(journey(500, 30 * MINUTE))
    assert (seen.verdict, seen.challenge) == ("challenge", "biometric")
    assert seen.labels == ["anomalous-login"]
    assert seen.fired[SPEED]["observed"] == pytest.approx(1000)
    assert seen.fired[SPEED]["probability"] == 0.79
    assert seen.score == 0.0, "the share of checks is no belief in abuse"


def test_a_far_jump_also_stops_logins_for_two_days():
    seen = last(journey(801, 10 * MINUTE))
    assert {s["sanction"] for s in seen.sanctions} == {
        "sanction.step-up-verification",
        "sanction.login-cooldown-48h",
    }
    assert seen.verdict == "deny"


def test_a_guessed_password_is_enough_to_restrict():
    seen = last(tries("FFFFFS"))
    assert seen.score == 0.91
    assert {GUESSED, "score.restrict-threshold-unit-scale"} <= seen.fired.keys()
    assert set(seen.labels) == {"high-risk-login", "restricted"}
    assert last([*tries("FFFFFS"), message(T0 + 5 * MINUTE + DAY)]).score == 0.0, "active for 24 hours"


def test_four_failed_checks_lock_everything_for_a_day():
    world = checks("FFFF")
    assert last([*world, message(T0 + 10 * MINUTE)]).verdict == "deny"
    assert last([*world, message(T0 + 3 * MINUTE + DAY)]).verdict == "allow"


def test_address_hopping_restricts_all_functions():
    seen = last([*hops("1234567"), message(T0 + HOUR)])
    assert seen.verdict == "deny"
    assert seen.retry_after_s == 23 * 3600 + 30 * 60


def test_a_switch_of_networks_shortens_limits_for_ten_minutes():
    burst = "msg.burst-over-12-in-60s-l1"
    switches = [
        event("network_switch", T0 - (4 - i) * MINUTE, from_type="wifi", to_type="mobile") for i in range(4)
    ]
    seven = [message(T0 + i * SECOND) for i in range(7)]
    assert outcome(burst, [stable(), *switches, *seven]) == "rests", "7 do not exceed 7.2"
    seen = last([stable(), *switches, *seven, message(T0 + 8 * SECOND)])
    assert seen.fired[burst]["limit"] == 7.2
    assert outcome(burst, [stable(), *switches[1:], *seven, message(T0 + 8 * SECOND)]) == "rests"


@pytest.mark.parametrize(
    ("own", "verdict"),
    [
        (listing(["mine"]), "challenge"),
        (listing(["theirs"], ["theirs", "mine"]), "challenge"),
        (listing(["mine"], ["theirs"]), "deny"),
        (listing(["mine"], []), "deny"),
        (listing(["mine"], None), "deny"),
        ([*listing(["mine"]), event("account_profile", T0 - MINUTE, market="IT")], "challenge"),
        ([login(T0 - 7 * DAY, device_id="mine")], "challenge"),
        ([login(T0 - 6 * DAY, device_id="mine")], "deny"),
        ([], "deny"),
    ],
)
def test_whoever_tries_devices_does_not_lock_the_owner_out_of_his_own(own, verdict):
    tries = [login(T0 + i * MINUTE, ok=False, device_id=f"d{i}") for i in range(4)]
    back = login(T0 + HOUR, device_id="mine")
    assert last([*own, *tries, back]).verdict == verdict
    assert last([*own, *tries, back | {"device_id": "d9"}]).verdict == "deny"
