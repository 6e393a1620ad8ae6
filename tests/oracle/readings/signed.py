"""Sums of amounts that may be below 0: what comes and what goes, credits and debits."""

from __future__ import annotations

from tests.oracle.observe import Reading
from tests.oracle.readings.kinds import PAY, B, L, M, R, direct

from tidegate import days, events, hours, size, when

_worth = size(M.link_hashes) - 1
_turn = when(B.batch_id == "b1", 2.5, -4)
_settled = events(PAY).where(PAY.amount < 12)

SIGNED = (
    Reading("net bytes", events(M).sum(M.media_bytes - 2, places=0).per(M.account_id).over(hours(1)), (M, L)),
    Reading(
        "net direct",
        direct.sum(when(M.media_bytes > 2, -7, M.media_bytes), places=0).per(M.account_id).over(days(1)),
        (M, L),
    ),
    Reading("net of links", direct.sum(_worth, places=0).per(M.link_hashes).over(hours(1)), (M, R)),
    Reading("turns", events(B).sum(_turn, places=2).per(B.account_id).over(days(3)), (B, M, L)),
    Reading("refunds", _settled.sum(PAY.amount - 5, places=2).per(PAY.account_id).over(days(3)), (PAY, L)),
    Reading("net turns less", -events(B).sum(_turn, places=2).per(B.account_id).over(days(3)), (B, L)),
    Reading(
        "links by recipient",
        direct.sum(_worth, places=0, at_most=1, each=M.recipient_id).per(M.account_id).over(hours(1)),
        (M, L),
    ),
)
