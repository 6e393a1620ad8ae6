"""Leaving groups, large groups that people complain about, one message for many groups: boundary cases of their rows."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    event,
    joins,
    judge,
    last,
    message,
    messages,
    outcome,
    registered,
    stable,
    what_it_does,
)

LEAVING = "group.leave-rate-over-40pct-24h"
NEWCOMER = "group.new-3-large-reported-groups"
LARGE = "group.large-group-weight-3p2"
SAME = "group.same-message-over-5-groups-1h"
FP = "00ff13a27be09c44"
OTHER = "ff00ec5d841f63bb"


def exits(count, start=T0 + 12 * HOUR, step=SECOND, first=0):
    return [event("group_left", start + i * step, group_id=f"g{first + i}") for i in range(count)]


def one_of_four():
    """A group joined at the start, and three an hour later."""
    return [event("group_joined", T0, group_id="g9"), joins(3, T0 + HOUR)]


def reported(rate, *groups):
    return [event("group_profile", T0 - DAY, None, group_id=g, report_rate=rate, size=900) for g in groups]


def posts(count, step=MINUTE, **fields):
    return [
        message(T0 + i * step, None, **{"group_id": f"g{i}", "content_fp": FP} | fields) for i in range(count)
    ]


new = registered(DAY)
ABC = ("g0", "g1", "g2")


def other_before(ms):
    """Another post so long before the last of six in turns."""
    return message(T0 + 5 * MINUTE - ms, None, group_id="y", content_fp=OTHER)


def untold(after, group="y"):
    """A post of which nobody says what it is."""
    return message(T0 + after, None, group_id=group)


def others_and_untold():
    """Another post in three groups, and many posts in one more of which nobody says what they are."""
    others = [message(T0 + i, None, group_id=f"h{i}", content_fp=OTHER) for i in range(3)]
    return [*others, *(untold(MINUTE + i) for i in range(9))]


def turns(*bits, count=6, start=T0, step=MINUTE):
    """Posts to so many groups, the content of which differs by some bits, in turns."""
    return [
        message(
            start + n * step, None, group_id=f"g{n}", content_fp=f"{int(FP, 16) ^ bits[n % len(bits)]:016x}"
        )
        for n in range(count)
    ]


CASES = [
    (LEAVING, "under: 39 of 100", [joins(100, step=SECOND), exits(39)], "rests"),
    (LEAVING, "at: 40 of 100", [joins(100, step=SECOND), exits(40)], "rests"),
    (LEAVING, "over: 41 of 100", [joins(100, step=SECOND), exits(41)], "fires"),
    (LEAVING, "2 of 5", [joins(5), exits(2)], "rests"),
    (LEAVING, "3 of 5", [joins(5), exits(3)], "fires"),
    (LEAVING, "one of 5, told three times", [joins(5), *(exits(1, T0 + h * HOUR) for h in (12, 13, 14))], "rests"),
    (LEAVING, "one of 5 left, joined again and left, three times", [joins(5), *([exits(1, T0 + h * HOUR), joins(1, T0 + h * HOUR + MINUTE)] for h in range(2, 8))], "fires"),
    (LEAVING, "no group on record that was left", [joins(3), *(event("group_left", T0 + HOUR + i, group_id=None) for i in range(3))], "rests"),
    (LEAVING, "not known which groups were left", [joins(3), *(event("group_left", T0 + HOUR + i) for i in range(3))], "undecided"),
    (LEAVING, "1 of 1: too few joins", [joins(1), exits(1)], "rests"),
    (LEAVING, "2 of 2: too few joins", [joins(2), exits(2)], "rests"),
    (LEAVING, "2 of 3", [joins(3), exits(2)], "fires"),
    (LEAVING, "groups of long ago", [joins(5, T0 - 9 * DAY), joins(3), exits(3, first=3)], "rests"),
    (LEAVING, "left exactly a day after joining", [one_of_four(), exits(1), exits(1, T0 + DAY, first=9)], "rests"),
    (LEAVING, "left a millisecond earlier", [one_of_four(), exits(1), exits(1, T0 + DAY - 1, first=9)], "fires"),
    (LEAVING, "added by others, and left", [joins(5, method="added_by_other"), exits(5)], "rests"),
    (LEAVING, "3 of 5, then added to a sixth by others", [joins(5), exits(3), joins(1, T0 + 13 * HOUR, method="added_by_other")], "rests"),
    (LEAVING, "how it came in is not known: it joined", [[event("group_joined", T0 + i, group_id=f"g{i}") for i in range(5)], exits(3)], "fires"),
    (LEAVING, "removed, not left", [joins(5), [event("group_member_removed", T0 + HOUR, group_id=f"g{i}", removed_by="x") for i in range(5)]], "rests"),
    (LEAVING, "another account's groups", [joins(5, account="z"), joins(3), [event("group_left", T0 + HOUR + i, group_id=f"g{i + 3}") for i in range(2)]], "rests"),
    (LEAVING, "more groups make it fewer", [joins(5), exits(3), joins(3, T0 + 13 * HOUR)], "rests"),
    (LEAVING, "across midnight", [joins(5, T0 + 13 * HOUR), exits(3, T0 + 15 * HOUR)], "fires"),
    (NEWCOMER, "under: 2 large groups at 1 %", [reported(0.01, *ABC), new, joins(2, group_size=501)], "rests"),
    (NEWCOMER, "at: 3 at exactly 0.7 %", [reported(0.007, *ABC), new, joins(3, group_size=501)], "rests"),
    (NEWCOMER, "over: 3 at 0.71 %", [reported(0.0071, *ABC), new, joins(3, group_size=501)], "fires"),
    (NEWCOMER, "3 groups of exactly 500", [reported(0.01, *ABC), new, joins(3, group_size=500)], "rests"),
    (NEWCOMER, "size as the profile says", [reported(0.01, *ABC), new, joins(3)], "fires"),
    (NEWCOMER, "two large ones and a quiet one", [reported(0.01, "g0", "g1"), reported(0.001, "g2"), new, joins(3, group_size=501)], "rests"),
    (NEWCOMER, "one group three times", [reported(0.01, *ABC), new, [event("group_joined", T0 + i, group_id="g0", group_size=501) for i in range(3)]], "rests"),
    (NEWCOMER, "over the whole first week", [reported(0.01, *ABC), registered(0), joins(3, step=83 * HOUR, group_size=501)], "fires"),
    (NEWCOMER, "an old account", [reported(0.01, *ABC), stable(), joins(3, group_size=501)], "rests"),
    (NEWCOMER, "the eighth day", [reported(0.01, *ABC), registered(7 * DAY + 1, until=T0 + 2 * MINUTE), joins(3, group_size=501)], "rests"),
    (NEWCOMER, "one group three times, of which the report rate is not known", [new, [event("group_joined", T0 + i, group_id="g0", group_size=501) for i in range(3)]], "rests"),
    (NEWCOMER, "three groups of which the report rate is not known", [new, joins(3, group_size=501)], "undecided"),
    (NEWCOMER, "age not known", [reported(0.01, *ABC), joins(3, group_size=501)], "undecided"),
    (NEWCOMER, "report rate of the third not known", [reported(0.01, "g0", "g1"), new, joins(3, group_size=501)], "undecided"),
    (NEWCOMER, "an empty baseline says nothing", [event("baseline_profile", T0 - DAY, None, link_ctr=0.15), reported(0.0071, *ABC), new, joins(3, group_size=501)], "fires"),
    (NEWCOMER, "added by others", [reported(0.01, *ABC), new, joins(3, group_size=501, method="added_by_other")], "rests"),
    (LARGE, "under", joins(1, group_size=499), "rests"),
    (LARGE, "at", joins(1, group_size=500), "rests"),
    (LARGE, "over", joins(1, group_size=501), "fires"),
    (LARGE, "size not known", joins(1), "undecided"),
    (SAME, "under", posts(4), "rests"),
    (SAME, "at", posts(5), "rests"),
    (SAME, "over", posts(6), "fires"),
    (SAME, "ten messages to five groups", [posts(5), posts(5)], "rests"),
    (SAME, "the sixth an hour after the first", posts(6, 12 * MINUTE), "rests"),
    (SAME, "the sixth a millisecond earlier", [posts(5), message(T0 + HOUR - 1, None, group_id="x", content_fp=FP)], "fires"),
    (SAME, "another content", [posts(5), message(T0 + 9 * MINUTE, None, group_id="x", content_fp=OTHER)], "rests"),
    (SAME, "3 of 64 bits apart, in turns", turns(0, 7), "fires"),
    (SAME, "4 of 64 bits apart, in turns", turns(0, 15), "rests"),
    (SAME, "nearly the same in five groups", [turns(0, 7, count=5), turns(7, 0, count=5)], "rests"),
    (SAME, "something else in between", [turns(0, 7), message(T0 + 2 * MINUTE + 1, None, group_id="y", content_fp=OTHER)], "rests"),
    (SAME, "nearly the same, over midnight", turns(0, 7, start=T0 + 14 * HOUR + 28 * MINUTE), "fires"),
    (SAME, "nearly the same, the sixth an hour after the first", turns(0, 7, step=12 * MINUTE), "rests"),
    (SAME, "what was posted before the hour does not matter", [message(T0 - HOUR, None, group_id="y", content_fp=OTHER), turns(0, 7)], "fires"),
    (SAME, "something else an hour ago", [other_before(HOUR), turns(0, 7)], "fires"),
    (SAME, "something else less than an hour ago", [other_before(HOUR - 1), turns(0, 7)], "rests"),
    (SAME, "something else, then the same for longer than an hour", [other_before(50 * MINUTE), turns(0, 7, count=30)], "fires"),
    (SAME, "in between nobody says what is posted", [turns(0, 7), untold(2 * MINUTE + 1)], "undecided"),
    (SAME, "an hour ago nobody said what was posted", [turns(0, 7), untold(5 * MINUTE - HOUR)], "fires"),
    (SAME, "five groups, of one nobody says what was posted", [turns(0, 7, count=5), untold(2 * MINUTE + 1, "g1")], "rests"),
    (SAME, "the very same to five, and a post in a sixth of which nobody says what it was", [untold(-MINUTE, "x"), posts(5)], "undecided"),
    (SAME, "the very same to five, and a post in one of them of which nobody says what it was", [untold(-MINUTE, "g1"), posts(5)], "rests"),
    (SAME, "the very same to four, others elsewhere, and many posts in one more group of which nobody says what they were", [posts(4), others_and_untold(), message(T0 + 9 * MINUTE, None, group_id="g0", content_fp=FP)], "rests"),
    (SAME, "the very same to five, and many posts in one more group of which nobody says what they were", [posts(5), others_and_untold(), message(T0 + 9 * MINUTE, None, group_id="g0", content_fp=FP)], "undecided"),
    (SAME, "the very same to six, whatever else was posted", [posts(6), untold(2 * MINUTE + 1)], "fires"),
    (SAME, "what people get in between does not matter", [turns(0, 7), message(T0 + 2 * MINUTE + 1, "b", content_fp=OTHER), message(T0 + 9 * MINUTE, None, group_id="g0", content_fp=FP)], "fires"),
    (SAME, "six groups, then something else to a person", [posts(6), message(T0 + 9 * MINUTE, "b", group_id=None, content_fp=OTHER)], "rests"),
    (SAME, "six groups, then the same to a person", [posts(6), message(T0 + 9 * MINUTE, "b", group_id=None, content_fp=FP)], "rests"),
    (SAME, "to people", posts(6, group_id=None), "rests"),
    (SAME, "of one neither group nor person is named", [posts(5), event("message_sent", T0 + 9 * MINUTE, content_fp=FP)], "undecided"),
    (SAME, "of the first neither is named", [event("message_sent", T0 - MINUTE, content_fp=FP), posts(5)], "undecided"),
    (SAME, "six groups, and one of which neither is named before", [event("message_sent", T0 - MINUTE, content_fp=FP), posts(6)], "fires"),
    (SAME, "five of which neither is named", [event("message_sent", T0 + i * MINUTE, content_fp=FP) for i in range(5)], "rests"),
    (SAME, "to people, no group named", messages(9, step=MINUTE, content_fp=FP), "rests"),
    (SAME, "no content on record", posts(6, content_fp=None), "rests"),
    (SAME, "content not known", [message(T0 + i, None, group_id=f"g{i}") for i in range(6)], "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_who_leaves_is_downgraded_in_groups_for_a_day():
    (measure,) = [s for s in last([stable(), joins(5), exits(3)]).sanctions if s["cause"] == LEAVING]
    assert (measure["sanction"], measure["capability"]) == ("sanction.permission-downgrade", ["group_join"])
    assert measure["until"] == "2026-03-03T21:30:02.000Z"


LEFT = [stable(), joins(5, step=HOUR), exits(3)]
LEFT_AT = T0 + 12 * HOUR + 2 * SECOND


@pytest.mark.parametrize(("ms", "rule_fires"), [(2 * HOUR, True), (DAY - 1, True), (DAY, False)])
def test_a_downgrade_of_joining_lowers_the_tier_of_joining(ms, rule_fires):
    two = [event("group_joined", LEFT_AT + ms - gap, group_id=f"x{gap}") for gap in (20 * MINUTE, 0)]
    assert ("group.join-over-2-per-hour" in last([LEFT, two]).fired) is rule_fires


def test_a_downgrade_of_joining_leaves_sending_alone_and_the_other_way_round():
    burst = [message(T0 + 15 * HOUR + i * SECOND) for i in range(13)]
    assert "msg.burst-over-12-in-60s-l1" not in last([LEFT, burst[:6]]).fired
    two = [event("group_joined", T0 + 18 * HOUR - gap, group_id=f"x{gap}") for gap in (20 * MINUTE, 0)]
    assert "sanction.permission-downgrade" in [s["sanction"] for s in last([stable(), burst]).sanctions]
    assert "group.join-over-2-per-hour" not in last([stable(), burst, two]).fired


def test_downgrades_of_joining_and_of_sending_run_side_by_side():
    burst = [message(T0 + 15 * HOUR + i * SECOND) for i in range(13)]
    two = [event("group_joined", T0 + 18 * HOUR - gap, group_id=f"x{gap}") for gap in (20 * MINUTE, 0)]
    assert last([LEFT, burst, two]).fired["group.join-over-2-per-hour"]["limit"] == 1
    six = [message(T0 + 23 * HOUR + i * SECOND) for i in range(6)]
    assert last([LEFT, burst, six]).fired["msg.burst-over-12-in-60s-l1"]["limit"] == 5


def test_the_label_of_a_downgrade_alone_is_none():
    broadcast = [message(T0 + 13 * HOUR + i * SECOND, is_broadcast=True) for i in range(21)]
    six = [message(T0 + 21 * HOUR + i * SECOND) for i in range(6)]
    assert "high-load" in last([LEFT, broadcast]).labels
    assert "msg.burst-over-12-in-60s-l1" not in last([LEFT, broadcast, six]).fired


def test_a_downgrade_that_an_event_tells_is_of_sending_and_of_joining():
    told = event("sanction_applied", T0, sanction_id="x1", kind="sanction.permission-downgrade", capability=["all"],
                 expires_ts=T0 + DAY)  # fmt: skip
    burst = [message(T0 + HOUR + i * SECOND) for i in range(6)]
    assert last([stable(), told, burst]).fired["msg.burst-over-12-in-60s-l1"]["limit"] == 5
    two = [event("group_joined", T0 + HOUR - gap, group_id=f"x{gap}") for gap in (20 * MINUTE, 0)]
    assert last([stable(), told, two]).fired["group.join-over-2-per-hour"]["limit"] == 1
    assert "group.join-over-2-per-hour" not in last([stable(), two]).fired


def test_the_newcomer_is_restricted_at_once():
    seen = last([reported(0.0071, *ABC), new, joins(3, group_size=501)])
    assert [s["sanction"] for s in seen.sanctions if s["cause"] == NEWCOMER] == [
        "sanction.function-restriction"
    ]
    assert seen.verdict == "deny"


def test_a_large_group_weighs_and_nothing_follows():
    seen = last([stable(), joins(1, group_size=501)])
    assert (seen.fired[LARGE]["observed"], seen.verdict, seen.score) == (3.2, "allow", 0)


def test_the_right_to_broadcast_is_withdrawn_for_thirty_days():
    seen = last([stable(), posts(6)])
    (measure,) = seen.sanctions
    assert (measure["sanction"], measure["capability"]) == (
        "sanction.broadcast-permission-revoke",
        ["broadcast"],
    )
    assert measure["until"] == "2026-04-01T09:35:00.000Z"
    assert (seen.fired[SAME]["probability"], seen.score) == (0.76, 0.76)
    assert seen.verdict == "allow", "a post in a group is no broadcast"
    assert last([stable(), posts(6), message(T0 + HOUR, is_broadcast=True)]).verdict == "deny"


def test_a_group_that_is_reported_later_was_not_when_it_was_joined():
    late = event("group_profile", T0 + 10 * MINUTE, None, group_id="g2", report_rate=0.02)
    world = [reported(0.01, "g0", "g1"), new, joins(3, group_size=501), late]
    again = event("group_joined", T0 + 20 * MINUTE, group_id="g0", group_size=501)
    assert outcome(NEWCOMER, [*world, again]) == "undecided"  # it is not known of the first time


@pytest.mark.parametrize(("mean", "expected"), [(0.0099, "fires"), (0.01, "rests"), (0.02, "rests")])
def test_the_mean_is_that_of_the_platform(mean, expected):
    baseline = event("baseline_profile", T0 - DAY, None, group_report_rate=mean)
    assert outcome(NEWCOMER, [baseline, reported(0.01, *ABC), new, joins(3, group_size=501)]) == expected


@pytest.mark.parametrize(("rate", "expected"), [(0.007, "rests"), (0.0071, "fires")])
def test_where_no_mean_is_on_record_that_of_the_source_holds(rate, expected):
    baseline = event("baseline_profile", T0 - DAY, None, group_report_rate=None)
    assert outcome(NEWCOMER, [baseline, reported(rate, *ABC), new, joins(3, group_size=501)]) == expected


def test_every_join_has_its_time_on_record():
    """The signal group.join-timestamps: the gaps that tell clockwork are those of all joins of its own accord."""
    ways = ("link", "invite")
    regular = [event("group_joined", T0 + i * HOUR, group_id=f"g{i}", method=ways[i % 2]) for i in range(6)]
    assert outcome("group.join-regular-pattern", regular) == "fires"
    assert outcome("group.join-regular-pattern", [*regular[:2], *regular[3:]]) == "rests", (
        "one join is missing"
    )


def test_being_added_by_others_is_no_clockwork_and_hides_none():
    added = [
        event("group_joined", T0 + i * HOUR, group_id=f"x{i}", method="added_by_other") for i in range(6)
    ]
    assert outcome("group.join-regular-pattern", added) == "rests"
    between = [{**e, "ts": e["ts"] + 7 * MINUTE + i * SECOND} for i, e in enumerate(added[:5])]
    assert outcome("group.join-regular-pattern", [joins(6, step=HOUR), between]) == "fires"


OVER = {  # rules about joins, and own joins at which each fires
    "group.join-over-2-per-hour": [stable(), joins(3)],
    "group.join-over-1-per-hour-in-br": [stable(market="IN"), joins(2)],
    "group.new-over-10-24h": [new, joins(11)],
    "group.new-over-20-24h-cooldown": [stable(), joins(21)],
    "group.join-regular-pattern": [stable(), joins(7, step=25 * MINUTE)],
    NEWCOMER: [reported(0.01, *ABC), new, joins(3, group_size=501)],
    "group.quota-stable-per-hour": [stable(), joins(3)],
    "group.quota-stable-per-day": [stable(), joins(9)],
    "group.quota-stable-large-share": [stable(), joins(3, group_size=501)],
}


@pytest.mark.parametrize("rule", OVER)
def test_what_the_joins_of_an_account_amount_to_is_asked_at_its_own_joins_only(rule):
    own = OVER[rule]
    *_, last_join = own[-1]
    added = event("group_joined", last_join["ts"] + SECOND, group_id="x", method="added_by_other")
    assert outcome(rule, own) == "fires"
    assert outcome(rule, [own, added]) == "rests"


def in_group(at, group, content=FP):
    return message(T0 + at, None, group_id=group, content_fp=content)


NEAR = f"{int(FP, 16) ^ 1:016x}"
FOUR = [in_group(i * MINUTE, f"g{i}") for i in range(1, 5)]
FIFTH = in_group(0, "g0")


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        ([FIFTH, in_group(-MINUTE, "x", OTHER), FOUR], "rests"),
        ([in_group(-90 * MINUTE, "y", OTHER), FIFTH, in_group(-MINUTE, "x", OTHER), FOUR], "rests"),
        ([in_group(-56 * MINUTE + 1, "y"), FIFTH, in_group(-MINUTE, "x", OTHER), FOUR], "fires"),
        ([in_group(-56 * MINUTE, "y"), FIFTH, in_group(-MINUTE, "x", OTHER), FOUR], "rests"),
        ([in_group(-57 * MINUTE, "y"), FIFTH, in_group(-MINUTE, "x", OTHER), FOUR], "rests"),
        ([in_group(-MINUTE, "x", OTHER), FIFTH, FOUR], "rests"),
        ([FIFTH, in_group(-MINUTE, "x"), FOUR], "fires"),
        ([in_group(-2 * MINUTE, "y"), FIFTH, in_group(-MINUTE, "x", NEAR), FOUR[:3]], "fires"),
        ([in_group(-MINUTE, "x", NEAR), FIFTH, FOUR], "fires"),
    ],
)
def test_something_else_that_comes_late_is_no_group_more(world, expected):
    """Nothing marks the post that follows it: that was judged before."""
    decisions = judge(world, arrival=True)
    assert what_it_does(SAME, decisions[-1]) == expected
