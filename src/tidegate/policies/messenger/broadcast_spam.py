"""Broadcasts to too many, too early, or that people complain about."""

import tidegate as tg
from tidegate.events import BroadcastBatch, GroupJoined, ReportFiled
from tidegate.policies.messenger import queues, sanctions
from tidegate.policies.messenger.account import FIRST_DAY, in_first_day, since_registration
from tidegate.policies.messenger.group_joins import joins, of_own_accord
from tidegate.policies.messenger.instant import INSTANT
from tidegate.policies.messenger.priors import unstated


class BroadcastSpam(tg.RuleSet):
    """Broadcasts to too many, too early, or that people complain about."""

    area = "broadcast"

    risky_size = tg.Parameter(
        20, low=2, high=500, unit="recipients", why="risk threshold, read as reached", source="bcast.risk-20-per-batch",
        assumed=True,
    )  # fmt: skip
    scanned_size = tg.Parameter(
        25, low=2, high=500, unit="recipients", why="more than 25", source="bcast.batch-over-25-content-scan"
    )  # fmt: skip
    complaints = tg.Parameter(
        3, low=1, high=100, unit="reporters", why="three are enough", source="bcast.reports-3-disable"
    )  # fmt: skip
    first_day_batches = tg.Parameter(
        1, low=1, high=20, unit="batches", why="a new account has nobody to broadcast to yet",
        source="bcast.first-day-mass-75pct", assumed=True,
    )  # fmt: skip
    first_day_groups = tg.Parameter(
        3, low=1, high=50, unit="groups", why="what a new account may join in a day", source="bcast.first-day-mass-75pct",
        assumed=True,
    )  # fmt: skip

    # a recipient counts once, however often the batch lists it; batches of one moment are told apart by their ids
    _people = tg.events(BroadcastBatch).distinct(BroadcastBatch.recipient_ids)
    _different = (
        _people.per(BroadcastBatch.account_id, BroadcastBatch.batch_id)
        .over(INSTANT)
        .or_else(_people.per(BroadcastBatch.account_id).over(INSTANT))
    )
    listed = tg.least(tg.size(BroadcastBatch.recipient_ids), _different)
    # as many as the batch states; where it states none, those that it lists
    _stated = BroadcastBatch.recipient_count
    recipients = tg.when(_stated.is_null(), listed.or_else(0), _stated).or_else(listed)
    complaining = (
        tg.events(ReportFiled)
        .where(~ReportFiled.batch_id.is_null())
        .distinct(ReportFiled.reporter_id)
        .per(ReportFiled.account_id)
        .over(tg.days(7))
    )
    batches_24h = since_registration(
        tg.events(BroadcastBatch).count().per(BroadcastBatch.account_id), FIRST_DAY
    )
    joined_24h = since_registration(joins, FIRST_DAY)
    # whether the judged event is a broadcast, or a join of the account's own
    _acted = (
        (tg.events(BroadcastBatch) | of_own_accord).last_seen().per(BroadcastBatch.account_id).over(INSTANT)
    )

    risky = tg.Rule(
        id="bcast.risk-20-per-batch",
        title="Broadcast to 20 people or more",
        on=(BroadcastBatch,),
        when=recipients >= risky_size,
        prior=unstated("bcast.risk-20-per-batch", group="broadcast-size"),
        reason="a broadcast to {observed} people; the risk starts at {limit}",
        source="bcast.risk-20-per-batch",
        note="the count that the batch states, else its list of recipients; the row states no figure: 0.10",
        examples=("fires: 20 recipients", "does not: 19 recipients"),
    )
    scan = tg.Rule(
        id="bcast.batch-over-25-content-scan",
        title="Broadcast to more than 25 people: content scan",
        on=(BroadcastBatch,),
        when=recipients > scanned_size,
        cases=(queues.CONTENT_SCAN,),
        reason="a broadcast to {observed} people is scanned; limit {limit}",
        source="bcast.batch-over-25-content-scan",
        note="the scan sees fingerprints, links and classes that the sender's side supplies, never text",
        examples=("fires: 26 recipients", "does not: 25 recipients"),
    )
    complained = tg.Rule(
        id="bcast.reports-3-disable",
        title="Three people report broadcasts of the account",
        on=(ReportFiled,),
        when=complaining >= complaints,
        measures=(tg.Measure(sanctions.BROADCAST_DISABLE),),
        reason="{observed} people reported broadcasts of the account in 7 days; limit {limit}",
        source="bcast.reports-3-disable",
        note="the source names no window: 7 days, as its neighbour; different reporters",
        examples=(
            "fires: the third reporter of a broadcast",
            "does not: a third report about a single message",
        ),
    )
    first_day = tg.Rule(
        id="bcast.first-day-mass-75pct",
        title="Broadcasts or many group joins on the first day",
        on=(BroadcastBatch, GroupJoined),
        when=tg.greatest(batches_24h / first_day_batches, joined_24h / (first_day_groups + 1)) >= 1,
        given=in_first_day & ~_acted.is_null(),
        window="P1D",
        prior=tg.Prior(0.75, group="first-day-broadcast", source="bcast.first-day-mass-75pct"),
        reason="{observed} times the broadcasts or group joins that raise the risk of a new account on its first day",
        source="bcast.first-day-mass-75pct",
        note="a first broadcast, or a fourth group that it joined itself; being added to one by others is no act of the account's,"
        " nor is what it did before it registered of its first day; quotas"
        " allow new accounts two batches a day, from the second day on",
        examples=("fires: one broadcast on the first day", "does not: three group joins on the first day"),
    )
