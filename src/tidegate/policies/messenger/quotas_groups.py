"""Published limits of joining groups: how many an hour and a day, how large, how far apart, and how many are left again."""

import tidegate as tg
from tidegate.events import GroupJoined, GroupLeft
from tidegate.policies.messenger.account import day_zone, market
from tidegate.policies.messenger.group_churn import GroupChurn
from tidegate.policies.messenger.group_joins import is_own, joins, joins_1h, joins_24h, of_own_accord
from tidegate.policies.messenger.quotas_sending import DAY_NOTE
from tidegate.policies.messenger.tiers import business_member, new_member, stable_member

_MINUTE = tg.minutes(1).ms
_STRICT_MARKETS = tg.when(market.isin("IN", "BR"), "strict", "other")
HOUR_NOTE = "one an hour in India and Brazil, whatever the tier"
LARGE_NOTE = (
    "large: more than 500 members at the time of joining; the exact share exceeds; at least 3 joins in 7 days"
)
LEAVE_NOTE = "a warning: above 40 % a rule restrains. At least 3 joins in 24 hours; who was added by others has not joined"


def _joins(default: float, source: str, *, hourly: bool = False) -> tg.Parameter:
    return tg.Parameter(
        default, low=1, high=100, unit="groups", why="published for the tier" if hourly else "published", source=source,
        by=(_STRICT_MARKETS, {"strict": 1}) if hourly else None,
    )  # fmt: skip


def _ratio(default: float, source: str, why: str) -> tg.Parameter:
    return tg.Parameter(default, low=0.05, high=1, unit="ratio", why=why, source=source)


class QuotasGroups(tg.RuleSet):
    """Published limits of joining groups: how many an hour and a day, how large, how far apart, how many are left again."""

    area = "groups"

    new_day = _joins(3, "group.quota-new-per-day")
    stable_day = _joins(8, "group.quota-stable-per-day")
    business_day = _joins(15, "group.quota-business-per-day")
    paced_day = _joins(5, "group.quota-5-per-day")
    weekend_day = _joins(8, "group.quota-weekend-8-per-day")
    new_hour = _joins(1, "group.quota-new-per-hour", hourly=True)
    stable_hour = _joins(2, "group.quota-stable-per-hour", hourly=True)
    business_hour = _joins(4, "group.quota-business-per-hour", hourly=True)
    interval_min = tg.Parameter(
        30, low=1, high=600, unit="min", why="published pacing", source="group.quota-interval-30min"
    )  # fmt: skip
    large_members = tg.Parameter(
        500, low=50, high=10000, unit="members", why="more than 500", source="group.quota-stable-large-share"
    )  # fmt: skip
    least_joins = tg.Parameter(
        3, low=1, high=50, unit="joins", why="one of one says nothing about a habit",
        source="group.quota-stable-large-share", assumed=True,
    )  # fmt: skip
    new_large = _ratio(0.33, "group.quota-new-large-share", "less than a third")
    stable_large = _ratio(0.5, "group.quota-stable-large-share", "less than half")
    business_large = _ratio(0.7, "group.quota-business-large-share", "less than 70 %")
    new_leave = _ratio(0.2, "group.quota-new-leave-redline", "the red line itself is not crossed")
    stable_leave = _ratio(0.3, "group.quota-stable-leave-redline", "the red line itself is not crossed")
    business_leave = _ratio(0.4, "group.quota-business-leave-redline", "the red line itself is not crossed")

    today = joins.today(day_zone)
    before = of_own_accord.previous_seen().per(GroupJoined.account_id).ever()
    _large = is_own & (GroupJoined.group_size > large_members)
    joins_7d = joins.over(tg.days(7))
    large_share = (
        tg.events(GroupJoined).where(_large).count().per(GroupJoined.account_id).over(tg.days(7)) / joins_7d
    )
    often = joins_7d >= least_joins
    leave_rate = GroupChurn.exits_24h / tg.greatest(joins_24h, 1)
    enough = GroupChurn.enough & GroupChurn.acted

    per_day_new = tg.Quota(
        id="group.quota-new-per-day", title="New account: up to 3 groups joined a day", capability=("group_join",),
        on=(GroupJoined,), within=today <= new_day, applies=new_member, given=is_own, kind="count", unit="groups", window="P1D",
        reason="{observed} groups joined today; new accounts may join {limit}", source="group.quota-new-per-day",
        note=DAY_NOTE, examples=("exceeds: the fourth group of a day", "within: three before midnight, three after it"),
    )  # fmt: skip
    per_day_stable = tg.Quota(
        id="group.quota-stable-per-day", title="Stable account: up to 8 groups joined a day", capability=("group_join",),
        on=(GroupJoined,), within=today <= stable_day, applies=stable_member, given=is_own, kind="count", unit="groups", window="P1D",
        reason="{observed} groups joined today; stable accounts may join {limit}", source="group.quota-stable-per-day",
        note=DAY_NOTE, examples=("exceeds: the ninth group of a day", "within: eight groups in a day"),
    )  # fmt: skip
    per_day_business = tg.Quota(
        id="group.quota-business-per-day", title="Verified business: up to 15 groups joined a day", capability=("group_join",),
        on=(GroupJoined,), within=today <= business_day, applies=business_member, given=is_own, kind="count", unit="groups", window="P1D",
        reason="{observed} groups joined today; verified businesses may join {limit}", source="group.quota-business-per-day",
        note=DAY_NOTE, examples=("exceeds: the 16th group of a day", "within: 15 groups in a day"),
    )  # fmt: skip
    per_day_paced = tg.Quota(
        id="group.quota-5-per-day", title="Advised: up to 5 groups joined a day", capability=("group_join",),
        on=(GroupJoined,), within=today <= paced_day, given=is_own, kind="count", unit="groups", window="P1D",
        reason="{observed} groups joined today; up to {limit} are advised", source="group.quota-5-per-day",
        note=f"advice for every account, between the quotas of new and stable ones. {DAY_NOTE}",
        examples=("exceeds: the sixth group of a day", "within: five groups in a day"),
    )  # fmt: skip
    per_day_weekend = tg.Quota(
        id="group.quota-weekend-8-per-day", title="Up to 8 groups joined a day, at weekends too", capability=("group_join",),
        on=(GroupJoined,), within=today <= weekend_day, applies=~business_member, given=is_own, kind="count", unit="groups", window="P1D",
        reason="{observed} groups joined today; up to {limit}, at weekends too", source="group.quota-weekend-8-per-day",
        note=f"what the tolerance of weekends does not extend, for tiers up to stable. {DAY_NOTE}",
        examples=("exceeds: the ninth group of a Saturday", "within: eight groups on a Saturday"),
    )  # fmt: skip
    per_hour_new = tg.Quota(
        id="group.quota-new-per-hour", title="New account: one group joined an hour", capability=("group_join",),
        on=(GroupJoined,), within=joins_1h <= new_hour, applies=new_member, given=is_own, kind="count", unit="groups", window="PT1H",
        reason="{observed} groups joined in an hour; new accounts may join {limit}", source="group.quota-new-per-hour",
        examples=("exceeds: a second group within the hour", "within: the second group an hour after the first"),
    )  # fmt: skip
    per_hour_stable = tg.Quota(
        id="group.quota-stable-per-hour", title="Stable account: 2 groups joined an hour", capability=("group_join",),
        on=(GroupJoined,), within=joins_1h <= stable_hour, applies=stable_member, given=is_own, kind="count", unit="groups", window="PT1H",
        reason="{observed} groups joined in an hour; stable accounts may join {limit}", source="group.quota-stable-per-hour",
        note=HOUR_NOTE, examples=("exceeds: a third group within the hour", "within: two groups in an hour"),
    )  # fmt: skip
    per_hour_business = tg.Quota(
        id="group.quota-business-per-hour", title="Verified business: 4 groups joined an hour", capability=("group_join",),
        on=(GroupJoined,), within=joins_1h <= business_hour, applies=business_member, given=is_own, kind="count", unit="groups",
        window="PT1H", reason="{observed} groups joined in an hour; verified businesses may join {limit}",
        source="group.quota-business-per-hour", note=HOUR_NOTE,
        examples=("exceeds: a fifth group within the hour", "within: four groups in an hour"),
    )  # fmt: skip
    interval = tg.Quota(
        id="group.quota-interval-30min", title="At least 30 minutes between groups joined", capability=("group_join",),
        on=(GroupJoined,), within=tg.age(before) / _MINUTE >= interval_min, given=is_own, kind="gap", unit="min", window="PT30M",
        reason="{observed} min after the group before; at least {limit} min are advised", source="group.quota-interval-30min",
        note="who keeps it like clockwork is no less regular: the rule about that exempts nobody",
        examples=("exceeds: 29 min after the group before", "within: exactly 30 min after it"),
    )  # fmt: skip
    large_new = tg.Quota(
        id="group.quota-new-large-share", title="New account: less than 33 % of groups large", capability=("group_join",),
        on=(GroupJoined,), within=large_share < new_large, applies=new_member, given=often & is_own, kind="share", unit="ratio",
        window="P7D", reason="{observed} of the groups joined in 7 days are large; new accounts stay below {limit}",
        source="group.quota-new-large-share", note=f"{LARGE_NOTE}; one of three is over 33 %, as the figure is stated",
        examples=("exceeds: one large group of three", "within: 32 of 100"),
    )  # fmt: skip
    large_stable = tg.Quota(
        id="group.quota-stable-large-share", title="Stable account: less than half of the groups large",
        capability=("group_join",), on=(GroupJoined,), within=large_share < stable_large, applies=stable_member,
        given=often & is_own, kind="share", unit="ratio", window="P7D",
        reason="{observed} of the groups joined in 7 days are large; stable accounts stay below {limit}",
        source="group.quota-stable-large-share", note=LARGE_NOTE,
        examples=("exceeds: two large groups of four", "within: one large group of three"),
    )  # fmt: skip
    large_business = tg.Quota(
        id="group.quota-business-large-share", title="Verified business: less than 70 % of groups large",
        capability=("group_join",), on=(GroupJoined,), within=large_share < business_large, applies=business_member,
        given=often & is_own, kind="share", unit="ratio", window="P7D",
        reason="{observed} of the groups joined in 7 days are large; verified businesses stay below {limit}",
        source="group.quota-business-large-share", note=LARGE_NOTE,
        examples=("exceeds: seven large groups of ten", "within: two large groups of three"),
    )  # fmt: skip
    leave_new = tg.Quota(
        id="group.quota-new-leave-redline", title="New account: up to 20 % of groups left again", capability=("group_join",),
        on=(GroupLeft, GroupJoined), within=leave_rate <= new_leave, applies=new_member, given=enough, kind="share",
        unit="ratio", window="PT24H", reason="left {observed} of the groups joined in 24 hours; the red line is {limit}",
        source="group.quota-new-leave-redline", note=LEAVE_NOTE,
        examples=("exceeds: one of three groups left", "within: one of five groups left"),
    )  # fmt: skip
    leave_stable = tg.Quota(
        id="group.quota-stable-leave-redline", title="Stable account: up to 30 % of groups left again",
        capability=("group_join",), on=(GroupLeft, GroupJoined), within=leave_rate <= stable_leave, applies=stable_member,
        given=enough, kind="share", unit="ratio", window="PT24H",
        reason="left {observed} of the groups joined in 24 hours; the red line is {limit}",
        source="group.quota-stable-leave-redline", note=LEAVE_NOTE,
        examples=("exceeds: two of five groups left", "within: three of ten groups left"),
    )  # fmt: skip
    leave_business = tg.Quota(
        id="group.quota-business-leave-redline", title="Verified business: up to 40 % of groups left again",
        capability=("group_join",), on=(GroupLeft, GroupJoined), within=leave_rate <= business_leave,
        applies=business_member, given=enough, kind="share", unit="ratio", window="PT24H",
        reason="left {observed} of the groups joined in 24 hours; the red line is {limit}",
        source="group.quota-business-leave-redline", note=f"{LEAVE_NOTE}; here the red line is that of the rule",
        examples=("exceeds: three of five groups left", "within: two of five groups left"),
    )  # fmt: skip
