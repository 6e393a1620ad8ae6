"""Tokens of numbers that two sides make together: one knows the number, the other the key, neither learns of the other's.

It is 2HashDH (Jarecki, Kiayias, Krawczyk 2014: an oblivious pseudorandom function) over P-256. A number becomes a point of the
curve; the asker multiplies it by a random scalar, which leaves a random point; the platform multiplies that by its key; the asker
takes its scalar out again. So the platform sees points that say nothing, and the asker, who has to ask for every token, cannot
try out numbers by itself. Points travel by their x alone, as ECDH gives them: the sign of y is lost on the way and not needed.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # SEC 2, 2.4.2
POINT_BYTES = 32
TOKEN_BYTES = 16  # 2^64 numbers before two are likely to share one
TOKEN_BITS = 8 * TOKEN_BYTES
PREFIX_BITS_MAX = 20
_ON_CURVE = b"\x02"  # SEC 1, 2.3.4: a point by its x, y even
_TRIES = 128  # half of all x are of a point


@dataclass(frozen=True)
class Blinded:
    """A number on its way: `point` is what is sent, `scalar` stays."""

    number: str
    point: bytes
    scalar: int = field(repr=False)


class TokenKey:
    """The key of a platform."""

    def __init__(self, material: bytes) -> None:
        """Make the key of 64 bytes from a derivation of keys, so many that no scalar is likelier than another."""
        assert len(material) == 2 * POINT_BYTES, "a key is made of 64 bytes"
        self._key = ec.derive_private_key(int.from_bytes(material) % (ORDER - 1) + 1, CURVE)

    def evaluate(self, point: bytes) -> bytes:
        """Return a point multiplied by the key. Raise ValueError where it is none."""
        return self._key.exchange(ec.ECDH(), _read(point))

    def token(self, number: str) -> bytes:
        """Return the token of a number."""
        return _token(number, self.evaluate(_point_of(number)))


def blind(number: str) -> Blinded:
    """Return a number in a form that says nothing of it."""
    scalar = secrets.randbelow(ORDER - 1) + 1
    point = ec.derive_private_key(scalar, CURVE).exchange(ec.ECDH(), _read(_point_of(number)))
    return Blinded(number, point, scalar)


def unblind(blinded: Blinded, evaluated: bytes) -> bytes:
    """Return the token of a number from what the platform made of it. Raise ValueError where that is no point."""
    inverse = ec.derive_private_key(pow(blinded.scalar, -1, ORDER), CURVE)
    return _token(blinded.number, inverse.exchange(ec.ECDH(), _read(evaluated)))


def prefix_of(token: bytes, bits: int) -> str:
    """Return the first bits of a token, as they stand in an address.

    >>> prefix_of(bytes([0b10110000]) + bytes(15), 4), prefix_of(bytes(16), 0)
    ('1011', 'any')
    """
    return f"{int.from_bytes(token) >> (TOKEN_BITS - bits):0{bits}b}" if bits else "any"


def range_of(prefix: str) -> tuple[bytes, bytes]:
    """Return the first and the last token that begin so.

    >>> [token.hex()[:4] for token in range_of("1011")]
    ['b000', 'bfff']
    """
    bits = "" if prefix == "any" else prefix
    rest = TOKEN_BITS - len(bits)
    first = int(bits or "0", 2) << rest
    return first.to_bytes(TOKEN_BYTES), (first | (1 << rest) - 1).to_bytes(TOKEN_BYTES)


def _point_of(number: str) -> bytes:
    """Return the x of the point of a number: the first digest that is one."""
    for turn in range(_TRIES):
        x = hashlib.sha256(b"tidegate standing point\0%d\0" % turn + number.encode()).digest()
        try:
            _read(x)
        except ValueError:
            continue
        return x
    raise AssertionError("a chance of 2^-128")


def _read(x: bytes) -> ec.EllipticCurvePublicKey:
    if len(x) != POINT_BYTES:
        raise ValueError("a point has 32 bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, _ON_CURVE + x)


def _token(number: str, point: bytes) -> bytes:
    return hashlib.sha256(b"tidegate standing token\0" + number.encode() + b"\0" + point).digest()[
        :TOKEN_BYTES
    ]
