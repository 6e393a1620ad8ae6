"""Registration and verification rules: every boundary case of their catalogue rows, as events in and decisions out."""

import pytest
from tests.policies.messenger.registrations import code_request, codes, distance, masked, on_device, typed
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    attempt,
    event,
    last,
    numbers,
    outcome,
)

ACCOUNTS = "reg.ip-over-2-accounts-24h"
REQUESTS = "reg.ip-over-5-requests-24h"
DENSE = "reg.table-ip-high-5-per-24h"
DEVICE = "reg.device-max-3-per-7d"
THIRD = "reg.table-device-high-3-per-7d"
ASSOCIATED = "reg.device-over-3-accounts-30d-association"
FAILURES = "reg.five-consecutive-failures-number-marked"
COUNTRY = "reg.country-code-ip-mismatch"
FAR = "reg.number-ip-over-1500km"
FAR_TABLE = "reg.table-geo-high-1500km"
CODE_LIMIT = "reg.number-registered-7d-code-limit"
HISTORY = "reg.sim-activity-history"
SECOND_SMS = "reg.virtual-number-second-sms-80pct"
ANONYMOUS = "reg.public-vpn-anonymity-over-85pct"
ANOMALY = "reg.fingerprint-anomaly"
GATE = "verify.voice-gate"
MERGE = "reg.number-registered-90d-merge-55pct"
CODES = "verify.code-requests-over-3-per-hour"
WRONG = "verify.wrong-code-over-3"


def retries(count, **fields):
    return [attempt(T0 + i * MINUTE, "n", **fields) for i in range(count)]


def outcomes(letters):
    """Attempts of one number: F failed, B blocked, S created, M merged, Q still waits, ? nobody says."""
    words = {"F": "failed", "B": "blocked", "S": "created", "M": "merged", "Q": "queued"}
    return [
        attempt(T0 + i * MINUTE, ip=f"i{i}", device=f"d{i}", **{"outcome": words[x]} if x in words else {})
        for i, x in enumerate(letters)
    ]


def nameless(*days):
    """Attempts on one device that do not say for which number."""
    return [event("registration_attempt", T0 + d * DAY, None, device_id="d") for d in days]


def made_of(number, ts):
    return event("account_registered", ts, "new", number=number)


def counted_so_far(failed, ts=T0 - HOUR):
    return event("number_profile", ts, None, number="n", failed_registrations=failed)


def failed_days_ago(*days):
    return [attempt(T0 - d * DAY, outcome="failed") for d in days]


def told_at_once(failed):
    """Failed attempts, and in the very ms of each but the last a profile that has counted it."""
    at_hour = [T0 - (failed - n) * HOUR for n in range(1, failed + 1)]
    told = [counted_so_far(n, ts) for n, ts in enumerate(at_hour[:-1], 1)]
    return [*[attempt(ts, outcome="failed") for ts in at_hour], *told]


def labelled(*labels, ts=T0 - DAY, **fields):
    """A profile of the number that lists these labels."""
    return event("number_profile", ts, None, number="n", labels=dict.fromkeys(labels, ts), **fields)


def registered_before(days_ms):
    return [event("account_registered", T0 - days_ms, "old", number="n"), attempt(T0)]


def recorded(days_ms):
    return [
        event("number_profile", T0 - HOUR, None, number="n", last_registered_at=T0 - days_ms),
        attempt(T0),
    ]


def sms_check(passed, age=3 * HOUR, kind="sms", number_type="virtual", number_block_deviation=0.1, **fields):
    """An attempt with such a number, the account made with it, and its check at that age."""
    return [
        attempt(
            T0 - age,
            number_type=number_type,
            number_block_deviation=number_block_deviation,
            outcome="created",
        ),
        event("account_registered", T0 - age, number="n"),
        event("challenge_result", T0, challenge_type=kind, passed=passed, **fields),
    ]


def device_report(wrong, total=12, ts=T0 - MINUTE, name="d"):
    return event("device_report", ts, None, device_id=name, params_wrong=wrong, params_total=total)


def placed(number="IT", address="IT", **fields):
    return attempt(T0, number_country=number, ip_country=address, **fields)


CASES = [
    (ACCOUNTS, "under: the first account", numbers(1), "rests"),
    (ACCOUNTS, "at: the second account", numbers(2), "rests"),
    (ACCOUNTS, "over: the third account", numbers(3), "fires"),
    (ACCOUNTS, "retries of two numbers", [numbers(2), attempt(T0 + 3 * HOUR, "n0")], "rests"),
    (ACCOUNTS, "three addresses", [attempt(T0 + i, f"n{i}", f"i{i}") for i in range(3)], "rests"),
    (ACCOUNTS, "the first is 24 h old", [attempt(T0, "n9"), numbers(1, 1), attempt(T0 + DAY, "n1")], "rests"),
    (ACCOUNTS, "number not known: it may be the third", [numbers(2), event("registration_attempt", T0 + 3 * HOUR, None, ip="i")], "undecided"),
    (ACCOUNTS, "address not known", [event("registration_attempt", T0, None, number="n")], "undecided"),
    (REQUESTS, "under", retries(4), "rests"),
    (REQUESTS, "at", retries(5), "rests"),
    (REQUESTS, "over", retries(6), "fires"),
    (DENSE, "under", retries(4), "rests"),
    (DENSE, "at", retries(5), "fires"),
    (DENSE, "over", retries(6), "fires"),
    (DEVICE, "under", [attempt(T0 + i * DAY, f"n{i}", f"i{i}") for i in range(2)], "rests"),
    (DEVICE, "at", [attempt(T0 + i * DAY, f"n{i}", f"i{i}") for i in range(3)], "rests"),
    (DEVICE, "over", [attempt(T0 + i * DAY, f"n{i}", f"i{i}") for i in range(4)], "fires"),
    (DEVICE, "the first is seven days old", [attempt(T0 + d * DAY, f"n{d}", f"i{d}") for d in (0, 1, 2, 7)], "rests"),
    (DEVICE, "both platforms count together", [attempt(T0 + i, f"n{i}", f"i{i}", platform=p) for i, p in enumerate(("ios", "android") * 2)], "fires"),
    (DEVICE, "a fourth try of three numbers", [attempt(T0 + i, f"n{i % 3}", f"i{i}") for i in range(4)], "rests"),
    (DEVICE, "numbers not known: every attempt is another account", nameless(0, 1, 2, 3), "fires"),
    (DEVICE, "two numbers known, one attempt without", [on_device(0, 1), nameless(2)], "rests"),
    (DEVICE, "device not known", [event("registration_attempt", T0, None, number="n")], "undecided"),
    (THIRD, "under", on_device(0, 1), "rests"),
    (THIRD, "at", on_device(0, 1, 2), "fires"),
    (THIRD, "over", on_device(0, 1, 2, 3), "fires"),
    (THIRD, "the first is seven days old", on_device(0, 1, 7), "rests"),
    (THIRD, "a third try of two numbers", [on_device(0, 1), attempt(T0 + 2 * DAY, "n0")], "rests"),
    (THIRD, "numbers not known", nameless(0, 1, 2), "fires"),
    (ASSOCIATED, "numbers not known", nameless(0, 1, 2, 3), "undecided"),
    (ASSOCIATED, "numbers not known, four accounts made", [nameless(0, 1, 2), [event("account_registered", T0 + i, f"a{i}", device_id="d") for i in range(4)], nameless(4)], "fires"),
    (ASSOCIATED, "under", on_device(0, 9), "rests"),
    (ASSOCIATED, "at", on_device(0, 9, 18), "rests"),
    (ASSOCIATED, "over", on_device(0, 9, 18, 29), "fires"),
    (ASSOCIATED, "over, all created", on_device(0, 9, 18, 29, outcome="created"), "fires"),
    (ASSOCIATED, "the first is 30 days old", on_device(0, 9, 18, 30), "rests"),
    (ASSOCIATED, "one number four times", [attempt(T0 + d * DAY, "n", f"i{d}") for d in (0, 9, 18, 29)], "rests"),
    (ASSOCIATED, "the fourth failed", [on_device(0, 9, 18), attempt(T0 + 20 * DAY, "x", outcome="failed")], "rests"),
    (ASSOCIATED, "another device", [on_device(0, 9, 18), attempt(T0 + 20 * DAY, "x", device="e")], "rests"),
    (FAILURES, "a profile counted four", [counted_so_far(4), outcomes("F")], "fires"),
    (FAILURES, "a profile counted three", [counted_so_far(3), outcomes("F")], "rests"),
    (FAILURES, "a profile counted four, then a success", [counted_so_far(4), outcomes("SF")], "rests"),
    (FAILURES, "a profile counted none since", [outcomes("FFFF"), counted_so_far(0, T0 + HOUR), attempt(T0 + DAY, outcome="failed")], "rests"),
    (FAILURES, "an account was made in between", [*outcomes("FFFF"), made_of("n", T0 + 4 * MINUTE), attempt(T0 + HOUR, outcome="failed")], "rests"),
    (FAILURES, "five after an account was made", [made_of("n", T0 - DAY), outcomes("FFFFF")], "fires"),
    (FAILURES, "an account of another number was made", [*outcomes("FFFF"), made_of("m", T0 + 4 * MINUTE), attempt(T0 + HOUR, outcome="failed")], "fires"),
    (FAILURES, "four, an account made long ago, one", [failed_days_ago(203, 202, 201, 200), made_of("n", T0 - 120 * DAY), failed_days_ago(0)], "rests"),
    (FAILURES, "an account made long ago, four, one", [made_of("n", T0 - 300 * DAY), failed_days_ago(203, 202, 201, 200, 0)], "fires"),
    (FAILURES, "a profile counted four, a success long ago, a failure", [counted_so_far(4, T0 - 200 * DAY), attempt(T0 - 120 * DAY, outcome="created"), failed_days_ago(0)], "rests"),
    (FAILURES, "a profile counted four long ago, a failure", [counted_so_far(4, T0 - 200 * DAY), failed_days_ago(0)], "fires"),
    (FAILURES, "a profile that counts each attempt as it is made, four", [told_at_once(4)], "rests"),
    (FAILURES, "a profile that counts each attempt as it is made, five", [told_at_once(5)], "fires"),
    (FAILURES, "a profile that counts four, then a failure in the same ms", [counted_so_far(4, T0), attempt(T0, outcome="failed")], "fires"),
    (FAILURES, "a profile that counts three, then a failure in the same ms", [counted_so_far(3, T0), attempt(T0, outcome="failed")], "rests"),
    (FAILURES, "a profile that counts five, then a success in the same ms", [counted_so_far(5, T0), attempt(T0, outcome="created")], "rests"),
    (FAILURES, "a profile that counts four, a success in the same ms, then a failure", [counted_so_far(4, T0), attempt(T0, outcome="created"), attempt(T0 + HOUR, outcome="failed")], "rests"),
    (FAILURES, "a profile before and one after each attempt, in its ms, four", [[counted_so_far(n, T0 + n * HOUR), attempt(T0 + n * HOUR, outcome="failed"), *([counted_so_far(n + 1, T0 + n * HOUR)] if n < 3 else [])] for n in range(4)], "rests"),
    (FAILURES, "a profile counted four, then an account was made", [counted_so_far(4), made_of("n", T0 - MINUTE), outcomes("F")], "rests"),
    (FAILURES, "a profile counted four after an account was made", [made_of("n", T0 - DAY), counted_so_far(4), outcomes("F")], "fires"),
    (FAILURES, "outcome of the last not known", [outcomes("FFFF"), attempt(T0 + HOUR)], "undecided"),
    (FAILURES, "under", outcomes("FFFF"), "rests"),
    (FAILURES, "at", outcomes("FFFFF"), "fires"),
    (FAILURES, "over", outcomes("FFFFFF"), "fires"),
    (FAILURES, "a success resets the run", outcomes("FFFFSF"), "rests"),
    (FAILURES, "blocked is failed", outcomes("FBFBF"), "fires"),
    (FAILURES, "merged into an account is none", outcomes("FFFFMF"), "rests"),
    (FAILURES, "one that waits counts neither way", outcomes("FFFFQF"), "fires"),
    (FAILURES, "five after one that may have succeeded", outcomes("FF?FFFFF"), "fires"),
    (COUNTRY, "under: same country", [attempt(T0, number_country="TW", ip_country="TW")], "rests"),
    (COUNTRY, "at: Taiwan and US", [attempt(T0, number_country="TW", ip_country="US")], "fires"),
    (COUNTRY, "over: +1 is shared by US and CA", [attempt(T0, number_country="US", ip_country="CA")], "rests"),
    (COUNTRY, "+7 is shared, but not with Ukraine", [attempt(T0, number_country="RU", ip_country="UA")], "fires"),
    (COUNTRY, "none on record", [attempt(T0, number_country="TW", ip_country=None)], "rests"),
    (COUNTRY, "country of the address not known", [attempt(T0, number_country="TW")], "undecided"),
    *((FAR, f"{km} km", [distance(km)], x) for km, x in ((1499, "rests"), (1500, "rests"), (1501, "fires"))),
    *((FAR_TABLE, f"{km} km", [distance(km)], x) for km, x in ((1499, "rests"), (1500, "fires"), (1501, "fires"))),
    (FAR, "place not known", [attempt(T0, number_lat=45.0, number_lon=9.0, ip_lat=40.0)], "undecided"),
    *((CODE_LIMIT, f"{d} days ago", registered_before(d * DAY), x) for d, x in ((6, "fires"), (7, "fires"), (8, "rests"))),
    (CODE_LIMIT, "a millisecond more than 7 days", registered_before(7 * DAY + 1), "rests"),
    (CODE_LIMIT, "as a profile says", recorded(7 * DAY), "fires"),
    (CODE_LIMIT, "the newer of profile and registration", [recorded(80 * DAY), event("account_registered", T0 - 2 * DAY, "x", number="n")], "fires"),
    (CODE_LIMIT, "never registered", [attempt(T0)], "rests"),
    *((CODE_LIMIT, f"told {ms} ms after the account that it made", [event("account_registered", T0 - ms, "a", number="n"), attempt(T0, outcome="created")], x) for ms, x in ((0, "rests"), (60_000, "rests"), (60_001, "fires"))),
    (CODE_LIMIT, "another attempt after an account was made", [event("account_registered", T0 - SECOND, "a", number="n"), attempt(T0, outcome="failed")], "fires"),
    *((CODE_LIMIT, f"registered {d} days before the account that it made", [event("account_registered", T0 - d * DAY, "x", number="n"), event("account_registered", T0 - SECOND, "y", number="n"), attempt(T0, outcome="created")], x) for d, x in ((7, "fires"), (8, "rests"))),
    *((MERGE, f"{d} days ago", registered_before(d * DAY), x) for d, x in ((89, "fires"), (90, "rests"), (91, "rests"))),
    (MERGE, "an attempt made an account a day ago", [attempt(T0 - DAY, outcome="created"), attempt(T0)], "fires"),
    (MERGE, "an attempt failed a day ago", [attempt(T0 - DAY, outcome="failed"), attempt(T0)], "rests"),
    (MERGE, "the attempt makes the first account itself", [attempt(T0, outcome="created")], "rests"),
    *((HISTORY, f"{d} days ago", registered_before(d * DAY), x) for d, x in ((89, "fires"), (90, "rests"), (91, "rests"))),
    (HISTORY, "as a profile says", recorded(89 * DAY), "fires"),
    (HISTORY, "never", [attempt(T0)], "rests"),
    (HISTORY, "number not known", [event("registration_attempt", T0, None, ip="i")], "undecided"),
    (SECOND_SMS, "under: passed", sms_check(passed=True), "rests"),
    (SECOND_SMS, "at: failed in hour 3", sms_check(passed=False), "fires"),
    (SECOND_SMS, "over: a mobile number", sms_check(passed=False, number_type="mobile"), "rests"),
    (SECOND_SMS, "a millisecond before the day is over", sms_check(passed=False, age=DAY - 1), "fires"),
    (SECOND_SMS, "a day after the registration", sms_check(passed=False, age=DAY), "rests"),
    (SECOND_SMS, "another check", sms_check(passed=False, kind="captcha"), "rests"),
    (SECOND_SMS, "the check says which number", [event("account_registered", T0 - HOUR), event("challenge_result", T0, challenge_type="sms", passed=False, number_type="virtual")], "fires"),
    (SECOND_SMS, "as the operator says", [event("account_registered", T0 - HOUR, number="n"), event("carrier_check", T0 - MINUTE, None, number="n", carrier_kind="virtual"), event("challenge_result", T0, challenge_type="sms", passed=False)], "fires"),
    *((SECOND_SMS, f"of a block that deviates by {d}", sms_check(passed=False, number_type=None, number_block_deviation=d), x) for d, x in ((0.8, "rests"), (0.81, "fires"))),
    (SECOND_SMS, "as a lookup says", [event("account_registered", T0 - HOUR, number="n"), event("lookup.registration", T0 - MINUTE, None, number="n", number_type="virtual"), event("challenge_result", T0, challenge_type="sms", passed=False)], "fires"),
    (SECOND_SMS, "as a login says", [event("account_registered", T0 - HOUR, number="n"), event("login_attempt", T0 - MINUTE, ok=True, number_type="virtual"), event("challenge_result", T0, challenge_type="sms", passed=False)], "fires"),
    (SECOND_SMS, "by a label in the number's profile", [event("number_profile", T0 - DAY, None, number="n", labels={"virtual-number": T0 - DAY}), event("account_registered", T0 - HOUR, number="n"), event("challenge_result", T0, challenge_type="sms", passed=False)], "fires"),
    (SECOND_SMS, "a label that a later profile lists no more", [labelled("virtual-number"), labelled(ts=T0 - 2 * HOUR, carrier_kind="mno"), event("account_registered", T0 - HOUR, number="n"), event("challenge_result", T0, challenge_type="sms", passed=False)], "rests"),
    (SECOND_SMS, "a label of which a later profile says nothing", [labelled("virtual-number"), event("number_profile", T0 - 2 * HOUR, None, number="n", carrier_kind="mno"), event("account_registered", T0 - HOUR, number="n"), event("challenge_result", T0, challenge_type="sms", passed=False)], "fires"),
    (SECOND_SMS, "another label in the number's profile", [event("number_profile", T0 - DAY, None, number="n", labels={"number-high-risk": T0 - DAY}, carrier_kind="mno"), event("account_registered", T0 - HOUR, number="n"), event("challenge_result", T0, challenge_type="sms", passed=False)], "rests"),
    (SECOND_SMS, "kind of number not known", [event("account_registered", T0 - HOUR, number="n"), event("challenge_result", T0, challenge_type="sms", passed=False)], "undecided"),
    (ANONYMOUS, "under", [masked(0.84)], "rests"),
    (ANONYMOUS, "at", [masked(0.85)], "rests"),
    (ANONYMOUS, "over", [masked(0.86)], "fires"),
    (ANONYMOUS, "no public VPN", [masked(0.99, is_public_vpn=False)], "rests"),
    (ANONYMOUS, "as the address's profile says", [event("ip_profile", T0 - HOUR, None, ip="i", anonymity=0.86), masked()], "fires"),
    (ANONYMOUS, "anonymity not known", [masked()], "undecided"),
    (ANOMALY, "over: 3 of 12", [device_report(3), attempt(T0)], "fires"),
    (ANOMALY, "at: 3 of 15", [device_report(3, 15), attempt(T0)], "rests"),
    (ANOMALY, "another device", [device_report(3, name="e"), device_report(0), attempt(T0)], "rests"),
    (ANOMALY, "nothing reported", [attempt(T0)], "undecided"),
    (GATE, "under: neither", [device_report(0), placed()], "rests"),
    (GATE, "at: region only", [device_report(0), placed("TW", "US")], "fires"),
    (GATE, "over: both", [device_report(3), placed("TW", "US")], "fires"),
    (GATE, "fingerprint only", [device_report(3), placed()], "fires"),
    (GATE, "region, nothing else known", [event("registration_attempt", T0, None, number_country="TW", ip_country="US")], "fires"),
    (GATE, "a shared calling code", [device_report(0), placed("US", "CA")], "rests"),
    (GATE, "device not known", [event("registration_attempt", T0, None, number_country="IT", ip_country="IT")], "undecided"),
    (GATE, "a code asked for because of the region", [code_request(number="n", cause="region_mismatch")], "fires"),
    (GATE, "a code asked for because of the fingerprint", [code_request(session_id="s", cause="fingerprint_anomaly")], "fires"),
    (GATE, "a code asked for as usual", [code_request(number="n", cause="normal")], "rests"),
    (GATE, "a code after an attempt from elsewhere", [placed("TW", "US"), code_request(number="n")], "fires"),
    (GATE, "a code half an hour after an attempt from elsewhere", [placed("TW", "US"), code_request(T0 + 30 * MINUTE, number="n", cause="normal")], "rests"),
    (CODES, "under", codes(0, 20), "rests"),
    (CODES, "at", codes(0, 20, 40), "rests"),
    (CODES, "over", codes(0, 20, 40, 59), "fires"),
    (CODES, "the first is an hour old", codes(0, 20, 40, 60), "rests"),
    (WRONG, "under", typed("WW"), "rests"),
    (WRONG, "at", typed("WWW"), "rests"),
    (WRONG, "over", typed("WWWW"), "fires"),
    (WRONG, "three wrong, then the right one", typed("WWWR"), "rests"),
    (WRONG, "no result is no wrong code", typed("WWWN"), "rests"),
    (WRONG, "two sessions", [typed("WW"), typed("WW", "t")], "rests"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


@pytest.mark.parametrize("before", [outcomes("FFFF?"), [counted_so_far(4), *outcomes("?")]])
def test_no_number_is_marked_where_an_attempt_in_between_may_have_succeeded(before):
    assert outcome(FAILURES, [*before, attempt(T0 + HOUR, outcome="failed")]) != "fires"


def test_the_third_account_of_an_address_waits_for_a_review():
    seen = last(numbers(3))
    (measure,) = seen.sanctions
    (case,) = seen.cases
    assert (measure["sanction"], measure["subject"]) == ("sanction.registration-review-6h", "ip")
    assert (case["queue"], case["due"]) == ("registration", "2026-03-02T17:30:00.000Z")
    assert seen.fired[ACCOUNTS]["probability"] == 0.65
    assert seen.verdict == "allow", "held for people, not refused"


def test_a_dense_address_is_labelled():
    assert last(retries(5)).labels == ["ip-high-risk"]


def test_the_fourth_account_of_a_device_is_refused_for_168_hours():
    world = [attempt(T0 + i * MINUTE, f"n{i}", f"i{i}") for i in range(4)]
    assert last(world).verdict == "deny"
    assert last([*world, attempt(T0 + 3 * MINUTE + 168 * HOUR - 1, "x", "ix")]).verdict == "deny"
    assert last([*world, attempt(T0 + 3 * MINUTE + 168 * HOUR, "x", "ix")]).verdict == "allow"


def test_the_third_account_of_a_device_goes_through_and_closes_the_door_behind_it():
    world = [attempt(T0 + i * MINUTE, f"n{i}", f"i{i}") for i in range(3)]
    seen = last(world)
    (measure,) = [s for s in seen.sanctions if s["cause"] == THIRD]
    assert (measure["sanction"], measure["subject"]) == (
        "sanction.device-registration-cooldown-168h",
        "device",
    )
    assert (measure["from"], measure["until"]) == ("2026-03-02T09:32:00.000Z", "2026-03-09T09:32:00.000Z")
    assert seen.verdict == "allow"
    fourth = last([*world, attempt(T0 + 2 * MINUTE + 1, "x", "ix")])
    assert (fourth.verdict, fourth.retry_after_s) == ("deny", 168 * 3600)
    assert last([*world, attempt(T0 + 2 * MINUTE + 168 * HOUR, "n0", "ix")]).verdict == "allow"


def test_four_accounts_of_a_device_in_a_month_are_marked_and_reviewed_together():
    seen = last(on_device(0, 9, 18, 29))
    assert "association-risk" in seen.labels
    (case,) = [c for c in seen.cases if c["queue"] == "behaviour"]
    assert case["due"] == "2026-04-01T09:30:00.000Z"


def test_a_number_that_fails_five_times_is_marked_until_a_person_has_looked():
    seen = last(outcomes("FFFFF"))
    (measure,) = seen.sanctions
    assert seen.labels == ["number-high-risk"]
    assert (measure["until"], measure["review"], measure["subject"]) == (
        "permanent",
        "registration",
        "number",
    )
    assert seen.cases[0]["queue"] == "registration"
    assert seen.verdict == "allow", "later registrations go to a review, they are not refused"


def test_a_far_registration_meets_a_voice_code():
    seen = last([distance(1501)])
    assert (seen.verdict, seen.challenge) == ("challenge", "voice")
    assert seen.labels == ["region-mismatch"]


def test_who_fails_the_second_sms_on_a_virtual_number_is_shut_out_for_three_days():
    seen = last(sms_check(passed=False))
    (measure,) = seen.sanctions
    assert (measure["sanction"], measure["capability"]) == ("sanction.early-deactivation", ["all"])
    assert measure["until"] == "2026-03-05T09:30:00.000Z"
    assert (seen.fired[SECOND_SMS]["probability"], seen.score) == (0.8, 0.8), (
        "not enough to restrict by score"
    )


def test_an_anonymous_registration_meets_a_captcha():
    seen = last([masked(0.86)])
    assert (seen.verdict, seen.challenge, seen.labels) == ("challenge", "captcha", [])


def test_where_number_and_address_disagree_the_code_comes_by_voice():
    tried = attempt(T0 - HOUR)  # the number is no new one on a device that is marked for its parameters
    seen = last([tried, device_report(3), placed("TW", "US")])
    assert (seen.verdict, seen.challenge) == ("challenge", "voice")
    assert seen.fired[GATE]["observed"] == 2
    assert set(seen.labels) == {"region-mismatch", "fingerprint-anomaly"}
    assert last([device_report(0), placed()]).verdict == "allow"


def test_a_number_that_was_in_use_lately_is_marked():
    assert last(registered_before(89 * DAY)).labels == ["number-recently-used"]


def test_a_mismatch_names_both_countries_and_counts_once_a_day_for_a_week():
    mismatch = attempt(T0, number_country="TW", ip_country="US", account_id="a")
    seen = last([mismatch])
    assert seen.fired[COUNTRY]["reason"] == "number of TW, address in US"
    assert seen.score == 0.1
    later = event("message_sent", T0 + 7 * DAY - 1, recipient_id="b")
    assert last([mismatch, later]).score == 0.1
    assert last([mismatch, later | {"ts": T0 + 7 * DAY}]).score == 0.0


def test_a_merge_is_shown_and_not_scored():
    world = registered_before(30 * DAY)
    seen = last([*world, attempt(T0, account_id="a")])
    assert seen.fired[MERGE]["probability"] == 0.55
    assert seen.score == 0.0


def test_switches_told_of_a_session_alone_mark_it_at_that_event():
    switch = [event("network_switch", T0 + n * MINUTE, None, session_id="s") for n in (1, 2, 3)]
    assert last([attempt(T0, session_id="s"), *switch]).labels == ["unstable-network"]
    assert last([attempt(T0, session_id="s"), *switch[:2]]).labels == []
