"""What the worlds of the crash runs are like: some drop what is old, some are sealed, in some accounts are forgotten."""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tests.journal.folders import START, busy_day

import tidegate as tg
from tidegate.journal.folder import DataFolder
from tidegate.journal.forgetting import rewrite
from tidegate.journal.other_names import renamed

SLOWER = 20  # times, so that a day of some hundred events is longer than a retention, which is longer than the lateness
STRETCH = 60  # events after which the accounts are others: those before may leave
_NONCE_BYTES = 12


class TwoKeys:
    """A cipher with two keys, sealing with the `newest`, or with one or the other where none is."""

    def __init__(self) -> None:
        self._keys = [AESGCM(bytes([n]) * 32) for n in range(2)]
        self.newest: int | None = None

    def seal(self, data: bytes) -> tuple[int, bytes]:
        nonce = os.urandom(_NONCE_BYTES)
        number = nonce[0] % 2 if self.newest is None else self.newest
        return number, nonce + self._keys[number].encrypt(nonce, data, None)

    def open(self, key_id: int, data: bytes) -> bytes:
        return self._keys[key_id].decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], None)


@dataclass
class World:
    """One world: its folders, its day, and who was forgotten in it, under which names."""

    root: Path
    events: list[dict]
    retention: tg.Duration | None = None
    cipher: TwoKeys | None = None
    forgets: bool = False
    forgotten: dict[str, dict[str, str]] = field(default_factory=dict)
    forgetting: str = ""  # account that is about to be forgotten

    @classmethod
    def of(cls, seed: int, root: Path) -> World:
        """Return the world of a seed."""
        rng = random.Random(seed)
        events = [e for e in busy_day(rng.choice((150, 400)), seed=seed) if isinstance(e, dict)]
        world = cls(root, events)
        if rng.random() < 0.4:
            world.retention = tg.minutes(rng.choice((15, 20, 30)))
            first = {e["event_id"]: e["ts"] for e in reversed(events)}
            world.events = [
                e | {"ts": START + SLOWER * (e["ts"] - START), "account_id": e["account_id"][:2]}
                for e in events
                if e["ts"]
                <= first[e["event_id"]]  # what is repeated under a later time than it is known is new
            ]
        if rng.random() < 0.35:
            world.cipher = TwoKeys()
        if rng.random() < 0.35:
            world.forgets = True
            world.events = [
                e for n, e in enumerate(map(_of_stretch, world.events)) if e["_stretch"] == n // STRETCH
            ]
            for event in world.events:
                del event["_stretch"]
        world.folder.mkdir()
        world.dropped.mkdir()
        return world

    @property
    def folder(self) -> Path:
        """The data folder."""
        return self.root / "data"

    @property
    def dropped(self) -> Path:
        """Where the segments are kept that the retention drops."""
        return self.root / "dropped"

    def keep(self, path: Path) -> None:
        """Keep a segment that is about to be dropped; the last one is no such."""
        if path.suffix == ".seg" and path != max(path.parent.glob("*.seg")):
            kept = self.dropped / path.name
            if not kept.exists():
                os.link(path, kept)

    def leaver(self, rng: random.Random, done: int) -> str:
        """Return an account that sends nothing any more, "" where there is none."""
        later = {e["account_id"] for e in self.events[done:]}
        gone = sorted({e["account_id"] for e in self.events[:done]} - later - set(self.forgotten))
        return rng.choice(gone) if gone else ""

    def as_kept(self, line: bytes) -> bytes:
        """Return a line as it is to stand after everybody was forgotten."""
        for names in self.forgotten.values():
            line = renamed(line, {old.encode(): new.encode() for old, new in names.items()})
        return line

    def whole(self) -> Path:
        """Return a folder with the log as it would be had nothing been dropped; no decisions, no checkpoints."""
        whole = DataFolder(self.root / "whole")
        whole.make()
        for path in [*self.dropped.glob("*.seg"), *(self.folder / "journal").glob("*.seg")]:
            shutil.copy(path, whole.journal)
        for account, names in self.forgotten.items():
            rewrite(whole, self.cipher, names, account)
        return whole.path


def _of_stretch(event: dict) -> dict:
    """Return an event with an account of its own stretch of the day, and an address: some have one to themselves."""
    stretch = int(event["event_id"][1:]) // STRETCH
    account = int(event["account_id"][1:])
    address = f"192.0.2.{account}" if account % 2 else f"203.0.113.{stretch * 20 + account}"
    return event | {"account_id": f"account-{account:02d}-{stretch}", "ip": address, "_stretch": stretch}
