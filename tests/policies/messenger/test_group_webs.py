"""Overlapping groups in dense markets, and one content passed through them."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    T0,
    Table,
    event,
    last,
    message,
    outcome,
    profile,
)

OVERLAP = "group.member-overlap-over-35pct"
CHAIN = "group.propagation-chain-create-ban"
CONTENT = "00ff00ff00ff00ff"


def group(name, people):
    return event("group_profile", T0 - HOUR, None, group_id=name, members=[f"p{n}" for n in people])


def joined(*groups, **fields):
    return [
        event("group_joined", T0 + n * 4 * HOUR, group_id=name, **fields) for n, name in enumerate(groups)
    ]


def of_100(shared, market="IN", **fields):
    """Two groups of 100 people together, so many of them in both."""
    alone = (100 - shared) // 2
    first, second = group("g0", range(100 - alone)), group("g1", range(100 - alone - shared, 100))
    return [profile(market=market), first, second, joined("g0", "g1", **fields)]


def ring(count, joins=None):
    """Groups of 20 people of which each shares half with the one before and half with the next, in a circle."""
    names = [f"g{n}" for n in range(count)]
    groups = [group(name, [(n * 10 + p) % (count * 10) for p in range(20)]) for n, name in enumerate(names)]
    return [profile(market="IN"), groups, joined(*names[:joins])]


def web(count=3, *, shared=range(20), market="IN", contents=(CONTENT,) * 9, step=HOUR, at=9 * HOUR):
    names = [f"g{n}" for n in range(count)]
    groups = [group(name, shared or range(n * 20, n * 20 + 20)) for n, name in enumerate(names)]
    posts = [
        message(T0 + at + n * step, None, group_id=name, content_fp=contents[n])
        for n, name in enumerate(names)
    ]
    return [profile(market=market), groups, joined(*names), posts]


CASES = [
    (OVERLAP, "under", of_100(34), "rests"),
    (OVERLAP, "at", of_100(35), "rests"),
    (OVERLAP, "over", of_100(36), "fires"),
    (OVERLAP, "in Brazil", of_100(36, "BR"), "fires"),
    (OVERLAP, "nine tenths in Germany", of_100(90, "DE"), "rests"),
    (OVERLAP, "market not known", of_100(90)[1:], "undecided"),
    (OVERLAP, "added by others", of_100(90, method="added_by_other"), "rests"),
    (OVERLAP, "added to the second by others", [of_100(90)[:3], joined("g0"), event("group_joined", T0 + DAY, group_id="g1", method="added_by_other")], "rests"),
    (OVERLAP, "the first group there is", [profile(market="IN"), group("g0", range(9)), joined("g0")], "rests"),
    (OVERLAP, "members not known", [profile(market="IN"), joined("g0", "g1")], "undecided"),
    (OVERLAP, "a newer list of members", [of_100(90)[:3], group("g1", range(500, 540)), joined("g0", "g1")], "rests"),
    (OVERLAP, "nine tenths of two, and many others", [of_100(90)[:3], group("x", range(500, 700)), joined("g0", "x", "g1")], "rests"),
    (OVERLAP, "a third of each two of three, everybody in two", ring(3), "fires"),
    (OVERLAP, "the first of those three", ring(3, 2), "rests"),
    (OVERLAP, "everybody in two of eight", ring(8), "fires"),
    (OVERLAP, "a group joined twice is one", [profile(market="IN"), group("g0", range(9)), joined("g0", "g0")], "rests"),
    (OVERLAP, "one of two joined again", [of_100(35)[:3], joined("g0", "g1", "g0")], "rests"),
    (OVERLAP, "members of the first of three not known", [of_100(90)[:3], joined("x", "g0", "g1")], "undecided"),
    (OVERLAP, "group not said", [of_100(90)[:3], joined("g0", "g1"), event("group_joined", T0 + DAY)], "undecided"),
    (OVERLAP, "nothing joined before, group not said", [profile(market="IN"), event("group_joined", T0)], "rests"),
    (CHAIN, "three groups of the same people", web(), "fires"),
    (CHAIN, "two groups", web(2), "rests"),
    (CHAIN, "groups that share nobody", web(shared=None), "rests"),
    (CHAIN, "two groups, one of them joined again", [web(2, at=13 * HOUR), group("x", range(90, 99)), event("group_joined", T0 - HOUR, group_id="x"), event("group_joined", T0 + 10 * HOUR, group_id="g0"), message(T0 + 15 * HOUR, None, group_id="x", content_fp=CONTENT)], "rests"),
    (CHAIN, "three contents", web(contents=("00" * 8, "0f" * 8, "ff" * 8)), "rests"),
    (CHAIN, "another market", web(market="DE"), "rests"),
    (CHAIN, "over midnight", web(step=8 * HOUR), "fires"),
    (CHAIN, "a day from the first to the third", web(step=12 * HOUR), "rests"),
    (CHAIN, "a millisecond less", [web(2, step=12 * HOUR)[:3], web(3)[1:3], [message(T0 + 9 * HOUR + t, None, group_id=f"g{n}", content_fp=CONTENT) for n, t in enumerate((0, HOUR, DAY - 1))]], "fires"),
    (CHAIN, "content not known", [web(), message(T0 + DAY, None, group_id="g0")], "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_the_share_is_that_of_all_members_of_both():
    fired = last(of_100(36)).fired[OVERLAP]
    assert (fired["observed"], fired["limit"]) == (0.36, 0.35)
    two_and_others = [of_100(90)[:3], group("x", range(500, 600)), joined("g0", "x", "g1")]
    assert last(two_and_others).fired[OVERLAP]["observed"] == 0.45


def test_a_chain_refuses_new_groups_for_good_and_a_person_looks_at_it():
    seen = last(web())
    (measure,) = seen.sanctions
    assert (measure["sanction"], measure["capability"]) == (
        "sanction.group-create-permanent-ban",
        ["group_create"],
    )
    assert (measure["until"], measure["cause"]) == ("permanent", CHAIN)
    assert measure["review"]
    after = T0 + 12 * HOUR
    assert last([web(), event("group_created", after, group_id="mine")]).verdict == "deny"
    assert last([web(), event("group_joined", after, group_id="x")]).verdict == "allow"
    assert last([web(), message(after + MINUTE)]).verdict == "allow"


def test_members_that_come_later_are_not_guessed():
    late = [
        profile(market="IN"),
        joined("g0", "g1"),
        event("group_profile", T0 + DAY, None, group_id="g1", members=["p1"]),
    ]
    again = event("group_joined", T0 + 2 * DAY, group_id="g2")
    assert outcome(OVERLAP, [late, again]) == "undecided"
