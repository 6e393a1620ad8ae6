"""Local time, calendar days, moving starts, speeds."""

from __future__ import annotations

from tests.oracle.observe import Reading
from tests.oracle.readings.kinds import (
    L,
    M,
    direct,
    registered,
    zone,
)

from tidegate import (
    age,
    days,
    events,
    great_circle_km,
    greatest,
    hours,
    local_hour,
    midnight,
    now,
    weekday,
    when,
)

_bucket = (now() / 60_000).floor()
_step = _bucket - events(M).previous(_bucket).per(M.account_id).ever()
_here = (L.ip_lat, L.ip_lon)
_there = tuple(events(L).previous(f).per(L.account_id).ever() for f in _here)
_km = great_circle_km(_here, _there)  # type: ignore[arg-type]
_hours = greatest(age(events(L).previous_seen().per(L.account_id).ever()), 1000) / 3_600_000
CLOCK = (
    Reading("local hour", local_hour(zone), (M, L)),
    Reading("weekday", weekday(zone), (M, L)),
    Reading("midnight", midnight(zone), (M, L)),
    Reading("night", local_hour(zone).between(0, 6), (M,)),
    Reading("sent today", events(M).count().per(M.account_id).today(zone), (M, L)),
    Reading("direct today", direct.count().per(M.account_id).today(zone), (M, L)),
    Reading("bytes today", events(M).sum(M.media_bytes, places=0).per(M.account_id).today(zone), (M,)),
    Reading(
        "since registered", events(M).count().per(M.account_id).since(registered, at_most=days(3)), (M, L)
    ),
    Reading(
        "since registered 1h", events(M).count().per(M.account_id).since(registered, at_most=hours(1)), (M, L)
    ),
    Reading(
        "after login",
        events(M)
        .count()
        .per(M.account_id)
        .since(events(L).last_seen().per(L.account_id).ever(), at_most=days(1)),
        (M,),
    ),
    Reading("people today", events(M).distinct(M.recipient_id).per(M.account_id).today(zone), (M, L)),
    Reading(
        "people since registered",
        direct.distinct(M.recipient_id).per(M.account_id).since(registered, at_most=hours(1)),
        (M,),
    ),
    Reading(
        "bytes since registered",
        events(M).sum(M.media_bytes, places=0).per(M.account_id).since(registered, at_most=hours(1)),
        (M,),
    ),
    Reading("devices today", events(L).distinct(L.device_id).per(L.account_id).today(zone), (M, L)),
    Reading(
        "devices since a message",
        events(L)
        .distinct(L.device_id)
        .per(L.account_id)
        .since(events(M).last_seen().per(M.account_id).ever(), at_most=days(1)),
        (L,),
    ),
    Reading("minutes in a row", events(M).run(_step <= 1).per(M.account_id).ever(), (M, L)),
    Reading("km", _km, (L,), within=1e-9),
    Reading("km/h", when(_km >= 100, _km / _hours, 0), (L,), within=1e-9),
)
