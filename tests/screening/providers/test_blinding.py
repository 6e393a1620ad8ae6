"""Tokens made by two: the same as made by one, and nothing on the way that says of what."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.screening.providers.blinding import (
    ORDER,
    POINT_BYTES,
    TokenKey,
    blind,
    prefix_of,
    range_of,
    unblind,
)

KEY = TokenKey(bytes(range(64)))
NUMBER = "+4915123456781"


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=20))
def test_both_ways_to_a_token_meet(number):
    blinded = blind(number)
    assert unblind(blinded, KEY.evaluate(blinded.point)) == KEY.token(number)


def test_what_travels_is_another_point_every_time():
    assert len({blind(NUMBER).point for _ in range(20)}) == 20
    assert NUMBER not in repr(blind(NUMBER).point)


def test_another_key_or_number_gives_another_token():
    other = TokenKey(bytes(range(1, 65)))
    tokens = {KEY.token(NUMBER), KEY.token(NUMBER[:-1] + "2"), other.token(NUMBER)}
    assert len(tokens) == 3


P = 2**256 - 2**224 + 2**192 + 2**96 - 1  # SEC 2, 2.4.2
A, B = -3, 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


def times(scalar, point):
    """Multiply a point of the curve the slow way, with nothing of the library."""
    total = None
    while scalar:
        if scalar & 1:
            total = plus(total, point)
        point, scalar = plus(point, point), scalar >> 1
    return total


def plus(one, two):
    if one is None or two is None:
        return one or two
    if one[0] == two[0] and (one[1] + two[1]) % P == 0:
        return None
    if one == two:
        slope = (3 * one[0] ** 2 + A) * pow(2 * one[1], -1, P)
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, P)
    x = (slope**2 - one[0] - two[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def test_a_token_is_what_the_curve_says():
    """The oracle: point of a number, key, token, as the decision record has them. An index made by one version is asked by another."""
    key = int.from_bytes(bytes(range(64))) % (ORDER - 1) + 1
    for turn in range(100):
        x = int.from_bytes(sha256(b"tidegate standing point\0%d\0" % turn + NUMBER.encode()).digest())
        square = (x**3 + A * x + B) % P
        y = pow(square, (P + 1) // 4, P)
        if x < P and y * y % P == square:
            break
    made = times(key, (x, y))[0].to_bytes(32)
    expected = sha256(b"tidegate standing token\0" + NUMBER.encode() + b"\0" + made).digest()[:16]
    assert KEY.token(NUMBER) == expected


@pytest.mark.parametrize("point", [b"", bytes(31), bytes(33), b"\xff" * 32, P.to_bytes(32)])
def test_what_is_no_point_is_refused(point):
    with pytest.raises(ValueError):
        KEY.evaluate(point)
    with pytest.raises(ValueError):
        unblind(blind(NUMBER), point)


def test_about_half_of_all_x_are_no_points():
    refused = 0
    for x in range(200):
        try:
            KEY.evaluate(x.to_bytes(POINT_BYTES))
        except ValueError:
            refused += 1
    assert 60 < refused < 140


def test_a_key_is_never_zero_nor_too_large():
    for material in (bytes(64), b"\xff" * 64, (ORDER - 1).to_bytes(64), (ORDER - 2).to_bytes(64)):
        assert len(TokenKey(material).token(NUMBER)) == 16


@settings(max_examples=50)
@given(st.binary(min_size=16, max_size=16), st.integers(0, 20))
def test_a_token_is_in_the_range_of_its_prefix_and_in_no_other(token, bits):
    prefix = prefix_of(token, bits)
    first, last = range_of(prefix)
    assert first <= token <= last
    if bits:
        other = prefix[:-1] + ("1" if prefix[-1] == "0" else "0")
        first, last = range_of(other)
        assert not first <= token <= last
