"""Reports in proportion to what an account sends."""

import tidegate as tg
from tidegate.events import MessageSent, ReportFiled
from tidegate.policies.messenger import sanctions


class ReportRate(tg.RuleSet):
    """Reports in proportion to what an account sends: different reporters by messages, over a week."""

    area = "reports"

    rate_48h = tg.Parameter(
        0.008, low=0.0005, high=0.2, unit="ratio", why="over 0.8 %, strictly: 8 of 1000 are not over it",
        source="report.rate-over-0p8pct-48h",
    )  # fmt: skip
    rate_immediate = tg.Parameter(
        0.008, low=0.0005, high=0.2, unit="ratio", why="over 0.8 %, strictly: 8 of 1000 are not over it",
        source="report.rate-over-0p8pct-immediate",
    )  # fmt: skip
    least_messages = tg.Parameter(
        100, low=1, high=10000, unit="messages", why="fewer say nothing about a rate: one report on 50 would be 2 %",
        source="report.rate-definition", assumed=True,
    )  # fmt: skip
    least_reports = tg.Parameter(
        3, low=1, high=100, unit="reports", why="one or two people may be mistaken", source="report.rate-definition",
        assumed=True,
    )  # fmt: skip

    sent_7d = tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.days(7))
    reporters_7d = (
        tg.events(ReportFiled).distinct(ReportFiled.reporter_id).per(ReportFiled.account_id).over(tg.days(7))
    )
    rate = reporters_7d / tg.greatest(sent_7d, 1)
    enough = (sent_7d >= least_messages) & (reporters_7d >= least_reports)

    two_days = tg.Rule(
        id="report.rate-over-0p8pct-48h",
        title="Report rate above 0.8 %: sending restricted for 48 h",
        on=(ReportFiled,),
        when=rate > rate_48h,
        given=enough,
        window="P7D",
        measures=(tg.Measure(sanctions.SEND_RESTRICT_48H),),
        reason="{observed} reports per message in 7 days; limit {limit}",
        source="report.rate-over-0p8pct-48h",
        note="different reporters; 100 messages and 3 reports at least",
        examples=("fires: 7 reports on 800 messages", "does not: 8 reports on 1000 messages"),
    )
    at_once = tg.Rule(
        id="report.rate-over-0p8pct-immediate",
        title="Report rate above 0.8 %: functions restricted at once",
        on=(ReportFiled,),
        when=rate > rate_immediate,
        given=enough,
        window="P7D",
        measures=(tg.Measure(sanctions.FUNCTION_RESTRICTION),),
        reason="{observed} reports per message in 7 days; limit {limit}",
        source="report.rate-over-0p8pct-immediate",
        note="different reporters; 100 messages and 3 reports at least",
        examples=("fires: 9 reports on 1000 messages", "does not: 8 reports on 1000 messages"),
    )
