"""Links that hardly anybody opens: sent to those who did not ask for them."""

import tidegate as tg
from tidegate.events import LinkClicked, MessageSent
from tidegate.policies.messenger import account
from tidegate.policies.messenger.carried_links import has_link

RIPE = tg.hours(6)  # people need that long to open a link


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

    with_link = tg.events(MessageSent).where(has_link).count().per(MessageSent.account_id)
    today = with_link.today(account.day_zone)
    ripe = today - with_link.over(RIPE)  # below 0 where the day is younger than six hours
    clicks = (
        tg.events(LinkClicked)
        .count()
        .per(LinkClicked.sender_id)
        .today(account.day_zone)
        .at(MessageSent.account_id)
    )
    newest_click = tg.events(LinkClicked).last(tg.now()).overall().ever()
    clicks_are_told = newest_click <= tg.now()  # not known before the first click of all

    ignored = tg.Rule(
        id="link.over-10-day-low-ctr",
        title="More than 10 messages with links in a day, opened by less than 5 %",
        on=(MessageSent,),
        when=today > sent_limit,
        given=(ripe > 0) & (clicks / tg.greatest(ripe, 1) < clicked_share) & clicks_are_told,
        window="P1D",
        labels=(tg.Label("potentially-risky-content"),),
        reason="{observed} messages with links today that hardly anybody opened; limit {limit}",
        source="link.over-10-day-low-ctr",
        note="the account's own day, that of UTC where its zone is not known; all clicks of the day on the account's links by the"
        " messages with links of the day that are at least 6 h old; undecided until the platform has told of any click;"
        " judged at every message; labels are not kept for links, so the account carries it",
        examples=("fires: 41 messages with links, two clicks", "does not: 40 messages with links, two clicks: exactly 5 %"),
    )  # fmt: skip
