"""Pools of accounts that a business writes from, or to: too many of them in bad standing tell on the main account."""

import tidegate as tg
from tidegate.events import (
    AccountProfile,
    MessageSent,
    PoolUploaded,
    ScreeningFinished,
    ScreeningResult,
    ScreeningStarted,
)
from tidegate.expr import Expr
from tidegate.features import Stream
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.acquaintance import to_somebody
from tidegate.policies.messenger.doubt import in_doubt
from tidegate.policies.messenger.quotas_sending import QuotasSending

REMEMBERED = tg.days(90)  # a job is over within hours; its results are asked for until then


def _has(*labels: str) -> Expr:
    """Return whether a profile of an account carries one of these labels."""
    found = tg.contains(AccountProfile.labels, labels[0])
    for label in labels[1:]:
        found = found | tg.contains(AccountProfile.labels, label)
    return found


def _standing_badly(risk: str, *labels: str) -> Stream:
    """Return what says of an account that it carries a risk: its profile's labels, or the result of a screening that names it."""
    return tg.events(AccountProfile).where(_has(*labels)) | tg.events(ScreeningResult).where(
        tg.contains(ScreeningResult.risk_types, risk)
    )


class RiskyPools(tg.RuleSet):
    """Pools of accounts that a business writes from, or to: too many of them in bad standing tell on the main account."""

    area = "screening"

    batch_share = tg.Parameter(
        0.3, low=0.05, high=1, unit="ratio", why="the share of the case that is told", source="screen.case-30pct-noncompliant-batch",
        assumed=True,
    )  # fmt: skip
    linked_share = tg.Parameter(
        0.08, low=0.01, high=1, unit="ratio", why="the share of the case that is told", source="screen.case-8pct-associated-limit-cut",
        assumed=True,
    )  # fmt: skip
    fake_share = tg.Parameter(
        0.2, low=0.05, high=1, unit="ratio", why="the share of the pool of the case", source="screen.low-quality-marketing", assumed=True
    )  # fmt: skip
    least_accounts = tg.Parameter(
        10, low=1, high=1000, unit="accounts", why="of fewer, a share says little", source="screen.case-30pct-noncompliant-batch",
        assumed=True,
    )  # fmt: skip
    least_recipients = tg.Parameter(
        20, low=5, high=1000, unit="recipients", why="shares of recipients need at least 20", source="screen.low-quality-marketing",
        assumed=True,
    )  # fmt: skip

    granted = tg.Parameter(
        1000, low=50, high=100000, unit="messages", why="the daily limit of the case, where a profile names no other",
        source="sanction.daily-limit-cut-1000-to-300",
    )  # fmt: skip
    left = tg.Parameter(
        0.3, low=0.05, high=1, unit="factor", why="1000 become 300", source="sanction.daily-limit-cut-1000-to-300"
    )  # fmt: skip

    per_upload = tg.Parameter(
        100_000, low=100, high=1_000_000, unit="accounts", why="what one upload may hold", source="sops.batch-limit-100000"
    )  # fmt: skip
    # asked about an account, it is told of those that upload; an upload that names none is held to it all the same
    _uploads = (tg.events(PoolUploaded).seen().per(PoolUploaded.account_id).ever() == 1).or_else(True)  # noqa: FBT003  an operand

    # accounts of one owner, as the profile of the main one lists them
    linked = tg.size(AccountProfile.linked_accounts)
    non_compliant = (
        _standing_badly("non_compliant", "non-compliant", "association-risk")
        .seen()
        .per(AccountProfile.account_id)
        .ever()
        .at(AccountProfile.linked_accounts)
    )

    # the accounts of a pool that was screened
    _result = tg.events(ScreeningResult)
    screened = _result.distinct(ScreeningResult.number).per(ScreeningResult.job_id).over(REMEMBERED)
    _is_linked = tg.contains(ScreeningResult.risk_types, "non_compliant") & tg.contains(
        ScreeningResult.reasons, "screen.associated-with-banned"
    ).or_else(True)  # noqa: FBT003  an operand
    screened_linked = (
        _result.where(_is_linked)
        .distinct(ScreeningResult.number)
        .per(ScreeningResult.job_id)
        .over(REMEMBERED)
    )
    _owner = (
        tg.events(PoolUploaded, ScreeningStarted)
        .last(PoolUploaded.account_id)
        .per(PoolUploaded.job_id)
        .ever()
    )
    main_account = ScreeningFinished.account_id.or_else(_owner)

    # to whom promotions go
    _promotion = tg.events(MessageSent).where(MessageSent.is_promotional)
    _fake = (
        _standing_badly("fake", "fake-suspect", "fake-bot", "fake-zombie")
        .seen()
        .per(AccountProfile.account_id)
        .ever()
        .at(MessageSent.recipient_id)
    )
    # none, or up to as many as the messages of which it is not known whether they are promotions, or to whom they went
    _unnamed = (
        tg.events(MessageSent)
        .where(in_doubt(MessageSent.is_promotional & to_somebody))
        .count()
        .per(MessageSent.account_id)
        .over(tg.days(1))
    )
    promoted_to = _unnamed + (
        _promotion.where(MessageSent.recipient_id.is_known())
        .distinct(MessageSent.recipient_id)
        .per(MessageSent.account_id)
        .over(tg.days(1))
    )
    fakes_promoted_to = _unnamed + (
        tg.events(MessageSent)
        .where(MessageSent.is_promotional & (_fake > 0) & MessageSent.recipient_id.is_known())
        .distinct(MessageSent.recipient_id)
        .per(MessageSent.account_id)
        .over(tg.days(1))
    )

    batch = tg.Rule(
        id="screen.case-30pct-noncompliant-batch",
        title="30 % of the accounts of one owner are non-compliant: all of them stop sending",
        on=(AccountProfile,),
        when=non_compliant / linked >= batch_share,
        given=linked >= least_accounts,
        measures=(
            tg.Measure(sanctions.LINKED_SEND_STOP),
            tg.Measure(sanctions.LINKED_SEND_STOP, named=AccountProfile.linked_accounts),
        ),
        reason="{observed} of the associated accounts are non-compliant; limit {limit}",
        source="screen.case-30pct-noncompliant-batch",
        note="judged at the profile that lists the associated accounts; non-compliant by the labels of their profiles or by a screening's"
        " result that names the account; at least ten accounts, so that one bad one says nothing; the share is that of one case",
        examples=("fires: 30 of 100 associated accounts", "does not: 29 of 100"),
    )
    limit_cut = tg.Rule(
        id="screen.case-8pct-associated-limit-cut",
        title="8 % of a screened pool are associated with banned accounts: the daily limit is cut",
        on=(ScreeningFinished,),
        when=screened_linked / screened >= linked_share,
        given=(screened >= least_accounts) & ~ScreeningFinished.job_id.is_null(),
        measures=(tg.Measure(sanctions.DAILY_LIMIT_CUT, named=main_account),),
        labels=(tg.Label("high-risk-account"),),
        reason="{observed} of the screened pool are associated with banned accounts; limit {limit}",
        source="screen.case-8pct-associated-limit-cut",
        note="when the job has ended, of its different numbers; against the account that the end of the job, its start or its upload"
        " names; non-compliant results count unless their reasons name another row",
        examples=("fires: 8 of 100 screened accounts", "does not: 7 of 100"),
    )
    daily_limit = (
        tg.events(AccountProfile).last(AccountProfile.daily_limit).per(AccountProfile.account_id).ever()
    )
    over_the_cut = tg.Rule(
        id="sanction.daily-limit-cut-1000-to-300",
        title="More messages today than the daily limit allows that was cut to 30 %",
        on=(MessageSent,),
        when=QuotasSending.today > daily_limit.or_else(granted) * left,
        given=tg.in_force(MessageSent.account_id, sanctions.DAILY_LIMIT_CUT.id),
        reason="{observed} messages today; the daily limit was cut to {limit}",
        source="sanction.daily-limit-cut-1000-to-300",
        note="while the measure runs; of the limit that the profile gives the account, else of 1000; calendar day in the account's"
        " zone, UTC where none is known. As for every published limit, the verdict stays what it is",
        examples=(
            "fires: the 301st message of a day, limit 1000 before",
            "does not: the 300th, or no cut in force",
        ),
    )
    low_quality = tg.Rule(
        id="screen.low-quality-marketing",
        title="A fifth of those a promotion goes to are fake accounts",
        on=(MessageSent,),
        when=fakes_promoted_to / promoted_to >= fake_share,
        given=MessageSent.is_promotional & (promoted_to >= least_recipients),
        measures=(tg.Measure(sanctions.REACH_CUT),),
        labels=(tg.Label("low-quality-push"),),
        reason="{observed} of a day's recipients of promotions are fake accounts; limit {limit}",
        source="screen.low-quality-marketing",
        note="different recipients of promotional messages in 24 hours; fake by the labels of their profiles or by a screening's result"
        " that names the account; the share is that of one case",
        examples=("fires: 20 of 100 recipients", "does not: 19 of 100"),
    )
    upload = tg.Quota(
        id="sops.batch-limit-100000", title="Up to 100,000 accounts per upload", capability=(), on=(PoolUploaded,),
        within=PoolUploaded.row_count <= per_upload, kind="size", unit="accounts", applies=_uploads,
        reason="{observed} accounts in one upload; up to {limit} are accepted", source="sops.batch-limit-100000",
        note="rows as they stand in the file, repeated ones too; `tidegate screen` takes no more",
        examples=("exceeds: 100,001 accounts", "within: 100,000 accounts"),
    )  # fmt: skip
