"""Another master key: the ring is sealed with it. The data keys stay; after a leak they have to be renewed as well."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tidegate.errors import UsageError
from tidegate.journal.folder import DataFolder
from tidegate.service.access.rotation import stopped
from tidegate.service.access.secret_files import (
    KEY_BYTES,
    KEYS,
    MASTER,
    NEW_VARIABLE_FILE,
    VARIABLE,
    kept_in_folder,
    new_master_key,
    put_next_in_place,
    write_next_master,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.service.access.custody import Custody


def change_master(
    custody: Custody, *, actor: str, reason: str = "", environment: Mapping[str, str] | None = None
) -> bool:
    """Seal the key ring with another master key; return whether that lies in the data folder.

    With the one that `TIDEGATE_NEW_MASTER_KEY` or `TIDEGATE_NEW_MASTER_KEY_FILE` gives: then it is kept elsewhere from now on.
    Else a random one takes the place of that in the folder. Interrupted, the folder opens with the old or the new one.
    Raises UsageError where none is given and none is in the folder, JournalError where a server runs on it.
    """
    new, inside = new_master_key(environment), kept_in_folder(environment)
    if new is None and not inside:
        raise UsageError(
            "the new master key is not named",
            place=NEW_VARIABLE_FILE,
            hint=f"the old one comes from {VARIABLE} or its file, so give the new one in a file as well",
        )
    with stopped(DataFolder(custody.folder)):
        kept = "in the data folder" if new is None else "elsewhere"
        custody.audit.write(actor, "keys.change_master", reason=reason, after={"master_key_kept": kept})
        if new is None:
            made = os.urandom(KEY_BYTES)
            write_next_master(custody.folder, made)
            custody.ring.change_master(made)
            put_next_in_place(custody.folder)
        else:
            custody.ring.change_master(new)
            if inside:
                (custody.folder / KEYS / MASTER).unlink()
    return new is None
