"""Newcomers in large groups that people complain about."""

import tidegate as tg
from tidegate.events import BaselineProfile, GroupJoined, GroupProfile
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.account import is_new, since_registration
from tidegate.policies.messenger.group_joins import is_own, of_own_accord


class RiskyGroups(tg.RuleSet):
    """Newcomers in large groups that people complain about."""

    area = "groups"

    large_size = tg.Parameter(
        500, low=50, high=100_000, unit="members", why="more than 500 members, counted at the join", source="group.large-group-weight-3p2"
    )  # fmt: skip
    large_weight = tg.Parameter(
        3.2, low=1, high=20, unit="factor", why="what reaches more people weighs more", source="group.large-group-weight-3p2"
    )  # fmt: skip
    mean_report_rate = tg.Parameter(
        0.007, low=0.0005, high=0.2, unit="ratio", why="the platform's mean, where its baseline names none",
        source="group.new-3-large-reported-groups",
    )  # fmt: skip
    groups_limit = tg.Parameter(
        3, low=1, high=50, unit="groups", why="three are no chance", source="group.new-3-large-reported-groups"
    )  # fmt: skip

    _profile = tg.events(GroupProfile)
    size = GroupJoined.group_size.or_else(_profile.last(GroupProfile.size).per(GroupProfile.group_id).ever())
    report_rate = _profile.last(GroupProfile.report_rate).per(GroupProfile.group_id).ever()
    _baseline = tg.events(BaselineProfile).last(BaselineProfile.group_report_rate).overall().ever()
    usual_rate = tg.when(_baseline.is_null(), mean_report_rate, _baseline).or_else(mean_report_rate)
    is_large = size > large_size
    _is_counted = is_large & (report_rate > usual_rate)
    _counted = of_own_accord.where(_is_counted).distinct(GroupJoined.group_id)
    # with those of which it is not known: different groups, however often each was joined
    _perhaps = of_own_accord.where(_is_counted.or_else(True)).distinct(GroupJoined.group_id)  # noqa: FBT003  an operand
    large_reported_7d = tg.least(
        *(
            since_registration(groups.per(GroupJoined.account_id), tg.days(7))
            for groups in (_counted, _perhaps)
        )
    )

    newcomer = tg.Rule(
        id="group.new-3-large-reported-groups",
        title="New account in three large groups that are reported more than others",
        on=(GroupJoined,),
        when=large_reported_7d >= groups_limit,
        given=is_new & is_own,
        window="P7D",
        measures=(tg.Measure(sanctions.FUNCTION_RESTRICTION),),
        reason="{observed} large groups with many reports joined in the first week; the limit is {limit}",
        source="group.new-3-large-reported-groups",
        note="counted are groups that are both large and reported more than the mean, different ones, as they were at the join; the mean is the"
        " platform's baseline, 0.7 % until one arrives; who is added by others has not joined; the first week begins with the registration, or the newest",
        examples=("fires: three groups of 501 members at 0.71 %", "does not: three groups at exactly 0.7 %"),
    )
    weight = tg.Rule(
        id="group.large-group-weight-3p2",
        title="A large group joined: it weighs as much as 3.2",
        on=(GroupJoined,),
        when=tg.when(is_large, large_weight, 1) > 1,
        reason="the join of a large group weighs as much as {observed}",
        source="group.large-group-weight-3p2",
        note="put on record, nothing follows: the source names no figure that weighted joins are held against, and limits"
        " of joins count each group once",
        examples=("fires: a group of 501 members", "does not: a group of 500 members"),
    )
