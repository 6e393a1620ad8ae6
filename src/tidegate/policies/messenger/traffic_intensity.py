"""Accounts that send several times as much as others do."""

import tidegate as tg
from tidegate.events import BaselineProfile, MessageSent
from tidegate.policies.messenger import sanctions

MINUTES = 5


class TrafficIntensity(tg.RuleSet):
    """Accounts that send several times as much as others do, minute after minute."""

    area = "messaging"

    ratio = tg.Parameter(
        3.0, low=1.5, high=20, unit="times the mean", why="above 300 % of the mean; 300 % above it would be 4",
        source="msg.intensity-over-300pct",
    )  # fmt: skip
    least_messages = tg.Parameter(
        5, low=1, high=100, unit="messages in 5 minutes", why="four in a quiet hour are no load, whatever the mean",
        source="msg.intensity-over-300pct", assumed=True,
    )  # fmt: skip

    sent_5m = tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.minutes(MINUTES))
    mean_per_minute = tg.events(BaselineProfile).last(BaselineProfile.avg_message_rate).overall().ever()

    times_the_mean = sent_5m / (mean_per_minute * MINUTES)  # divided once: exactly 3 times is not more

    intense = tg.Rule(
        id="msg.intensity-over-300pct",
        title="More than 300 % of the mean sending rate",
        on=(MessageSent,),
        when=times_the_mean > ratio,
        given=sent_5m >= least_messages,
        window="PT5M",
        measures=(tg.Measure(sanctions.SEND_SUSPEND_2H),),
        reason="{observed} times the mean sending rate of all accounts over 5 minutes; limit {limit}",
        source="msg.intensity-over-300pct",
        note="the mean is what a baseline profile states, in messages a minute; a ratio, no count: the factors of the hour and of"
        " devices do not move it",
        examples=(
            "fires: 3.1 times the mean",
            "does not: 3.0 times the mean, or four messages in a quiet hour",
        ),
    )
