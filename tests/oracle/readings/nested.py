"""Features that count by other features."""

from __future__ import annotations

from tests.oracle.observe import Reading
from tests.oracle.readings.kinds import (
    C,
    G,
    L,
    M,
    R,
    direct,
    forwarded_1h,
    sent_1h,
)

from tidegate import (
    days,
    events,
    hours,
    size,
)

_last_5 = events(M).recent(M.recipient_id, 5, least=2).per(M.account_id).over(days(3))
_direct_3 = direct.recent(M.recipient_id, 3).per(M.account_id).over(days(1))
met_1d = events(M).seen().per(M.recipient_id, M.account_id).over(days(1))
RECENT = (
    Reading("last five recipients", size(_last_5), (L,)),
    Reading("last three direct", size(_direct_3), (L,)),
    Reading(
        "last device at",
        size(events(M).recent(M.device_id, 2).per(M.account_id).over(hours(1)).at(R.reporter_id)),
        (R,),
    ),
    Reading("of them have written", met_1d.at(L.account_id, _last_5), (L,)),
    Reading("most of them have sent", events(M).count().per(M.account_id).over(hours(1)).at(_direct_3), (L,)),
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
_trio = (M.account_id, M.device_id, M.ip)
TRIPLES = (
    Reading("recipients of three", events(M).distinct(M.recipient_id).per(*_trio).over(days(1)), (M, L)),
    Reading("sent by three", events(M).count().per(*_trio).over(hours(1)), (M, C)),
    Reading("last seen of three", events(M, L).last_seen().per(*_trio).ever(), (M, L)),
    Reading(
        "sent by two and link",
        events(M).count().per(M.account_id, M.device_id, M.link_hashes).over(hours(1)),
        (M,),
    ),
    Reading(
        "sent to three",
        events(M)
        .count()
        .per(M.account_id, M.recipient_id, M.ip)
        .over(days(1))
        .at(R.account_id, R.reporter_id, R.ip),
        (R,),
    ),
    Reading("pairs beside", events(M).count().per(M.account_id, M.device_id).over(hours(1)), (M, L)),
    Reading(
        "by three, nested",
        events(M)
        .where(events(M).count().per(M.account_id, M.ip).over(days(1)) > 1)
        .count()
        .per(*_trio)
        .over(days(1)),
        (M,),
    ),
)
_group_before = events(G).previous(G.group_id).per(G.account_id).ever()
_group_before_that = events(G).previous(_group_before).per(G.account_id).ever()
ALIKE = (
    Reading(
        "three groups alike",
        events(G).similarity(G.account_id, to=(_group_before, _group_before_that)).per(G.group_id).ever(),
        (G,),
    ),
    Reading(
        "groups alike",
        events(G)
        .similarity(G.account_id, to=events(G).previous(G.group_id).per(G.account_id).ever())
        .per(G.group_id)
        .ever(),
        (G,),
    ),
)
