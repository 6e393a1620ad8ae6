"""The features that the oracles hold the engine to: every aggregate, window and kind of key, bounds and nesting."""

from __future__ import annotations

from tests.oracle.observe import Reading

from tidegate import (
    age,
    days,
    events,
    great_circle_km,
    greatest,
    hours,
    local_hour,
    midnight,
    minutes,
    now,
    seconds,
    size,
    weekday,
    when,
)
from tidegate.events import (
    AccountProfile,
    AccountRegistered,
    BroadcastBatch,
    ClientReport,
    GroupJoined,
    LoginAttempt,
    MessageSent,
    PaymentAttempted,
    ReportFiled,
)

M, B, L, R, G = MessageSent, BroadcastBatch, LoginAttempt, ReportFiled, GroupJoined
P, A, C, PAY = AccountProfile, AccountRegistered, ClientReport, PaymentAttempted
EVERY = (M, B, L, R, G, P, A, C, PAY)

direct = events(M).where(~M.is_broadcast)
links = events(M).where((M.message_type == "link") & ~M.is_forward)
pair = events(M).count().per(M.account_id, M.recipient_id)
reported = events(R).count().per(R.account_id)
sent_1h = events(M).count().per(M.account_id).over(hours(1))
forwarded_1h = events(M).where(M.is_forward).count().per(M.account_id).over(hours(1))
of_link = events(M).count().per(M.link_hashes)
received = events(B).count().per(B.recipient_ids)
either = events(M).where(M.is_forward) | events(B)
zone = events(P).last(P.tz).per(P.account_id).ever()
opened = events(A).first_seen().per(A.account_id).ever()
registered = events(P).last(P.registered_at).per(P.account_id).ever().or_else(opened)
met = events(M).count().per(M.account_id, M.recipient_id).over(days(1))

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
SUMS = (
    Reading("bytes 1h", events(M).sum(M.media_bytes, places=0).per(M.account_id).over(hours(1)), (M, L)),
    Reading("paid 1d", events(PAY).sum(PAY.amount, places=2).per(PAY.account_id).over(days(1)), (PAY, L)),
    Reading(
        "bytes to contacts",
        events(M).where(M.recipient_is_contact).sum(M.media_bytes).per(M.account_id).over(days(1)),
        (M,),
    ),
    Reading(
        "links sent", events(M).sum(size(M.link_hashes), places=0).per(M.account_id).over(minutes(10)), (M,)
    ),
    Reading("reached", events(B).sum(B.recipient_count, places=1).per(B.account_id).over(days(3)), (B, M)),
    Reading(
        "bytes of recipient",
        events(M).sum(M.media_bytes, places=0).per(M.account_id).over(hours(1)).at(M.recipient_id),
        (M,),
    ),
)
DISTINCTS = (
    Reading("recipients 1h", events(M).distinct(M.recipient_id).per(M.account_id).over(hours(1)), (M, L)),
    Reading("recipients 1d", direct.distinct(M.recipient_id).per(M.account_id).over(days(1)), (M, B)),
    Reading("batch recipients", events(B).distinct(B.recipient_ids).per(B.account_id).over(hours(1)), (B, M)),
    Reading(
        "accounts of device", events(M, L, C).distinct(M.account_id).per(M.device_id).over(days(1)), (M, L, C)
    ),
    Reading("accounts of ip", events(L).distinct(L.account_id).per(L.ip).over(minutes(10)), (L, M)),
    Reading(
        "countries", events(L).where(L.ok).distinct(L.ip_country).per(L.account_id).over(days(1)), (L, M)
    ),
    Reading("reporters", events(R).distinct(R.reporter_id).per(R.account_id).over(days(3)), (R, M)),
    Reading("senders of link", events(M).distinct(M.account_id).per(M.link_hashes).over(days(1)), (M, R)),
    Reading("groups joined", events(G).distinct(G.group_id).per(G.account_id).over(hours(1)), (G,)),
    Reading(
        "recipients of recipient",
        events(M).distinct(M.recipient_id).per(M.account_id).over(days(1)).at(M.recipient_id),
        (M,),
    ),
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
    Reading("zone", zone, EVERY[:4]),
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
CHANGES = (
    Reading("ip hops", events(L).changes(L.ip).per(L.account_id).over(hours(1)), (L, M)),
    Reading(
        "country hops", events(L).where(L.ok).changes(L.ip_country).per(L.account_id).over(days(1)), (L,)
    ),
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
    Reading("minutes in a row", events(M).run(_step <= 1).per(M.account_id).ever(), (M, L)),
    Reading("km", _km, (L,), within=1e-9),
    Reading("km/h", when(_km >= 100, _km / _hours, 0), (L,), within=1e-9),
)
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
ALL = (*COUNTS, *SUMS, *DISTINCTS, *LATEST, *CHANGES, *CLOCK, *NESTED, *NESTED_DISTINCT, *ALIKE)
