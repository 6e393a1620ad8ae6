"""Answers that the platform gives when it is asked about a number."""

from tidegate.events.event import Event
from tidegate.events.kinds import Choice, Flag, Integer, Moment, Ref, Text, Texts


class LookupLoginHistory(Event, kind="lookup.login_history"):
    """Login trail supplied by the platform or the account holder."""

    region = Text("region of the login", unit="region code")
    known_device = Flag("the device was seen before")


class LookupViolations(Event, kind="lookup.violations"):
    """Desensitised violation data."""

    incident_count = Integer("violations on record", unit="incidents")
    types = Texts("kinds of violation")
    last_ts = Moment("last violation")


class LookupBanLinks(Event, kind="lookup.ban_links"):
    """Association with banned accounts."""

    via = Choice("device", "ip", about="what is shared with the banned account")
    banned_id = Ref("account", "banned account")


class LookupRegistration(Event, kind="lookup.registration"):
    """Registration status."""

    is_registered = Flag("the number has an account")
    registered_at = Moment("creation time of the account")
    is_suspended = Flag("the account is suspended")
    is_reachable = Flag("the number can be reached")
    number_type = Choice("mobile", "mvno", "virtual", about="number classification")
    device_kind = Text("kind of handset")
    last_online = Moment("last time online")


class LookupProfile(Event, kind="lookup.profile"):
    """Profile completeness."""

    has_avatar = Flag("there is a picture")
    has_signature = Flag("there is a signature")
    gender = Text("gender as stated")
    age = Integer("age as stated", unit="years")


class LookupInteractions(Event, kind="lookup.interactions"):
    """Interaction record."""

    last_interaction = Moment("last interaction")
    interactions_90d = Integer("interactions in 90 days", unit="count")
