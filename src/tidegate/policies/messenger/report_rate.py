"""Reports in proportion to what an account sends."""

import tidegate as tg
from tidegate.events import MessageSent, ReportFiled
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.report_cluster import MANY_72H, reporters_within


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
    high_risk_rate = tg.Parameter(
        0.0075, low=0.0005, high=0.2, unit="ratio", why="promotion is reported at 0.3 to 0.5 % as a rule",
        source="report.rate-over-0p75pct-high-risk",
    )  # fmt: skip
    frozen_rate = tg.Parameter(
        0.00875, low=0.0005, high=0.2, unit="ratio", why="7 of 800, the case itself included", source="report.case-0p875pct-72h",
        assumed=True,
    )  # fmt: skip
    frozen_reporters = tg.Parameter(
        7, low=2, high=200, unit="reporters", why="seven people within two hours", source="report.case-0p875pct-72h",
        assumed=True,
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
        tg.events(ReportFiled)
        .where(ReportFiled.reporter_id.is_known())
        .distinct(ReportFiled.reporter_id)
        .per(ReportFiled.account_id)
        .over(tg.days(7))
    )
    unnamed_7d = (
        tg.events(ReportFiled)
        .where(~ReportFiled.reporter_id.is_known())
        .count()
        .per(ReportFiled.account_id)
        .over(tg.days(7))
    )
    reports_7d = reporters_7d + unnamed_7d
    rate = reports_7d / tg.greatest(sent_7d, 1)
    reporters_2h = reporters_within(tg.hours(2))
    rate_2h = reporters_2h / tg.greatest(sent_7d, 1)
    promotional_7d = (
        tg.events(MessageSent)
        .where(MessageSent.is_promotional)
        .count()
        .per(MessageSent.account_id)
        .over(tg.days(7))
    )
    enough = (sent_7d >= least_messages) & (reports_7d >= least_reports)
    # by the wave alone they were restricted for 48 h: where the rate holds as well, sending stays frozen for 72. A restriction that
    # is for 72 as it is, of an account that had one before or whose rate was too high already, is none of 48
    _of_many = sanctions.REPORT_RESTRICTION.id
    _is_high = ((rate > rate_48h) & enough).or_else(False)  # noqa: FBT003  an operand
    _are_many = reporters_within(tg.hours(72)) > MANY_72H
    _alone = tg.events(ReportFiled).where((_are_many & ~_is_high).or_else(False))  # noqa: FBT003  an operand
    many_before = (
        _are_many
        & (_alone.count().per(ReportFiled.account_id).over(tg.hours(72)) > 0)
        & (tg.sanctioned(ReportFiled.account_id, _of_many, within=tg.hours(72)) > 0)
        & (tg.sanctioned(ReportFiled.account_id, _of_many, within=tg.days(90)) == 1)
    )
    at_once_frozen = (reporters_2h >= frozen_reporters) & (rate_2h >= frozen_rate)

    two_days = tg.Rule(
        id="report.rate-over-0p8pct-48h",
        title="Report rate above 0.8 %: sending restricted for 48 h",
        on=(ReportFiled,),
        when=rate > rate_48h,
        given=enough,
        window="P7D",
        measures=(
            tg.Measure(sanctions.SEND_RESTRICT_48H),
            tg.Measure(sanctions.SEND_FREEZE_72H, given=many_before & ~at_once_frozen),
        ),
        reason="{observed} reports per message in 7 days; limit {limit}",
        source="report.rate-over-0p8pct-48h",
        note="different reporters, each report counted where they are not named; 100 messages and 3 reports at least; 72 h where more"
        " than five people within 72 hours had it restricted for 48 before",
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
        note="different reporters, each report counted where they are not named; 100 messages and 3 reports at least",
        examples=("fires: 9 reports on 1000 messages", "does not: 8 reports on 1000 messages"),
    )
    frozen = tg.Rule(
        id="report.case-0p875pct-72h",
        title="7 people report within 2 hours, 0.875 % of the messages: sending frozen for 72 h",
        on=(ReportFiled,),
        when=rate_2h >= frozen_rate,
        given=(reporters_2h >= frozen_reporters) & (sent_7d >= least_messages),
        window="PT2H",
        measures=(tg.Measure(sanctions.SEND_FREEZE_72H),),
        reason="{observed} reports per message within 2 hours; from {limit} on sending is frozen",
        source="report.case-0p875pct-72h",
        note="different reporters of two hours by the messages of a week, as for the other rates: the case does not say when its 800"
        " were sent. By rate alone sending stops for 48 h; seven people at once make it 72 h",
        examples=(
            "fires: 7 people on 800 messages",
            "does not: 6 people on 800 messages, or 7 in three hours",
        ),
    )
    high_risk = tg.Rule(
        id="report.rate-over-0p75pct-high-risk",
        title="Report rate of a promotional account above 0.75 %",
        on=(ReportFiled,),
        when=rate > high_risk_rate,
        given=enough & (promotional_7d * 2 >= sent_7d),
        window="P7D",
        labels=(tg.Label("high-risk-account"),),
        reason="{observed} reports per message in 7 days; limit {limit} for promotion",
        source="report.rate-over-0p75pct-high-risk",
        note="promotional: at least half of the messages of the week are; different reporters, each report counted where they are not"
        " named; 100 messages and 3 reports at least",
        examples=("fires: 7 reports on 800 promotional messages", "does not: 6 of 800, exactly 0.75 %"),
    )
