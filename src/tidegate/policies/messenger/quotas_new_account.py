"""Published ramp of new accounts: little on the first day, a few conversations a day in the first week."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.expr import Expr
from tidegate.policies.messenger.account import day_zone, in_first_day, in_first_week, registered_at
from tidegate.policies.messenger.acquaintance import to_somebody
from tidegate.policies.messenger.new_account_volume import NewAccountVolume
from tidegate.policies.messenger.quotas_sending import DAY_NOTE, QuotasSending, people_of

_DAY = tg.days(1).ms
WEEK_DAYS = 7  # an account a week old has seen up to eight calendar days
OFF = "off unless the parameter set `ramp` is in force: it allows more than the published 50 messages a day"


def _ramp_before(day: Expr, first: tg.Parameter, growth: tg.Parameter) -> Expr:
    """Return what the ramp allowed on the day before this day of the account's life."""
    allowed: Expr = first
    result = allowed
    for past in range(3, WEEK_DAYS + 2):
        allowed = allowed * growth
        result = tg.when(day >= past, allowed, result)
    return result


class QuotasNewAccount(tg.RuleSet):
    """Published ramp of new accounts: little on the first day, a few conversations a day in the first week."""

    area = "messaging"

    first_hour_limit = tg.Parameter(
        30, low=5, high=500, unit="messages", why="an hour of the first day", source="msg.quota-day1-30-per-hour"
    )  # fmt: skip
    week_day_limit = tg.Parameter(
        20, low=2, high=500, unit="messages", why="fewer than 20 a day, the green zone below the quota of 50",
        source="msg.quota-first-week-20-per-day",
    )  # fmt: skip
    conversations_limit = tg.Parameter(
        10, low=1, high=200, unit="conversations", why="five to ten a day; the lower end is advice, no limit",
        source="msg.quota-first-week-conversations",
    )  # fmt: skip
    ramp = tg.Parameter(
        0, low=0, high=1, unit="switch", why="1 puts the ramp of 80 messages and 20 % more each day in force",
        source="msg.quota-day1-80", assumed=True,
    )  # fmt: skip
    ramp_day_1 = tg.Parameter(
        80, low=5, high=500, unit="messages", why="80 itself included", source="msg.quota-day1-80"
    )  # fmt: skip
    ramp_growth = tg.Parameter(
        1.2, low=1, high=3, unit="ratio", why="20 % more each day: 80, 96, 115, 138, 166, 199",
        source="msg.quota-first-week-growth-20pct",
    )  # fmt: skip

    sent_1h, sent_24h = NewAccountVolume.sent_1h, NewAccountVolume.sent_24h
    today = QuotasSending.today
    # of accounts surely past it nothing is kept: whoever is in the first week now was so at all messages of the day
    conversations = people_of(to_somebody & in_first_week.or_else(True))  # noqa: FBT003  an operand

    # the calendar day of the account's life: 1 is that of its registration
    _midnights = (tg.midnight(day_zone) - registered_at) / _DAY
    day = tg.when(registered_at >= tg.midnight(day_zone), 1, 1 - (-_midnights).floor())
    before_today = tg.least(_ramp_before(day, ramp_day_1, ramp_growth), QuotasSending.stable_day)

    first_hours = tg.Quota(
        id="msg.quota-day1-30-per-hour", title="First day: up to 30 messages an hour", capability=("send",),
        on=(MessageSent,), within=sent_1h <= first_hour_limit, applies=in_first_day, kind="count", unit="messages",
        window="PT1H", reason="{observed} messages in an hour of the first day; up to {limit} may be sent",
        source="msg.quota-day1-30-per-hour", note="the first day are the first 24 hours",
        examples=("exceeds: the 31st message in an hour", "within: the 31st message an hour after the first"),
    )  # fmt: skip
    first_week = tg.Quota(
        id="msg.quota-first-week-20-per-day", title="First week: fewer than 20 messages a day", capability=("send",),
        on=(MessageSent,), within=today < week_day_limit, applies=in_first_week, kind="count", unit="messages",
        window="P1D", reason="{observed} messages today; fewer than {limit} are advised in the first week",
        source="msg.quota-first-week-20-per-day", note=f"the 20th is one too many. {DAY_NOTE}",
        examples=("exceeds: the 20th message since midnight", "within: 19 messages in a day"),
    )  # fmt: skip
    few_conversations = tg.Quota(
        id="msg.quota-first-week-conversations", title="First week: up to 10 conversations a day", capability=("send",),
        on=(MessageSent,), within=conversations <= conversations_limit, applies=in_first_week, kind="count",
        unit="conversations", window="P1D", reason="{observed} people written to today; up to {limit} are advised",
        source="msg.quota-first-week-conversations",
        note=f"people whom the account wrote to; who only wrote to it does not count. {DAY_NOTE}",
        examples=("exceeds: the eleventh person today", "within: many messages to ten people"),
    )  # fmt: skip
    ramp_first_day = tg.Quota(
        id="msg.quota-day1-80", title="First day: up to 80 messages", capability=("send",), on=(MessageSent,),
        within=sent_24h <= ramp_day_1, applies=in_first_day & (ramp > 0), kind="count", unit="messages", window="P1D",
        reason="{observed} messages on the first day; the ramp allows {limit}", source="msg.quota-day1-80",
        note=f"{OFF}; the first day are the first 24 hours",
        examples=("exceeds: the 81st message of the first 24 hours", "within: the 80th"),
    )  # fmt: skip
    growth = tg.Quota(
        id="msg.quota-first-week-growth-20pct", title="First week: a fifth more messages each day", capability=("send",),
        on=(MessageSent,), within=today / before_today <= ramp_growth, kind="share", unit="ratio", window="P1D",
        applies=in_first_week & (day > 1) & (ramp > 0),
        reason="{observed} times what the ramp allowed yesterday; {limit} times are allowed",
        source="msg.quota-first-week-growth-20pct",
        note=f"{OFF}; never more than the daily quota of stable accounts. {DAY_NOTE}",
        examples=("exceeds: 97 messages on the second day", "within: 96 messages on the second day"),
    )  # fmt: skip
