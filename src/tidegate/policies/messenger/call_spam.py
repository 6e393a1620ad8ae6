"""Calls by accounts that nobody stands behind."""

import tidegate as tg
from tidegate.events import CallStarted
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.account import is_unidentified


class CallSpam(tg.RuleSet):
    """Calls by accounts that nobody stands behind."""

    area = "calls"

    day_limit = tg.Parameter(
        10, low=1, high=200, unit="calls", why="more than ten a day", source="call.unidentified-over-10-day"
    )  # fmt: skip

    calls_1d = (
        tg.events(CallStarted)
        .where(CallStarted.kind == "voice")
        .count()
        .per(CallStarted.account_id)
        .over(tg.days(1))
    )

    unidentified = tg.Rule(
        id="call.unidentified-over-10-day",
        title="More than 10 calls a day by an account that is not identified",
        on=(CallStarted,),
        when=calls_1d > day_limit,
        given=is_unidentified,
        window="P1D",
        measures=(tg.Measure(sanctions.CALL_SUSPEND_24H),),
        reason="{observed} calls in 24 hours by an unidentified account; limit {limit}",
        source="call.unidentified-over-10-day",
        note="rolling 24 h, as enforcement counts; unanswered calls count, video calls do not",
        examples=(
            "fires: the 11th call of an unidentified account",
            "does not: 20 calls of an identified one",
        ),
    )
