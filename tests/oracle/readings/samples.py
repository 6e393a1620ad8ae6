"""Medians, highest values, sums with a cap of each member, steady series."""

from __future__ import annotations

from tests.oracle.observe import Reading
from tests.oracle.readings.kinds import PAY, C, G, L, M, P, R, direct

from tidegate import days, events, hours, minutes, size

_weight = size(M.link_hashes) * 1.25
SAMPLES = (
    Reading("median bytes 1h", events(M).median(M.media_bytes).per(M.account_id).over(hours(1)), (M, L)),
    Reading("median bytes 3d", events(M).median(M.media_bytes).per(M.account_id).over(days(3)), (M,)),
    Reading("median direct", direct.median(M.media_bytes).per(M.account_id).over(days(1)), (M, L)),
    Reading("median of pair", events(M).median(M.media_bytes).per(M.account_id, M.recipient_id).over(days(3)), (M,)),
    Reading("median of recipient", events(M).median(M.media_bytes).per(M.account_id).over(days(1)).at(M.recipient_id), (M,)),
    Reading("median paid overall", events(PAY).median(PAY.amount).overall().over(days(3)), (PAY, L)),
    Reading("top recipients 1h", events(M).top(M.recipient_id, 2).per(M.account_id).over(hours(1)), (M, L)),
    Reading("top recipients 1d", events(M).top(M.recipient_id, 2).per(M.account_id).over(days(1)), (M,)),
    Reading("top recipient of five", direct.top(M.recipient_id, 1, least=5).per(M.account_id).over(days(3)), (M, L)),
    Reading("top device at", events(M).top(M.device_id, 1, least=2).per(M.account_id).over(days(1)).at(M.recipient_id), (M,)),
    Reading("most bytes", events(M).highest(M.media_bytes).per(M.account_id).ever(), (M, L)),
    Reading("most bytes forwarded", events(M).where(M.is_forward).highest(M.media_bytes).per(M.account_id).ever(), (M,)),
    Reading("most bytes overall", events(M).highest(M.media_bytes).overall().ever(), (M, L, R)),
    Reading("newest registration", events(P).highest(P.registered_at).overall().ever(), (P, M)),
    Reading("sent overall", events(M).count().overall().over(minutes(10)), (M, L)),
    Reading("last version overall", events(C).last(C.app_version).overall().ever(), (C, M)),
    Reading("people overall", events(M).distinct(M.recipient_id).overall().over(hours(1)), (M,)),
    Reading(
        "links by recipient", events(M).sum(_weight, places=2, at_most=2.5, each=M.recipient_id).per(M.account_id).over(hours(1)),
        (M, L),
    ),
    Reading(
        "links by recipient 1d", events(M).sum(_weight, places=2, at_most=2.5, each=M.recipient_id).per(M.account_id).over(days(1)),
        (M,),
    ),
    Reading(
        "direct bytes by device", direct.sum(M.media_bytes, places=0, at_most=1001, each=M.device_id).per(M.account_id).over(days(3)),
        (M, L),
    ),
    Reading(
        "bytes of the recipient by device",
        events(M).sum(M.media_bytes, places=0, at_most=1001, each=M.device_id).per(M.account_id).over(days(1)).at(M.recipient_id),
        (M,),
    ),
    Reading("steady joins", events(G).steady_for(0.1).per(G.account_id).ever(), (G, L)),
    Reading("steady joins, how many", events(G).steady_length(0.1).per(G.account_id).ever(), (G, L)),
    Reading("steady forwards", events(M).where(M.is_forward).steady_for(0.5).per(M.account_id).ever(), (M,)),
)  # fmt: skip
