"""Published pacing of sending: a gap between messages, and a pause after every few. Advice only: people write in bursts."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.expr import Expr
from tidegate.policies.messenger.account import in_first_day

_SECOND, _MINUTE = tg.seconds(1).ms, tg.minutes(1).ms
NOTE = "a pause after every so many messages: judged from the next one on, until there was a pause"


def _pause(minutes: float, source: str) -> tg.Parameter:
    return tg.Parameter(minutes, low=0.5, high=60, unit="min", why="published pacing", source=source)


def _after(messages: int, source: str) -> tg.Parameter:
    return tg.Parameter(messages, low=1, high=100, unit="messages", why="published pacing", source=source)


sent = tg.events(MessageSent)
before = sent.previous_seen().per(MessageSent.account_id).ever()
gap = tg.age(before)  # ms; endless at the first message


def in_a_row(pause: tg.Parameter) -> Expr:
    """Return how many messages came directly before the judged one without such a pause among them."""
    short = (gap < pause * _MINUTE).or_else(False)  # noqa: FBT003  an operand; there is always a gap, if an endless one
    return sent.run_before(short).per(MessageSent.account_id).ever() + 1


class QuotasPacing(tg.RuleSet):
    """Published pacing of sending: a gap between messages, and a pause after every few."""

    area = "messaging"

    interval_s = tg.Parameter(
        90, low=1, high=600, unit="s", why="published pacing", source="msg.quota-interval-90s"
    )  # fmt: skip
    short_pause = _pause(2, "msg.quota-pause-2min-per-5")
    short_after = _after(5, "msg.quota-pause-2min-per-5")
    long_pause = _pause(5, "msg.quota-pause-5min-per-5")
    long_after = _after(5, "msg.quota-pause-5min-per-5")
    first_day_pause = _pause(15, "msg.quota-day1-pause-15min-per-20")
    first_day_after = _after(20, "msg.quota-day1-pause-15min-per-20")

    interval = tg.Quota(
        id="msg.quota-interval-90s", title="At least 90 seconds between messages", capability=("send",),
        on=(MessageSent,), within=gap / _SECOND >= interval_s, kind="gap", unit="s", window="PT90S",
        reason="{observed} s after the message before; at least {limit} s are advised", source="msg.quota-interval-90s",
        note="0.2 % is what paced senders may be suspected by mistake: a target of evaluation, not part of the score",
        examples=("exceeds: 89.999 s after the message before", "within: exactly 90 s after it"),
    )  # fmt: skip
    pause_2 = tg.Quota(
        id="msg.quota-pause-2min-per-5", title="A pause of 2 minutes after every 5 messages", capability=("send",),
        on=(MessageSent,), within=gap / _MINUTE >= short_pause, given=in_a_row(short_pause) >= short_after,
        kind="gap", unit="min", window="PT2M",
        reason="{observed} min after several messages in a row; a pause of {limit} min is advised",
        source="msg.quota-pause-2min-per-5", note=NOTE,
        examples=("exceeds: a sixth message a minute after the fifth", "within: the sixth message 2 min after the fifth"),
    )  # fmt: skip
    pause_5 = tg.Quota(
        id="msg.quota-pause-5min-per-5", title="A pause of 5 minutes after every 5 messages", capability=("send",),
        on=(MessageSent,), within=gap / _MINUTE >= long_pause, given=in_a_row(long_pause) >= long_after,
        kind="gap", unit="min", window="PT5M",
        reason="{observed} min after several messages in a row; a pause of {limit} min is advised",
        source="msg.quota-pause-5min-per-5", note=NOTE,
        examples=("exceeds: a sixth message 4 min after the fifth", "within: the sixth message 5 min after the fifth"),
    )  # fmt: skip
    first_day = tg.Quota(
        id="msg.quota-day1-pause-15min-per-20", title="First day: a pause of 15 minutes after every 20 messages",
        capability=("send",), on=(MessageSent,), within=gap / _MINUTE >= first_day_pause,
        given=in_a_row(first_day_pause) >= first_day_after, applies=in_first_day, kind="gap", unit="min", window="PT15M",
        reason="{observed} min after many messages in a row; a pause of {limit} min is advised on the first day",
        source="msg.quota-day1-pause-15min-per-20", note=f"{NOTE}; the first day are the first 24 hours",
        examples=("exceeds: a 21st message 14 min after the 20th", "within: the 21st message 15 min after the 20th"),
    )  # fmt: skip
