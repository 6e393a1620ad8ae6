"""One message for many groups."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.acquaintance import is_post, of_untold_content


class GroupFlooding(tg.RuleSet):
    """One message for many groups."""

    area = "groups"

    groups_limit = tg.Parameter(
        5, low=1, high=100, unit="groups", why="more than five in an hour", source="group.same-message-over-5-groups-1h"
    )  # fmt: skip

    alike_least = tg.Parameter(
        0.95, low=0.8, high=1, unit="similarity 0..1", why="equal or nearly so", source="group.same-message-over-5-groups-1h",
        assumed=True,
    )  # fmt: skip

    groups_1h = (
        tg.events(MessageSent)
        .distinct(MessageSent.group_id)
        .per(MessageSent.account_id, MessageSent.content_fp)
        .over(tg.hours(1))
    )

    posts_1h = tg.events(MessageSent).where(is_post).count().per(MessageSent.account_id).over(tg.hours(1))
    # none, or up to as many as the messages that name neither a group nor a person
    unnamed_1h = posts_1h - tg.events(MessageSent).where(is_post.or_else(False)).count().per(  # noqa: FBT003  an operand
        MessageSent.account_id
    ).over(tg.hours(1))

    # nearly the same: of the posts of the hour, in whatever group, none differs from the one before it
    _in_groups = tg.events(MessageSent).where(~MessageSent.group_id.is_null().or_else(True))  # noqa: FBT003  an operand
    _posts = _in_groups.where(MessageSent.content_fp.is_known())
    _content = tg.halves(MessageSent.content_fp)
    _before = (
        _posts.previous(_content[0]).per(MessageSent.account_id).over(tg.hours(1)),
        _posts.previous(_content[1]).per(MessageSent.account_id).over(tg.hours(1)),
    )
    _differs = (tg.likeness(_content, _before) < alike_least).or_else(False)  # noqa: FBT003  an operand
    # when the post was that the last one to differ differs from: once it is out of the hour, all that is in it is alike
    _other_at = (
        _posts.where(_differs)
        .last(_posts.previous_seen().per(MessageSent.account_id).ever())
        .per(MessageSent.account_id)
        .over(tg.hours(1))
    )
    # a post that came late stands before one that was compared with another, or with none: then contents alone tell what is the same
    _told = _in_groups.where(~MessageSent.content_fp.is_null().or_else(True))  # noqa: FBT003  an operand
    _last_told = _told.previous(MessageSent.content_fp).per(MessageSent.account_id).ever()
    _is_new = (MessageSent.content_fp != _last_told).or_else(False)  # noqa: FBT003  an operand; none before is not known
    _changes_met_1h = _told.where(_is_new).count().per(MessageSent.account_id).over(tg.hours(1))
    _changes_1h = _told.changes(MessageSent.content_fp).per(MessageSent.account_id).over(tg.hours(1))
    # one that is alike comes between two as two changes, and was met as one
    _varied_1h = _told.where(_is_new & ~_differs).count().per(MessageSent.account_id).over(tg.hours(1))
    _is_first = _told.previous_seen().per(MessageSent.account_id).over(tg.hours(1)).is_null()
    _firsts_1h = _told.where(_is_first).count().per(MessageSent.account_id).over(tg.hours(1))
    _in_order = (_changes_1h <= _changes_met_1h + _varied_1h) & (_firsts_1h <= 1)
    nothing_else_1h = (tg.age(_other_at) >= tg.hours(1)).or_else(True) & _in_order  # noqa: FBT003  an operand
    posted_in_1h = _posts.distinct(MessageSent.group_id).per(MessageSent.account_id).over(tg.hours(1))
    _alike_1h = tg.when(MessageSent.content_fp.is_known() & nothing_else_1h, posted_in_1h, 0)
    # none, or up to as many as the posts of which nobody knows whether they are the same
    _is_told = ~MessageSent.content_fp.is_null()
    untold_1h = (
        tg.events(MessageSent)
        .where(is_post & of_untold_content)
        .count()
        .per(MessageSent.account_id)
        .over(tg.hours(1))
    )
    # none, or up to as many as the groups that they are in
    _untold_in_1h = tg.least(
        tg.events(MessageSent)
        .where(is_post.or_else(False) & of_untold_content)  # noqa: FBT003  an operand
        .count()
        .per(MessageSent.account_id)
        .over(tg.hours(1)),
        _in_groups.where(~MessageSent.content_fp.is_known())
        .distinct(MessageSent.group_id)
        .per(MessageSent.account_id)
        .over(tg.hours(1)),
    )
    # one of those may be another post: then it is not known whether all are alike
    alike_1h = tg.when((_alike_1h <= groups_limit) | (untold_1h == 0), _alike_1h, 0)
    reached_1h = (
        _in_groups.where(_is_told.or_else(True))  # noqa: FBT003  an operand
        .distinct(MessageSent.group_id)
        .per(MessageSent.account_id)
        .over(tg.hours(1))
    )
    same_1h = tg.when(groups_1h > groups_limit, groups_1h, tg.greatest(groups_1h, alike_1h))

    same_message = tg.Rule(
        id="group.same-message-over-5-groups-1h",
        title="The same message to more than 5 groups in an hour",
        on=(MessageSent,),
        when=same_1h + unnamed_1h + _untold_in_1h > groups_limit,
        given=is_post & _is_told & (reached_1h + unnamed_1h > groups_limit),
        window="PT1H",
        prior=tg.Prior(0.76, group="broadcast-content", source="group.same-message-over-5-groups-1h"),
        measures=(tg.Measure(sanctions.BROADCAST_REVOKE),),
        reason="the same message went to {observed} groups in an hour; limit {limit}",
        source="group.same-message-over-5-groups-1h",
        note="the same is what has the same fingerprint, whatever is posted in between; and what is alike by 0.95 (61 of 64 bits) from each"
        " post to the next, where the account posted nothing else in groups within the hour, undecided where it may have;"
        " equal ones only, where a post that came late stands before others; different groups; judged at posts in groups; the right to broadcast is withdrawn, posts in groups go on",
        examples=("fires: one message to six groups", "does not: ten messages to five groups"),
    )
