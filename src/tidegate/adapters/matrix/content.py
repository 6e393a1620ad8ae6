"""What a message's text says about abuse, without the text: a fingerprint of the content and keyed hashes of its links.

The text is read here and nowhere else, and is not kept.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from typing import NamedTuple
from urllib.parse import urlsplit

SHINGLE = 3  # characters; of short chat messages single words are too few to be alike
BITS = 64
LINKS_MAX = 50  # a message with more is a list; the first fifty tell
TEXT_MAX = 65_536  # bytes of an event of the Matrix specification
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'\]\)}]+", re.IGNORECASE)
_SPACES = re.compile(r"\s+")


class Traces(NamedTuple):
    """What is left of a text. `fingerprint` is None where there is too little text to compare."""

    fingerprint: str | None
    link_hashes: list[str]


def traces(text: str, key: bytes) -> Traces:
    """Return fingerprint and link hashes of a text; the key makes the hashes of links useless to others."""
    text = text[:TEXT_MAX]
    links = [_canonical(link) for link in _LINK.findall(text)[:LINKS_MAX]]
    hashes = dict.fromkeys(keyed_hash(link, key) for link in links)
    return Traces(simhash(_LINK.sub(" ", text)), list(hashes))


def keyed_hash(text: str, key: bytes) -> str:
    """Return 128 bits of the HMAC-SHA-256 of a text as hex digits: the same for the same text, telling nothing of it."""
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def simhash(text: str) -> str | None:
    """Return the 64-bit SimHash over three-character shingles (Charikar 2002) as 16 hex digits; None for short texts.

    >>> simhash("Win a prize today, call us!") == simhash("win a  prize TODAY, call us!")
    True
    """
    plain = _SPACES.sub(" ", text).strip().casefold()
    if len(plain) < 2 * SHINGLE:
        return None
    votes = [0] * BITS
    for shingle, times in Counter(plain[i : i + SHINGLE] for i in range(len(plain) - SHINGLE + 1)).items():
        digest = hashlib.blake2b(shingle.encode("utf-8", "replace"), digest_size=BITS // 8).digest()
        number = int.from_bytes(digest, "big")
        for bit in range(BITS):
            votes[bit] += times if number >> bit & 1 else -times
    return f"{sum(1 << bit for bit in range(BITS) if votes[bit] > 0):016x}"


def _canonical(link: str) -> str:
    """Return a link in the form in which two spellings of it are the same: lower-case host, no fragment, no end marks."""
    link = link.rstrip(".,;:!?")
    try:
        parts = urlsplit(link if "://" in link else f"http://{link}")
    except ValueError:  # brackets that are no IPv6 address
        return link.casefold()
    host = (parts.hostname or "").removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{parts.path.rstrip('/')}{query}"
