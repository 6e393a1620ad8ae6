"""The newest and the first events, and how long things have gone on."""

from __future__ import annotations

from tests.oracle.observe import Reading
from tests.oracle.readings.kinds import (
    A,
    B,
    C,
    G,
    L,
    M,
    P,
    R,
    registered,
    zone,
)

from tidegate import (
    age,
    days,
    events,
    hours,
    minutes,
    seconds,
)

LATEST = (
    Reading("country", events(L).last(L.ip_country).per(L.account_id).ever(), (L, M)),
    Reading(
        "country of good", events(L).where(L.ok).last(L.ip_country).per(L.account_id).over(hours(1)), (L, M)
    ),
    Reading("country before", events(L).previous(L.ip_country).per(L.account_id).ever(), (L, M)),
    Reading(
        "bytes before",
        events(M).where(M.is_forward).previous(M.media_bytes).per(M.account_id).over(minutes(10)),
        (M, L),
    ),
    Reading(
        "forwarded last", events(M).last(M.is_forward).per(M.account_id, M.recipient_id).over(days(1)), (M,)
    ),
    Reading("zone", zone, (M, B, L, R)),
    Reading("registered", registered, (M, P, A)),
    Reading("seen", events(M, L).last_seen().per(M.account_id).ever(), (M, L, R)),
    Reading("seen before", events(M, L).previous_seen().per(M.account_id).ever(), (M, L, R)),
    Reading(
        "good login before", events(L).where(L.ok).previous_seen().per(L.account_id).over(hours(1)), (L, M)
    ),
    Reading("good login", events(L).where(L.ok).last_seen().per(L.account_id).over(days(1)), (L, M)),
    Reading("first on device", events(M, L).first_seen().per(M.device_id).ever(), (M, L, C)),
    Reading("first forward", events(M).where(M.is_forward).first_seen().per(M.account_id).ever(), (M, L)),
    Reading("pair first", events(M).first_seen().per(M.account_id, M.recipient_id).ever(), (M,)),
    Reading(
        "answered",
        events(M).last_seen().per(M.account_id, M.recipient_id).ever().at(M.recipient_id, M.account_id),
        (M,),
    ),
    Reading(
        "answered before",
        events(M).previous_seen().per(M.account_id, M.recipient_id).ever().at(M.recipient_id, M.account_id),
        (M,),
    ),
    Reading("time since login", age(events(L).last_seen().per(L.account_id).ever()), (M, L)),
    Reading("pause", age(events(M).previous_seen().per(M.account_id).ever()), (M,)),
    Reading("age", age(registered), (M, L)),
    Reading("failed in a row", events(L).run(~L.ok).per(L.account_id).ever(), (L, M)),
    Reading("failed before", events(L).run_before(~L.ok).per(L.account_id).over(hours(1)), (L, M)),
    Reading("regular", events(G).regular_for(seconds(1), seconds(60)).per(G.account_id).ever(), (G, L)),
    Reading(
        "regular length",
        events(M).regular_length(seconds(1), minutes(1)).per(M.account_id).over(days(1)),
        (M, L),
    ),
    Reading("last batch of link", events(M).last(M.batch_id).per(M.account_id).over(hours(1)), (M,)),
)
