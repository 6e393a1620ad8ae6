"""Messages to groups whose members are hardly there any more."""

import tidegate as tg
from tidegate.events import GroupProfile, MessageSent
from tidegate.policies.messenger.acquaintance import is_post


class LowQualityPush(tg.RuleSet):
    """Messages to groups whose members are hardly there any more."""

    area = "messaging"

    inactive_share = tg.Parameter(
        0.4, low=0.05, high=0.99, unit="ratio", why="more than 40 % not active for 72 hours",
        source="msg.group-inactive-over-40pct",
    )  # fmt: skip

    size = tg.events(GroupProfile).last(GroupProfile.size).per(GroupProfile.group_id).ever()
    active = tg.events(GroupProfile).last(GroupProfile.active_members_72h).per(GroupProfile.group_id).ever()

    mostly_inactive = tg.Rule(
        id="msg.group-inactive-over-40pct",
        title="More than 40 % of the group have been inactive for 72 hours",
        on=(MessageSent,),
        when=(size - active) / size > inactive_share,
        given=is_post & (size > 0) & ~active.is_null(),
        window="PT72H",
        labels=(tg.Label("low-quality-push"),),
        reason="{observed} of the group's members were not active in 72 hours; limit {limit}",
        source="msg.group-inactive-over-40pct",
        note="size and active members as the group's profile says, whatever the size of the group; a broadcast counts where it goes"
        " to a group: of single recipients nobody reports the activity; undecided where the message names neither a group nor a"
        " person",
        examples=("fires: 41 of 100 members inactive", "does not: 2 of 5: exactly 40 %"),
    )
