"""Groups of the same people in dense markets, and one message passed through all of them."""

import tidegate as tg
from tidegate.events import GroupJoined, GroupProfile, MessageSent
from tidegate.expr import Expr
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.account import market
from tidegate.policies.messenger.group_joins import of_own_accord

in_dense_market = market.isin("IN", "BR")

# the two groups that the account joined before this one
_joined_before = of_own_accord.previous_seen().per(GroupJoined.account_id).ever()
_last = of_own_accord.previous(GroupJoined.group_id).per(GroupJoined.account_id).ever()
_last_but_one = of_own_accord.previous(_last).per(GroupJoined.account_id).ever()


def _in_common(group: Expr) -> Expr:
    """Return the share of members of both groups together that are in both; not known where either's are not."""
    return (
        tg.events(GroupProfile).similarity(GroupProfile.members, to=group).per(GroupProfile.group_id).ever()
    )


class GroupWebs(tg.RuleSet):
    """Groups of the same people in dense markets, and one message passed through all of them."""

    area = "groups"

    overlap_limit = tg.Parameter(
        0.35, low=0.1, high=0.95, unit="ratio", why="more than 35 % of the members", source="group.member-overlap-over-35pct"
    )  # fmt: skip
    chain_groups = tg.Parameter(
        3, low=2, high=50, unit="groups", why="a chain has three links", source="group.propagation-chain-create-ban",
        assumed=True,
    )  # fmt: skip

    overlap = tg.greatest(_in_common(_last), _in_common(_last_but_one).or_else(0))
    overlapping_30d = (
        of_own_accord.where((overlap > overlap_limit).or_else(False))  # noqa: FBT003  an operand
        .distinct(GroupJoined.group_id)
        .per(GroupJoined.account_id)
        .over(tg.days(30))
    )
    groups_of_content = (
        tg.events(MessageSent)
        .distinct(MessageSent.group_id)
        .per(MessageSent.account_id, MessageSent.content_fp)
        .over(tg.hours(24))
    )

    dense = tg.Rule(
        id="group.member-overlap-over-35pct",
        title="India and Brazil: a joined group shares more than 35 % of its members with another",
        on=(GroupJoined,),
        when=overlap > overlap_limit,
        given=in_dense_market & ~_joined_before.is_null(),
        reason="{observed} of the members of two joined groups are in both; limit {limit}",
        source="group.member-overlap-over-35pct",
        note="members in both groups of all in either (Jaccard; exact for up to 256 people, an estimate within 6 % beyond), of the group"
        " joined and each of the two joined before; members as the newest list in each group's profile by then. The first step of the"
        " analysis, on record only: families share groups",
        examples=("fires: 36 of 100 people are in both groups", "does not: 35 of 100; 90 of 100 in Germany"),
    )  # fmt: skip
    chain = tg.Rule(
        id="group.propagation-chain-create-ban",
        title="India and Brazil: one content through three overlapping groups in a day",
        on=(MessageSent,),
        when=groups_of_content >= chain_groups,
        given=MessageSent.group_id.is_known() & in_dense_market & (overlapping_30d >= chain_groups - 1),
        measures=(tg.Measure(sanctions.GROUP_CREATE_BAN),),
        reason="the same content went through {observed} groups in 24 hours; the limit is {limit}",
        source="group.propagation-chain-create-ban",
        note="the source states no criterion: the same content in at least three groups within 24 hours by an account that, within 30"
        " days, joined groups of which each but the first shares more than 35 % of its members with another (at least two such"
        " joins). New groups are refused until a person has confirmed or lifted it; writing and joining stay free",
        examples=("fires: one content in three overlapping groups", "does not: groups that share nobody; two groups"),
    )  # fmt: skip
