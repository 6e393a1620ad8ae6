"""Reports that come mostly from one country: there, fewer of them are enough.

No two countries can have more than 60 % of the reporters at the same time. The one that has is the one that had this share at its
newest report; how large the share is now is read at the judged report, wherever that one comes from. Or it has come to it since,
because reports from elsewhere have left the window: then, of the few reporters among whom that matters, all but those of the
judged report's country are its.
"""

import tidegate as tg
from tidegate.events import ReportFiled

SOURCE = "report.country-cluster-over-60pct"
TWO = 2  # the country of the judged report, and one other

_share = tg.Parameter(
    0.6, low=0.5, high=0.95, unit="ratio", why="more than 60 % from one country", source=SOURCE, name="report_cluster.share"
)  # fmt: skip
_factor = tg.Parameter(
    0.6, low=0.25, high=1, unit="factor", source=SOURCE, name="report_cluster.factor",
    why="four reporters are enough: more than 5 x 0.6 = 3. The 0.8 stated would ask for five, against the stated four",
)  # fmt: skip


def _cluster(window: tg.Duration) -> tg.Modifier:
    reports = tg.events(ReportFiled)
    all_reporters = reports.distinct(ReportFiled.reporter_id).per(ReportFiled.account_id).over(window)
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
    countries = reports.distinct(ReportFiled.reporter_country).per(ReportFiled.account_id).over(window)
    the_others = (countries == TWO) & ((all_reporters - of_country) / all_reporters > _share)
    return tg.Modifier(
        SOURCE,
        "over 60 % of the reporters are of one country: four of them are enough",
        (of_country.at(ReportFiled.account_id, leading) / all_reporters > _share) | the_others,
        _factor,
        source=SOURCE,
    )


CLUSTER_72H = _cluster(tg.hours(72))
CLUSTER_7D = _cluster(tg.days(7))
