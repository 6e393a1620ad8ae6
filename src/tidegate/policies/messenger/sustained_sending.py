"""Sending that goes on minute after minute: slower than a burst, but no person keeps it up."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.features import Feature
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.account import ALIKE, send_tier
from tidegate.policies.messenger.message_burst import TIER_FIGURES
from tidegate.policies.messenger.modifiers import COLD_CONTACT, SENDING

MINUTES = 5  # both rows: "five consecutive minutes"
BASE = 12  # figure per minute that both rows are stated against: the one of a stable account


def _share_of_tier(figure: float) -> dict[str, float]:
    """Return the figure scaled to each tier: 8 of 12 is 13.33 of 20."""
    return {tier: figure * of_tier / BASE for tier, of_tier in TIER_FIGURES.items()}


def _sent_within(count: int) -> Feature:
    return tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.minutes(count))


class SustainedSending(tg.RuleSet):
    """Sending that goes on minute after minute.

    Each of the last five minutes counts for itself: rolling minutes that end at the message, so that neither the mean
    of five minutes nor the place of minute marks decides.
    """

    area = "messaging"

    soft_limit = tg.Parameter(
        8,
        low=0.5,
        high=60,
        unit="messages/min",
        why="8 of the 12 a stable account may send, in the same proportion for other tiers",
        source="msg.sustained-over-8-for-5min-soft",
        by=(send_tier, _share_of_tier(8)),
        same_as=ALIKE,
    )
    throttle_limit = tg.Parameter(
        12,
        low=0.5,
        high=60,
        unit="messages/min",
        why="all that the tier may send, for five minutes on end",
        source="msg.rate-over-12-for-5min-throttle",
        by=(send_tier, _share_of_tier(12)),
        same_as=ALIKE,
    )

    quietest_minute = tg.least(
        _sent_within(1), *(_sent_within(n) - _sent_within(n - 1) for n in range(2, MINUTES + 1))
    )

    soft = tg.Rule(
        id="msg.sustained-over-8-for-5min-soft",
        title="Fast for five minutes on end: soft limit of 4 per minute",
        on=(MessageSent,),
        when=quietest_minute > soft_limit,
        window="PT5M",
        modifiers=(*SENDING, COLD_CONTACT),
        measures=(tg.Measure(sanctions.SOFT_THROTTLE),),
        reason="at least {observed} messages in each of the last 5 minutes; limit {limit}",
        source="msg.sustained-over-8-for-5min-soft",
        note="8/12 of the tier's figure per minute (8 for all in the set `strict`), half of it, 4 for a stable account, where the message"
        " goes to a cold contact; minutes that end at the message, not those of the clock",
        examples=("fires: 9 messages in each of 5 minutes", "does not: 10, 10, 10, 10 and 5 messages"),
    )
    throttle = tg.Rule(
        id="msg.rate-over-12-for-5min-throttle",
        title="Over the limit for five minutes on end: delivery limited for 24 h",
        on=(MessageSent,),
        when=quietest_minute > throttle_limit,
        window="PT5M",
        modifiers=SENDING,
        measures=(tg.Measure(sanctions.DELIVERY_THROTTLE),),
        labels=(tg.Label("potential-advertising"),),
        reason="at least {observed} messages in each of the last 5 minutes; limit {limit}",
        source="msg.rate-over-12-for-5min-throttle",
        note="12/12 of the tier's figure per minute (12 for all in the set `strict`); minutes that end at the message",
        examples=("fires: 13 messages in each of 5 minutes", "does not: 61 in the first minute, then none"),
    )
