"""Numbers that come back: registered again soon after they were registered before."""

import tidegate as tg
from tidegate.events import AccountRegistered, NumberProfile, RegistrationAttempt
from tidegate.policies.messenger import sanctions

_DAY = tg.days(1).ms


class NumberRecycling(tg.RuleSet):
    """Numbers that come back: registered again soon after they were registered before."""

    area = "registration"

    code_limit_days = tg.Parameter(
        7, low=1, high=90, unit="days", why="a week, the seventh day included", source="reg.number-registered-7d-code-limit"
    )  # fmt: skip
    merge_days = tg.Parameter(
        90, low=7, high=365, unit="days", why="90 days idle are safe", source="reg.number-registered-90d-merge-55pct"
    )  # fmt: skip

    registrations_least = tg.Parameter(
        1, low=1, high=10, unit="registrations", why="one is enough", source="reg.sim-activity-history"
    )  # fmt: skip

    told_within_s = tg.Parameter(
        60, low=1, high=1800, unit="s", why="a server tells of the account and of the attempt that made it at once, in either order",
        source="reg.sim-activity-history", assumed=True,
    )  # fmt: skip

    _accounts = tg.events(AccountRegistered)
    _registered = _accounts.last_seen().per(AccountRegistered.number).ever()
    _one_before = _accounts.previous_seen().per(AccountRegistered.number).ever()
    _registered_before = _accounts.last(_one_before).per(AccountRegistered.number).ever()
    # an attempt that made an account; the judged one is not a registration before itself
    made = (
        tg.events(RegistrationAttempt)
        .where(RegistrationAttempt.outcome == "created")
        .previous_seen()
        .per(RegistrationAttempt.number)
        .ever()
    )
    # nor is the account that it made, where the attempt is told after it
    _is_own = (RegistrationAttempt.outcome == "created") & (
        tg.age(_registered) <= told_within_s * tg.seconds(1).ms
    )
    seen = tg.when(_is_own.or_else(False), _registered_before, _registered)  # noqa: FBT003  an operand
    recorded = (
        tg.events(NumberProfile).last(NumberProfile.last_registered_at).per(NumberProfile.number).ever()
    )
    last_registered = tg.greatest(tg.greatest(seen, made), recorded.or_else(seen))
    idle_days = tg.age(last_registered) / _DAY
    recent_90d = tg.when(idle_days < merge_days, 1, 0)

    _has_number = ~RegistrationAttempt.number.is_null()  # none on record was never registered

    code_limit = tg.Rule(
        id="reg.number-registered-7d-code-limit",
        title="Number registered 7 days ago or less",
        on=(RegistrationAttempt,),
        when=idle_days <= code_limit_days,
        given=_has_number,
        window="P7D",
        measures=(tg.Measure(sanctions.CODE_SEND_RESTRICT),),
        reason="the number was registered {observed} days ago; codes are limited up to {limit} days",
        source="reg.number-registered-7d-code-limit",
        note="a number without any registration on record has been idle for ever; a registration is an account made with the"
        " number, or what a profile of the number says, and not the one that the attempt itself has just made",
        examples=("fires: registered exactly 7 days ago", "does not: registered 8 days ago"),
    )
    recently_used = tg.Rule(
        id="reg.sim-activity-history",
        title="Number that was registered in the last 90 days",
        on=(RegistrationAttempt,),
        when=recent_90d >= registrations_least,
        given=_has_number,
        window="P90D",
        labels=(tg.Label("number-recently-used", on="number"),),
        reason="the number was registered in the last 90 days ({observed})",
        source="reg.sim-activity-history",
        note="exactly 90 days ago is idle, as the table says; the span is that of the merge row",
        examples=("fires: registered 89 days ago", "does not: registered exactly 90 days ago, or never"),
    )
    merge = tg.Rule(
        id="reg.number-registered-90d-merge-55pct",
        title="Number registered in the last 90 days",
        on=(RegistrationAttempt,),
        when=idle_days < merge_days,
        given=_has_number,
        window="P90D",
        prior=tg.Prior(
            0.55, group="number-age-gap", scores=False, source="reg.number-registered-90d-merge-55pct"
        ),
        reason="the number was registered {observed} days ago; idle from {limit} days on",
        source="reg.number-registered-90d-merge-55pct",
        note="0.55 is the share of attempts merged into the old account: shown, not scored",
        examples=("fires: registered 89 days ago", "does not: registered exactly 90 days ago"),
    )
