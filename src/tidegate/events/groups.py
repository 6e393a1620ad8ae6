"""Groups: joining, leaving, removing, creating."""

from tidegate.events.event import Event
from tidegate.events.kinds import Choice, Flag, Integer, Ref


class GroupJoined(Event, kind="group_joined"):
    """An account joins a group."""

    group_id = Ref("group", "group joined")
    group_size = Integer("size at join", unit="members")
    method = Choice("link", "invite", "added_by_other", about="how the account came in")


class GroupLeft(Event, kind="group_left"):
    """An account leaves a group."""

    group_id = Ref("group", "group left")


class GroupMemberRemoved(Event, kind="group_member_removed"):
    """A member is removed."""

    group_id = Ref("group", "group concerned")
    removed_by = Ref("account", "account that removed the member")
    by_admin = Flag("removed by an administrator")


class GroupCreated(Event, kind="group_created"):
    """A group is created."""

    group_id = Ref("group", "group created")
