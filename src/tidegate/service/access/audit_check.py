"""Whether the audit log is what was written: nothing changed, removed, put elsewhere or cut off."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tidegate.errors import FileError
from tidegate.ledger.tables_access import audit
from tidegate.service.access.audit import BEGUN, ERASED, subject_index
from tidegate.service.access.audit_entry import START, Details, commitment_of, hash_of, signature_of
from tidegate.service.access.audit_head import Head

if TYPE_CHECKING:
    from tidegate.service.access.audit import Audit

PROBLEMS_MAX = 100  # shown; a log that was shuffled has one per entry


@dataclass
class AuditCheck:
    """What was found: `problems` name the entry at fault. `erased` entries are those of which only the chain is left."""

    entries: int = 0
    erased: int = 0
    head: Head | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "sound": self.sound,
            "entries": self.entries,
            "erased": self.erased,
            "head": str(self.head) if self.head else None,
            "problems": self.problems[:PROBLEMS_MAX],
        }


def check_audit(log: Audit, noted: Head | None = None) -> AuditCheck:
    """Walk the whole log. `noted`: an end that somebody wrote down elsewhere, which must be in it."""
    return _Walk(log).run(noted)


class _Walk:
    def __init__(self, log: Audit) -> None:
        self.log = log
        self.found = AuditCheck()
        self.previous = START
        self.seq = 0
        self.without_details: set[int] = set()
        self.declared: set[int] = set()  # entries that a later one says were erased

    def run(self, noted: Head | None) -> AuditCheck:
        with self.log.database.reading() as connection:
            rows = connection.execution_options(yield_per=1000).execute(
                sa.select(audit).order_by(audit.c.seq)
            )
            ends = [noted] if noted else []
            try:
                head = self.log.head.read()
                if head is None:
                    self._problem("the file that notes its end is missing")
                else:
                    ends.append(head)
            except FileError as error:
                self._problem(str(error))
            open_ends = {end.seq: end for end in ends}
            for row in rows:
                try:
                    self._row(row)
                except (TypeError, ValueError, AttributeError):  # SQLite keeps whatever is put into a column
                    self._problem(f"entry {row.seq} cannot be read: a column holds something else")
                    self.previous, self.seq = b"", row.seq
                    continue
                end = open_ends.pop(row.seq, None)
                if end is not None and end.hash != bytes(row.hash):
                    self._problem(f"entry {row.seq} is not the one that was noted as the end")
        for end in open_ends.values():
            self._problem(
                f"it ends at entry {self.seq}, but entry {end.seq} was written: the end was cut off"
            )
        for seq in sorted(self.without_details - self.declared):
            self._problem(f"entry {seq}: its details were removed, and no erasure says so")
        return self.found

    def _row(self, row: sa.Row[Any]) -> None:
        seq = row.seq
        if seq != self.seq + 1:
            missing = (
                f"entry {self.seq + 1} is"
                if seq == self.seq + 2
                else f"entries {self.seq + 1} to {seq - 1} are"
            )
            self._problem(f"{missing} missing")
        if seq == 1 and row.action != BEGUN:
            self._problem("entry 1 is not the beginning of a log")
        if bytes(row.previous) != self.previous:
            self._problem(f"entry {seq} does not follow the one before it")
        digest = hash_of(seq, row.at, row.actor, row.action, bytes(row.commitment), bytes(row.previous))
        signature = signature_of(self.log.ring.audit_key, digest)
        if digest != bytes(row.hash) or not hmac.compare_digest(signature, bytes(row.signature)):
            self._problem(f"entry {seq} was changed")
        self._details(row)
        self.previous, self.seq = bytes(row.hash), seq
        self.found.entries += 1
        self.found.head = Head(seq, bytes(row.hash))

    def _details(self, row: sa.Row[Any]) -> None:
        if row.details is None:
            self.found.erased += 1
            self.without_details.add(row.seq)
            if row.subject is not None or row.key_id is not None:
                self._problem(f"entry {row.seq}: its details were removed, but not whom it is filed under")
            return
        try:
            encoded = self.log.sealer.open(row.key_id or 0, row.details, b"%d" % row.seq)
            if commitment_of(encoded) != bytes(row.commitment):
                self._problem(f"entry {row.seq}: its details were changed")
                return
            details = Details.decode(encoded)
        except (FileError, ValueError, TypeError):
            self._problem(f"entry {row.seq}: its details do not open")
            return
        if row.subject != subject_index(self.log.ring.index_key, details.subject):
            self._problem(f"entry {row.seq}: it is filed under another account")
        if row.action == ERASED:
            self.declared.update(n for n in details.after["entries"] if n < row.seq)

    def _problem(self, text: str) -> None:
        self.found.problems.append(text)
