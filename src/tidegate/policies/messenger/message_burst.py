"""Bursts: more messages within a minute than people write."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.policies.messenger import queues, sanctions
from tidegate.policies.messenger.account import ALIKE, send_tier_in_force
from tidegate.policies.messenger.modifiers import SENDING
from tidegate.policies.messenger.priors import unstated

TIER_FIGURES = {"new": 5, "young": 5, "stable": 12, "business": 20}  # published per minute; young as new
TIER_NOTE = (
    "limit of the account's tier (new 5, stable 12, business 20), one tier down while its permissions are downgraded; 12 for"
    " all in the set `strict`"
)

# what belongs to a batch is part of a broadcast, where the event does not say it otherwise
in_broadcast = MessageSent.is_broadcast.or_else(~MessageSent.batch_id.is_null())


def _per_minute(source: str) -> tg.Parameter:
    return tg.Parameter(
        12,
        low=1,
        high=60,
        unit="messages",
        why="what the account's tier may send in a minute by the published table; 12 where the tier is not known",
        source=source,
        by=(send_tier_in_force, TIER_FIGURES),
        same_as=ALIKE,
    )


class MessageBurst(tg.RuleSet):
    """Bursts: more messages within a minute than people write."""

    area = "messaging"

    flag_limit = _per_minute("msg.burst-over-12-per-minute-flag")
    level_1_limit = _per_minute("msg.burst-over-12-in-60s-l1")
    downgrade_limit = _per_minute("msg.rate-over-12-per-minute-downgrade")
    ceiling = tg.Parameter(
        20, low=1, high=120, unit="messages", why="absolute trigger for every tier", source="msg.rate-over-20-per-minute"
    )  # fmt: skip
    per_second = tg.Parameter(
        1, low=0.1, high=10, unit="messages/s", why="nobody types that fast; measured over a minute",
        source="msg.one-per-second-15min",
    )  # fmt: skip
    media_limit = tg.Parameter(
        10, low=1, high=60, unit="messages", why="risk threshold, read as reached", source="msg.media-risk-10-per-min", assumed=True
    )  # fmt: skip

    sent = tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.seconds(60))
    sent_singly = (
        tg.events(MessageSent).where(~in_broadcast).count().per(MessageSent.account_id).over(tg.minutes(1))
    )
    media_sent = (
        tg.events(MessageSent)
        .where(MessageSent.message_type.isin("image", "video"))
        .count()
        .per(MessageSent.account_id)
        .over(tg.minutes(1))
    )

    flag = tg.Rule(
        id="msg.burst-over-12-per-minute-flag",
        title="More messages in a minute than the tier allows: flagged",
        on=(MessageSent,),
        when=sent > flag_limit,
        window="PT1M",
        modifiers=SENDING,
        labels=(tg.Label("abnormal-sending"),),
        reason="{observed} messages in a minute; limit {limit}",
        source="msg.burst-over-12-per-minute-flag",
        note=TIER_NOTE,
        examples=("fires: 13 messages in 60 s, stable account", "does not: 12 messages in 60 s"),
    )
    level_1 = tg.Rule(
        id="msg.burst-over-12-in-60s-l1",
        title="More messages in 60 s than the tier allows: sending stops for 2 h",
        on=(MessageSent,),
        when=sent > level_1_limit,
        window="PT60S",
        modifiers=SENDING,
        measures=(tg.Measure(sanctions.SEND_SUSPEND_2H),),
        reason="{observed} messages in 60 s; limit {limit}",
        source="msg.burst-over-12-in-60s-l1",
        note=TIER_NOTE,
        examples=("fires: the 13th message within 59.999 s", "does not: a 13th message 60 s after the first"),
    )
    downgrade = tg.Rule(
        id="msg.rate-over-12-per-minute-downgrade",
        title="More single messages in a minute than the tier allows: downgrade and priority review",
        on=(MessageSent,),
        when=sent_singly > downgrade_limit,
        window="PT1M",
        modifiers=SENDING,
        measures=(tg.Measure(sanctions.PERMISSION_DOWNGRADE, capability=("send",)),),
        labels=(tg.Label("high-load"),),
        cases=(queues.PRIORITY_MESSAGE,),
        reason="{observed} messages in a minute, broadcasts left out; limit {limit}",
        source="msg.rate-over-12-per-minute-downgrade",
        note=f"{TIER_NOTE}; messages of broadcasts follow the broadcast rows instead (bcast.exempt-from-per-minute-rule): of the rows"
        " per minute this one alone exempts them, the others speak of any message",
        examples=("fires: 13 single messages in 60 s", "does not: one broadcast to 13"),
    )
    over_ceiling = tg.Rule(
        id="msg.rate-over-20-per-minute",
        title="More than 20 messages in a minute",
        on=(MessageSent,),
        when=sent > ceiling,
        window="PT1M",
        modifiers=SENDING,
        labels=(tg.Label("high-load"),),
        reason="{observed} messages in a minute; limit {limit} for every tier",
        source="msg.rate-over-20-per-minute",
        note="the ceiling of the highest tier, for all of them; sending factors move it as they move the tiers' limits",
        examples=("fires: 21 messages in 60 s", "does not: 20 messages in 60 s"),
    )
    one_per_second = tg.Rule(
        id="msg.one-per-second-15min",
        title="One message per second",
        on=(MessageSent,),
        when=sent / 60 >= per_second,
        window="PT1M",
        prior=tg.Prior(0.95, source="msg.one-per-second-15min"),
        measures=(tg.Measure(sanctions.FUNCTION_RESTRICTION, capability=("send",)),),
        reason="{observed} messages per second over a minute; the limit is {limit}",
        source="msg.one-per-second-15min",
        note="a speed that no circumstance makes plausible: no factor for hours, networks or devices moves it",
        examples=("fires: 60 messages in 60 s", "does not: 54 messages in 60 s"),
    )
    media = tg.Rule(
        id="msg.media-risk-10-per-min",
        title="Ten pictures or videos in a minute",
        on=(MessageSent,),
        when=media_sent >= media_limit,
        window="PT1M",
        modifiers=SENDING,
        prior=unstated("msg.media-risk-10-per-min"),
        reason="{observed} pictures and videos in a minute; the risk starts at {limit}",
        source="msg.media-risk-10-per-min",
        note="pictures and videos; the row states no figure: 0.10",
        examples=("fires: 10 pictures in 60 s", "does not: 9 pictures in 60 s"),
    )
