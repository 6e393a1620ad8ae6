"""Groups of the same people in dense markets, and one message passed through all of them."""

from functools import reduce
from operator import or_

import tidegate as tg
from tidegate.events import GroupJoined, GroupProfile, MessageSent
from tidegate.expr import Expr
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.account import market
from tidegate.policies.messenger.acquaintance import is_post, of_untold_content
from tidegate.policies.messenger.doubt import in_doubt
from tidegate.policies.messenger.group_joins import is_own, of_own_accord

in_dense_market = market.isin("IN", "BR")

GROUPS_BEFORE = 7  # joined before this one, that it is compared with


def _joined_before() -> tuple[Expr, ...]:
    """Return the groups that the account joined before this one, the newest first."""
    found: list[Expr] = [GroupJoined.group_id]
    for _ in range(GROUPS_BEFORE):
        found.append(of_own_accord.previous(found[-1]).per(GroupJoined.account_id).ever())
    return tuple(found[1:])


_before = _joined_before()
# a group that is joined again has nothing in common with itself, and is no further link of a chain
_another = reduce(or_, (group.is_known() & (group != GroupJoined.group_id) for group in _before))
_again = reduce(or_, ((group == GroupJoined.group_id).or_else(False) for group in _before))  # noqa: FBT003  an operand


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

    overlap = (
        tg.events(GroupProfile).similarity(GroupProfile.members, to=_before).per(GroupProfile.group_id).ever()
    )
    overlapping_30d = (
        of_own_accord.where(~_again & (overlap > overlap_limit).or_else(False))  # noqa: FBT003  an operand
        .distinct(GroupJoined.group_id)
        .per(GroupJoined.account_id)
        .over(tg.days(30))
    )
    _of_content = (MessageSent.account_id, MessageSent.content_fp)
    # messages that name neither a group nor a person, and posts of which nobody says what they say, may be in more groups
    _unnamed = tg.events(MessageSent).where(in_doubt(is_post))
    _untold = tg.events(MessageSent).where(is_post & of_untold_content)
    groups_of_content = (
        tg.events(MessageSent).distinct(MessageSent.group_id).per(*_of_content).over(tg.hours(24))
        + _unnamed.count().per(*_of_content).over(tg.hours(24))
        + _untold.count().per(MessageSent.account_id).over(tg.hours(24))
    )

    dense = tg.Rule(
        id="group.member-overlap-over-35pct",
        title="India and Brazil: more than 35 % of the members of joined groups are in two or more of them",
        on=(GroupJoined,),
        when=overlap > overlap_limit,
        given=in_dense_market & is_own & _another,
        reason="{observed} of the members of joined groups are in two or more of them; limit {limit}",
        source="group.member-overlap-over-35pct",
        note="of all members of the group joined and of the seven joined before, the share that is in two or more of these groups (exact for"
        " up to 256 people, an estimate within 6 % beyond); members as the newest list in each group's profile by then, undecided where"
        " one of the groups has none; a group joined again is one group; a join that arrives after a newer one is compared with those"
        " before it, and later ones pass it over. The first step of the analysis, on record only: families share groups",
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
        " days, joined groups of which more than 35 % of the members were in two or more, at least twice. New groups are refused until a"
        " person has confirmed or lifted it; writing and joining stay free",
        examples=("fires: one content in three overlapping groups", "does not: groups that share nobody; two groups"),
    )  # fmt: skip
