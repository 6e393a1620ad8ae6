"""What a server tells of standings, and to what extent: how long prefixes may be, how many numbers a day, who asked how many."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tidegate.screening.providers.blinding import PREFIX_BITS_MAX, TokenKey
from tidegate.service.standing.index import StandingIndex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.service.access.custody import Custody
    from tidegate.service.judging import Judging

PART = "standing"  # its name among the parts of a service
SHARE = 256  # accounts at least that share a prefix: which of them was meant cannot be told
POINTS_MAX = 1000  # of a request: about 0.1 s of work
NOTED_S = 60.0  # how often it is written down who asked for how many prefixes
_KEY_BYTES = 64
_log = logging.getLogger("tidegate.standing")


def token_key(custody: Custody) -> TokenKey:
    """Return the key that makes tokens of numbers: it stays, as that of blind indexes does, from which it is derived."""
    derived = HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"tidegate standing tokens").derive(
        custody.ring.index_key
    )
    return TokenKey(derived)


def prefix_bits(tokens: int) -> int:
    """Return how many bits of a token may be named, so that about 256 accounts or more share them.

    >>> [prefix_bits(n) for n in (0, 511, 512, 1_000_000, 10**12)]
    [0, 0, 1, 11, 20]
    """
    return min(PREFIX_BITS_MAX, max(0, (tokens // SHARE).bit_length() - 1))


@dataclass
class Offer:
    """A part of a server that tells standings. `everybody`: also of those against whom nothing speaks."""

    judging: Judging
    custody: Custody
    everybody: bool
    numbers_per_day: int
    key: TokenKey = field(init=False)
    index: StandingIndex = field(init=False)
    _read: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)
    _noting: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.key = token_key(self.custody)
        self.index = StandingIndex(self.judging, self.custody, self.key)

    async def start(self) -> None:
        """Begin to index, and to note who asks."""
        await self.index.start()
        self._noting = asyncio.ensure_future(self._note_always())

    async def stop(self) -> None:
        """End; what was read is noted."""
        if self._noting is not None:
            self._noting.cancel()
            with suppress(asyncio.CancelledError):
                await self._noting
        await self.index.stop()
        await self._noted()

    async def forget(self, account_id: str, names: Mapping[str, str]) -> None:
        """Let go of an account that is being erased."""
        await self.index.forget(account_id, names)

    def count(self, actor: str) -> None:
        """Count a prefix that was asked for; which one is nobody's business."""
        with self._lock:
            self._read[actor] += 1

    def note(self) -> None:
        """Write into the audit log how many prefixes each key asked for since the last time."""
        while True:
            with self._lock:
                if not self._read:  # asked with the lock: another thread may be noting the rest
                    return
                actor, prefixes = self._read.popitem()
            try:
                self.custody.audit.write(actor, "standing.read", after={"prefixes": prefixes})
            except BaseException:
                with self._lock:
                    self._read[actor] += prefixes
                raise

    async def _note_always(self) -> None:
        while True:
            await asyncio.sleep(NOTED_S)
            await self._noted()

    async def _noted(self) -> None:
        try:
            await asyncio.to_thread(self.note)
        except Exception as error:  # noqa: BLE001  said in the log, and tried again: what was read is not forgotten
            _log.error("who asked for standings could not be noted: %s", type(error).__name__)
