"""Signatures of webhooks as Standard Webhooks has them: HMAC-SHA256 over id, time and body.

    webhook-id: m-17.42.0
    webhook-timestamp: 1770000000
    webhook-signature: v1,base64(HMAC-SHA256(secret, "id.timestamp.body"))

A receiver recomputes it, compares in constant time, and refuses times further than five minutes off. While a secret is being
replaced there are two signatures, separated by a space, and one has to fit.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32
TOLERANCE_S = 300


def new_secret() -> str:
    """Return a new secret, as both sides write it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(keys: Sequence[str], message_id: str, at_s: int, body: bytes) -> dict[str, str]:
    """Return the headers that go with a body; `keys` are the secrets in force, the newest first."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(_signature(key, message_id, at_s, body) for key in keys),
    }


def is_signed(key: str, message_id: str, at_s: int, signatures: str, body: bytes, now_s: int) -> bool:
    """Return whether a delivery is genuine and fresh: what a receiver does.

    >>> key = new_secret()
    >>> sent = signed_headers([new_secret(), key], "m-1.2.3", 1_770_000_000, b"{}")
    >>> is_signed(key, "m-1.2.3", 1_770_000_000, sent["webhook-signature"], b"{}", 1_770_000_060)
    True
    >>> is_signed(key, "m-1.2.3", 1_770_000_000, sent["webhook-signature"], b"{ }", 1_770_000_060)
    False
    """
    if abs(now_s - at_s) > TOLERANCE_S:
        return False
    right = _signature(key, message_id, at_s, body)
    return any(hmac.compare_digest(right, given) for given in signatures.split(" "))


def _signature(key: str, message_id: str, at_s: int, body: bytes) -> str:
    signed = f"{message_id}.{at_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(key), signed, "sha256")).decode()


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("no webhook secret") from None
