"""The erasure of an account as a whole: journal, memory, ledger, audit log, and what other parts of the server keep.

It goes on while decisions are made: only the change of names in memory takes the judging thread for a moment. What is under
way is noted, sealed, in `keys/erasure.pending`; where the server dies, the next one finishes it when it starts.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from tidegate.journal.folder import DataFolder
from tidegate.journal.forgetting import Forgotten, names_for, rewrite, words_of
from tidegate.journal.segments import segments
from tidegate.service.access.erasure import Erased, erase_from_books
from tidegate.service.access.names_in_books import vocabulary_of
from tidegate.service.access.secret_files import KEYS, write_private

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate.journal import LiveEngine
    from tidegate.service.access.custody import Custody
    from tidegate.service.access.key_ring import KeyRing
    from tidegate.service.state import Service

PART = "erasing"  # its name among the parts of a service
PENDING = "erasure.pending"
PURPOSE = "erasure"
_KEY_BYTES = 4


@dataclass(frozen=True)
class _Order:
    """An erasure that has been ordered; `names` say what stands for what, `events` how many the account had."""

    account_id: str
    actor: str
    reason: str
    names: dict[str, str] = field(default_factory=dict)
    events: int = 0


class Erasing:
    """Erases one account at a time. A part of the server: what was interrupted is finished at the start."""

    def __init__(self, service: Service, custody: Custody) -> None:
        self._service = service
        self._custody = custody
        self._folder = DataFolder(custody.folder)
        self._sealer = custody.ring.sealer(PURPOSE)
        self._path = custody.folder / KEYS / PENDING
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Finish what was interrupted."""
        async with self._turn:
            await self._resume()

    async def stop(self) -> None:
        """Let the one under way come to its end."""
        async with self._turn:
            return

    async def erase(self, account_id: str, *, actor: str, reason: str) -> Erased:
        """Erase an account for good and return what was done. Whatever goes wrong, order it again."""
        async with self._turn:
            await self._resume()
            await self._service.judging.call(lambda live: live.begin_segment())
            numbers = await asyncio.to_thread(self._custody.identifiers.own_numbers, account_id)
            names, events = await asyncio.to_thread(
                names_for, self._folder, self._custody.cipher, account_id, also=numbers
            )
            order = _Order(account_id, actor, reason, names, events)
            await asyncio.to_thread(self._note, order)
            return await self._carry_out(order)

    async def _resume(self) -> None:
        order = await asyncio.to_thread(self._noted)
        if order is not None:
            await self._carry_out(order)

    async def _carry_out(self, order: _Order) -> Erased:
        cipher = self._custody.cipher
        newest = segments(self._folder.journal)[
            -1
        ].serial  # what is judged from here on is looked at in the end
        before = await asyncio.to_thread(words_of, self._folder, cipher, order.names)

        def rename(live: LiveEngine) -> frozenset[str]:
            live.begin_segment()
            words = before | words_of(self._folder, cipher, order.names, since=newest)
            live.rename(order.names, words)
            return words

        words = await self._service.judging.call(rename)
        flush = getattr(self._service.parts.get("ledger"), "flush", None)
        if (
            flush is not None
        ):  # what was decided under the old name has to be on record before it is taken off
            await flush()
        frames = await asyncio.to_thread(rewrite, self._folder, cipher, order.names, order.account_id, words)
        for part in list(self._service.parts.values()):
            forget = getattr(part, "forget", None)
            if forget is not None:
                done = forget(order.account_id, order.names)
                if inspect.isawaitable(done):
                    await done
        journal = Forgotten(order.names, order.events, frames).data()
        erased = await asyncio.to_thread(
            erase_from_books,
            self._custody,
            order.account_id,
            order.names,
            actor=order.actor,
            reason=order.reason,
            vocabulary=vocabulary_of(self._service.policy),
            journal=journal,
        )
        await asyncio.to_thread(self._path.unlink, missing_ok=True)
        return erased

    def _note(self, order: _Order) -> None:
        _write(self._path, *self._sealer.seal(json.dumps(asdict(order)).encode()))

    def _noted(self) -> _Order | None:
        found = _read(self._path)
        if found is None:
            return None
        opened: dict[str, Any] = json.loads(self._sealer.open(*found))
        return _Order(**opened)


def key_of_pending(folder: Path) -> int | None:
    """Return the number of the key that the erasure under way in a data folder is noted with; None where none is."""
    found = _read(folder / KEYS / PENDING)
    return None if found is None else found[0]


def reseal_pending(folder: Path, ring: KeyRing) -> bool:
    """Seal the note of an erasure under way again, where it is sealed with an older key; whether it was."""
    path, sealer = folder / KEYS / PENDING, ring.sealer(PURPOSE)
    found = _read(path)
    if found is None or found[0] == ring.active.id:
        return False
    _write(path, *sealer.seal(sealer.open(*found)))
    return True


def _read(path: Path) -> tuple[int, bytes] | None:
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return None
    return int.from_bytes(found[:_KEY_BYTES], "big"), found[_KEY_BYTES:]


def _write(path: Path, key_id: int, sealed: bytes) -> None:
    write_private(path, key_id.to_bytes(_KEY_BYTES, "big") + sealed)
