"""Pools of accounts: shares of bad ones at the boundary, whom the measures reach, and those that only people open."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    at,
    event,
    judge,
    last,
    message,
    messages,
    profile,
    stable,
)

BATCH, CUT, PUSH = (
    "screen.case-30pct-noncompliant-batch",
    "screen.case-8pct-associated-limit-cut",
    "screen.low-quality-marketing",
)


def marked(names, label="non-compliant", ts=T0 - DAY):
    return [profile(name, ts=ts, labels={label: ts}) for name in names]


def named(count, letter="k"):
    return [f"{letter}{i}" for i in range(count)]


def owner(count=100, ts=T0, **fields):
    return profile("main", ts=ts, linked_accounts=named(count), **fields)


@pytest.mark.parametrize(("bad", "expected"), [(29, False), (30, True), (31, True)])
def test_30_percent_of_the_associated_accounts(bad, expected):
    assert (BATCH in last([marked(named(bad)), owner()]).fired) is expected


@pytest.mark.parametrize(("count", "expected"), [(9, False), (10, True)])
def test_a_few_accounts_are_no_batch(count, expected):
    assert (BATCH in last([marked(named(count)), owner(count)]).fired) is expected


def test_results_of_a_screening_that_name_accounts_count_as_labels_do():
    results = [
        event(
            "screening_result",
            T0 - HOUR + i,
            f"k{i}",
            job_id="j",
            number=f"+1{i}",
            risk_types=["non_compliant"],
        )
        for i in range(3)
    ]
    other = [
        event("screening_result", T0 - HOUR, f"k{i}", job_id="j", number=f"+1{i}", risk_types=["fake"])
        for i in (3, 4)
    ]
    assert BATCH in last([results, owner(10)]).fired
    assert BATCH not in last([results[:2], other, owner(10)]).fired


def test_associated_accounts_that_nobody_lists_leave_it_open():
    assert BATCH in last([marked(named(5)), profile("main", ts=T0)]).undecided


def stopped():
    return [marked(named(3)), owner(10)]


def test_all_associated_accounts_stop_sending_for_two_weeks_and_no_longer():
    seen = last(stopped())
    assert {s["sanction"] for s in seen.sanctions} == {"sanction.linked-accounts-send-stop-2w"}
    assert [s.get("of", "") for s in seen.sanctions] == ["", *named(10)]
    assert len({s["id"] for s in seen.sanctions}) == 11
    assert {(s["level"], s["until"]) for s in seen.sanctions} == {(3, "2026-03-16T09:30:00.000Z")}
    for name in ("main", "k0", "k9"):
        assert last([stopped(), message(T0 + SECOND, account=name)]).verdict == "deny"
        assert last([stopped(), message(T0 + 14 * DAY - SECOND, account=name)]).verdict == "deny"
        assert last([stopped(), message(T0 + 14 * DAY, account=name)]).verdict == "allow"
        assert last([stopped(), message(T0 + 14 * DAY + SECOND, account=name)]).verdict == "allow"
    assert last([stopped(), message(T0 + SECOND, account="k10")]).verdict == "allow"
    assert last([stopped(), event("group_joined", T0 + SECOND, "k1", group_id="g")]).verdict == "allow"


def test_while_it_runs_it_is_not_opened_again_but_for_accounts_that_are_new_in_the_list():
    again = last([stopped(), marked(["k10"]), owner(11, ts=T0 + HOUR)])
    assert [s["of"] for s in again.sanctions] == ["k10"]


def test_each_of_them_can_be_lifted_by_its_own_id():
    (one,) = [s["id"] for s in last(stopped()).sanctions if s.get("of") == "k4"]
    world = [*stopped()]
    lifted = event("sanction_lifted", T0 + HOUR, None, sanction_id=_numbered(world, "k4"), reason="review")
    assert one
    assert last([world, lifted, message(T0 + 2 * HOUR, account="k4")]).verdict == "allow"
    assert last([world, lifted, message(T0 + 2 * HOUR, account="k5")]).verdict == "deny"


def _numbered(world, name):
    """The id of the measure against one of them; a later event of the world does not change it."""
    return next(s["id"] for s in last(world).sanctions if s.get("of") == name)


def screened(bad, total=100, job="j", **fields):
    reasons = fields.pop("reasons", ["screen.associated-with-banned"])
    return [
        event(
            "screening_result", T0 - HOUR + i, None, job_id=job, number=f"+1{i}",
            risk_types=["non_compliant"] if i < bad else [], reasons=reasons,
        )
        for i in range(total)
    ]  # fmt: skip


def finished(account="main", job="j", **fields):
    return event("screening_finished", T0, account, job_id=job, **fields)


@pytest.mark.parametrize(("bad", "expected"), [(7, False), (8, True), (9, True)])
def test_8_percent_of_a_screened_pool(bad, expected):
    seen = last([screened(bad), finished()])
    assert (CUT in seen.fired) is expected
    assert [s["sanction"] for s in seen.sanctions] == ["sanction.daily-limit-cut-1000-to-300"] * expected
    assert ("high-risk-account" in seen.labels) is expected


@pytest.mark.parametrize(
    ("why", "world", "expected"),
    [
        (
            "non-compliant for another reason",
            [screened(8, reasons=["screen.historical-violation"]), finished()],
            False,
        ),
        ("another job", [screened(8, job="k"), screened(0), finished()], False),
        ("results that came twice", [screened(4), screened(4), finished()], False),
        ("nine accounts", [screened(9, 9), finished()], False),
        ("ten accounts", [screened(1, 10), finished()], True),
        ("nothing screened", [finished()], False),
    ],
)
def test_which_pools_tell_on_the_main_account(why, world, expected):
    assert (CUT in last(world).fired) is expected, why


def test_the_main_account_is_the_one_that_uploaded_the_pool_where_the_end_does_not_say():
    upload = event("pool_uploaded", T0 - DAY, "main", job_id="j")
    seen = last([upload, screened(8), finished(None)])
    assert [(s["sanction"], s["of"]) for s in seen.sanctions] == [
        ("sanction.daily-limit-cut-1000-to-300", "main")
    ]
    assert seen.sanctions[0]["until"] == "2026-03-09T09:30:00.000Z"


LIMIT_CUT = "sanction.daily-limit-cut-1000-to-300"


@pytest.mark.parametrize(
    ("before", "sent", "expected"),
    [
        ({"daily_limit": 30}, 9, False),
        ({"daily_limit": 30}, 10, True),
        ({}, 301, True),
    ],
)
def test_the_cut_leaves_30_percent_of_the_daily_limit(before, sent, expected):
    upload = event("pool_uploaded", T0 - DAY, "main", job_id="j")
    known = profile("main", T0 - DAY, **before)
    day = messages(sent, T0 + 15 * HOUR, MINUTE, "main", is_reply=True)  # from 00:30 on
    seen = last([known, upload, screened(8), finished(None), day])
    assert (LIMIT_CUT in seen.fired) is expected
    assert seen.verdict == "allow", "quotas advise"


@pytest.mark.parametrize(("sent", "expected"), [(10, True), (11, False)])
def test_the_cut_ends_after_seven_days(sent, expected):
    day = messages(sent, T0 + 7 * DAY - 10 * MINUTE, MINUTE, "main")  # up to the end, or a minute before
    known = profile("main", T0 - DAY, daily_limit=30)
    assert (LIMIT_CUT in last([known, screened(8), finished(), day]).fired) is expected


def promoted(fake, total=100, label="fake-suspect", **fields):
    targets = marked(named(fake, "b"), label)
    return [
        targets,
        stable(),
        messages(total, T0, 10 * MINUTE, to="b{}", **{"is_promotional": True} | fields),
    ]


@pytest.mark.parametrize(("fake", "expected"), [(19, False), (20, True), (21, True)])
def test_a_fifth_of_the_recipients_of_promotions(fake, expected):
    seen = last(promoted(fake))
    assert (PUSH in seen.fired) is expected
    assert ("low-quality-push" in seen.labels) is expected


@pytest.mark.parametrize(
    ("why", "world", "expected"),
    [
        ("19 recipients", promoted(19, 19), False),
        ("20 recipients", promoted(4, 20), True),
        ("no promotions", promoted(100, is_promotional=False), False),
        ("bots are fakes", promoted(4, 20, "fake-bot"), True),
        ("zombies are fakes", promoted(4, 20, "fake-zombie"), True),
        ("other labels are none", promoted(20, 20, "observation"), False),
    ],
)
def test_which_promotions_are_of_low_quality(why, world, expected):
    assert (PUSH in last(world).fired) is expected, why


def test_reach_is_cut_until_somebody_clears_it_and_may_be_cut_again():
    seen = judge(promoted(20, 20))
    (cut,) = [s for one in seen for s in one.sanctions if s["cause"] == PUSH]
    assert (cut["sanction"], cut["capability"], cut["level"]) == (
        "sanction.reach-minus-30pct",
        ["broadcast"],
        1,
    )
    assert at(cut["until"]) - at(cut["from"]) == 7 * DAY
    batch = event("broadcast_batch", T0 + DAY, recipient_count=3, batch_id="m")
    assert last([promoted(20, 20), batch]).verdict == "throttle"
    cleared = event("sanction_lifted", T0 + HOUR * 20, None, sanction_id=cut["id"], reason="condition_met")
    assert last([promoted(20, 20), cleared, batch]).verdict == "allow"
    more = messages(20, T0 + DAY * 3, 10 * MINUTE, to="b{}", is_promotional=True)
    assert "sanction.reach-minus-30pct" in [
        s["sanction"] for one in judge([promoted(20, 20), cleared, more])[-20:] for s in one.sanctions
    ]


MADE = "sanction.main-account-temp-ban", "sanction.main-account-permanent-suspension"


def applied(kind, ts=T0, number="x"):
    return event("sanction_applied", ts, "main", sanction_id=number, kind=kind, cause="people")


@pytest.mark.parametrize("kind", MADE)
def test_bans_of_main_accounts_are_opened_by_people_and_end_by_them(kind):
    assert last([applied(kind), message(T0 + DAY, account="main")]).verdict == "deny"
    cleared = event("sanction_lifted", T0 + HOUR, None, sanction_id="x", reason="review")
    assert last([applied(kind), cleared, message(T0 + DAY, account="main")]).verdict == "allow"
    again = applied(kind, T0 + 2 * HOUR, "y")
    assert last([applied(kind), cleared, again, message(T0 + DAY, account="main")]).verdict == "deny"


def test_a_ban_for_a_time_ends_and_one_for_good_does_not_but_by_an_appeal():
    temporary, permanent = MADE
    assert last([applied(temporary), message(T0 + 3 * DAY - 1, account="main")]).verdict == "deny"
    assert last([applied(temporary), message(T0 + 3 * DAY, account="main")]).verdict == "allow"
    assert last([applied(permanent), message(T0 + 365 * DAY, account="main")]).verdict == "deny"
    appeal = [
        event("appeal_filed", T0 + DAY, "main", appeal_id="p", sanction_id="x"),
        event("appeal_decided", T0 + 2 * DAY, None, appeal_id="p", granted=True),
    ]
    assert last([applied(permanent), appeal, message(T0 + 3 * DAY, account="main")]).verdict == "allow"
