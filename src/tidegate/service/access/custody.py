"""Everything of a data folder that only few may touch, opened together: keys, audit log, book of API keys, identifiers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate import clock
from tidegate.service.access.access import Access
from tidegate.service.access.api_keys import ApiKeys
from tidegate.service.access.audit import Audit
from tidegate.service.access.identifiers import Identifiers
from tidegate.service.access.key_ring import KeyRing
from tidegate.service.access.sealing import JOURNAL
from tidegate.service.access.veil import IdentifierVeil

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tidegate.ledger.database import Database
    from tidegate.service.access.sealing import Sealer


@dataclass(frozen=True)
class Custody:
    """The parts; `cipher` is for the journal. `now` is the wall clock in ms, `steady` a clock in s that never goes back."""

    folder: Path
    database: Database
    ring: KeyRing
    cipher: Sealer
    audit: Audit
    keys: ApiKeys
    access: Access
    identifiers: Identifiers
    now: Callable[[], int]

    @classmethod
    def open(
        cls,
        folder: Path,
        database: Database,
        *,
        now: Callable[[], int] = clock.now_ms,
        steady: Callable[[], float] = clock.monotonic_s,
        create: bool = True,
    ) -> Custody:
        """Open what a data folder has, made where it is missing and `create`; raises FileError, UsageError.

        `database` is that of the folder's ledger, its tables up to date.
        """
        if create:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ring = KeyRing.open(folder, now(), create=create)
        database.conceal(IdentifierVeil(ring.index_key))
        audit = Audit(database, ring, folder, now)
        keys = ApiKeys(database, audit, now)
        return cls(
            folder,
            database,
            ring,
            ring.sealer(JOURNAL),
            audit,
            keys,
            Access(keys, now, steady),
            Identifiers(database, ring),
            now,
        )
