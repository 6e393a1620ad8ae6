"""One screening as the book has it: what was asked by whom, how far it is, what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from tidegate.service.screenings.order import File
from tidegate.service.screenings.terms import Terms

State = Literal["queued", "running", "done", "failed", "cancelled", "erased"]
STATES: tuple[State, ...] = ("queued", "running", "done", "failed", "cancelled", "erased")
QUEUED, RUNNING, DONE, FAILED, CANCELLED, ERASED = STATES
OPEN = (QUEUED, RUNNING)  # what is still to be worked on
PENDING, SENT = "pending", "sent"  # of a mail; it may also have FAILED
# percent of the work, by step in the order they are done; their work is `steps`, which a server need not import
SHARES = {"list": 20, "evidence": 20, "checks": 20, "files": 40}
STEPS = tuple(SHARES)


class Sealed(msgspec.Struct, frozen=True):
    """What tells of people, and the key of the files.

    `key` opens the screening's files. `list_sha256` is the digest of what was uploaded. `notify` is who is told by mail,
    `mail_error` why that failed the last time. `problem` says why the screening failed.
    """

    key: bytes
    list_bytes: int = 0
    list_sha256: str = ""
    notify: str | None = None
    mail_error: str | None = None
    problem: str | None = None
    hint: str | None = None
    summary: dict[str, Any] | None = None
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Screening:
    """A row of the book; times in ms since the epoch. `sealed` None: erased."""

    id: str
    created_at: int
    created_by: str
    purpose: str
    basis: str
    terms: Terms
    position: int
    state: str
    step: str | None
    stage: str | None
    done: int
    total: int | None
    attempts: int
    started_at: int | None
    finished_at: int | None
    mail: str | None
    mail_attempts: int
    sealed: Sealed | None
    pool: str | None = None
    schedule_id: str | None = None
    previous_id: str | None = None
    keep_until: int | None = None

    @property
    def percent(self) -> int:
        """How much of it is done, roughly: steps count by `SHARES`, parts of a step where they are known.

        100 only when everything is there.
        """
        if self.state == DONE:
            return 100
        if self.step is None:
            return 0
        before = sum(SHARES[step] for step in STEPS[: STEPS.index(self.step)])
        part = self.done / self.total if self.total else 0.0
        return min(99, int(before + SHARES[self.step] * min(1.0, part)))

    @property
    def progress(self) -> str:
        """How far it is, in words: `40 %, non-compliant accounts`."""
        if self.state == RUNNING and self.stage:
            return f"{self.percent} %, {self.stage}"
        return self.state
