"""Links that hardly anybody opens: sent to those who did not ask for them."""

import tidegate as tg
from tidegate.events import LinkClicked, MessageSent
from tidegate.expr import Expr
from tidegate.features.stream import Keyed
from tidegate.policies.messenger import account
from tidegate.policies.messenger.carried_links import has_link
from tidegate.policies.messenger.doubt import or_not_known

RIPE = tg.hours(6)  # people need that long to open a link


def _with(condition: Expr) -> Keyed:
    return tg.events(MessageSent).where(condition).count().per(MessageSent.account_id)


def _ripe(condition: Expr) -> Expr:
    """Return how many such messages of the day are old enough; none where the day itself is younger."""
    such = _with(condition)
    return tg.greatest(such.today(account.day_zone) - such.over(RIPE), 0)


class IgnoredLinks(tg.RuleSet):
    """Links that hardly anybody opens: sent to those who did not ask for them.

    Per account and its local day. Only messages that are at least six hours old are held against the clicks.
    """

    area = "links"

    sent_limit = tg.Parameter(
        10, low=2, high=500, unit="messages", why="more than ten a day", source="link.over-10-day-low-ctr"
    )  # fmt: skip
    clicked_share = tg.Parameter(
        0.05, low=0.005, high=0.5, unit="ratio", why="a third of what is usual", source="link.over-10-day-low-ctr"
    )  # fmt: skip

    today = _with(has_link).today(account.day_zone)
    # those that have a link for sure, and with those of which nobody tells: young ones cast no doubt on ripe ones
    least_ripe = _ripe(has_link.or_else(False))  # noqa: FBT003  an operand
    most_ripe = least_ripe + _ripe(~has_link.is_known())
    clicks = (
        tg.events(LinkClicked)
        .count()
        .per(LinkClicked.sender_id)
        .today(account.day_zone)
        .at(MessageSent.account_id)
    )
    newest_click = tg.events(LinkClicked).last(tg.now()).overall().ever()
    _surely_ignored = (least_ripe > 0) & (clicks / tg.greatest(least_ripe, 1) < clicked_share)
    _perhaps_ignored = (most_ripe > 0) & (clicks / tg.greatest(most_ripe, 1) < clicked_share)
    hardly_opened = or_not_known(_perhaps_ignored & ~_surely_ignored, tg.when(_surely_ignored, 1, 0))
    clicks_are_told = newest_click <= tg.now()  # not known before the first click of all

    ignored = tg.Rule(
        id="link.over-10-day-low-ctr",
        title="More than 10 messages with links in a day, opened by less than 5 %",
        on=(MessageSent,),
        when=today > sent_limit,
        given=(hardly_opened == 1) & clicks_are_told,
        window="P1D",
        labels=(tg.Label("potentially-risky-content"),),
        reason="{observed} messages with links today that hardly anybody opened; limit {limit}",
        source="link.over-10-day-low-ctr",
        note="the account's own day, that of UTC where its zone is not known; all clicks of the day on the account's links by the"
        " messages with links of the day that are at least 6 h old; undecided until the platform has told of any click;"
        " judged at every message; labels are not kept for links, so the account carries it",
        examples=("fires: 41 messages with links, two clicks", "does not: 40 messages with links, two clicks: exactly 5 %"),
    )  # fmt: skip
