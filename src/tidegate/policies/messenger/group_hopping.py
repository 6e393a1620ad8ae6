"""Joining group after group, and being thrown out of them."""

import tidegate as tg
from tidegate.events import GroupJoined, GroupMemberRemoved
from tidegate.policies.messenger import group_joins, sanctions
from tidegate.policies.messenger.account import ALIKE, group_tier_in_force, is_new, market
from tidegate.policies.messenger.modifiers import JOINING

DAY_GROUP = "group-joins-day new-account-definition"


class GroupHopping(tg.RuleSet):
    """Joining group after group, and being thrown out of them. Who is added by others has not joined."""

    area = "groups"

    hour_limit = tg.Parameter(
        2,
        low=1,
        high=50,
        unit="groups",
        why="what the account's tier may join in an hour; 2 where the tier is not known",
        source="group.join-over-2-per-hour",
        by=(group_tier_in_force, {"new": 1, "young": 1, "stable": 2, "business": 4}),
        same_as=ALIKE,
    )
    hour_limit_strict_markets = tg.Parameter(
        1, low=1, high=50, unit="groups", why="one an hour in India, Brazil and similar markets",
        source="group.join-over-1-per-hour-in-br",
    )  # fmt: skip
    day_limit = tg.Parameter(
        10, low=2, high=200, unit="groups", why="the first step for new accounts", source="group.new-over-10-24h"
    )  # fmt: skip
    cooldown_limit = tg.Parameter(
        20, low=4, high=400, unit="groups", why="no tier may join more than 15 a day", source="group.new-over-20-24h-cooldown"
    )  # fmt: skip
    admins_limit = tg.Parameter(
        5, low=1, high=50, unit="administrators", why="one may be mistaken, six are not",
        source="group.removed-by-over-5-admins-72h",
    )  # fmt: skip

    joins_1h, joins_24h = group_joins.joins_1h, group_joins.joins_24h
    removing_admins = (
        tg.events(GroupMemberRemoved)
        .where(GroupMemberRemoved.by_admin)
        .distinct(GroupMemberRemoved.removed_by)
        .per(GroupMemberRemoved.account_id)
        .over(tg.hours(72))
    )

    hourly = tg.Rule(
        id="group.join-over-2-per-hour",
        title="More groups joined in an hour than the tier allows",
        on=(GroupJoined,),
        when=joins_1h > hour_limit,
        given=group_joins.is_own,
        window="PT1H",
        modifiers=JOINING,
        labels=(tg.Label("group-abuse"),),
        reason="{observed} groups joined in an hour; limit {limit}",
        source="group.join-over-2-per-hour",
        note="the tier's figure is the limit (new 1, stable 2, business 4), one tier down while joining is downgraded; 2 for all in"
        " the set `strict`; joins count, not different groups; who is added by others has not joined",
        examples=(
            "fires: three joins in an hour, stable account",
            "does not: four joins of a verified business",
        ),
    )
    hourly_strict_markets = tg.Rule(
        id="group.join-over-1-per-hour-in-br",
        title="India and Brazil: more than one group joined in an hour",
        on=(GroupJoined,),
        when=joins_1h > hour_limit_strict_markets,
        given=market.isin("IN", "BR") & group_joins.is_own,
        window="PT1H",
        modifiers=JOINING,
        labels=(tg.Label("group-abuse"),),
        reason="{observed} groups joined in an hour; limit {limit} in this market",
        source="group.join-over-1-per-hour-in-br",
        note="the smaller of the tier's figure and 1; market as the profile says, else of the number",
        examples=("fires: two joins in an hour in India", "does not: two joins in an hour in Italy"),
    )
    new_account = tg.Rule(
        id="group.new-over-10-24h",
        title="New account joins more than 10 groups in 24 hours",
        on=(GroupJoined,),
        when=joins_24h > day_limit,
        given=is_new & group_joins.is_own,
        window="PT24H",
        modifiers=JOINING,
        prior=tg.Prior(0.58, group=DAY_GROUP, source="group.new-over-10-24h"),
        reason="{observed} groups joined in 24 hours by a new account; limit {limit}",
        source="group.new-over-10-24h",
        note="new until its seventh day is over; 0.58 is read as the chance that risk control is triggered",
        examples=("fires: the 11th join of a new account", "does not: the 11th join of an old one"),
    )
    cooldown = tg.Rule(
        id="group.new-over-20-24h-cooldown",
        title="More than 20 groups joined in 24 hours",
        on=(GroupJoined,),
        when=joins_24h > cooldown_limit,
        given=group_joins.is_own,
        window="PT24H",
        modifiers=JOINING,
        measures=(tg.Measure(sanctions.GROUP_JOIN_COOLDOWN),),
        reason="{observed} groups joined in 24 hours; limit {limit}",
        source="group.new-over-20-24h-cooldown",
        note="for every account, since no tier may join more than 15 a day",
        examples=("fires: the 21st join", "does not: the 20th join"),
    )
    thrown_out = tg.Rule(
        id="group.removed-by-over-5-admins-72h",
        title="Removed by more than 5 group administrators in 72 hours",
        on=(GroupMemberRemoved,),
        when=removing_admins > admins_limit,
        window="PT72H",
        labels=(tg.Label("low-quality-member"),),
        measures=(tg.Measure(sanctions.GROUP_JOIN_APPROVAL),),
        reason="removed by {observed} administrators in 72 hours; limit {limit}",
        source="group.removed-by-over-5-admins-72h",
        note="different administrators, whatever the number of groups; the 60 % of joins that fail are joins that wait for an"
        " administrator: none fails by chance",
        examples=("fires: six administrators", "does not: one administrator, six groups"),
    )
