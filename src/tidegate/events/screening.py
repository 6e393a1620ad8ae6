"""Screening of uploaded account pools."""

from tidegate.events.event import Event
from tidegate.events.kinds import Choice, Id, Integer, Real, Ref, Text, Texts


class PoolUploaded(Event, kind="pool_uploaded"):
    """A business uploads an account list."""

    job_id = Ref("job", "screening job")
    org_id = Ref("org", "business customer")
    uploader_id = Ref("member", "member who uploaded")
    file_format = Choice("xlsx", "csv", about="format of the file")
    row_count = Integer("rows of the file", unit="accounts")


class PoolRow(Event, kind="pool_row"):
    """One uploaded account."""

    job_id = Ref("job", "screening job")
    remark = Text("remark of the customer", unit="optional")


class ScreeningStarted(Event, kind="screening_started"):
    """A job starts."""

    job_id = Ref("job", "screening job")
    dimensions = Texts("chosen checks")
    priority_risks = Texts("risk types to look at first")
    mode = Text("how deep to check", unit="self|standard|fine|custom")


class ScreeningProgress(Event, kind="screening_progress"):
    """Progress of a job."""

    job_id = Ref("job", "screening job")
    percent = Real("share done", unit="0..100", low=0, high=100)
    stage = Text("what is being done")


class ScreeningResult(Event, kind="screening_result"):
    """Result of one account."""

    job_id = Ref("job", "screening job")
    tier = Choice("secure", "low", "high", about="tier of the account")
    risk_types = Texts("risks found", unit="stolen|fake|non_compliant|empty|unregistered")
    reasons = Texts("rules behind the result", unit="row ids")
    advice = Text("what to do")


class ScreeningFinished(Event, kind="screening_finished"):
    """A job ends."""

    job_id = Ref("job", "screening job")
    report_id = Id("id of the report")
    duration_s = Real("time it took", unit="s", low=0)


class PoolAction(Event, kind="pool_action"):
    """Action on a pool account."""

    job_id = Ref("job", "screening job")
    action = Choice("eliminate", "observe", "retain", "notify", "recheck", about="what is done")
    actor_id = Ref("member", "member who acts")


class NotificationSent(Event, kind="notification_sent"):
    """A notice goes out."""

    to = Text("who is notified", unit="recipient")
    channel = Choice("email", "in_app", "message", about="way of sending")
    template = Text("text used")
