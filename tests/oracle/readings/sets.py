"""Sums, sets of values and changes of them."""

from __future__ import annotations

from tests.oracle.observe import Reading
from tests.oracle.readings.kinds import (
    PAY,
    B,
    C,
    G,
    L,
    M,
    R,
    direct,
)

from tidegate import (
    days,
    events,
    hours,
    minutes,
    size,
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
    Reading(
        "recipients of messages and batches",
        (direct | events(B)).distinct(M.recipient_id, B.recipient_ids).per(M.account_id).over(hours(1)),
        (M, B),
    ),
    Reading("batch recipients", events(B).distinct(B.recipient_ids).per(B.account_id).over(hours(1)), (B, M)),
    Reading(
        "accounts of device", events(M, L, C).distinct(M.account_id).per(M.device_id).over(days(1)), (M, L, C)
    ),
    Reading("accounts of ip", events(L).distinct(L.account_id).per(L.ip).over(minutes(10)), (L, M)),
    Reading(
        "countries", events(L).where(L.ok).distinct(L.ip_country).per(L.account_id).over(days(1)), (L, M)
    ),
    Reading("reporters", events(R).distinct(R.reporter_id).per(R.account_id).over(days(3)), (R, M)),
    Reading(
        "people by account and link",
        events(M).distinct(M.recipient_id).per(M.account_id, M.link_hashes).over(days(1)),
        (M, R),
    ),
    Reading("senders of link", events(M).distinct(M.account_id).per(M.link_hashes).over(days(1)), (M, R)),
    Reading("groups joined", events(G).distinct(G.group_id).per(G.account_id).over(hours(1)), (G,)),
    Reading(
        "recipients of recipient",
        events(M).distinct(M.recipient_id).per(M.account_id).over(days(1)).at(M.recipient_id),
        (M,),
    ),
)
CHANGES = (
    Reading("ip hops", events(L).changes(L.ip).per(L.account_id).over(hours(1)), (L, M)),
    Reading(
        "country hops", events(L).where(L.ok).changes(L.ip_country).per(L.account_id).over(days(1)), (L,)
    ),
)
