"""AES-GCM without a limit worth counting: every sealer draws a salt, derives a key of its own and counts its nonces.

A data key with random nonces must not seal more than 2^32 messages; a journal that syncs a thousand times a second gets
there in fifty days. So a process derives, per data key and purpose, a key by HKDF-SHA256 over 16 random bytes, and counts
under it (NIST SP 800-38D, 8.2.1). A sealed text is `salt (16) | counter (8) | ciphertext and tag`.
"""

from __future__ import annotations

import itertools
import os
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tidegate.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JOURNAL = "journal"  # what the journal, its decisions and checkpoints are sealed for
SALT_BYTES = 16
COUNTER_BYTES = 8
HEAD_BYTES = SALT_BYTES + COUNTER_BYTES
OVERHEAD = HEAD_BYTES + 16  # and the tag
_NONCE_PAD = bytes(12 - COUNTER_BYTES)
_DERIVED_KEPT = 4096  # salts of the past: one per start of a process


class SealError(FileError):
    """Something sealed that does not open: damaged, of another place, or its key is not on the ring."""


class Sealer:
    """Seals and opens for one purpose; `key_of` gives a data key by its id (0: the active one).

    Used from several threads; a process that forked draws a new salt.
    """

    def __init__(self, purpose: str, key_of: Callable[[int], tuple[int, bytes]]) -> None:
        self.purpose = purpose
        self._key_of = key_of
        self._own: tuple[int, int, bytes, AESGCM, Iterator[int]] | None = None
        self._derived = lru_cache(maxsize=_DERIVED_KEPT)(self._derive)

    def seal(self, plain: bytes, context: bytes = b"") -> tuple[int, bytes]:
        """Return the id of the key, and the sealed text; it opens only with the same `context`."""
        key_id, key = self._key_of(0)
        own = self._own
        if own is None or own[0] != key_id or own[1] != os.getpid():
            salt = os.urandom(SALT_BYTES)
            own = self._own = (key_id, os.getpid(), salt, _derive(key, salt, self.purpose), itertools.count())
        _, _, salt, machine, counter = own
        number = next(counter).to_bytes(COUNTER_BYTES, "big")
        return key_id, b"".join((salt, number, machine.encrypt(_NONCE_PAD + number, plain, context)))

    def open(self, key_id: int, sealed: bytes, context: bytes = b"") -> bytes:
        """Return what was sealed; raises SealError."""
        if len(sealed) < OVERHEAD:
            raise SealError("too short to be a sealed text", place=self.purpose)
        machine = self._derived(key_id, bytes(sealed[:SALT_BYTES]))
        nonce = _NONCE_PAD + bytes(sealed[SALT_BYTES:HEAD_BYTES])
        try:
            return machine.decrypt(nonce, bytes(sealed[HEAD_BYTES:]), context)
        except InvalidTag:
            raise SealError(
                f"sealed with key {key_id}, but it does not open",
                place=self.purpose,
                hint="it was changed, or the key ring is that of another data folder",
            ) from None

    def _derive(self, key_id: int, salt: bytes) -> AESGCM:
        return _derive(self._key_of(key_id)[1], salt, self.purpose)


def _derive(key: bytes, salt: bytes, purpose: str) -> AESGCM:
    return AESGCM(
        HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"tidegate " + purpose.encode()).derive(key)
    )
