"""From decisions to the read model: one transaction per batch, each journal position taken in once, in order."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tidegate.ledger import tables
from tidegate.ledger.database import insert_into, insert_new, upsert
from tidegate.ledger.fitting import fitted
from tidegate.ledger.happened import BY_PEOPLE, SUBJECT_FIELDS, given, said
from tidegate.ledger.projected_measures import MeasuresTaken
from tidegate.ledger.projected_reviews import ReviewsDone
from tidegate.ledger.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tidegate.engine.decision import Decision, Mark
    from tidegate.events import Record
    from tidegate.ledger.happened import Happened
    from tidegate.ledger.rows import Row

NAME = "decisions"
DAY_MS = 86_400_000
HOUR_MS = 3_600_000


@dataclass
class Books:
    """What a batch brings: rows of sheets, and rows that are only ever added."""

    connection: sa.Connection
    measures: Sheet = field(init=False)
    cases: Sheet = field(init=False)
    appeals: Sheet = field(init=False)
    labels: Sheet = field(init=False)
    changes: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.measures = Sheet(self.connection, tables.measures)
        self.cases = Sheet(self.connection, tables.cases)
        self.appeals = Sheet(self.connection, tables.appeals)
        self.labels = Sheet(self.connection, tables.labels)

    def look_up(self, happened: Sequence[Happened]) -> None:
        """Read all rows that these decisions may change."""
        records = [one.record for one in happened]
        appeals = [given(record, "appeal_id") for record in records]
        self.appeals.look_up("id", appeals)
        about = [row["measure_id"] for row in self.appeals.where()]
        moved = [moved.id for one in happened for moved in one.decision.moved]
        self.measures.look_up("id", [*moved, *about, *(given(record, "sanction_id") for record in records)])
        self.cases.look_up("id", [given(record, "review_id") for record in records])
        marked = [_subject_of(mark, one) for one in happened for mark in one.decision.marks]
        self.labels.look_up("subject_id", marked)

    def write(self) -> None:
        """Write everything."""
        for sheet in (self.measures, self.cases, self.appeals, self.labels):
            sheet.write()
        added = (
            (tables.measure_changes, self.changes),
            (tables.outbox, self.outbox),
            (tables.findings, self.findings),
        )
        for table, rows in added:
            insert_new(self.connection, table, [fitted(table, row) for row in rows])


def project(
    connection: sa.Connection, happened: Sequence[Happened], position: int, service_ms: Mapping[str, int]
) -> None:
    """Take in what happened at positions that are new, ascending; then say that all is known up to `position`.

    `service_ms` are the service times of queues, for cases and appeals that come without a time they are due.
    """
    known = position_of(connection, lock=True)
    fresh = [one for one in happened if one.position > known]
    if fresh:
        books = Books(connection)
        books.look_up(fresh)
        measures, reviews = MeasuresTaken(books), ReviewsDone(books, service_ms)
        for _, group in groupby(fresh, attrgetter("position")):
            measures.begin()
            reviews.begin()
            for one in group:
                measures.take(one)
                reviews.take(one)
                _take_labels(books, one)
        books.write()
        _write_timeline(connection, fresh)
        _count_rules(connection, fresh)
    if position > known:
        row = {"name": NAME, "position": position}
        upsert(connection, tables.projection, [row], ["position"])


def position_of(connection: sa.Connection, *, lock: bool = False) -> int:
    """Return the last position taken in, 0 before the first. `lock`: nobody else may take in more meanwhile."""
    query = sa.select(tables.projection.c.position).where(tables.projection.c.name == NAME)
    if lock:
        insert_new(connection, tables.projection, [{"name": NAME, "position": 0}])
        query = query.with_for_update()
    found = connection.execute(query).scalar()
    return 0 if found is None else int(found)


def clear(connection: sa.Connection) -> None:
    """Empty the read model, to take in everything anew. Books are left alone."""
    for table in tables.READ_MODEL:
        connection.execute(sa.delete(table))


# labels ------------------------------------------------------------------------------------------------------------
def _take_labels(books: Books, one: Happened) -> None:
    ts = one.decision.ts
    for mark in one.decision.marks:
        subject_id = _subject_of(mark, one)
        if subject_id is None:
            continue
        of = {"subject": mark.subject, "subject_id": subject_id, "name": mark.name}
        if mark.off:
            for row in books.labels.where(**of):
                if row["taken_off_at"] is None and (row["until"] is None or row["until"] > ts):
                    books.labels.change(row, taken_off_at=ts, position=one.position)
            continue
        known = books.labels.where(**of, cause=mark.cause)
        until = mark.until
        if known and known[0]["taken_off_at"] is None:
            row = known[0]
            later = None if until is None or row["until"] is None else max(until, row["until"])
            renewed = max(ts, row["renewed_at"])
            books.labels.change(row, renewed_at=renewed, until=later, position=one.position)
        else:
            entry = {"cause": mark.cause, "since": ts, "renewed_at": ts, "until": until}
            books.labels.put(of | entry | {"event_id": one.decision.event_id, "position": one.position})


def _subject_of(mark: Mark, one: Happened) -> str | None:
    return mark.of or given(one.record, SUBJECT_FIELDS[mark.subject]) or _account(one.decision, mark.subject)


def _account(decision: Decision, subject: str) -> str | None:
    return decision.account_id if subject == "account" else None


# timeline ----------------------------------------------------------------------------------------------------------
def _write_timeline(connection: sa.Connection, happened: Sequence[Happened]) -> None:
    """Add entries; what only repeats (the same rules, the same answer, no consequence) is counted by the hour."""
    entries: dict[tuple[str, str], Row] = {}
    ordinals: Counter[int] = Counter()
    for one in happened:
        decision = one.decision
        if decision.account_id is None or not _is_telling(decision):
            continue
        entry = _entry(decision, one.record)
        if any(entry[name] for name in ("sanctions", "cases", "ended", "by_people")):
            key = f"{one.position}.{ordinals[one.position]}"
            ordinals[one.position] += 1
        else:
            key = _repeated(decision)
        seen = entries.get((decision.account_id, key))
        if seen is not None:
            seen["times"] += 1
            seen["last_at"] = max(seen["last_at"], decision.ts)
            continue
        entries[decision.account_id, key] = {
            "account_id": decision.account_id,
            "key": key,
            "ts": decision.ts,
            "last_at": decision.ts,
            "times": 1,
            "type": decision.type,
            "event_id": decision.event_id,
            "verdict": decision.verdict,
            "score": decision.score,
            "entry": entry,
        }
    _add_up(connection, tables.timeline, list(entries.values()), add=["times"], last="last_at")


def _is_telling(decision: Decision) -> bool:
    return bool(decision.rules or decision.moved or decision.type in BY_PEOPLE or decision.verdict != "allow")


def _repeated(decision: Decision) -> str:
    rules = sorted(fired.rule for fired in decision.rules)
    parts = (str(decision.ts // HOUR_MS), decision.type, decision.verdict, *rules)
    return "h" + hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def _entry(decision: Decision, record: Record | None) -> dict[str, Any]:
    by_people = said(record) if decision.type in BY_PEOPLE else {}
    if decision.type in BY_PEOPLE:
        for name in ("sanction_id", "review_id", "appeal_id", "kind", "decision", "granted"):
            value = given(record, name)
            if value is not None:
                by_people[name] = value
    return {
        "fired": [{"rule": f.rule, "reason": f.reason} for f in decision.rules],
        "labels": list(decision.labels),
        "sanctions": [opened.data() for opened in decision.sanctions],
        "cases": [case.data() for case in decision.cases],
        "ended": [moved.id for moved in decision.moved],
        "by_people": by_people,
    }


# rules -------------------------------------------------------------------------------------------------------------
def _count_rules(connection: sa.Connection, happened: Sequence[Happened]) -> None:
    rows: dict[tuple[str, int], Row] = {}
    for one in happened:
        decision = one.decision
        day = decision.ts // DAY_MS * DAY_MS
        named = [(fired.rule, "fired") for fired in decision.rules]
        for rule, how in (*named, *((rule, "shadow") for rule in decision.shadow)):
            empty = {"rule": rule, "day": day, "fired": 0, "shadow": 0, "last_at": decision.ts}
            row = rows.setdefault((rule, day), empty)
            row[how] += 1
            row["last_at"] = max(row["last_at"], decision.ts)
    _add_up(connection, tables.rule_days, list(rows.values()), add=["fired", "shadow"], last="last_at")


def _add_up(
    connection: sa.Connection, table: sa.Table, rows: list[Row], *, add: list[str], last: str
) -> None:
    """Insert rows; where the key is there, add the numbers and keep the later time."""
    if not rows:
        return
    insert = insert_into(connection, table)
    later = sa.case((insert.excluded[last] > table.c[last], insert.excluded[last]), else_=table.c[last])
    values: dict[str, Any] = {name: table.c[name] + insert.excluded[name] for name in add}
    ordered = sorted(
        [fitted(table, row) for row in rows],
        key=lambda row: tuple(str(row[column.name]) for column in table.primary_key),
    )
    keys = list(table.primary_key)
    connection.execute(
        insert.on_conflict_do_update(index_elements=keys, set_=values | {last: later}), ordered
    )
