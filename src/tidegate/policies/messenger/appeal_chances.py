"""What is known to move the chance that an appeal succeeds. Shown to the person who decides; nothing follows from it."""

from functools import partial

import tidegate as tg
from tidegate.events import (
    AppealDecided,
    AppealFiled,
    MessageReceived,
    MessageSent,
    SanctionApplied,
    SanctionLifted,
)
from tidegate.expr import Expr
from tidegate.features import Feature, Stream
from tidegate.policies.messenger.acquaintance import MEMORY_DAYS

# rows of the catalogue by which reports lead to a measure
BY_REPORTS = (
    "report.over-5-in-24h",
    "report.over-5-unique-in-72h-priority",
    "report.over-5-unique-in-7d-deep-review",
    "report.over-12-in-7d-permanent-review",
    "report.rate-over-0p8pct-immediate",
    "report.rate-over-0p8pct-48h",
    "report.rate-over-0p75pct-high-risk",
    "report.case-0p875pct-72h",
    "report.weighted-5-points-24h-level2",
    "report.recipient-spam-mark-over-15pct",
    "bcast.reports-3-disable",
)
OF_REPORTS = ("sanction.report-restriction-48-72h", "sanction.send-freeze-72h")  # no other row opens these

_DAY = tg.days(1).ms
LONG_AGO = 10_000 * _DAY  # none at all
MESSAGES, LEAST_MESSAGES = 100, 20  # that are looked at; of fewer a share says nothing (assumed)


def _one_before(applied: Stream, of_newer: Expr) -> Feature:
    """Return of the measure before another one what is given of that one."""
    before = applied.previous(of_newer).per(SanctionApplied.account_id).ever()
    return applied.last(before).per(SanctionApplied.account_id).ever()


def _is_about(number: Expr) -> Expr:
    """Return whether the appeal is about the measure of this number."""
    return (number == AppealFiled.sanction_id).or_else(False)  # noqa: FBT003  an operand


def _is_no_prior(number: Expr, *, lifted: Feature, granted: Feature, appeal: Feature) -> Expr:
    """Return whether a measure is the one that the appeal is about, or was found wrong."""
    was_lifted = (lifted.at(number) == 1).or_else(False)  # noqa: FBT003  an operand, as below
    was_granted = (granted.at(appeal.at(number)) == 1).or_else(False)  # noqa: FBT003
    return _is_about(number) | was_lifted | was_granted


def _runs(number: Expr, *, ends: Feature, ended: Feature) -> Expr:
    """Return whether a measure that was told is known to run at the appeal: its end is told, and neither here nor told early."""
    was_ended = (ended.at(number) == 1).or_else(False)  # noqa: FBT003  an operand, as below
    return (tg.age(ends.at(AppealFiled.account_id, number)) < 0).or_else(False) & ~was_ended  # noqa: FBT003


def _only_changed(number: Expr, told_at: Expr, *, ends: Feature, opened_at: Expr) -> Expr:
    """Return whether a measure with an end was there before it was told: none was opened then, or since."""
    end = ends.at(AppealFiled.account_id, number)
    has_end = end.is_known() & ~end.is_null()
    return has_end & ~(opened_at >= told_at).or_else(False)  # noqa: FBT003  an operand


class AppealChances(tg.RuleSet):
    """What is known to move the chance that an appeal succeeds. Shown to the person who decides; nothing follows from it."""

    area = "appeals"

    memory_days = tg.Parameter(
        90, low=7, high=365, unit="days", why="the ninetieth day included", source="appeal.prior-sanction-90d-35pct"
    )  # fmt: skip

    two_way_limit = tg.Parameter(
        0.7, low=0.3, high=0.95, unit="share", why="more than 70 %", source="appeal.two-way-over-70pct-82pct"
    )

    _recipients = (
        tg.events(MessageSent)
        .recent(MessageSent.recipient_id, MESSAGES, least=LEAST_MESSAGES)
        .per(MessageSent.account_id)
        .over(tg.days(MEMORY_DAYS))
    )
    _answering = (
        tg.events(MessageReceived)
        .seen()
        .per(MessageReceived.account_id, MessageReceived.from_id)
        .over(tg.days(MEMORY_DAYS))
        .at(AppealFiled.account_id, _recipients)
    )

    two_way = tg.Rule(
        id="appeal.two-way-over-70pct-82pct",
        title="Appeal of an account that most of those it writes to write to",
        on=(AppealFiled,),
        when=_answering / tg.size(_recipients) > two_way_limit,
        given=tg.size(_recipients) > 0,
        window="P30D",
        reason="{observed} of the recipients of the last 100 messages have written to the account within 30 days, more than {limit}: 82 % of"
        " such appeals succeed",
        source="appeal.two-way-over-70pct-82pct",
        note="of the last 100 messages to single people within 30 days, with fewer than 20 of them nothing is said; two-way is who also"
        " wrote to the account within these 30 days. Where a measure because of reports is on record, that sign prevails",
        examples=("fires: 71 of 100 recipients answered", "does not: 70 of 100, or 19 messages"),
    )

    _because_of_reports = (
        SanctionApplied.cause.isin(*BY_REPORTS) | SanctionApplied.kind.isin(*OF_REPORTS)
    ).or_else(False)  # noqa: FBT003  an operand
    # what is told of a measure once more (shortened, confirmed) is no other one: it began when it was told first
    _told_before = (
        tg.events(SanctionApplied)
        .previous_seen()
        .per(SanctionApplied.account_id, SanctionApplied.sanction_id)
        .ever()
    )
    _applied = tg.events(SanctionApplied).where(
        _because_of_reports & _told_before.is_null().or_else(True)  # noqa: FBT003  an operand
    )
    _newest_at = _applied.last_seen().per(SanctionApplied.account_id).ever()
    _newest_id = _applied.last(SanctionApplied.sanction_id).per(SanctionApplied.account_id).ever()
    _second_at, _second_id = _one_before(_applied, _newest_at), _one_before(_applied, _newest_id)
    _third_at, _third_id = _one_before(_applied, _second_at), _one_before(_applied, _second_id)
    _fourth_at = _one_before(_applied, _third_at)
    _ends = (
        tg.events(SanctionApplied)
        .where(SanctionApplied.expires_ts.is_known())
        .last(SanctionApplied.expires_ts)
        .per(SanctionApplied.account_id, SanctionApplied.sanction_id)
        .ever()
    )
    # the measure that the appeal is about is no prior one
    is_about_newest = _is_about(_newest_id)
    # one that was found wrong counts as never taken, as of this policy's own
    _undone = tg.events(SanctionLifted).where(SanctionLifted.reason.isin("appeal", "review"))
    _appeal = tg.events(AppealFiled).last(AppealFiled.appeal_id).per(AppealFiled.sanction_id).ever()
    _granted = tg.events(AppealDecided).where(AppealDecided.granted == 1)
    _lifted, _right = (
        _undone.seen().per(SanctionLifted.sanction_id).ever(),
        _granted.seen().per(AppealDecided.appeal_id).ever(),
    )
    _no_prior = partial(_is_no_prior, lifted=_lifted, granted=_right, appeal=_appeal)
    # nor is one that still runs, told by the platform or of this policy's own: what is appealed against is often not named
    _ended = tg.events(SanctionLifted).seen().per(SanctionLifted.sanction_id).ever()
    _running = partial(_runs, ends=_ends, ended=_ended)
    # measures of this policy, told or not; one that the appeal is about is no prior one when it is over, either
    _opened_at = tg.last_sanctioned(AppealFiled.account_id, *OF_REPORTS, by=BY_REPORTS)
    # nor does one of this policy's own begin when people change it
    _changed = partial(_only_changed, ends=_ends, opened_at=_opened_at)
    _third = tg.when(
        ~(_no_prior(_third_id) | _running(_third_id) | _changed(_third_id, _third_at)), _third_at, _fourth_at
    )
    _second = tg.when(
        ~(_no_prior(_second_id) | _running(_second_id) | _changed(_second_id, _second_at)), _second_at, _third
    )
    _told_age = tg.when(
        ~(_no_prior(_newest_id) | _running(_newest_id) | _changed(_newest_id, _newest_at)),
        tg.age(_newest_at),
        tg.age(_second).or_else(LONG_AGO),
    )
    _is_about_own = (
        (is_about_newest & (_opened_at == _newest_at))
        | (_is_about(_second_id) & (_opened_at == _second_at))
        | (_is_about(_third_id) & (_opened_at == _third_at))
    ).or_else(False)  # noqa: FBT003  an operand
    _age_of_own = tg.when(_is_about_own, _told_age, tg.age(_opened_at))
    days_since_sanction = tg.least(_told_age, _age_of_own) / _DAY

    sanctioned_before = tg.Rule(
        id="appeal.prior-sanction-90d-35pct",
        title="Appeal of an account that reports led to a measure against in the last 90 days",
        on=(AppealFiled,),
        when=days_since_sanction <= memory_days,
        window="P90D",
        reason="reports led to a measure {observed} days ago, within {limit}: 35 % of such appeals succeed",
        source="appeal.prior-sanction-90d-35pct",
        note="from the start of the measure, whether a rule opened it or the platform tells of it by `sanction_applied`; what runs at the"
        " appeal is no earlier one, nor is the measure that the appeal names, nor what was found wrong. Where other signs speak for the account, this one prevails",
        examples=(
            "fires: a measure because of reports 90 days ago",
            "does not: one 91 days ago, or for another cause",
        ),
    )
