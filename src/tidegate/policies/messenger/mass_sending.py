"""Mass sending: volumes per hour and day that no conversation explains."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.account import is_business
from tidegate.policies.messenger.carried_links import has_link
from tidegate.policies.messenger.message_burst import in_broadcast


class MassSending(tg.RuleSet):
    """Mass sending: volumes per hour and day that no conversation explains."""

    area = "messaging"

    hour_limit = tg.Parameter(
        50, low=10, high=1000, unit="messages", why="more than 50 in an hour", source="msg.hour-over-50-mostly-broadcast"
    )  # fmt: skip
    broadcast_share = tg.Parameter(
        0.7, low=0.1, high=0.99, unit="ratio", why="more than 70 % of them broadcast", source="msg.hour-over-50-mostly-broadcast"
    )  # fmt: skip
    proactive_limit = tg.Parameter(
        200, low=20, high=2000, unit="messages", why="nobody starts more than 200 conversations a day",
        source="msg.day-over-200-proactive",
    )  # fmt: skip
    promotional_limit = tg.Parameter(
        500, low=50, high=5000, unit="messages", why="who sends more promotions has to use the business API",
        source="msg.promo-over-500-day-manual",
    )  # fmt: skip

    example_promotional = tg.Parameter(
        68, low=10, high=1000, unit="messages", why="the worked case; the real trigger lies lower, in the other rows",
        source="msg.merchant-example-68-in-1h", assumed=True,
    )  # fmt: skip
    example_links = tg.Parameter(
        40, low=5, high=1000, unit="messages", why="40 of the 68 with links to products", source="msg.merchant-example-68-in-1h",
    )  # fmt: skip

    sent_1h = tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.hours(1))
    broadcast_1h = (
        tg.events(MessageSent).where(in_broadcast).count().per(MessageSent.account_id).over(tg.hours(1))
    )
    proactive_1d = (
        tg.events(MessageSent)
        .where(~MessageSent.is_reply)
        .count()
        .per(MessageSent.account_id)
        .over(tg.days(1))
    )
    promotional_1d = (
        tg.events(MessageSent)
        .where(MessageSent.is_promotional & ~MessageSent.via_business_api)
        .count()
        .per(MessageSent.account_id)
        .over(tg.days(1))
    )

    promotions_1h = (
        tg.events(MessageSent)
        .where(MessageSent.is_promotional)
        .count()
        .per(MessageSent.account_id)
        .over(tg.hours(1))
    )
    links_1h = tg.events(MessageSent).where(has_link).count().per(MessageSent.account_id).over(tg.hours(1))

    mostly_broadcast = tg.Rule(
        id="msg.hour-over-50-mostly-broadcast",
        title="More than 50 messages in an hour, over 70 % of them broadcast",
        on=(MessageSent,),
        when=sent_1h > hour_limit,
        given=broadcast_1h / sent_1h > broadcast_share,
        window="PT1H",
        labels=(tg.Label("high-frequency-watch"),),
        reason="{observed} messages in an hour, most of them broadcast; limit {limit}",
        source="msg.hour-over-50-mostly-broadcast",
        note="one broadcast to 30 people counts as 30 messages: those of message_sent, the batch itself is none",
        examples=("fires: 51 messages, 36 of them broadcast", "does not: 60 messages, 42 of them broadcast: exactly 70 %"),
    )  # fmt: skip
    proactive = tg.Rule(
        id="msg.day-over-200-proactive",
        title="More than 200 messages in a day that answer nobody",
        on=(MessageSent,),
        when=proactive_1d > proactive_limit,
        given=~is_business,
        window="P1D",
        measures=(tg.Measure(sanctions.FUNCTION_RESTRICTION, capability=("send",)),),
        reason="{observed} messages in 24 hours that answer nobody; limit {limit}",
        source="msg.day-over-200-proactive",
        note="rolling 24 h, as enforcement counts; an answer is what the event calls one; business accounts follow their own quota",
        examples=("fires: 201 messages of one's own accord in 24 h", "does not: 200 of them and 300 replies"),
    )
    by_hand = tg.Rule(
        id="msg.promo-over-500-day-manual",
        title="More than 500 promotions in a day without the business API",
        on=(MessageSent,),
        when=promotional_1d > promotional_limit,
        window="P1D",
        prior=tg.Prior(
            0.89, group="daily-volume probability-meaning", source="msg.promo-over-500-day-manual"
        ),
        measures=(tg.Measure(sanctions.PERMANENT_BAN),),
        reason="{observed} promotional messages in 24 hours without the business API; limit {limit}",
        source="msg.promo-over-500-day-manual",
        note="rolling 24 h, as enforcement counts; the kind of block is not stated: a ban that a person must confirm",
        examples=("fires: 501 promotions by hand in 24 h", "does not: 600 through the business API"),
    )
    merchant = tg.Rule(
        id="msg.merchant-example-68-in-1h",
        title="68 promotions in an hour, 40 messages with links",
        on=(MessageSent,),
        when=promotions_1h >= example_promotional,
        given=links_1h >= example_links,
        window="PT1H",
        measures=(tg.Measure(sanctions.SEND_SUSPEND_2H),),
        labels=(tg.Label("abnormal-sending"),),
        reason="{observed} promotional messages in an hour, many of them with links; the limit is {limit}",
        source="msg.merchant-example-68-in-1h",
        note="a worked case read as written; the suspension it names has no row of its own: the one of level 1, and the label is the"
        " warning; also through the business API, as the case does not say by which way",
        examples=("fires: 68 promotions, 40 with links", "does not: 67 promotions, 40 with links"),
    )
