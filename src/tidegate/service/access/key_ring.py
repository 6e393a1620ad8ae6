"""The keys of a data folder: data keys that seal what is at rest, one after the other, and two that stay.

`keys/ring.json` holds them sealed by the master key. Data keys have small numbers; what is sealed carries the number of
its key, so that old texts open after a rotation. The index key finds identifiers without opening them, the audit key
signs the audit log; a new index key would make every identifier unfindable until it was opened once.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tidegate.errors import FileError, UsageError
from tidegate.service.access.sealing import Sealer, SealError
from tidegate.service.access.secret_files import (
    KEY_BYTES,
    KEYS,
    master_key,
    next_master,
    put_next_in_place,
    write_private,
)
from tidegate.windows.timestamps import format_rfc3339

RING = "ring.json"
FORM = 1
_NONCE_BYTES = 12


@dataclass(frozen=True)
class DataKey:
    """One key: `id` from 1 on, `made_at` in ms since the epoch."""

    id: int
    made_at: int
    key: bytes = field(repr=False)


class KeyRing:
    """The keys of one data folder. `Sealer`s made by it follow a rotation."""

    def __init__(self, path: Path, master: bytes) -> None:
        self.path = path
        self._master = master
        self._data: dict[int, DataKey] = {}
        self._fixed: dict[str, bytes] = {}
        self._read_at: tuple[int, int] = (0, 0)

    @classmethod
    def open(cls, folder: Path, now_ms: int, *, master: bytes | None = None, create: bool = True) -> KeyRing:
        """Return the ring of a data folder, made if there is none and `create`; raises FileError."""
        path = folder / KEYS / RING
        if not path.exists() and not create:
            raise FileError(
                "this data folder has no keys", place=str(path), hint="restore them from the backup"
            )
        ring = cls(path, master or master_key(folder, create=not path.exists()))
        if path.exists():
            ring._read(folder, given=master is not None)
        else:
            ring._fixed = {"index": os.urandom(KEY_BYTES), "audit": os.urandom(KEY_BYTES)}
            ring.rotate(now_ms)
        return ring

    @property
    def active(self) -> DataKey:
        """The key that seals from now on: the newest."""
        return self._data[max(self._data)]

    @property
    def keys(self) -> tuple[DataKey, ...]:
        """All data keys, oldest first."""
        return tuple(self._data[i] for i in sorted(self._data))

    @property
    def index_key(self) -> bytes:
        """The key of blind indexes."""
        return self._fixed["index"]

    @property
    def audit_key(self) -> bytes:
        """The key that signs the audit log."""
        return self._fixed["audit"]

    def sealer(self, purpose: str) -> Sealer:
        """Return a sealer; what one purpose has sealed does not open for another."""
        return Sealer(purpose, self._key)

    def rotate(self, now_ms: int) -> DataKey:
        """Make a new data key; everything sealed from now on is sealed with it."""
        made = DataKey(max(self._data, default=0) + 1, now_ms, os.urandom(KEY_BYTES))
        self._data[made.id] = made
        self._write()
        return made

    def retire(self, key_id: int) -> None:
        """Forget a data key: what is still sealed with it is lost for good. Raises UsageError."""
        self.check_retiring(key_id)
        del self._data[key_id]
        self._write()

    def check_retiring(self, key_id: int) -> None:
        """Raise UsageError where a key is not on the ring, or is the active one."""
        if key_id not in self._data:
            raise UsageError(
                f"there is no key {key_id} on the ring", hint="`tidegate keys at-rest` lists them"
            )
        if key_id == self.active.id:
            raise UsageError(
                f"key {key_id} seals what is written now", hint="make a new one first: `tidegate keys rotate`"
            )

    def change_master(self, master: bytes) -> None:
        """Seal the ring with another master key; the data keys stay as they are. Raises UsageError."""
        if hmac.compare_digest(master, self._master):
            raise UsageError("this is the master key already", hint="`openssl rand -base64 32` makes another")
        self._master = master
        self._write()

    def refresh(self) -> bool:
        """Read the ring again if its file has changed; whether it has. Raises FileError, SealError."""
        about = self.path.stat()
        stamp = (about.st_mtime_ns, about.st_ino)
        if stamp == self._read_at:
            return False
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            data = [DataKey(k["id"], k["made_ms"], self._opened(k, str(k["id"]))) for k in found["data"]]
            fixed = {name: self._opened(k, name) for name, k in found["fixed"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise FileError(
                "the key ring is damaged", place=str(self.path), hint="restore it from the backup"
            ) from None
        except InvalidTag:
            raise SealError(
                "the master key does not open the key ring",
                place=str(self.path),
                hint="this folder was made with another master key",
            ) from None
        self._data, self._fixed, self._read_at = {k.id: k for k in data}, fixed, stamp
        return True

    def _read(self, folder: Path, *, given: bool) -> None:
        """Read the ring; finish a change of the master key that was interrupted behind the ring. Raises FileError, SealError."""
        try:
            self.refresh()
        except SealError:
            following = None if given else next_master(folder)
            if following is None:
                raise
            self._master = following
            self.refresh()
            put_next_in_place(folder)

    def _key(self, key_id: int) -> tuple[int, bytes]:
        """Return a data key and its number; 0: the active one."""
        if key_id and key_id not in self._data:
            self.refresh()
            if key_id not in self._data:
                raise SealError(f"key {key_id} is not on the ring", place=str(self.path))
        found = self._data[key_id] if key_id else self.active
        return found.id, found.key

    def _write(self) -> None:
        content = {
            "form": FORM,
            "data": [
                {"id": k.id, "made": format_rfc3339(k.made_at), "made_ms": k.made_at}
                | self._sealed(k.key, str(k.id))
                for k in self.keys
            ],
            "fixed": {name: self._sealed(key, name) for name, key in self._fixed.items()},
        }
        write_private(self.path, json.dumps(content, indent=1).encode() + b"\n")
        about = self.path.stat()
        self._read_at = (about.st_mtime_ns, about.st_ino)

    def _sealed(self, key: bytes, name: str) -> dict[str, Any]:
        nonce = os.urandom(_NONCE_BYTES)  # a handful of writes in a folder's life
        sealed = nonce + AESGCM(self._master).encrypt(nonce, key, name.encode())
        return {"sealed": base64.b64encode(sealed).decode()}

    def _opened(self, entry: dict[str, Any], name: str) -> bytes:
        sealed = base64.b64decode(entry["sealed"], validate=True)
        return AESGCM(self._master).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
