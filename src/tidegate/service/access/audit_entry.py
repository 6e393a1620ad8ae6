"""One entry of the audit log: what is hashed, and what may be erased.

    hash = SHA-256("tidegate audit 1" | seq | at | actor | action | commitment | previous hash)
    commitment = SHA-256(details), and the details begin with 16 random bytes

So the chain is over commitments: details can be erased and the chain still closes, and a commitment says nothing about
what was erased, not even to somebody who guesses it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from typing import Any

from tidegate.windows.timestamps import format_rfc3339

DOMAIN = b"tidegate audit 1"
START = bytes(32)  # what the first entry has for a previous hash
SALT_BYTES = 16


@dataclass(frozen=True)
class Details:
    """What an entry is about. `subject`: the account concerned, None: none."""

    subject: str | None = None
    reason: str = ""
    before: Any = None
    after: Any = None

    def encode(self) -> bytes:
        """Return them as bytes, after a salt."""
        content = {"subject": self.subject, "reason": self.reason, "before": self.before, "after": self.after}
        return os.urandom(SALT_BYTES) + json.dumps(content, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, encoded: bytes) -> Details:
        """Return the details behind the bytes."""
        return cls(**json.loads(encoded[SALT_BYTES:]))


@dataclass(frozen=True)
class Entry:
    """An entry as read: who, what, when; why, before and after are in the details, None where they have been erased."""

    seq: int
    at: int
    actor: str
    action: str
    details: Details | None

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        known: dict[str, Any] = {
            "seq": self.seq,
            "at": format_rfc3339(self.at),
            "actor": self.actor,
            "action": self.action,
        }
        if self.details is None:
            return known | {"erased": True}
        d = self.details
        return known | {"subject": d.subject, "reason": d.reason, "before": d.before, "after": d.after}


def commitment_of(details: bytes) -> bytes:
    """Return the digest that stands in the chain for the details."""
    return hashlib.sha256(details).digest()


def hash_of(seq: int, at: int, actor: str, action: str, commitment: bytes, previous: bytes) -> bytes:
    """Return the hash of an entry: every part with its length in front, so that none can run into the next."""
    parts = (DOMAIN, b"%d" % seq, b"%d" % at, actor.encode(), action.encode(), commitment, previous)
    return hashlib.sha256(b"".join(len(p).to_bytes(4, "big") + p for p in parts)).digest()


def signature_of(key: bytes, digest: bytes) -> bytes:
    """Return the signature of an entry: who has not the audit key cannot add any."""
    return hmac.digest(key, b"entry" + digest, "sha256")
