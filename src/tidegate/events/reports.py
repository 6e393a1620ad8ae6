"""What users say about an account: reports, blocks, anomalies."""

from tidegate.events.event import Event
from tidegate.events.kinds import Choice, Flag, Id, Integer, Ref, Text


class ReportFiled(Event, kind="report_filed"):
    """A user reports an account."""

    report_id = Id("id of the report")
    account_id = Ref("account", "reported account")
    reporter_id = Ref("account", "account that reports")
    category = Choice("spam", "harassment", "illegal", "other", about="what is reported")
    via = Choice("report_button", "delete_and_mark_spam", about="how it was reported")
    message_id = Id("message reported")
    media_kind = Choice("text", "image", "video", about="medium reported")
    link_hash = Ref("link", "link reported")
    batch_id = Ref("batch", "broadcast reported")
    group_id = Ref("group", "group the report is about")
    reporter_country = Text("country of the reporter", unit="ISO 3166-1")
    reporter_is_admin = Flag("reporter administers the group in question")
    reporter_age_days = Integer("age of the account that reports", unit="days")
    reporter_active = Flag("the reporter uses the account")


class UserBlocked(Event, kind="user_blocked"):
    """A user blocks an account."""

    account_id = Ref("account", "blocked account")
    blocker_id = Ref("account", "account that blocks")


class FeedbackFiled(Event, kind="feedback_filed"):
    """A customer reports an anomaly of an account."""

    kind = Text("kind of anomaly")
