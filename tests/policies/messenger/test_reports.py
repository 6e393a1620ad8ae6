"""Report rules: every boundary case of their catalogue rows, as events in and decisions out."""

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
    message,
    messages,
    report,
    reports,
)

DAILY = "report.over-5-in-24h"
PRIORITY = "report.over-5-unique-in-72h-priority"
DEEP = "report.over-5-unique-in-7d-deep-review"
DEACTIVATION = "report.over-12-in-7d-permanent-review"
WEIGHTED = "report.weighted-5-points-24h-level2"
RATE = "report.rate-over-0p8pct-48h"
RATE_AT_ONCE = "report.rate-over-0p8pct-immediate"
CLUSTER = "report.country-cluster-over-60pct"


def from_countries(*countries, step=MINUTE):
    return [report(T0 + i * step, f"r{i}", reporter_country=c) for i, c in enumerate(countries)]


def weighed(*kinds, by="r{}"):
    """Reports of one category each; the standing of the reporter in brackets: A administrator, O old, N new."""
    made = []
    for i, kind in enumerate(kinds):
        category, _, standing = kind.partition("/")
        made.append(
            report(
                T0 + i * MINUTE,
                by.format(i),
                category=category,
                reporter_is_admin="A" in standing,
                reporter_age_days=1100 if "O" in standing else 3 if "N" in standing else 300,
                reporter_active=True,
            )
        )
    return made


def incomplete(count, *gaps):
    """Reports for spam by people of 300 days, of which some fields are not known."""
    return [
        {name: v for name, v in filed.items() if name not in gaps} for filed in weighed(*["spam"] * count)
    ]


def by_nobody(told):
    """A report for spam by somebody who is not known, or, with "", of whom none is on record."""
    (filed,) = incomplete(1, "reporter_id")
    return filed | {"ts": T0 + HOUR} | ({} if told else {"reporter_id": None})


def without_age(filed):
    return [{name: v for name, v in e.items() if name != "reporter_age_days"} for e in filed]


def rate(filed, sent):
    return [messages(sent, T0, SECOND, to="b{}", account="a"), reports(filed, T0 + HOUR, SECOND)]


def unnamed(filed, sent):
    return [rate(0, sent), [event("report_filed", T0 + 2 * HOUR + i * SECOND) for i in range(filed)]]


CASES = [
    *(
        (rule, name, reports(count, T0, step), expected)
        for rule, step in ((DAILY, 4 * HOUR), (PRIORITY, 12 * HOUR), (DEEP, 28 * HOUR))
        for name, count, expected in (("under", 4, "rests"), ("at", 5, "rests"), ("over", 6, "fires"))
    ),
    (DAILY, "six reports by five people", [reports(5), report(T0 + HOUR, "r0")], "rests"),
    (DAILY, "the first is a day old", [reports(5), report(T0 + DAY, "r9")], "rests"),
    (PRIORITY, "7 reports by 5 users", [reports(5), report(T0 + HOUR, "r0"), report(T0 + 2 * HOUR, "r1")], "rests"),
    (PRIORITY, "the first is 72 h old", [reports(5), report(T0 + 72 * HOUR, "r9")], "rests"),
    (PRIORITY, "reporter not known: it may be the sixth", [reports(5), event("report_filed", T0 + HOUR)], "undecided"),
    (DEACTIVATION, "under", reports(11), "rests"),
    (DEACTIVATION, "at", reports(12), "rests"),
    (DEACTIVATION, "over", reports(13), "fires"),
    (DEACTIVATION, "thirteen reports by twelve people", [reports(12), report(T0 + HOUR, "r0")], "rests"),
    # four of one country are enough
    (PRIORITY, "3 of 5 from one country: 60 % is not more", from_countries("IT", "IT", "IT", "FR", "DE"), "rests"),
    (PRIORITY, "4 reports, 3 from one country", from_countries("IT", "IT", "IT", "FR"), "fires"),
    (PRIORITY, "4 reports, the one of another country first", from_countries("FR", "IT", "IT", "IT"), "fires"),
    (PRIORITY, "4 reports, the last of no country on record", from_countries("IT", "IT", "IT", None), "fires"),
    (PRIORITY, "half of 4 from one country, one of none on record", from_countries("IT", "IT", None, "FR"), "rests"),
    (PRIORITY, "half of 4 from one country, one from where is not known", [from_countries("IT", "IT"), report(T0 + HOUR, "x"),
     report(T0 + 2 * HOUR, "y", reporter_country="FR")], "rests"),
    (PRIORITY, "3 of 5 from one country, one of none on record", from_countries("IT", None, "IT", "IT", "FR"), "rests"),
    (PRIORITY, "the only country on record since others left the window", [from_countries("FR", "FR"),
     *(report(T0 + 70 * HOUR + i, f"x{i}", reporter_country="DE") for i in range(3)), report(T0 + 75 * HOUR, "y", reporter_country=None)],
     "fires"),
    (PRIORITY, "the only country known since others left the window", [from_countries("FR", "FR"),
     *(report(T0 + 70 * HOUR + i, f"x{i}", reporter_country="DE") for i in range(3)), report(T0 + 75 * HOUR, "y")], "fires"),
    (PRIORITY, "3 reports, all from one country", from_countries("IT", "IT", "IT"), "rests"),
    (DEEP, "4 reports, 3 from one country", from_countries("IT", "IT", "IT", "FR", step=DAY), "fires"),
    (PRIORITY, "a cluster since others left the window", [from_countries("FR", "IT"), report(T0 + 70 * HOUR, "x", reporter_country="DE"),
     report(T0 + 71 * HOUR, "y", reporter_country="DE"), report(T0 + 71 * HOUR, "z", reporter_country="DE"),
     report(T0 + 75 * HOUR, "v", reporter_country="ES")], "fires"),
    (PRIORITY, "half of them when others left the window", [from_countries("FR", "IT"), report(T0 + 70 * HOUR, "x", reporter_country="DE"),
     report(T0 + 71 * HOUR, "y", reporter_country="DE"), report(T0 + 75 * HOUR, "z", reporter_country="ES"),
     report(T0 + 75 * HOUR, "v", reporter_country="ES")], "rests"),
    (PRIORITY, "a cluster that is over", [from_countries("IT", "IT", "IT"), report(T0 + 3 * DAY, "x", reporter_country="FR")], "rests"),
    # weights
    (WEIGHTED, "under: 4 spam", weighed(*["spam"] * 4), "rests"),
    (WEIGHTED, "at: 5 spam", weighed(*["spam"] * 5), "fires"),
    (WEIGHTED, "over: 4 spam and an illegal one", weighed(*["spam"] * 4, "illegal"), "fires"),
    (WEIGHTED, "4 harassment: 4.8", weighed(*["harassment"] * 4), "rests"),
    (WEIGHTED, "2 illegal and 2 spam: 5.0", weighed("illegal", "illegal", "spam", "spam"), "fires"),
    (WEIGHTED, "3 illegal: 4.5", weighed(*["illegal"] * 3), "rests"),
    (WEIGHTED, "one illegal by an old administrator: 5.85, capped at 3", weighed("illegal/AO"), "rests"),
    (WEIGHTED, "two administrators: 6", weighed("spam/A", "spam/A"), "fires"),
    (WEIGHTED, "one administrator twice: still 3", weighed("spam/A", "illegal/A", by="r"), "rests"),
    (WEIGHTED, "7 spam by new accounts: 4.9", weighed(*["spam/N"] * 7), "rests"),
    (WEIGHTED, "8 spam by new accounts: 5.6", weighed(*["spam/N"] * 8), "fires"),
    (WEIGHTED, "4 old accounts: 5.2", weighed(*["spam/O"] * 4), "fires"),
    *((WEIGHTED, f"{count} spam reports without {' and '.join(gaps)}", incomplete(count, *gaps), expected)
      for count, gaps, expected in (
          (3, ("category",), "rests"), (4, ("category",), "undecided"), (5, ("category",), "fires"),
          (4, ("reporter_is_admin",), "undecided"), (5, ("reporter_is_admin",), "fires"),
          (3, ("reporter_age_days",), "rests"), (5, ("reporter_age_days",), "undecided"), (8, ("reporter_age_days",), "fires"),
          (4, ("reporter_active",), "rests"), (5, ("reporter_active",), "fires"),
          (5, ("reporter_is_admin", "reporter_age_days", "reporter_active"), "undecided"))),
    (WEIGHTED, "standing not known: it may be the fifth point", [weighed(*["spam"] * 4), report(T0 + HOUR, "x", category="spam")], "undecided"),
    *((WEIGHTED, f"{n} spam reports, and one by whom is {told or 'not on record'}", [weighed(*["spam"] * n), by_nobody(told)], expected)
      for n, told, expected in ((2, "not known", "rests"), (4, "not known", "undecided"), (5, "not known", "fires"), (4, "", "rests"), (5, "", "fires"))),
    (WEIGHTED, "4 of harassment by people who are not active, of unknown age",
     [e | {"reporter_active": False} for e in without_age(weighed(*["harassment"] * 4))], "rests"),
    # rates
    *((rule, f"{n} reports on {m} messages", rate(n, m), x)
      for rule in (RATE, RATE_AT_ONCE)
      for n, m, x in ((7, 1000, "rests"), (8, 1000, "rests"), (9, 1000, "fires"), (7, 800, "fires"))),
    (RATE, "3 reports on 99 messages: too few messages", rate(3, 99), "rests"),
    (RATE, "3 reports on 100 messages", rate(3, 100), "fires"),
    (RATE, "2 reports on 100 messages: too few reports", rate(2, 100), "rests"),
    (RATE, "reports about an account that sent nothing", reports(4), "rests"),
    *((RATE, f"{n} reports on 800 messages that do not say by whom", unnamed(n, 800), x) for n, x in ((6, "rests"), (7, "fires"))),
    (RATE, "2 people twice and a report that does not say by whom, on 100 messages: 3", [rate(2, 100), rate(2, 0), unnamed(1, 0)], "fires"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


@pytest.mark.parametrize(
    ("days", "points"), [(729, 1.0), (730, 1.0), (731, 1.3), (6, 0.7), (7, 0.7), (8, 1.0)]
)
def test_the_standing_of_a_reporter_weighs(days, points):
    many = [
        report(
            T0 + i * MINUTE,
            f"r{i}",
            category="spam",
            reporter_is_admin=False,
            reporter_age_days=days,
            reporter_active=True,
        )
        for i in range(10)
    ]
    seen = last(many)
    assert seen.fired[WEIGHTED]["observed"] == 10 * points, "exact decimals"


def test_five_points_limit_sending_and_receiving():
    seen = last(weighed(*["spam"] * 5))
    assert seen.labels == ["level-2"]
    (measure,) = [s for s in seen.sanctions if s["cause"] == WEIGHTED]
    assert (measure["sanction"], measure["capability"]) == (
        "sanction.messaging-full-restrict",
        ["send", "receive"],
    )


@pytest.mark.parametrize(("ms", "verdict"), [(3 * DAY - 1, "deny"), (3 * DAY, "allow")])
def test_what_arrives_at_the_second_level_is_refused_while_it_lasts(ms, verdict):
    until = T0 + 4 * MINUTE + ms
    arrival = event("message_received", until, from_id="b")
    assert last([weighed(*["spam"] * 5), arrival]).verdict == verdict
    assert last([weighed(*["spam"] * 5), message(until, "c")]).verdict == verdict


def test_what_arrives_is_let_through_where_only_sending_is_restricted():
    assert last([reports(6), event("message_received", T0 + 25 * HOUR, from_id="b")]).verdict == "allow"


@pytest.mark.parametrize("check", ["step-up-verification", "forced-logout-update"])
def test_what_arrives_is_let_through_where_the_holder_has_to_do_something(check):
    demanded = event("sanction_applied", T0, sanction_id="s", kind=f"sanction.{check}")
    assert last([demanded, event("message_received", T0 + HOUR, from_id="b")]).verdict == "allow"
    assert last([demanded, message(T0 + HOUR)]).verdict == "challenge"


def _restricted_until(*world):
    return [
        s["until"] for s in last([*world]).sanctions if s["sanction"] == "sanction.report-restriction-48-72h"
    ]


def test_a_wave_restricts_for_48_hours_the_next_one_for_72():
    assert _restricted_until(reports(6)) == ["2026-03-04T09:35:00.000Z"]
    again = report(T0 + 5 * MINUTE + 2 * DAY, "r7")
    assert _restricted_until(reports(6), again) == ["2026-03-07T09:35:00.000Z"]


def test_a_wave_restricts_for_72_hours_where_the_rate_is_too_high_as_well():
    assert _restricted_until(rate(6, 700)) == ["2026-03-05T10:30:05.000Z"]
    assert _restricted_until(rate(6, 800)) == ["2026-03-04T10:30:05.000Z"]


def test_a_wave_restricts_opens_a_case_within_15_minutes_and_scores():
    seen = last(reports(6))
    assert seen.account_id == "a"
    assert seen.score == 0.88
    assert "score.restrict-threshold-unit-scale" in seen.fired
    due = {c["queue"]: c["due"] for c in seen.cases}
    assert due == {"report-priority": "2026-03-02T09:50:00.000Z", "report-deep": "2026-03-04T09:35:00.000Z"}
    assert "high-risk-account" in seen.labels
    assert seen.verdict == "allow", "a report is no attempt of the account"


def test_a_cluster_is_shown_as_what_moved_the_limit():
    seen = last(from_countries("IT", "IT", "IT", "FR"))
    assert seen.fired[PRIORITY]["observed"] == 4
    assert seen.fired[PRIORITY]["modifiers"] == [{"modifier": CLUSTER, "factor": 0.6}]
