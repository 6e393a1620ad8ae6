"""Accounts that the people they write to mark as spam."""

import tidegate as tg
from tidegate.events import MessageSent, ReportFiled
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.acquaintance import to_somebody, to_unnamed
from tidegate.policies.messenger.doubt import in_doubt

MARKS = 500  # the newest are looked at one by one; of more in a day all count


class SpamMarks(tg.RuleSet):
    """Accounts that the people they write to mark as spam: recipients count here, not messages."""

    area = "reports"

    share_limit = tg.Parameter(
        0.15, low=0.01, high=0.9, unit="share", why="more than 15 % of the recipients", source="report.recipient-spam-mark-over-15pct"
    )  # fmt: skip
    least_recipients = tg.Parameter(
        20, low=1, high=1000, unit="recipients", why="one of two says nothing", source="report.recipient-spam-mark-over-15pct",
        assumed=True,
    )  # fmt: skip

    # report.what-counts: the report button and the deleted conversation are both reports: what makes it a mark is that it is about spam
    is_mark = (ReportFiled.via == "delete_and_mark_spam") | (ReportFiled.category == "spam")
    _written_to_24h = (
        tg.events(MessageSent).seen().per(MessageSent.account_id, MessageSent.recipient_id).over(tg.days(1))
    )
    to_reporter_24h = _written_to_24h.at(ReportFiled.account_id, ReportFiled.reporter_id)
    # none, or up to as many as the messages of which nobody says to whom they went
    unnamed_24h = (
        tg.events(MessageSent).where(to_unnamed).count().per(MessageSent.account_id).over(tg.days(1))
    )
    recipients_24h = unnamed_24h + (
        tg.events(MessageSent)
        .where(to_somebody.or_else(False))  # noqa: FBT003  an operand
        .distinct(MessageSent.recipient_id)
        .per(MessageSent.account_id)
        .over(tg.days(1))
    )
    is_mark_of_recipient = is_mark & (to_reporter_24h + unnamed_24h > 0)
    marked_24h = (
        tg.events(ReportFiled)
        .where(is_mark_of_recipient)
        .distinct(ReportFiled.reporter_id)
        .per(ReportFiled.account_id)
        .over(tg.days(1))
    )
    # a mark outlives the message that it followed: whom the account last wrote to before the day is none of the day's recipients
    _sure = tg.events(ReportFiled).where(is_mark_of_recipient.or_else(False))  # noqa: FBT003  an operand
    _markers = _sure.recent(ReportFiled.reporter_id, MARKS).per(ReportFiled.account_id).over(tg.days(1))
    _marks_24h = _sure.count().per(ReportFiled.account_id).over(tg.days(1))
    _still_recipients = _written_to_24h.at(ReportFiled.account_id, _markers)
    _doubtful_24h = (
        tg.events(ReportFiled)
        .where(in_doubt(is_mark_of_recipient))
        .count()
        .per(ReportFiled.account_id)
        .over(tg.days(1))
    )
    marking_24h = tg.when(
        _marks_24h > MARKS,  # by however few people: one who marks again and again hides nobody
        marked_24h,
        tg.least(marked_24h, _still_recipients + unnamed_24h + _doubtful_24h),
    )

    marked = tg.Rule(
        id="report.recipient-spam-mark-over-15pct",
        title="More than 15 % of the recipients mark the account as spam",
        on=(ReportFiled,),
        when=marking_24h / tg.greatest(recipients_24h, 1) > share_limit,
        given=recipients_24h >= least_recipients,
        window="P1D",
        measures=(tg.Measure(sanctions.FUNCTION_SUSPEND),),
        reason="a share of {observed} of a day's recipients marked the account as spam; limit {limit}",
        source="report.recipient-spam-mark-over-15pct",
        note="24 hours are our choice; a mark is a deleted conversation marked as spam, or a report for spam, by somebody whom the"
        " account wrote to in the 24 hours before, and in the 24 hours that are judged; from 20 recipients on; undecided where"
        " nobody says to whom messages went, and it may matter",
        examples=("fires: 16 of 100 recipients", "does not: 3 of 20, exactly 15 %, or 1 of 2"),
    )
