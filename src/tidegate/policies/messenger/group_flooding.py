"""One message for many groups."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.policies.messenger import sanctions


class GroupFlooding(tg.RuleSet):
    """One message for many groups."""

    area = "groups"

    groups_limit = tg.Parameter(
        5, low=1, high=100, unit="groups", why="more than five in an hour", source="group.same-message-over-5-groups-1h"
    )  # fmt: skip

    groups_1h = (
        tg.events(MessageSent)
        .distinct(MessageSent.group_id)
        .per(MessageSent.account_id, MessageSent.content_fp)
        .over(tg.hours(1))
    )

    same_message = tg.Rule(
        id="group.same-message-over-5-groups-1h",
        title="The same message to more than 5 groups in an hour",
        on=(MessageSent,),
        when=groups_1h > groups_limit,
        given=MessageSent.group_id.is_known(),
        window="PT1H",
        prior=tg.Prior(0.76, group="broadcast-content", source="group.same-message-over-5-groups-1h"),
        measures=(tg.Measure(sanctions.BROADCAST_REVOKE),),
        reason="the same message went to {observed} groups in an hour; limit {limit}",
        source="group.same-message-over-5-groups-1h",
        note="the same is what has the same fingerprint: nobody loses a right for content that is only alike; different groups; the"
        " right to broadcast is withdrawn, posts in groups go on",
        examples=("fires: one message to six groups", "does not: ten messages to five groups"),
    )
