"""Measures against an account, human reviews and appeals."""

from tidegate.events.event import Event
from tidegate.events.kinds import Choice, Flag, Id, Integer, Moment, Real, Ref, Text, Texts


class SanctionApplied(Event, kind="sanction_applied"):
    """A measure starts."""

    sanction_id = Ref("sanction", "id of the measure")
    kind = Text("row id of the measure", unit="sanction row id")
    level = Integer("level of the measure", unit="1..4", low=1, high=4)
    cause = Text("rule that was the cause", unit="row id")
    capability = Texts("capabilities concerned")
    expires_ts = Moment("when the measure ends")


class SanctionLifted(Event, kind="sanction_lifted"):
    """A measure ends."""

    sanction_id = Ref("sanction", "measure that ends")
    reason = Choice("expired", "appeal", "review", "condition_met", about="why it ends")


class ReviewOpened(Event, kind="review_opened"):
    """A case enters a human queue."""

    review_id = Ref("review", "id of the case")
    subject_id = Id("account, IP, device or number under review")
    queue = Text("queue of the case", unit="queue name")
    priority = Integer("rank in the queue", low=None)
    cause = Text("rule that was the cause", unit="row id")


class ReviewClosed(Event, kind="review_closed"):
    """A case is decided."""

    review_id = Ref("review", "id of the case")
    decision = Text("what was decided")


class AppealFiled(Event, kind="appeal_filed"):
    """A holder appeals."""

    appeal_id = Ref("appeal", "id of the appeal")
    sanction_id = Ref("sanction", "measure appealed against")
    compliant_share = Real("compliant share of the submitted 7-day sample", unit="ratio", low=0, high=1)
    claimed_rate = Real("sending rate in the reported period", unit="messages/min", low=0)


class AppealDecided(Event, kind="appeal_decided"):
    """An appeal is decided."""

    appeal_id = Ref("appeal", "id of the appeal")
    granted = Flag("the holder was right")
