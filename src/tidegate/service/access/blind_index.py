"""Finding an identifier that is stored sealed: a keyed digest of its plain form stands beside it."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import Literal

IdentifierKind = Literal["ip", "number", "email"]
KINDS: tuple[IdentifierKind, ...] = ("ip", "number", "email")
INDEX_BYTES = 16  # 2^64 identifiers before two are likely to share one


def normal_form(kind: IdentifierKind, value: str) -> str:
    """Return the one form of an identifier, so that every way to write it is found.

    >>> normal_form("number", "+49 (151) 2345-678"), normal_form("ip", "2001:DB8:0::1")
    ('+491512345678', '2001:db8::1')
    >>> normal_form("email", " Ann@Example.ORG ")
    'ann@example.org'
    """
    text = value.strip()
    if kind == "ip":
        try:
            address = ip_address(text)
        except ValueError:
            return text.lower()
        mapped = getattr(address, "ipv4_mapped", None)
        return str(mapped or address)
    if kind == "number":
        digits = "".join(c for c in text if c.isdigit())
        if text.startswith("00"):  # the international prefix of most countries
            digits = "+" + digits[2:]
        return "+" + digits if text.startswith("+") else digits or text
    return text.casefold()


def blind_index(key: bytes, kind: IdentifierKind, value: str) -> bytes:
    """Return the digest under which an identifier is found; without the key nobody can tell what was digested."""
    return hmac.digest(key, f"{kind}\0{normal_form(kind, value)}".encode(), "sha256")[:INDEX_BYTES]
