"""Groups joined and left again: looked at, harvested, dropped."""

import tidegate as tg
from tidegate.events import GroupJoined, GroupLeft
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.group_joins import joins_24h, of_own_accord
from tidegate.policies.messenger.instant import INSTANT


class GroupChurn(tg.RuleSet):
    """Groups joined and left again: looked at, harvested, dropped. Who was added by others has not joined."""

    area = "groups"

    left_share = tg.Parameter(
        0.4, low=0.05, high=0.99, unit="ratio", why="more than 40 %, for every tier", source="group.leave-rate-over-40pct-24h"
    )  # fmt: skip
    least_joins = tg.Parameter(
        3, low=1, high=50, unit="joins", why="one of one says nothing about a habit", source="group.leave-rate-over-40pct-24h",
        assumed=True,
    )  # fmt: skip

    joined_at = of_own_accord.last_seen().per(GroupJoined.account_id, GroupJoined.group_id).over(tg.hours(24))
    # who is told to have left twice, and did not join in between, left once
    _left_before = (
        tg.events(GroupLeft).previous_seen().per(GroupLeft.account_id, GroupLeft.group_id).over(tg.hours(24))
    )
    exits_24h = (
        tg.events(GroupLeft)
        .where(
            ~GroupLeft.group_id.is_null()
            & ~joined_at.is_null()
            & (_left_before.is_null() | (joined_at >= _left_before))
        )
        .count()
        .per(GroupLeft.account_id)
        .over(tg.hours(24))
    )

    enough = joins_24h >= least_joins
    # whether the judged event is the account's own doing: whom others add may be over the line, and has done nothing
    acted = ~(
        (tg.events(GroupLeft) | of_own_accord).last_seen().per(GroupLeft.account_id).over(INSTANT)
    ).is_null()

    leaving = tg.Rule(
        id="group.leave-rate-over-40pct-24h",
        title="More than 40 % of the joined groups left within 24 hours",
        on=(GroupLeft, GroupJoined),
        when=exits_24h / tg.greatest(joins_24h, 1) > left_share,
        given=enough & acted,
        window="PT24H",
        measures=(tg.Measure(sanctions.PERMISSION_DOWNGRADE, capability=("group_join",)),),
        reason="left {observed} of the groups joined in 24 hours; limit {limit}",
        source="group.leave-rate-over-40pct-24h",
        note="exits count that come less than 24 h after joining; exits and joins are those of the last 24 h; judged at both, not"
        " where others add the account; at least 3 joins; being removed is no exit",
        examples=("fires: 3 of 5 groups left", "does not: 2 of 5: exactly 40 %"),
    )
