"""How many of a list have been seen, how alike vectors and fingerprints are."""

from __future__ import annotations

from tests.oracle.observe import Reading
from tests.oracle.readings.kinds import B, L, M, P

from tidegate import days, events, halves, hours, last_of, likeness

_met = events(M).seen().per(M.account_id, M.recipient_id)
_own = halves(B.content_fp)
_before = tuple(events(B).previous(h).per(B.account_id).ever() for h in _own)
_profiles = events(P)
LIKENESS = (
    Reading("recipients met", _met.over(hours(1)).at(B.account_id, B.recipient_ids), (B,)),
    Reading("recipients met who answered", _met.over(days(3)).at(M.recipient_id, M.account_id), (M,)),
    Reading("recipients that ever sent", events(M).seen().per(M.account_id).ever().at(B.recipient_ids), (B,)),
    Reading("has sent", events(M).seen().per(M.account_id).over(days(1)), (M, L)),
    Reading("last recipient", last_of(B.recipient_ids), (B,)),
    Reading(
        "last recipient of the batch before",
        events(B).previous(last_of(B.recipient_ids)).per(B.account_id).ever(),
        (B,),
    ),
    Reading("batch like the one before", likeness(_own, _before), (B,)),  # type: ignore[arg-type]
    Reading(
        "like the profile before",
        _profiles.alike(P.behaviour_vector, to=P.behaviour_vector).overall().ever(),
        (P,),
    ),
    Reading(
        "like the recipient",
        _profiles.alike(P.behaviour_vector, to=M.recipient_id).per(P.account_id).ever().at(M.account_id),
        (M,),
    ),
)
