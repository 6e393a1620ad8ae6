"""Quotas as authors write them: what is refused, what a check finds, and what can be read for an account alone."""

import pytest

import tidegate as tg
from tidegate.errors import PolicyError
from tidegate.events import MessageSent
from tidegate.policy.checks import check
from tidegate.policy.quota import of_account

sent = tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.minutes(1))
most = tg.Parameter(5, low=1, high=60, unit="messages", why="published", name="figures.most")
RIGHT = {
    "id": "minute",
    "title": "Up to 5 messages a minute",
    "capability": ("send",),
    "on": (MessageSent,),
    "within": sent <= most,
    "kind": "count",
    "unit": "messages",
    "window": "PT1M",
    "reason": "{observed} messages; {limit} are published",
}


def quota(**parts):
    return tg.Quota(**RIGHT | parts)


def policy_of(*quotas):
    sheet = type("Published", (tg.RuleSet,), {f"q{n}": one for n, one in enumerate(quotas)})
    return tg.Policy(name="p", version="1", rule_sets=(sheet,))


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"within": sent}, "not a comparison with a limit"),
        ({"within": sent != most}, "not a comparison with a limit"),
        ({"within": MessageSent.recipient_id == "b"}, "a limit that is a name"),
        ({"applies": sent}, "`applies` is"),
        ({"given": sent}, "`given` is"),
        ({"on": MessageSent}, "`on` is"),
        ({"on": ()}, "`on` is"),
        ({"kind": "number"}, "`kind` cannot be `number`"),
        ({"kind": "gap"}, "`unit` cannot be `messages`"),
        ({"capability": ("fly",)}, "there is no capability `fly`"),
        ({"subject": "group"}, "`subject` cannot be `group`"),
        ({"reason": "{used} messages"}, "the reason quotes `{used}`"),
        ({"given": tg.labelled("seen", MessageSent.account_id)}, "labelled seen` in a quota"),
    ],
)
def test_a_quota_that_cannot_be_meant_is_refused(parts, problem):
    with pytest.raises(PolicyError) as refused:
        quota(**parts)
    assert problem in refused.value.problem
    assert refused.value.place == "minute"


def test_ids_are_unique_among_rules_and_quotas():
    with pytest.raises(PolicyError, match="have one id, `minute`"):
        policy_of(quota(), quota())


@pytest.mark.parametrize(("op", "within"), [("<=", sent <= most), ("<", sent < most), (">=", sent >= most)])
def test_exceeding_is_the_opposite_of_the_published_comparison(op, within):
    assert {"<=": ">", "<": ">=", ">=": "<"}[op] == quota(within=within).when.op


def test_a_check_finds_quotas_that_nothing_exceeds_and_windows_that_differ():
    never = quota(
        id="never",
        within=sent >= tg.Parameter(0, low=0, high=0, unit="m", why="none", name="figures.least"),
    )
    found = {f.place: f.problem for f in check(policy_of(quota(window="PT2M"), never)) if f.place != "p"}
    assert "can never be exceeded" in found["never"]
    assert "looks back over PT1M" in found["minute"]


def test_a_figure_of_a_quota_can_be_revised():
    assert "figures.most" in policy_of(quota()).revise({"figures.most": 7}).figures()


def test_what_needs_an_event_cannot_be_read_for_an_account():
    to_one = (
        tg.events(MessageSent).count().per(MessageSent.account_id, MessageSent.recipient_id).over(tg.hours(1))
    )
    assert [of_account(tree) for tree in (sent, most, sent <= most, MessageSent.media_bytes, to_one, tg.size(MessageSent.link_hashes) > 0)] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    due = quota(given=(MessageSent.is_forward == 1) & (sent > 3)).due()
    assert [tree.describe() for tree in due] == [(sent > 3).describe()]
