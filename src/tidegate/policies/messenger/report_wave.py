"""Reports by many people within a short time."""

import tidegate as tg
from tidegate.events import ReportFiled
from tidegate.policies.messenger import queues, sanctions
from tidegate.policies.messenger.report_cluster import CLUSTER_7D, CLUSTER_72H, MANY_72H, reporters_within
from tidegate.policies.messenger.report_rate import ReportRate

COUNTS = "reports-count"


class ReportWave(tg.RuleSet):
    """Reports by many people within a short time: different reporters count, not reports."""

    area = "reports"

    limit_24h = tg.Parameter(
        5, low=1, high=100, unit="reporters", why="more than five in a day", source="report.over-5-in-24h"
    )  # fmt: skip
    limit_72h = MANY_72H
    limit_7d = tg.Parameter(
        5, low=1, high=100, unit="reporters", why="more than five in a week", source="report.over-5-unique-in-7d-deep-review"
    )  # fmt: skip
    deactivation_limit = tg.Parameter(
        12, low=2, high=200, unit="reporters", why="more than twelve in a week", source="report.over-12-in-7d-permanent-review"
    )  # fmt: skip

    countries_limit = tg.Parameter(
        3, low=1, high=50, unit="countries", why="more than three", source="report.spread-over-3-countries"
    )  # fmt: skip

    reporters_24h = reporters_within(tg.hours(24))
    reporters_72h = reporters_within(tg.hours(72))
    reporters_7d = reporters_within(tg.days(7))

    countries_7d = (
        tg.events(ReportFiled)
        .distinct(ReportFiled.reporter_country)
        .per(ReportFiled.account_id)
        .over(tg.days(7))
    )

    aggravated = (
        tg.sanctioned(ReportFiled.account_id, sanctions.REPORT_RESTRICTION.id, within=tg.days(90)) > 0
    ) | ((ReportRate.rate > ReportRate.rate_48h) & ReportRate.enough).or_else(False)  # noqa: FBT003  an operand

    in_a_day = tg.Rule(
        id="report.over-5-in-24h",
        title="More than 5 reports within 24 hours",
        on=(ReportFiled,),
        when=reporters_24h > limit_24h,
        window="PT24H",
        labels=(tg.Label("high-risk-account"),),
        reason="{observed} people reported the account in 24 hours; limit {limit}",
        source="report.over-5-in-24h",
        note="different reporters, as everywhere",
        examples=("fires: six people report within a day", "does not: six reports by five people"),
    )
    priority = tg.Rule(
        id="report.over-5-unique-in-72h-priority",
        title="More than 5 people report within 72 hours: priority review",
        on=(ReportFiled,),
        when=reporters_72h > limit_72h,
        window="PT72H",
        modifiers=(CLUSTER_72H,),
        prior=tg.Prior(0.88, group=COUNTS, source="report.over-5-unique-in-72h-priority"),
        measures=(
            tg.Measure(sanctions.REPORT_RESTRICTION, given=~aggravated),
            tg.Measure(
                sanctions.REPORT_RESTRICTION, lasting=sanctions.REPORT_RESTRICTION_LONGER, given=aggravated
            ),
        ),
        cases=(queues.REPORT_PRIORITY,),
        reason="{observed} people reported the account in 72 hours; limit {limit}",
        source="report.over-5-unique-in-72h-priority",
        note="48 h; 72 h after another restriction of this kind within 90 days, or where the report rate is too high as well;"
        " four reporters are enough where one country files over 60 %",
        examples=("fires: six people within three days", "does not: seven reports by five people"),
    )
    deep = tg.Rule(
        id="report.over-5-unique-in-7d-deep-review",
        title="More than 5 people report within 7 days: deep review",
        on=(ReportFiled,),
        when=reporters_7d > limit_7d,
        window="P7D",
        modifiers=(CLUSTER_7D,),
        cases=(queues.REPORT_DEEP,),
        reason="{observed} people reported the account in 7 days; limit {limit}",
        source="report.over-5-unique-in-7d-deep-review",
        note="the 48 h are the length of the review, no restriction",
        examples=("fires: six people within a week", "does not: five people within a week"),
    )
    deactivation = tg.Rule(
        id="report.over-12-in-7d-permanent-review",
        title="More than 12 people report within 7 days: review for deactivation",
        on=(ReportFiled,),
        when=reporters_7d > deactivation_limit,
        window="P7D",
        measures=(tg.Measure(sanctions.DEACTIVATION_REVIEW),),
        cases=(queues.PERMANENT_DEACTIVATION,),
        reason="{observed} people reported the account in 7 days; limit {limit}",
        source="report.over-12-in-7d-permanent-review",
        note="different reporters, as everywhere",
        examples=("fires: thirteen people within a week", "does not: thirteen reports by twelve people"),
    )
    spread = tg.Rule(
        id="report.spread-over-3-countries",
        title="Reports from more than 3 countries: a check across regions",
        on=(ReportFiled,),
        when=countries_7d > countries_limit,
        cases=(queues.CROSS_REGION,),
        reason="reports from {observed} countries in 7 days; limit {limit}",
        source="report.spread-over-3-countries",
        note="the source names no window: a week, the longest of the report rows; the 12 h are the time to decide, no restriction."
        " Where one country leads all the same, both cases are open, and the longer time holds",
        examples=("fires: reports from four countries", "does not: many reports from three countries"),
    )
