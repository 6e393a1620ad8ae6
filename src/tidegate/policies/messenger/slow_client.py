"""Clients that answer more slowly than the official one: something stands between app and server."""

import tidegate as tg
from tidegate.events import BaselineProfile, ConnectTiming
from tidegate.expr import Expr
from tidegate.policies.messenger import queues
from tidegate.policies.messenger.priors import unstated


def _apart(slow_ms: Expr, quick_ms: Expr) -> Expr:
    """Return by how much one is above the other, to the microsecond: 256.4 ms are 130 more than 126.4, not a hair less."""
    return ((slow_ms - quick_ms) * 1000 + 0.5).floor() / 1000


class SlowClient(tg.RuleSet):
    """Clients that answer more slowly than the official one: something stands between app and server.

    Medians of a day: a bad line delays single connections.
    """

    area = "client"

    connect_limit_ms = tg.Parameter(
        130, low=10, high=5000, unit="ms", why="what modified builds take longer on average, read as reached",
        source="client.connect-latency-plus-130ms", assumed=True,
    )  # fmt: skip
    message_limit_ms = tg.Parameter(
        400, low=10, high=10000, unit="ms", why="what modified builds take longer on average, read as reached",
        source="client.message-latency-plus-400ms", assumed=True,
    )  # fmt: skip

    _timings = tg.events(ConnectTiming)
    _baseline = tg.events(BaselineProfile)
    connect_ms = _timings.median(ConnectTiming.connect_ms).per(ConnectTiming.account_id).over(tg.days(1))
    message_ms = (
        _timings.median(ConnectTiming.message_latency_ms).per(ConnectTiming.account_id).over(tg.days(1))
    )
    official_connect_ms = _baseline.last(BaselineProfile.connect_ms).overall().ever()
    official_message_ms = _baseline.last(BaselineProfile.message_latency_ms).overall().ever()

    connecting = tg.Rule(
        id="client.connect-latency-plus-130ms",
        title="Connections answered 130 ms more slowly than those of the official client",
        on=(ConnectTiming,),
        when=_apart(connect_ms, official_connect_ms) >= connect_limit_ms,
        given=~official_connect_ms.is_null() & ~ConnectTiming.connect_ms.is_null(),
        window="P1D",
        cases=(queues.PROTOCOL_CHECK,),
        reason="connections take {observed} ms longer than those of the official client; limit {limit}",
        source="client.connect-latency-plus-130ms",
        note="median of the account's day against the median of the official client, which a baseline profile states; the"
        " consistency of its protocol is checked, nothing is restrained",
        examples=(
            "fires: 130 ms above the official median",
            "does not: one slow connection among quick ones",
        ),
    )
    delivering = tg.Rule(
        id="client.message-latency-plus-400ms",
        title="Messages take 400 ms longer than those of the official client",
        on=(ConnectTiming,),
        when=_apart(message_ms, official_message_ms) >= message_limit_ms,
        given=~official_message_ms.is_null() & ~ConnectTiming.message_latency_ms.is_null(),
        window="P1D",
        prior=unstated("client.message-latency-plus-400ms", group="mod-latency"),
        reason="messages take {observed} ms longer than those of the official client; limit {limit}",
        source="client.message-latency-plus-400ms",
        note="median of the account's day against the median of the official client",
        examples=("fires: 400 ms above the official median", "does not: 399 ms above it"),
    )
