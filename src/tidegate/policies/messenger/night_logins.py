"""Logins in the early hours, when the holder of an account is likely to be asleep."""

import tidegate as tg
from tidegate.events import LoginAttempt
from tidegate.policies.messenger import account, sanctions
from tidegate.policies.messenger.usual_hours import is_unusual_login


class NightLogins(tg.RuleSet):
    """Logins in the early hours, when the holder of an account is likely to be asleep."""

    area = "login"

    from_hour = tg.Parameter(
        2, low=0, high=4, unit="hour of day", why="from two, the hour itself included",
        source="login.early-morning-security-question-38pct",
    )  # fmt: skip
    until_hour = tg.Parameter(
        5, low=3, high=8, unit="hour of day", why="until five, the hour itself left out",
        source="login.early-morning-security-question-38pct",
    )  # fmt: skip

    # what the event says wins over the clock of the account's zone
    hour = LoginAttempt.local_hour.or_else(tg.local_hour(account.zone))

    early = tg.Rule(
        id="login.early-morning-security-question-38pct",
        title="Login between two and five in the morning",
        on=(LoginAttempt,),
        when=hour < until_hour,
        given=(hour >= from_hour) & is_unusual_login(hour, hour >= from_hour),
        prior=tg.Prior(
            0.38, group="time-of-day", scores=False, source="login.early-morning-security-question-38pct"
        ),
        measures=(sanctions.step_up("security_question", capability="login"),),
        reason="a login at {observed} h local time, before {limit} h",
        source="login.early-morning-security-question-38pct",
        note="every login of these hours is asked, unless the account's profile of hours says that it is used then, or its logins of 30 days"
        " do (login.hour-profile); 0.38 is the"
        " share of questions: shown, not scored. In the zone of the account; where that is not known, nothing is asked",
        examples=("fires: 04:59:59", "does not: 05:00:00, or 01:59:59"),
    )
