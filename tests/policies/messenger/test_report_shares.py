"""Reports in proportion: to messages within hours, to promotion, to recipients, to countries; appeals and transfers of data."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    event,
    judge,
    last,
    message,
    messages,
    profile,
    report,
    reports,
)

FROZEN = "report.case-0p875pct-72h"
HIGH_RISK = "report.rate-over-0p75pct-high-risk"
SPREAD = "report.spread-over-3-countries"
MARKED = "report.recipient-spam-mark-over-15pct"
PRIOR = "appeal.prior-sanction-90d-35pct"
TRANSFER = "region.eu-transfer-lawfulness"


def shop(filed, sent=800, step=MINUTE):
    """So many messages in the early morning, so many reporters from nine o'clock on."""
    return [messages(sent, T0, SECOND), reports(filed, T0 + HOUR, step)]


def promotion(filed, sent, promotional=None):
    share = sent if promotional is None else promotional
    kinds = [messages(share, T0, SECOND, is_promotional=True)] if share else []
    return [
        *kinds,
        messages(sent - share, T0 + HOUR, SECOND, to="c{}", is_promotional=False),
        reports(filed, T0 + 2 * HOUR),
    ]


def by_countries(*countries, step=DAY):
    return [report(T0 + i * step, f"r{i}", reporter_country=c) for i, c in enumerate(countries)]


def marks(marking, recipients, via="delete_and_mark_spam", by="b{}", **fields):
    """So many recipients, so many of whom mark the account as spam."""
    return [messages(recipients, T0, SECOND), reports(marking, T0 + HOUR, SECOND, by=by, via=via, **fields)]


def marks_of_two_days(marking):
    """14 of 100 people mark the account as spam; so many do of the 20 whom it writes to when the day of those messages is over."""
    older = [
        messages(100, T0, SECOND),
        reports(14, T0 + 10 * HOUR, SECOND, by="b{}", via="delete_and_mark_spam"),
    ]
    newer = [
        messages(20, T0 + 25 * HOUR, SECOND, to="c{}"),
        reports(marking, T0 + 26 * HOUR, SECOND, by="c{}", via="delete_and_mark_spam"),
    ]
    return [*older, *newer]  # fmt: skip


def sanctioned(days, cause="report.rate-over-0p8pct-48h", sanction="s1", extra=0, **fields):
    return event(
        "sanction_applied", T0 - days * DAY - extra, sanction_id=sanction, kind="sanction.send-restrict-48h", cause=cause, **fields
    )  # fmt: skip


def appeal(**fields):
    return event("appeal_filed", T0, appeal_id="p", **fields)


def transfer(ts=T0, market="IT", **fields):
    return [profile(market=market), event("data_transfer", ts, **fields)]


def found_wrong(days, sanction):
    """A measure that was lifted a day later because it was wrong."""
    undone = event("sanction_lifted", T0 - (days - 1) * DAY, sanction_id=sanction, reason="appeal")
    return [sanctioned(days, sanction=sanction), undone]


CASES = [
    (FROZEN, "under: 6 of 800", shop(6), "rests"),
    (FROZEN, "at: 7 of 800", shop(7), "fires"),
    (FROZEN, "over: 8 of 800", shop(8), "fires"),
    (FROZEN, "7 of 801", shop(7, 801), "rests"),
    (FROZEN, "seven reports by six people", [shop(6), report(T0 + 2 * HOUR, "r0")], "rests"),
    (FROZEN, "within a millisecond less than two hours", [shop(6), report(T0 + 3 * HOUR - 1, "x")], "fires"),
    (FROZEN, "the first is two hours old", [shop(6), report(T0 + 3 * HOUR, "x")], "rests"),
    (FROZEN, "6 of 600: 1 %, but six people", shop(6, 600), "rests"),
    (FROZEN, "7 of 99: too few messages", shop(7, 99), "rests"),
    (FROZEN, "reporter of the last not known", [shop(6), event("report_filed", T0 + 2 * HOUR)], "undecided"),
    (HIGH_RISK, "at: 6 of 800", promotion(6, 800), "rests"),
    (HIGH_RISK, "over: 7 of 800", promotion(7, 800), "fires"),
    (HIGH_RISK, "under: 3 of 406", promotion(3, 406), "rests"),
    (HIGH_RISK, "over: 3 of 394", promotion(3, 394), "fires"),
    (HIGH_RISK, "half of it promotion", promotion(7, 800, 400), "fires"),
    (HIGH_RISK, "less than half", promotion(7, 800, 399), "rests"),
    (HIGH_RISK, "no promotion", promotion(7, 800, 0), "rests"),
    (HIGH_RISK, "two reports of 100", promotion(2, 100), "rests"),
    (HIGH_RISK, "not known whether promotion", [messages(800), reports(7, T0 + HOUR)], "undecided"),
    (SPREAD, "under", by_countries("IT", "FR"), "rests"),
    (SPREAD, "at", by_countries("IT", "FR", "DE"), "rests"),
    (SPREAD, "over", by_countries("IT", "FR", "DE", "US"), "fires"),
    (SPREAD, "many of three countries", by_countries(*("IT", "FR", "DE") * 3, step=HOUR), "rests"),
    (SPREAD, "the first is a week old", [by_countries("IT", "FR", "DE"), report(T0 + 7 * DAY, "x", reporter_country="US")], "rests"),
    (SPREAD, "country of the fourth not known", [by_countries("IT", "FR", "DE"), report(T0 + 4 * DAY, "x")], "undecided"),
    (MARKED, "under: 14 of 100", marks(14, 100), "rests"),
    (MARKED, "at: 15 of 100", marks(15, 100), "rests"),
    (MARKED, "over: 16 of 100", marks(16, 100), "fires"),
    (MARKED, "3 of 20", marks(3, 20), "rests"),
    (MARKED, "4 of 20", marks(4, 20), "fires"),
    (MARKED, "4 of 19: too few", marks(4, 19), "rests"),
    (MARKED, "1 of 2: too few", marks(1, 2), "rests"),
    (MARKED, "two messages to each are one recipient", [messages(100, T0 - HOUR, SECOND), marks(16, 100)], "fires"),
    (MARKED, "four marks by three", [marks(3, 20), report(T0 + 2 * HOUR, "b0", via="delete_and_mark_spam")], "rests"),
    (MARKED, "reported for spam", marks(4, 20, "report_button", category="spam"), "fires"),
    (MARKED, "reported for something else", marks(4, 20, "report_button", category="harassment"), "rests"),
    (MARKED, "people the account never wrote to", marks(4, 20, by="x{}"), "rests"),
    (MARKED, "the messages are a day old", [messages(20, T0, 1), reports(4, T0 + DAY + SECOND, 1, by="b{}", via="delete_and_mark_spam")], "rests"),
    (MARKED, "3 of 20, and 14 of yesterday's recipients", marks_of_two_days(3), "rests"),
    (MARKED, "4 of 20, and 14 of yesterday's recipients", marks_of_two_days(4), "fires"),
    (MARKED, "yesterday's recipients, who are written to again", [marks_of_two_days(3), messages(6, T0 + 25 * HOUR), report(T0 + 27 * HOUR, "c0", via="delete_and_mark_spam")], "fires"),
    (MARKED, "16 of 100, one of whom marks it 500 times more", [marks(16, 100), reports(500, T0 + 2 * HOUR, SECOND, by="b0", via="delete_and_mark_spam")], "fires"),
    (MARKED, "how it was reported is not known", [marks(3, 20), report(T0 + 2 * HOUR, "b9")], "undecided"),
    *((PRIOR, f"{d} days ago", [sanctioned(d), appeal()], x) for d, x in ((89, "fires"), (90, "fires"), (91, "rests"))),
    (PRIOR, "a millisecond more than 90 days", [sanctioned(90, extra=1), appeal()], "rests"),
    (PRIOR, "for another cause", [sanctioned(10, "msg.burst-over-12-in-60s-l1"), appeal()], "rests"),
    (PRIOR, "never", [appeal()], "rests"),
    (PRIOR, "only the measure appealed against", [sanctioned(1), appeal(sanction_id="s1")], "rests"),
    (PRIOR, "one before the measure appealed against", [sanctioned(50, sanction="s0"), sanctioned(1), appeal(sanction_id="s1")], "fires"),
    (PRIOR, "one long before it", [sanctioned(99, sanction="s0"), sanctioned(1), appeal(sanction_id="s1")], "rests"),
    (PRIOR, "another than the one appealed against", [sanctioned(1), appeal(sanction_id="s9")], "fires"),
    (PRIOR, "one that still runs", [sanctioned(1, sanction="u1", expires_ts=T0 + DAY), appeal()], "rests"),
    (PRIOR, "one that ends with the appeal", [sanctioned(2, sanction="u2", expires_ts=T0), appeal()], "fires"),
    (PRIOR, "one of which no end is on record", [sanctioned(2, sanction="u3", expires_ts=None), appeal()], "fires"),
    (PRIOR, "one before one that still runs", [sanctioned(50, sanction="u4"), sanctioned(1, sanction="u5", expires_ts=T0 + DAY), appeal()], "fires"),
    (PRIOR, "two that still run", [sanctioned(1.5, sanction="u6", expires_ts=T0 + HOUR), sanctioned(1, sanction="u7", expires_ts=T0 + DAY), appeal()], "rests"),
    (PRIOR, "one that would still run, and has ended early", [sanctioned(1, sanction="u8", expires_ts=T0 + DAY), event("sanction_lifted", T0 - HOUR, sanction_id="u8", reason="condition_met"), appeal()], "fires"),
    *((PRIOR, f"one that was lifted: {why}", [sanctioned(9, sanction=why), event("sanction_lifted", T0 - 8 * DAY, sanction_id=why, reason=why), appeal()], x)
      for why, x in (("appeal", "rests"), ("review", "rests"), ("expired", "fires"))),
    (PRIOR, "one before that was lifted", [sanctioned(50, sanction="s2"), sanctioned(9, sanction="s3"), event("sanction_lifted", T0 - 8 * DAY, sanction_id="s3", reason="appeal"), appeal()], "fires"),
    *((PRIOR, f"an appeal against it was {word}", [sanctioned(9, sanction=word), event("appeal_filed", T0 - 8 * DAY, appeal_id=word, sanction_id=word),
        event("appeal_decided", T0 - 8 * DAY + HOUR, None, appeal_id=word, granted=granted), appeal()], x)
      for word, granted, x in (("granted", True, "rests"), ("refused", False, "fires"))),
    (PRIOR, "one before the measure appealed against that was lifted", [*found_wrong(50, "s4"), sanctioned(9, sanction="s5"), appeal(sanction_id="s5")], "rests"),
    (PRIOR, "two that were lifted", [*found_wrong(50, "s6"), *found_wrong(9, "s7"), appeal()], "rests"),
    (PRIOR, "the one appealed against, and a later one that was lifted", [sanctioned(50, sanction="s8"), *found_wrong(9, "s9"), appeal(sanction_id="s8")], "rests"),
    (PRIOR, "one that stands before two that were lifted", [sanctioned(60, sanction="t1"), *found_wrong(50, "t2"), *found_wrong(9, "t3"), appeal()], "fires"),
    (TRANSFER, "under: with a basis", transfer(legal_basis="consent"), "rests"),
    (TRANSFER, "at: none on record", transfer(legal_basis=None), "fires"),
    (TRANSFER, "over: two without", [transfer(legal_basis=None), transfer(T0 + HOUR, legal_basis=None)], "fires"),
    (TRANSFER, "an empty one", transfer(legal_basis=""), "fires"),
    (TRANSFER, "an account elsewhere", transfer(market="BR", legal_basis=None), "rests"),
    (TRANSFER, "the United Kingdom is an option", transfer(market="GB", legal_basis=None), "rests"),
    (TRANSFER, "basis not known", transfer(), "undecided"),
    (TRANSFER, "market not known", [event("data_transfer", T0, legal_basis=None)], "undecided"),
    (TRANSFER, "by the country of the number", [event("account_registered", T0 - DAY, number_country="DE"), event("data_transfer", T0, legal_basis=None)], "fires"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_seven_people_within_two_hours_freeze_sending_for_72_hours_beside_the_48_of_the_rate():
    seen = last(shop(7))
    until = {m["sanction"]: m["until"] for m in seen.sanctions}
    assert until["sanction.send-freeze-72h"] == "2026-03-05T10:36:00.000Z"
    assert seen.fired[FROZEN]["observed"] == 0.00875
    after = message(T0 + HOUR + 6 * MINUTE + 48 * HOUR, "z")
    assert (last([*shop(7), after]).verdict, last([*shop(7), after]).retry_after_s) == ("deny", 24 * 3600)


@pytest.mark.parametrize(
    ("filed", "apart", "freeze"), [(7, 8 * HOUR, "2026-03-07T10:30:00.000Z"), (7, 20 * HOUR, None), (6, 8 * HOUR, None)]
)  # fmt: skip
def test_a_rate_that_is_too_high_after_a_wave_restricted_for_48_hours_freezes_sending_for_72(
    filed, apart, freeze
):
    ends = {s["sanction"]: s["until"] for s in last(shop(filed, step=apart)).sanctions}
    assert ends.get("sanction.send-freeze-72h") == freeze
    assert ("sanction.send-restrict-48h" in ends) == (filed == 7)


def test_a_rate_that_was_too_high_as_the_wave_came_lengthens_no_restriction_of_72_hours():
    seen = judge(shop(8, 700, 8 * HOUR))[700:]
    assert {s["sanction"]: s["until"] for s in seen[5].sanctions}[
        "sanction.report-restriction-48-72h"
    ] == "2026-03-07T02:30:00.000Z"
    assert not seen[6].sanctions
    assert not seen[7].sanctions


def test_reports_from_many_countries_get_twelve_hours():
    seen = last(by_countries("IT", "FR", "DE", "US"))
    assert {c["queue"]: c["due"] for c in seen.cases}["report-cross-region"] == "2026-03-05T21:30:00.000Z"
    assert seen.sanctions == []


def test_marks_of_a_sixth_of_the_recipients_suspend_all_functions_at_once():
    seen = last([marks(4, 20), message(T0 + 2 * HOUR, "z")])
    assert seen.verdict == "deny"
    assert [m["sanction"] for m in last(marks(4, 20)).sanctions] == ["sanction.account-function-suspend"]


def test_an_appeal_is_shown_what_is_known_and_nothing_follows():
    seen = last([sanctioned(89), appeal()])
    assert "35 % of such appeals succeed" in seen.fired[PRIOR]["reason"]
    assert (seen.score, seen.sanctions, seen.labels) == (0.0, [], [])


def test_a_transfer_without_a_basis_is_looked_at():
    seen = last(transfer(legal_basis=None))
    assert [(c["queue"], c["due"]) for c in seen.cases] == [("privacy", "2026-03-05T09:30:00.000Z")]
