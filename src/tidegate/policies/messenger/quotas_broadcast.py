"""Published limits of broadcasts: batches a day by tier, people per batch, time between batches."""

import tidegate as tg
from tidegate.events import BroadcastBatch
from tidegate.expr import Expr
from tidegate.policies.messenger.account import day_zone, in_first_day
from tidegate.policies.messenger.broadcast_spam import BroadcastSpam
from tidegate.policies.messenger.quotas_sending import DAY_NOTE
from tidegate.policies.messenger.tiers import business_sender, new_sender, stable_sender

_MINUTE = tg.minutes(1).ms


def _batches(default: float, source: str, by: tuple[Expr, dict[str, float]] | None = None) -> tg.Parameter:
    return tg.Parameter(
        default, low=0, high=200, unit="batches", why="published for the tier", source=source, by=by
    )


class QuotasBroadcast(tg.RuleSet):
    """Published limits of broadcasts: batches a day by tier, people per batch, time between batches."""

    area = "broadcast"

    new_batches = _batches(
        2, "bcast.quota-new-batches", by=(tg.when(in_first_day, "first day", "later"), {"first day": 0})
    )
    stable_batches = _batches(5, "bcast.quota-stable-batches")
    business_batches = _batches(10, "bcast.quota-business-batches")
    batch_size = tg.Parameter(
        15, low=2, high=500, unit="recipients", why="the first step of the ladder; 20 adds to the score",
        source="bcast.quota-15-per-batch",
    )  # fmt: skip
    interval_min = tg.Parameter(
        3, low=0.5, high=120, unit="min", why="published pacing", source="bcast.quota-interval-3min"
    )  # fmt: skip

    batches = tg.events(BroadcastBatch)
    today = batches.count().per(BroadcastBatch.account_id).today(day_zone)
    before = batches.previous_seen().per(BroadcastBatch.account_id).ever()

    new = tg.Quota(
        id="bcast.quota-new-batches", title="New account: up to 2 broadcasts a day", capability=("broadcast",),
        on=(BroadcastBatch,), within=today <= new_batches, applies=new_sender, kind="count", unit="batches", window="P1D",
        reason="{observed} broadcasts today; new accounts may send {limit}", source="bcast.quota-new-batches",
        note=f"none in the first 24 hours, two a day from then on. {DAY_NOTE}",
        examples=("exceeds: the third broadcast of a day", "within: two broadcasts on the second day"),
    )  # fmt: skip
    stable = tg.Quota(
        id="bcast.quota-stable-batches", title="Stable account: up to 5 broadcasts a day", capability=("broadcast",),
        on=(BroadcastBatch,), within=today <= stable_batches, applies=stable_sender, kind="count", unit="batches",
        window="P1D", reason="{observed} broadcasts today; stable accounts may send {limit}",
        source="bcast.quota-stable-batches", note=DAY_NOTE,
        examples=("exceeds: the sixth broadcast of a day", "within: five broadcasts in a day"),
    )  # fmt: skip
    business = tg.Quota(
        id="bcast.quota-business-batches", title="Business account: up to 10 broadcasts a day", capability=("broadcast",),
        on=(BroadcastBatch,), within=today <= business_batches, applies=business_sender, kind="count", unit="batches",
        window="P1D", reason="{observed} broadcasts today; business accounts may send {limit}",
        source="bcast.quota-business-batches", note=DAY_NOTE,
        examples=("exceeds: the eleventh broadcast of a day", "within: ten broadcasts in a day"),
    )  # fmt: skip
    size = tg.Quota(
        id="bcast.quota-15-per-batch", title="Up to 15 people per broadcast", capability=("broadcast",),
        on=(BroadcastBatch,), within=BroadcastSpam.recipients <= batch_size, kind="size", unit="recipients",
        reason="a broadcast to {observed} people; up to {limit} are advised", source="bcast.quota-15-per-batch",
        examples=("exceeds: 16 recipients", "within: 15 recipients"),
    )  # fmt: skip
    interval = tg.Quota(
        id="bcast.quota-interval-3min", title="At least 3 minutes between broadcasts", capability=("broadcast",),
        on=(BroadcastBatch,), within=tg.age(before) / _MINUTE >= interval_min, kind="gap", unit="min", window="PT3M",
        reason="{observed} min after the broadcast before; at least {limit} min are advised",
        source="bcast.quota-interval-3min",
        examples=("exceeds: 2 min 59 s after the broadcast before", "within: exactly 3 min after it"),
    )  # fmt: skip
