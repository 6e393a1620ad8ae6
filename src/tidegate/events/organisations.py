"""Business customers: members, their logins and training, campaigns."""

from tidegate.events.event import Event
from tidegate.events.kinds import Amount, Choice, Flag, Integer, Ref, Text, Texts


class OrgMember(Event, kind="org_member"):
    """Team member and permissions."""

    member_id = Ref("member", "team member")
    org_id = Ref("org", "business customer")
    role = Choice("view_only", "can_send", "admin", about="permission")
    two_factor = Flag("two-factor is on")
    allowed_ips = Texts("addresses allowed", unit="CIDR")


class OrgLogin(Event, kind="org_login"):
    """Team member logs in."""

    member_id = Ref("member", "team member")
    two_factor_ok = Flag("the second factor was right")


class TrainingDone(Event, kind="training_done"):
    """Awareness training."""

    member_id = Ref("member", "team member")
    topic = Text("topic of the training")


class Campaign(Event, kind="campaign"):
    """A business campaign."""

    campaign_id = Ref("campaign", "id of the campaign")
    org_id = Ref("org", "business customer")
    recipients = Integer("accounts addressed", unit="accounts")
    cost = Amount("cost of the campaign", unit="currency")
    delivered = Integer("messages delivered")
    opened = Integer("messages opened")
    complaints = Integer("complaints received")
