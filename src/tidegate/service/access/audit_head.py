"""The end of the audit log, noted outside the database: without it, cutting off the newest entries would leave no trace.

`keys/audit.head` says the number and the hash of the newest entry, signed with the audit key. Who can put back both the
database and this file to an older state undoes this too; so the number and hash are also for keeping elsewhere
(`tidegate audit head`, and `tidegate audit verify --head NUMBER:HASH` afterwards).
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path

from tidegate.errors import FileError
from tidegate.service.access.secret_files import KEYS, write_private

NAME = "audit.head"


@dataclass(frozen=True)
class Head:
    """The newest entry's number and hash."""

    seq: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Return the head that was written down; raises ValueError."""
        seq, _, digest = text.partition(":")
        return cls(int(seq), bytes.fromhex(digest))


class HeadFile:
    """The file in a data folder. It only ever moves on."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.path = folder / KEYS / NAME
        self._key = key

    def read(self) -> Head | None:
        """Return what the file says, None if there is none; raises FileError where it is not ours."""
        try:
            found = json.loads(self.path.read_text(encoding="ascii"))
            head = Head(int(found["seq"]), bytes.fromhex(found["hash"]))
            signature = bytes.fromhex(found["signature"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            raise FileError("the end of the audit log is damaged", place=str(self.path)) from None
        if not hmac.compare_digest(signature, self._signature(head)):
            raise FileError("the end of the audit log was written by somebody else", place=str(self.path))
        return head

    def advance(self, head: Head) -> None:
        """Note a newer end; an older one than is noted changes nothing."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(
            os.open(self.path.parent / f".{NAME}.lock", os.O_WRONLY | os.O_CREAT, 0o600), "wb"
        ) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            noted = self.read()
            if noted is not None and noted.seq >= head.seq:
                return
            content = {"seq": head.seq, "hash": head.hash.hex(), "signature": self._signature(head).hex()}
            write_private(self.path, json.dumps(content).encode() + b"\n")

    def _signature(self, head: Head) -> bytes:
        return hmac.digest(self._key, b"head" + str(head).encode(), "sha256")
