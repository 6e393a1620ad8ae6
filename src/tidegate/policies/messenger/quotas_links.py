"""Published limits of links: their share of a day's messages by tier, how many a minute, and pauses."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.policies.messenger.account import day_zone
from tidegate.policies.messenger.carried_links import has_link
from tidegate.policies.messenger.link_spam import LinkSpam
from tidegate.policies.messenger.quotas_sending import DAY_NOTE, QuotasSending
from tidegate.policies.messenger.tiers import business_sender, new_sender, stable_sender

_MINUTE = tg.minutes(1).ms
SHARE_NOTE = f"the exact share exceeds; from 10 messages a day on. {DAY_NOTE}"


def _share(default: float, source: str) -> tg.Parameter:
    return tg.Parameter(
        default, low=0.01, high=1, unit="ratio", why="recommended for the tier", source=source
    )


class QuotasLinks(tg.RuleSet):
    """Published limits of links: their share of a day's messages by tier, how many a minute, and pauses."""

    area = "links"

    new_share = _share(0.2, "link.quota-new-share")
    stable_share = _share(0.35, "link.quota-stable-share")
    business_share = _share(0.5, "link.quota-business-share")
    least_messages = tg.Parameter(
        10, low=1, high=1000, unit="messages", why="or the first link of the day is all there is",
        source="link.quota-new-share", assumed=True,
    )  # fmt: skip
    minute_limit = tg.Parameter(
        5, low=1, high=60, unit="messages", why="published for everybody", source="link.quota-5-per-min"
    )  # fmt: skip
    pause_min = tg.Parameter(
        2, low=0.5, high=60, unit="min", why="published pacing", source="link.quota-pause-2min-per-10"
    )  # fmt: skip
    pause_after = tg.Parameter(
        10, low=1, high=100, unit="messages", why="published pacing", source="link.quota-pause-2min-per-10"
    )  # fmt: skip

    with_link = tg.events(MessageSent).where(has_link)
    links_today = with_link.count().per(MessageSent.account_id).today(day_zone)
    share = links_today / QuotasSending.today
    enough = QuotasSending.today >= least_messages
    before = with_link.previous_seen().per(MessageSent.account_id).ever()
    in_a_row = (
        with_link.run_before(tg.age(before) < pause_min * _MINUTE).per(MessageSent.account_id).ever() + 1
    )

    new = tg.Quota(
        id="link.quota-new-share", title="New account: less than 20 % of messages with links", capability=("links",),
        on=(MessageSent,), within=share < new_share, applies=new_sender, given=enough, kind="share", unit="ratio",
        window="P1D", reason="{observed} of today's messages have links; new accounts stay below {limit}",
        source="link.quota-new-share", note=SHARE_NOTE,
        examples=("exceeds: 2 of 10 messages", "within: 19 of 100 messages"),
    )  # fmt: skip
    stable = tg.Quota(
        id="link.quota-stable-share", title="Stable account: less than 35 % of messages with links", capability=("links",),
        on=(MessageSent,), within=share < stable_share, applies=stable_sender, given=enough, kind="share", unit="ratio",
        window="P1D", reason="{observed} of today's messages have links; stable accounts stay below {limit}",
        source="link.quota-stable-share", note=SHARE_NOTE,
        examples=("exceeds: 35 of 100 messages", "within: 34 of 100 messages"),
    )  # fmt: skip
    business = tg.Quota(
        id="link.quota-business-share", title="Business account: less than 50 % of messages with links", capability=("links",),
        on=(MessageSent,), within=share < business_share, applies=business_sender, given=enough, kind="share", unit="ratio",
        window="P1D", reason="{observed} of today's messages have links; business accounts stay below {limit}",
        source="link.quota-business-share", note=SHARE_NOTE,
        examples=("exceeds: 5 of 10 messages", "within: 49 of 100 messages"),
    )  # fmt: skip
    per_minute = tg.Quota(
        id="link.quota-5-per-min", title="Up to 5 messages with links a minute", capability=("links",), on=(MessageSent,),
        within=LinkSpam.with_link_1m <= minute_limit, kind="count", unit="messages", window="PT1M",
        reason="{observed} messages with links in a minute; up to {limit} may be sent", source="link.quota-5-per-min",
        examples=("exceeds: the sixth message with a link in a minute", "within: five of them and ten without"),
    )  # fmt: skip
    pause = tg.Quota(
        id="link.quota-pause-2min-per-10", title="A pause of 2 minutes after every 10 messages with links",
        capability=("links",), on=(MessageSent,), within=tg.age(before) / _MINUTE >= pause_min,
        given=has_link & (in_a_row >= pause_after), kind="gap", unit="min", window="PT2M",
        reason="{observed} min after several messages with links in a row; a pause of {limit} min is advised",
        source="link.quota-pause-2min-per-10", note="of messages with links; others neither count nor break the row",
        examples=("exceeds: the eleventh a minute after the tenth", "within: the eleventh 2 min after the tenth"),
    )  # fmt: skip
