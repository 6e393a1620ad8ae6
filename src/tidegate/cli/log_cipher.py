"""The keys a log was sealed with, where its folder has any."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate.journal import Cipher


def cipher_of(data: Path) -> Cipher | None:
    """Return what opens the log of a data folder; None where it has no keys. Raise FileError where they cannot be read."""
    if not (data / "keys").is_dir():
        return None
    from tidegate.clock import now_ms
    from tidegate.service.access.key_ring import KeyRing
    from tidegate.service.access.sealing import JOURNAL

    return KeyRing.open(data, now_ms(), create=False).sealer(JOURNAL)
