"""Groups joined like clockwork: a machine keeps the time."""

import tidegate as tg
from tidegate.events import GroupJoined
from tidegate.policies.messenger import sanctions

HOUR_MS, SECOND_MS = tg.hours(1).ms, tg.seconds(1).ms
LONGEST = tg.days(30)  # of a longer series, the gaps of so many days are looked at


class JoinRobots(tg.RuleSet):
    """Groups joined like clockwork: regular gaps give a machine away, whatever their length.

    A join is regular when its gap differs from the one before by at most a tenth. The series began one gap before the last
    join that was not; it needs at least six joins.
    """

    area = "groups"

    duration_h = tg.Parameter(
        2, low=0.5, high=48, unit="h", why="more than two hours", source="group.join-regular-pattern"
    )  # fmt: skip
    variation = tg.Parameter(
        0.1, low=0.01, high=0.5, unit="ratio", why="standard deviation of the gaps by their mean",
        source="group.join-regular-pattern", assumed=True,
    )  # fmt: skip
    break_ratio = tg.Parameter(
        1.5, low=1.1, high=5, unit="ratio", why="a gap so much longer or shorter than the one before starts another series",
        source="group.join-regular-pattern", assumed=True,
    )  # fmt: skip
    least_joins = tg.Parameter(
        6, low=3, high=50, unit="joins", why="fewer may be regular by chance", source="group.join-regular-pattern", assumed=True
    )  # fmt: skip

    joins = tg.events(GroupJoined)
    before = joins.previous_seen().per(GroupJoined.account_id).ever()
    before_that = joins.previous(before).per(GroupJoined.account_id).ever()
    gap, gap_before = tg.age(before), before - before_that
    goes_on = (
        ~before_that.is_null() & (gap <= gap_before * break_ratio) & (gap_before <= gap * break_ratio)
    ).or_else(False)  # noqa: FBT003  an operand
    in_a_row = joins.run(goes_on).per(GroupJoined.account_id).ever()
    _firsts = joins.where(~goes_on)  # each of them ends the first gap of a series
    began = _firsts.last(before).per(GroupJoined.account_id).ever()
    _first = _firsts.last(tg.now()).per(GroupJoined.account_id).ever()

    # mean and mean square of the gaps, in seconds: n * squares - sum**2 is n**2 times their variance
    _gap_s = gap / SECOND_MS
    gaps = joins.count().per(GroupJoined.account_id).since(_first, at_most=LONGEST)
    total = joins.sum(_gap_s, places=3).per(GroupJoined.account_id).since(_first, at_most=LONGEST)
    squares = joins.sum(_gap_s * _gap_s, places=2).per(GroupJoined.account_id).since(_first, at_most=LONGEST)
    is_regular = gaps * squares - total * total <= variation * variation * total * total

    clockwork = tg.Rule(
        id="group.join-regular-pattern",
        title="Groups joined at regular intervals for more than two hours",
        on=(GroupJoined,),
        when=tg.age(began) / HOUR_MS > duration_h,
        given=(in_a_row + 2 >= least_joins) & is_regular,
        window="PT2H",
        prior=tg.Prior(
            0.89, group="group-regular-example", scores=False, source="group.join-regular-pattern"
        ),
        labels=(tg.Label("bot-behaviour"),),
        measures=(sanctions.step_up("phone", capability="group_join"),),
        reason="groups joined like clockwork for {observed} hours; limit {limit}",
        source="group.join-regular-pattern",
        note="no window, only the series, which a gap half as long again as the one before it ends; coefficient of variation of the"
        " whole population of its gaps, 0.1 included; 0.89 is the share of checks: shown, not scored",
        examples=(
            "fires: a join every 5 minutes for 2 h 5 min",
            "does not: gaps of 2, 11, 4, 9 and 30 minutes",
        ),
    )
