"""The memory of a policy that counts other things than the one before: what it would hold, had it counted from the beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tidegate.engine import Engine
from tidegate.engine.carrying import carry_records
from tidegate.errors import JournalError
from tidegate.expr import Duration
from tidegate.journal.entries import Events
from tidegate.journal.folder import DataFolder
from tidegate.journal.reading import Header, entries

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate.journal.checkpoint import Checkpoint
    from tidegate.journal.frame import Cipher
    from tidegate.policy import Policy

COUNTED_ANEW = "count-anew"  # noted in the log with the revision from which on such a memory holds


def counted_anew(path: Path, policy: Policy, checkpoint: Checkpoint, cipher: Cipher | None) -> Engine:
    """Return an engine that has counted the log up to a checkpoint, or what is retained of it.

    Nothing is decided again: measures, labels, signals and cases are those of the checkpoint. Raise JournalError where the
    log is damaged.
    """
    log = entries(DataFolder(path).journal, cipher)
    first = next(log, None)
    if not isinstance(first, Header):
        raise JournalError("the log has no beginning", hint="restore it from a backup")
    engine = Engine(policy, lateness=Duration(first.lateness, "lateness"))
    for entry in log:
        if isinstance(entry, Events):
            left = checkpoint.position - entry.position
            if left <= 0:
                break
            block = entry.block
            engine.step(block if len(block) <= left else block.select(np.arange(left)))
    carry_records(checkpoint.state, engine)
    return engine
