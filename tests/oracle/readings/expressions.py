"""Expressions of every kind over fields, known, missing and null, and conditions made of them."""

from __future__ import annotations

from tests.oracle.observe import Reading
from tests.oracle.readings.kinds import L, M, direct, sent_1h, zone

from tidegate import (
    Parameter,
    age,
    any_of,
    contains,
    days,
    events,
    greatest,
    hours,
    least,
    local_hour,
    minutes,
    size,
    when,
)

_limit = Parameter(
    5,
    low=0,
    high=99,
    unit="messages",
    why="-",
    name="by.zone",
    by=(zone, {"Europe/Berlin": 2, "America/New_York": 0}),
)
_batch_before = events(M).previous(M.batch_id).per(M.account_id).over(days(1))
_login = age(events(L).last_seen().per(L.account_id).ever())
_direct_1h = direct.count().per(M.account_id).over(hours(1))
_busy = any_of(M.is_forward, sent_1h >= 2, M.message_type == "link")

EXPRESSIONS = (
    Reading("or", M.is_forward | M.is_broadcast, (M,)),
    Reading("and", M.is_forward & ~M.is_broadcast, (M,)),
    Reading("one of", M.message_type.isin("text", "link"), (M,)),
    Reading("none of", ~M.message_type.isin("text", "link"), (M,)),
    Reading("to oneself", M.account_id == M.recipient_id, (M,)),
    Reading("to another", M.account_id != M.recipient_id, (M,)),
    Reading("same batch", M.batch_id == _batch_before, (M,)),
    Reading("known", M.media_bytes.is_known(), (M,)),
    Reading("null", M.media_bytes.is_null(), (M,)),
    Reading("null or forward", M.batch_id.is_null() | M.is_forward, (M,)),
    Reading("or else", M.media_bytes.or_else(5), (M,)),
    Reading("fewer", M.media_bytes < 2, (M,)),
    Reading("not more", M.media_bytes <= 1000, (M,)),
    Reading("in span", M.media_bytes.between(1, 1000), (M,)),
    Reading("distance", abs(M.media_bytes - 10), (M,)),
    Reading("whole", (M.media_bytes / 3).floor(), (M,)),
    Reading("divided", 12 / M.media_bytes, (M,)),
    Reading("least", least(M.media_bytes, sent_1h, 3), (M,)),
    Reading("greatest", greatest(M.media_bytes, sent_1h), (M,)),
    Reading("links", size(M.link_hashes), (M,)),
    Reading("has link", contains(M.link_hashes, "l1"), (M,)),
    Reading("direct or not", when(M.is_forward, _direct_1h, 7), (M,)),
    Reading("direct or all", when(M.is_forward, _direct_1h, sent_1h) < 2, (M,)),
    Reading("far from two", abs(_direct_1h - 2), (M, L)),
    Reading("two or less apart", abs(_direct_1h - 2) <= 2, (M, L)),
    Reading("half of direct", (_direct_1h / 2).floor(), (M, L)),
    Reading("either", when(M.is_forward, M.media_bytes, 7), (M,)),
    Reading("either name", when(M.is_forward, M.batch_id, "b1"), (M,)),
    Reading("all the same", when(M.is_forward, 1, 1), (M,)),
    Reading("limit", _limit, (M,)),
    Reading("over limit", sent_1h > _limit, (M, L)),
    Reading("soon after login", _login < minutes(10).ms, (M,)),
    Reading("at night or busy", local_hour(zone).between(22, 24) | _busy, (M,)),
    Reading("busy", events(M).where(_busy).count().per(M.account_id).over(hours(1)), (M, L)),
    Reading("not busy", events(M).where(~_busy).count().per(M.account_id).over(hours(1)), (M, L)),
)
