"""Reports that come mostly from one country: there, fewer of them are enough.

No two countries can have more than 60 % of the reporters at the same time. The one that has is the one that had this share at its
newest report; how large the share is now is read at the judged report, wherever that one comes from. Or it has come to it since,
because reports from elsewhere have left the window: then, of the few reporters among whom that matters, all of whom a country is
on record are its, but those of the judged report's country.
"""

import tidegate as tg
from tidegate.events import ReportFiled
from tidegate.features import Feature

SOURCE = "report.country-cluster-over-60pct"
ONE, TWO = 1, 2  # countries on record: the one, or that of the judged report and the one

_share = tg.Parameter(
    0.6, low=0.5, high=0.95, unit="ratio", why="more than 60 % from one country", source=SOURCE, name="report_cluster.share"
)  # fmt: skip
_factor = tg.Parameter(
    0.6, low=0.25, high=1, unit="factor", source=SOURCE, name="report_cluster.factor",
    why="four reporters are enough: more than 5 x 0.6 = 3. The 0.8 stated would ask for five, against the stated four",
)  # fmt: skip

MANY_72H = tg.Parameter(
    5, low=1, high=100, unit="reporters", why="more than five in three days", source="report.over-5-unique-in-72h-priority",
    name="ReportWave.limit_72h",
)  # fmt: skip


def reporters_within(window: tg.Duration) -> Feature:
    """Return how many different people reported an account within the time."""
    return tg.events(ReportFiled).distinct(ReportFiled.reporter_id).per(ReportFiled.account_id).over(window)


def _cluster(window: tg.Duration) -> tg.Modifier:
    reports = tg.events(ReportFiled)
    all_reporters = reporters_within(window)
    of_country = (
        reports.distinct(ReportFiled.reporter_id)
        .per(ReportFiled.account_id, ReportFiled.reporter_country)
        .over(window)
    )
    leading = (
        reports.where(~ReportFiled.reporter_country.is_null() & (of_country / all_reporters > _share))
        .last(ReportFiled.reporter_country)
        .per(ReportFiled.account_id)
        .over(window)
    )
    # nobody counts for a country of whom none is on record, or known
    placed = reports.where(ReportFiled.reporter_country.is_known() & ~ReportFiled.reporter_country.is_null())
    of_any = placed.distinct(ReportFiled.reporter_id).per(ReportFiled.account_id).over(window)
    countries = placed.distinct(ReportFiled.reporter_country).per(ReportFiled.account_id).over(window)
    the_one = (countries == ONE) & (of_any / all_reporters > _share)
    the_others = (countries == TWO) & ((of_any - of_country) / all_reporters > _share)
    return tg.Modifier(
        SOURCE,
        "over 60 % of the reporters are of one country: four of them are enough",
        (of_country.at(ReportFiled.account_id, leading) / all_reporters > _share) | the_one | the_others,
        _factor,
        source=SOURCE,
    )


CLUSTER_72H = _cluster(tg.hours(72))
CLUSTER_7D = _cluster(tg.days(7))
