"""Which values an expression can have, whatever the events: what says that a rule can never fire, and how bounds pass."""

from math import inf

import pytest

from tidegate import Parameter, events, great_circle_km, greatest, halves, hours, likeness, minutes, size
from tidegate.events import LoginAttempt as L
from tidegate.events import MessageSent as M
from tidegate.policy.ranges import range_of

sent = events(M)
cap = Parameter(3, low=1, high=9, unit="points", why="-")
refund = Parameter(3, low=-1, high=9, unit="points", why="-")


def hourly(unkeyed):
    return unkeyed.per(M.account_id).over(hours(1))


forwards = hourly(sent.where(M.is_forward).count())
both = hourly(sent.where(M.is_forward & M.is_reply).count())

RANGES = {
    "bytes": (hourly(sent.sum(M.media_bytes, places=0)), 0, inf),
    "what may be below 0": (hourly(sent.sum(M.media_bytes - 1)), -inf, inf),
    "a capped sum": (hourly(sent.sum(size(M.link_hashes), at_most=cap, each=M.recipient_id)), 0, inf),
    "a cap below 0": (hourly(sent.sum(size(M.link_hashes), at_most=refund, each=M.recipient_id)), -inf, inf),
    "the most frequent": (hourly(sent.top(M.recipient_id, 4)), 0, inf),
    "the middle one": (hourly(sent.median(M.media_bytes)), 0, M.media_bytes.high),
    "the highest": (sent.highest(M.media_bytes).per(M.account_id).ever(), 0, M.media_bytes.high),
    "half a fingerprint": (halves(M.content_fp)[0], 0, 2**32 - 1),
    "likeness": (likeness(halves(M.content_fp), halves(M.content_fp)), 0, 1),
    "distance": (great_circle_km((L.ip_lat, L.ip_lon), (0, 0)), 0, 20_038),
    "less than nothing": (-2 * hourly(sent.count()), -inf, 0),
    "a product of both signs": ((L.ip_lat + 100) * L.ip_lon, -190 * 180, 190 * 180),
    "by a figure below 0": (hourly(sent.count()) / -4, -inf, 0),
    "by a span": (L.ip_lat / (L.ip_lat + 100), -9, 9),
    "by what may be 0": (1 / L.ip_lat, -inf, inf),
    "a share": (forwards / hourly(sent.count()), 0, 1),
    "a share of at least one": (forwards / greatest(hourly(sent.count()), 1), 0, 1),
    "a share of those of two conditions": (both / forwards, 0, 1),
    "no share: of another condition": (forwards / both, 0, inf),
    "no share: of another account": (forwards / hourly(sent.count()).at(M.recipient_id), 0, inf),
    "no share: of a shorter window": (forwards / sent.count().per(M.account_id).over(minutes(1)), 0, inf),
    "no share: of other events": (forwards / hourly(events(M).where(M.is_reply).count()), 0, inf),
}


@pytest.mark.parametrize(("value", "low", "high"), RANGES.values(), ids=list(RANGES))
def test_the_values_that_an_expression_can_have(value, low, high):
    found = range_of(value)
    assert (found.low, found.high) == (low, high)
