"""Registrations and codes, as tests of the rules about them write them."""

from tests.policies.messenger.worlds import (
    DAY,
    MINUTE,
    T0,
    attempt,
    event,
)

KM_PER_DEGREE = 6371.0088 * 3.141592653589793 / 180  # along a meridian


def on_device(*days, **fields):
    """Attempts on one device on these days, each with a number and an address of its own."""
    return [attempt(T0 + d * DAY, f"n{i}", f"i{i}", **fields) for i, d in enumerate(days)]


def distance(km):
    """An attempt so many km south of the place of its number."""
    return attempt(T0, number_lat=45.0, number_lon=9.0, ip_lat=45.0 - km / KM_PER_DEGREE, ip_lon=9.0)


def masked(anonymity=None, **fields):
    known = {} if anonymity is None else {"ip_anonymity": anonymity}
    return attempt(T0, **{"is_public_vpn": True} | known | fields)


def code_request(ts=T0 + MINUTE, **fields):
    return event("verification_code_requested", ts, None, **{"channel": "voice"} | fields)


def codes(*minutes):
    return [event("verification_code_requested", T0 + m * MINUTE, None, number="n") for m in minutes]


def typed(letters, session="s"):
    return [
        event(
            "verification_code_attempt",
            T0 + i * MINUTE,
            None,
            number="n",
            session_id=session,
            correct={"W": False, "R": True, "N": None}[c],
        )
        for i, c in enumerate(letters)
    ]
