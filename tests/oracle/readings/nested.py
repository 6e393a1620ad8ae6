"""Features that count by other features."""

from __future__ import annotations

from tests.oracle.observe import Reading
from tests.oracle.readings.kinds import (
    G,
    L,
    M,
    direct,
    forwarded_1h,
    sent_1h,
)

from tidegate import (
    days,
    events,
    hours,
)

met = events(M).count().per(M.account_id, M.recipient_id).over(days(1))
_cold = events(M).where(met <= 1)
NESTED = (
    Reading("cold contacts", _cold.count().per(M.account_id).over(hours(1)), (M, L)),
    Reading("sent by busy", events(M).where(sent_1h > 2).count().per(M.recipient_id).over(days(1)), (M,)),
    Reading(
        "forwarded by pure",
        events(M).where(forwarded_1h / sent_1h > 0.5).count().per(M.account_id).over(hours(1)),
        (M,),
    ),
    Reading(
        "last busy",
        events(M)
        .where(direct.count().per(M.account_id).over(hours(1)) >= 2)
        .last_seen()
        .per(M.account_id)
        .ever(),
        (M, L),
    ),
)
NESTED_DISTINCT = (
    Reading("cold recipients", _cold.distinct(M.recipient_id).per(M.account_id).over(days(1)), (M, L)),
)
ALIKE = (
    Reading(
        "groups alike",
        events(G)
        .similarity(G.account_id, to=events(G).previous(G.group_id).per(G.account_id).ever())
        .per(G.group_id)
        .ever(),
        (G,),
    ),
)
