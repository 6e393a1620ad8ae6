"""Accounts that use far more bandwidth than the app can."""

import tidegate as tg
from tidegate.events import BandwidthSample, MessageSent
from tidegate.policies.messenger import queues, sanctions
from tidegate.policies.messenger.doubt import or_not_known

MIB = 1 << 20


class TrafficAbuse(tg.RuleSet):
    """Accounts that use far more bandwidth than the app can."""

    area = "client"

    traffic_limit_mib = tg.Parameter(
        15, low=1, high=1000, unit="MiB", why="five times what the official app uses on average",
        source="client.bandwidth-over-15mb-10min",
    )  # fmt: skip
    permitted_file_mib = tg.Parameter(
        16, low=1, high=4096, unit="MiB", why="files up to the platform's limit are nobody's fault",
        source="client.media-over-16mb-upload",
    )  # fmt: skip

    traffic = (
        tg.events(BandwidthSample)
        .sum(BandwidthSample.bytes, places=0)
        .per(BandwidthSample.account_id)
        .over(tg.minutes(10))
    )
    files = (
        tg.events(MessageSent)
        .where((MessageSent.media_bytes <= permitted_file_mib * MIB).or_else(False))  # noqa: FBT003  an operand
        .sum(MessageSent.media_bytes, places=0)
        .per(MessageSent.account_id)
        .over(tg.minutes(10))
    )

    # pictures and videos of a size that nobody tells: any of them may be as large as is permitted
    unsized = (
        tg.events(MessageSent)
        .where(
            MessageSent.message_type.isin("image", "video").or_else(False)  # noqa: FBT003  an operand
            & ~MessageSent.media_bytes.is_known()
        )
        .count()
        .per(MessageSent.account_id)
        .over(tg.minutes(10))
    )
    excess = (traffic - files) / MIB
    _may_be_files = (excess > traffic_limit_mib) & (
        excess - unsized * permitted_file_mib <= traffic_limit_mib
    )

    bandwidth = tg.Rule(
        id="client.bandwidth-over-15mb-10min",
        title="More than 15 MiB in 10 minutes",
        on=(BandwidthSample,),
        when=or_not_known(_may_be_files, excess) > traffic_limit_mib,
        window="PT10M",
        measures=(tg.Measure(sanctions.PRIORITY_DEGRADE),),
        cases=(queues.BEHAVIOUR,),
        reason="{observed} MiB in 10 minutes, permitted files left out; limit {limit}",
        source="client.bandwidth-over-15mb-10min",
        note="without what the account sent as files within the limit: one permitted video alone exceeds 15 MiB; undecided where a"
        " picture or video of a size that is not known may be the reason",
        examples=("fires: 16 MiB without any file", "does not: 15 MiB, or one video of 16 MiB"),
    )
