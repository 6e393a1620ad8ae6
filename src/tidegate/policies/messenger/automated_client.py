"""Programs in the place of the app: other interfaces, automatic functions, heartbeats and packets that do not fit."""

import tidegate as tg
from tidegate.events import ClientHeartbeat, ClientQueue, ClientReport, PacketAuth
from tidegate.policies.messenger import account, sanctions
from tidegate.policies.messenger.modifiers import SENDING
from tidegate.policies.messenger.priors import unstated

MICROSECONDS = 1_000_000  # in a second: the client's clock is in microseconds


class AutomatedClient(tg.RuleSet):
    """Programs in the place of the app: other interfaces, automatic functions, heartbeats and packets that do not fit."""

    area = "client"

    marks_limit = tg.Parameter(
        150, low=10, high=10000, unit="marks", why="what an imitated client gathers in about 500 messages",
        source="client.packet-anomaly-150-watchlist",
    )  # fmt: skip
    heartbeat_s = tg.Parameter(
        30, low=5, high=300, unit="s", why="interval of the official app", source="client.heartbeat-interval"
    )  # fmt: skip
    tolerance_s = tg.Parameter(
        2, low=0.1, high=30, unit="s", why="what the network delays, the limit included", source="client.heartbeat-interval"
    )  # fmt: skip
    jitter_s = tg.Parameter(
        0.2, low=0.01, high=10, unit="s", why="the clock of the official app keeps to its own intervals",
        source="client.heartbeat-timestamp-jitter",
    )  # fmt: skip
    queue_limit = tg.Parameter(
        12, low=1, high=100, unit="messages/min", why="the official app queues no more", source="client.queue-over-12-per-min"
    )  # fmt: skip

    marks_30d = (
        tg.events(PacketAuth)
        .where(PacketAuth.tag_ok == 0)
        .count()
        .per(PacketAuth.account_id)
        .over(tg.days(30))
    )
    # medians: networks and power saving delay single packets
    # in whole microseconds: 0.01 s and 3.99 s are 2 s in the middle, not a hair more
    _off_by = (abs(ClientHeartbeat.interval_s - heartbeat_s) * MICROSECONDS + 0.5).floor()
    _off_by_us = tg.events(ClientHeartbeat).median(_off_by)
    # another session of the account may be that of another app on another device
    off_by_s = (
        _off_by_us.per(ClientHeartbeat.session_id)
        .over(tg.minutes(10))
        .or_else(_off_by_us.per(ClientHeartbeat.account_id).over(tg.minutes(10)))
    ) / MICROSECONDS
    _heartbeats = tg.events(ClientHeartbeat)
    is_next = ~_heartbeats.previous_seen().per(ClientHeartbeat.session_id).ever().is_null()
    _clock_before = _heartbeats.previous(ClientHeartbeat.client_ts).per(ClientHeartbeat.session_id).ever()
    _tells = tg.when(ClientHeartbeat.client_ts.is_known(), 1, 0)
    _told_before = _heartbeats.previous(_tells).per(ClientHeartbeat.session_id).ever()
    _interval_us = (ClientHeartbeat.interval_s * MICROSECONDS + 0.5).floor()  # 32.01 s are not a hair less
    # not known where the heartbeat before did not tell its clock: two intervals lie between the clocks then
    _residual_us = (ClientHeartbeat.client_ts - _clock_before - _interval_us) / _told_before
    clock_off_by_s = (
        tg.events(ClientHeartbeat)
        .median(abs(_residual_us) / MICROSECONDS)
        .per(ClientHeartbeat.session_id)
        .over(tg.minutes(10))
    )

    unofficial = tg.Rule(
        id="client.unofficial-api",
        title="Traffic through an unofficial interface",
        on=(ClientReport,),
        when=ClientReport.via_unofficial_api == 1,
        prior=tg.Prior(0.80, group="mod-consequence", source="client.unofficial-api"),
        measures=(tg.Measure(sanctions.PERMANENT_BAN),),
        reason="traffic through an unofficial interface (reported: {observed})",
        source="client.unofficial-api",
        note="the ban stands until a person has confirmed or lifted it",
        examples=("fires: an unofficial interface", "does not: the official business interface"),
    )
    automatic = tg.Rule(
        id="client.abuse-auto-reply-unlimited-forward",
        title="Automatic replies or unlimited forwarding",
        on=(ClientReport,),
        when=(ClientReport.unlimited_forward | (ClientReport.auto_reply & ~account.is_business)) == 1,
        labels=(tg.Label("modified-client-watch"),),
        reason="automatic replies or unlimited forwarding in the client (found: {observed})",
        source="client.abuse-auto-reply-unlimited-forward",
        note="a business may reply by program",
        examples=(
            "fires: the limit of forwarding is bypassed",
            "does not: automatic replies of an official business account",
        ),
    )
    packets = tg.Rule(
        id="client.packet-anomaly-150-watchlist",
        title="150 packets whose authentication code is wrong",
        on=(PacketAuth,),
        when=marks_30d >= marks_limit,
        labels=(tg.Label("client-watch"),),
        reason="{observed} packets with a wrong authentication code in 30 days; limit {limit}",
        source="client.packet-anomaly-150-watchlist",
        note="a mark is a code of client.packet-auth-code that is not as expected; marks are counted, for 30 days: a healthy"
        " account must not gather 150 over the years",
        examples=(
            "fires: the 150th mark, after 500 messages with 0.3 marks each",
            "does not: 149 marks in 30 days",
        ),
    )
    heartbeat = tg.Rule(
        id="client.heartbeat-interval",
        title="Heartbeat outside 30 s, give or take 2 s",
        on=(ClientHeartbeat,),
        when=off_by_s > tolerance_s,
        given=~ClientHeartbeat.interval_s.is_null(),
        window="PT10M",
        prior=unstated("client.heartbeat-interval", group="heartbeat-tolerance"),
        labels=(tg.Label("suspicious-terminal"), tg.Label("suspicious-terminal", on="device")),
        reason="heartbeats of the last 10 minutes are {observed} s off in the middle; limit {limit}",
        source="client.heartbeat-interval",
        note="median of the last 10 minutes of the session, of the account where none is named: networks and power saving delay"
        " single packets",
        examples=("fires: a heartbeat every 15 s", "does not: 32.0 s, or one of 45 s among many of 30 s"),
    )
    jitter = tg.Rule(
        id="client.heartbeat-timestamp-jitter",
        title="Clock of the heartbeat jumps by more than 0.2 s",
        on=(ClientHeartbeat,),
        when=clock_off_by_s > jitter_s,
        given=~(
            ClientHeartbeat.client_ts.is_null()
            | ClientHeartbeat.interval_s.is_null()
            | ClientHeartbeat.session_id.is_null()
        )
        & ((is_next & ~_clock_before.is_null()) | ~ClientHeartbeat.client_ts.is_known()),
        window="PT10M",
        labels=(tg.Label("suspicious-terminal"), tg.Label("suspicious-terminal", on="device")),
        reason="the clock of the heartbeat jumps by {observed} s in the middle of 10 minutes; limit {limit}",
        source="client.heartbeat-timestamp-jitter",
        note="median, over the session's last 10 minutes, of the difference of two client times against the stated interval",
        examples=(
            "fires: 30.21 s between heartbeats that say 30 s",
            "does not: 30.2 s, or one jump among many that fit",
        ),
    )
    queue = tg.Rule(
        id="client.queue-over-12-per-min",
        title="Client queues more than 12 messages a minute",
        on=(ClientQueue,),
        when=ClientQueue.queued > queue_limit,
        window="PT1M",
        modifiers=SENDING,
        prior=unstated("client.queue-over-12-per-min", group="rate-per-minute"),
        labels=(tg.Label("high-load"),),
        reason="{observed} messages queued by the client in a minute; limit {limit}",
        source="client.queue-over-12-per-min",
        note="a limit of the app, not of the account: it follows no tier",
        examples=("fires: 13 a minute", "does not: 12 a minute by day"),
    )
