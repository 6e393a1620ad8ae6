"""Numbers and IP addresses in columns that are searched: sealed with AES-SIV, which seals the same text the same way.

Who can read the database sees that two rows have the same address, and not which. The key does not rotate, as that of blind
indexes does not: every row would have to be written anew at once.
"""

from __future__ import annotations

import base64
import re
from ipaddress import ip_address

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MARK = "sealed:"
LENGTH_MAX = 100  # sealed, it has to fit into a column
_KEY_BYTES = 64  # AES-256-SIV
_NUMBER = re.compile(r"\+?[0-9]{7,15}\Z")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s:]+\Z")


class IdentifierVeil:
    """Conceals what looks like a number, an IP or an e-mail address; everything else stays as it is.

    >>> veil = IdentifierVeil(bytes(32))
    >>> veil.conceal("device-17"), veil.conceal("203.0.113.7") == veil.conceal("203.0.113.7")
    ('device-17', True)
    >>> veil.reveal(veil.conceal("203.0.113.7"))
    '203.0.113.7'
    """

    def __init__(self, key: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"tidegate veil").derive(key)
        self._machine = AESSIV(derived)

    def conceal(self, text: str) -> str:
        """Return what stands in the database."""
        if not is_identifier(text):
            return text
        return MARK + base64.urlsafe_b64encode(self._machine.encrypt(text.encode(), None)).decode()

    def reveal(self, text: str) -> str:
        """Return what was concealed; a text that does not open as it stands."""
        if not text.startswith(MARK):
            return text
        try:
            return self._machine.decrypt(base64.urlsafe_b64decode(text[len(MARK) :]), None).decode()
        except (InvalidTag, ValueError):
            return text


def is_identifier(text: str) -> bool:
    """Return whether a text looks like a phone number, an IP or an e-mail address.

    >>> [is_identifier(t) for t in ("+4915123456789", "2001:db8::1", "a@example.org", "a1", "12", "@ann:example.org")]
    [True, True, True, False, False, False]
    """
    if len(text) > LENGTH_MAX:
        return False
    if _NUMBER.match(text) or _EMAIL.match(text):
        return True
    try:
        ip_address(text)
    except ValueError:
        return False
    return not text.isdigit()
