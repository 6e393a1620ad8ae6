"""Groups joined like clockwork: a machine keeps the time."""

import tidegate as tg
from tidegate.events import GroupJoined
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.group_joins import is_own, of_own_accord

HOUR_MS = tg.hours(1).ms


class JoinRobots(tg.RuleSet):
    """Groups joined like clockwork: regular gaps give a machine away, whatever their length.

    A series of joins is regular while its gaps have a coefficient of variation of at most a tenth; it needs at least six
    joins. The longest such series up to now counts.
    """

    area = "groups"

    duration_h = tg.Parameter(
        2, low=0.5, high=48, unit="h", why="more than two hours", source="group.join-regular-pattern"
    )  # fmt: skip
    variation = tg.Parameter(
        0.1, low=0.01, high=0.5, unit="ratio", why="standard deviation of the gaps by their mean",
        source="group.join-regular-pattern", assumed=True,
    )  # fmt: skip
    least_joins = tg.Parameter(
        6, low=3, high=50, unit="joins", why="fewer may be regular by chance", source="group.join-regular-pattern", assumed=True
    )  # fmt: skip

    lasted = of_own_accord.steady_for(variation).per(GroupJoined.account_id).ever()
    in_a_row = of_own_accord.steady_length(variation).per(GroupJoined.account_id).ever()

    clockwork = tg.Rule(
        id="group.join-regular-pattern",
        title="Groups joined at regular intervals for more than two hours",
        on=(GroupJoined,),
        when=lasted / HOUR_MS > duration_h,
        given=(in_a_row >= least_joins) & is_own,
        window="PT2H",
        prior=tg.Prior(
            0.89, group="group-regular-example", scores=False, source="group.join-regular-pattern"
        ),
        labels=(tg.Label("bot-behaviour"),),
        measures=(sanctions.step_up("phone", capability="group_join"),),
        reason="groups joined like clockwork for {observed} hours; limit {limit}",
        source="group.join-regular-pattern",
        note="no window, only the series, of at most 1,024 joins; coefficient of variation of the whole population of its gaps,"
        " 0.1 included; being added by others is no join: it neither counts nor breaks a series, nor is it asked about; 0.89 is the share of checks: shown, not"
        " scored",
        examples=(
            "fires: a join every 5 minutes for 2 h 5 min",
            "does not: gaps of 2, 11, 4, 9 and 30 minutes",
        ),
    )
