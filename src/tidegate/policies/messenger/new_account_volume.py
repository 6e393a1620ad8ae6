"""New accounts that send from the first hour on as if they had always been there."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.policies.messenger.account import FIRST_DAY, in_first_day, since_registration
from tidegate.policies.messenger.priors import unstated

VOLUME, NEW = "new-account-day1-volume", "new-account-definition"
PROBABILITY = 0.82  # of both rows: more than 100 must not weigh less than more than 50


class NewAccountVolume(tg.RuleSet):
    """New accounts that send from the first hour on as if they had always been there."""

    area = "messaging"

    mark_limit = tg.Parameter(
        50, low=5, high=500, unit="messages", why="published quota of a new account", source="msg.new-account-over-50-first-mark"
    )  # fmt: skip
    score_limit = tg.Parameter(
        50, low=5, high=500, unit="messages", why="published quota of a new account", source="msg.new-account-day1-over-50-82pct"
    )  # fmt: skip
    heavy_limit = tg.Parameter(
        100, low=10, high=1000, unit="messages", why="twice the quota", source="msg.new-account-over-100-first-24h"
    )  # fmt: skip
    hour_limit = tg.Parameter(
        45, low=5, high=500, unit="messages", why="risk threshold, read as reached", source="msg.day1-risk-45-per-hour",
        assumed=True,
    )  # fmt: skip

    sent_24h = since_registration(tg.events(MessageSent).count().per(MessageSent.account_id), FIRST_DAY)
    sent_1h = tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.hours(1))

    first_mark = tg.Rule(
        id="msg.new-account-over-50-first-mark",
        title="More than 50 messages in the first 24 hours: first risk mark",
        on=(MessageSent,),
        when=sent_24h > mark_limit,
        given=in_first_day,
        window="PT24H",
        labels=(tg.Label("first-risk-mark"),),
        reason="{observed} messages in the first 24 hours; limit {limit}",
        source="msg.new-account-over-50-first-mark",
        note="the first 24 hours begin with the registration, or the newest, and end exactly a day after; undecided where nobody knows when"
        " that was",
        examples=(
            "fires: the 51st message, 23 h after registration",
            "does not: the 51st message a day after it",
        ),
    )
    day_1 = tg.Rule(
        id="msg.new-account-day1-over-50-82pct",
        title="More than 50 messages on the first day",
        on=(MessageSent,),
        when=sent_24h > score_limit,
        given=in_first_day,
        window="P1D",
        prior=tg.Prior(
            PROBABILITY,
            group=f"{VOLUME} {NEW} probability-meaning",
            source="msg.new-account-day1-over-50-82pct",
        ),
        reason="{observed} messages on the first day; limit {limit}",
        source="msg.new-account-day1-over-50-82pct",
        note="the first day are the first 24 hours",
        examples=("fires: 51 messages in the first 24 h", "does not: 50 messages in the first 24 h"),
    )
    heavy = tg.Rule(
        id="msg.new-account-over-100-first-24h",
        title="More than 100 messages in the first 24 hours",
        on=(MessageSent,),
        when=sent_24h > heavy_limit,
        given=in_first_day,
        window="PT24H",
        prior=tg.Prior(PROBABILITY, group=f"{VOLUME} {NEW}", source="msg.new-account-over-100-first-24h"),
        reason="{observed} messages in the first 24 hours; limit {limit}",
        source="msg.new-account-over-100-first-24h",
        note="stated as 0.75, which is less than for more than 50 messages: the greater of the two holds for both",
        examples=("fires: 101 messages in the first 24 h", "does not: 100 messages in the first 24 h"),
    )
    hourly = tg.Rule(
        id="msg.day1-risk-45-per-hour",
        title="45 messages in an hour of the first day",
        on=(MessageSent,),
        when=sent_1h >= hour_limit,
        given=in_first_day,
        window="PT1H",
        prior=unstated("msg.day1-risk-45-per-hour", group=VOLUME),
        reason="{observed} messages in an hour of the first day; the risk starts at {limit}",
        source="msg.day1-risk-45-per-hour",
        note="the first day are the first 24 hours; the row states no figure: 0.10",
        examples=("fires: 45 messages in an hour, 5 h after registration", "does not: 44 of them"),
    )
