"""How many: by every kind of key, over several windows, and what is computed from counts."""

from __future__ import annotations

from tests.oracle.observe import Reading
from tests.oracle.readings.kinds import (
    A,
    B,
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
    greatest,
    hours,
    minutes,
    seconds,
    when,
)

links = events(M).where((M.message_type == "link") & ~M.is_forward)
pair = events(M).count().per(M.account_id, M.recipient_id)
reported = events(R).count().per(R.account_id)
to_whom = events(M).count().per(M.recipient_id, M.link_hashes)
of_link = events(M).count().per(M.link_hashes)
received = events(B).count().per(B.recipient_ids)
size = when(M.media_bytes < 1000, "small", "large")
either = events(M).where(M.is_forward) | events(B)

COUNTS = (
    Reading("sent 1m", events(M).count().per(M.account_id).over(minutes(1)), (M, L, R)),
    Reading("sent 60s", events(M).count().per(M.account_id).over(seconds(60)), (M,)),
    Reading("direct 1m", direct.count().per(M.account_id).over(minutes(1)), (M, L)),
    Reading("direct 1d", direct.count().per(M.account_id).over(days(1)), (M, L)),
    Reading("links 1h", links.count().per(M.account_id).over(hours(1)), (M,)),
    Reading("acts 10m", events(M, B).count().per(M.account_id).over(minutes(10)), (M, B, L)),
    Reading("passed on 1h", either.count().per(M.account_id).over(hours(1)), (M, B, L)),
    Reading("by device", events(M, L, C).count().per(M.device_id).over(hours(1)), (M, L, C)),
    Reading("by ip", events(L).where(~L.ok).count().per(L.ip).over(minutes(10)), (L, M)),
    Reading("by number", events(L).where(L.ok).count().per(L.number).over(days(1)), (L, A)),
    Reading("by link", of_link.over(hours(1)), (M, R)),
    Reading(
        "by forwarded link", events(M).where(M.is_forward).count().per(M.link_hashes).over(days(1)), (M, R)
    ),
    Reading("to person with link", to_whom.over(hours(1)), (M,)),
    Reading("to sender with link", to_whom.over(days(1)).at(M.account_id, M.link_hashes), (M,)),
    Reading("received", received.over(days(1)), (B,)),
    Reading("received by recipient", received.over(days(1)).at(M.recipient_id), (M,)),
    Reading("received by account", received.over(hours(1)).at(M.account_id), (M,)),
    Reading("joined", events(G).where(G.method != "invite").count().per(G.group_id).over(days(1)), (G, R)),
    Reading("by version", events(C).where(C.is_modified).count().per(C.app_version).over(days(1)), (C,)),
    Reading("by batch", events(R).count().per(R.batch_id).over(days(3)), (R, B, M)),
    Reading("reported", reported.over(days(1)), (R, M, L)),
    Reading("filed", events(R).count().per(R.reporter_id).over(days(1)), (R,)),
    Reading("filed by sender", events(R).count().per(R.reporter_id).over(days(1)).at(M.account_id), (M,)),
    Reading("reports on reporter", reported.over(days(1)).at(R.reporter_id), (R,)),
    Reading(
        "spam on reporter",
        events(R).where(R.category == "spam").count().per(R.account_id).over(days(1)).at(R.reporter_id),
        (R,),
    ),
    Reading("of a worked-out name", events(M).count().per(M.account_id, size).over(days(1)), (M,)),
    Reading("of pair", pair.over(hours(1)), (M,)),
    Reading("of pair back", pair.over(days(1)).at(M.recipient_id, M.account_id), (M,)),
    Reading("sent to reporter", pair.over(days(3)).at(R.account_id, R.reporter_id), (R,)),
    Reading("got from reporter", pair.over(hours(1)).at(R.reporter_id, R.account_id), (R,)),
    Reading("forward share", forwarded_1h / sent_1h, (M, L)),
    Reading("report share", reported.over(hours(1)) / greatest(sent_1h, 1), (M, R)),
    Reading("direct less 2", direct.count().per(M.account_id).over(hours(1)) - 2, (M, L)),
    Reading("none direct", direct.count().per(M.account_id).over(minutes(10)) == 0, (M, L)),
    Reading("few direct", direct.count().per(M.account_id).over(hours(1)) < 3, (M, L)),
)
