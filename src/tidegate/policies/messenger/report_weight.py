"""Reports that weigh: by what is reported, and by who reports."""

import tidegate as tg
from tidegate.events import ReportFiled
from tidegate.expr import Expr
from tidegate.features import Feature
from tidegate.policies.messenger import sanctions


def _weight(name: str, default: float, why: str, source: str) -> tg.Parameter:
    return tg.Parameter(
        default, low=0, high=10, unit="points", why=why, source=source, name=f"report_weight.{name}"
    )


_ADMIN = _weight("admin", 3, "an administrator knows the group and its members", "report.weight-group-admin")
_OLD = _weight(
    "old_reporter", 1.3, "an active account of more than two years", "report.weight-reporter-over-2y"
)
_NEW = _weight(
    "new_reporter", 0.7, "a new account may have been made to report", "report.weight-reporter-new"
)
_SPAM = _weight("spam", 1, "the unit; also what other reports weigh", "report.weight-spam")
_HARASSMENT = _weight("harassment", 1.2, "harm to a person", "report.weight-harassment")
_ILLEGAL = _weight("illegal", 1.5, "illegal or violating content", "report.weight-illegal")

OLD_DAYS, NEW_DAYS = 730, 7

_category = tg.when(
    ReportFiled.category == "illegal",
    _ILLEGAL,
    tg.when(ReportFiled.category == "harassment", _HARASSMENT, _SPAM),
)
_role = tg.when(ReportFiled.reporter_is_admin, _ADMIN, 1)
_standing = tg.when(
    (ReportFiled.reporter_age_days > OLD_DAYS) & ReportFiled.reporter_active,
    _OLD,
    tg.when(ReportFiled.reporter_age_days <= NEW_DAYS, _NEW, 1),
)
_least_standing = tg.when(ReportFiled.reporter_age_days > NEW_DAYS, 1, _NEW).or_else(_NEW)
_most_standing = tg.when(ReportFiled.reporter_active, _OLD, 1).or_else(_OLD)

_is_named = ReportFiled.reporter_id.is_known()


def _points(weight: Expr, cap: tg.Parameter) -> Feature:
    """Return what the reports of people who are known weigh; one that nobody on record has filed weighs nothing."""
    named = tg.events(ReportFiled).where(_is_named & ~ReportFiled.reporter_id.is_null())
    return (
        named.sum(weight, at_most=cap, each=ReportFiled.reporter_id)
        .per(ReportFiled.account_id)
        .over(tg.hours(24))
    )


def _points_of_others(weight: Expr, cap: tg.Parameter) -> Feature:
    """Return what reports weigh of which it is not known who filed them: somebody else each, at most."""
    nameless = tg.events(ReportFiled).where(~_is_named)
    return nameless.sum(tg.least(weight, cap)).per(ReportFiled.account_id).over(tg.hours(24))


class ReportWeight(tg.RuleSet):
    """Reports that weigh: category x role x standing, at most three points per reporter and day, in exact decimals."""

    area = "reports"

    limit = tg.Parameter(
        5, low=1, high=100, unit="points", why="five points reach the second level", source="report.weighted-5-points-24h-level2"
    )  # fmt: skip
    reporter_cap = tg.Parameter(
        3, low=0.1, high=100, unit="points", why="one reporter alone, an administrator too, cannot reach the second level",
        source="report.weighted-5-points-24h-level2", assumed=True,
    )  # fmt: skip

    # a report of which something is not known weighs at least, and at most, so much
    _least = _category.or_else(_SPAM) * _role.or_else(1) * _standing.or_else(_least_standing)
    _most = _category.or_else(_ILLEGAL) * _role.or_else(_ADMIN) * _standing.or_else(_most_standing)
    least_points = _points(_least, reporter_cap)
    most_points = _points(_most, reporter_cap) + _points_of_others(_most, reporter_cap)
    is_settled = (least_points >= limit) | (most_points < limit)
    points = least_points / tg.when(is_settled, 1, 0)  # not known where it is not settled

    level_2 = tg.Rule(
        id="report.weighted-5-points-24h-level2",
        title="Weighted reports reach 5 points in 24 hours",
        on=(ReportFiled,),
        when=points >= limit,
        window="PT24H",
        labels=(tg.Label("level-2"),),
        measures=(tg.Measure(sanctions.MESSAGING_FULL_RESTRICT),),
        reason="{observed} points of weighted reports in 24 hours; limit {limit}",
        source="report.weighted-5-points-24h-level2",
        note="at most 3 points per reporter and 24 hours, whatever has left them since; undecided where what is not known of the"
        " reports, their category or who filed them, could make the difference",
        examples=("fires: four spam reports and an illegal one: 5.5", "does not: seven by new accounts: 4.9"),
    )
