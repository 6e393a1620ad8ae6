"""From the ledger to announcements: every change of a measure gets a number, and everybody who listens a delivery.

The ledger writes an outbox with what it takes in, in the order of the journal. Here it is read on from where it was read to
last time, and announcements, deliveries and that place are written in one transaction: a crash repeats nothing and
leaves nothing out. Measures that end because their time is over change nothing in the journal; they are announced when event
time, or the clock where no events come, has passed their end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tidegate.ledger.database import insert_new, upsert
from tidegate.ledger.projected_measures import told
from tidegate.ledger.tables import measures, outbox
from tidegate.ledger.tables_enforcement import announced, announcements, deliveries, webhooks
from tidegate.service.enforcement.cloud_event import Announcement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate.ledger.database import Database

WAITING, SENT, DEAD = "waiting", "sent", "dead"
ENDED = "ended"
END = -1  # ordinal of an end by time
_CURSOR = "outbox"
_TOGETHER = 500
_LOCK = 0x71E0


@dataclass
class _Place:
    """How far the outbox has been read, up to which event time ends have been announced, and a clock of event time."""

    position: int = -1
    ordinal: int = -1
    ends_until: int = -1
    newest_ts: int = -1
    newest_at: int = 0  # by the wall clock, when event time was `newest_ts`; from there on both go alike


class Announcer:
    """One per database. `live` False is shadow mode: what happens is passed over, and nobody is told later either.

    `event_time` gives the newest event time that the engine knows, in ms; None where it knows none.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], int],
        *,
        event_time: Callable[[], int | None] = lambda: None,
        live: bool = True,
    ) -> None:
        self._database = database
        self._now = now
        self._event_time = event_time
        self.live = live
        self._clock = (-1, 0)  # event time, and when that was: it goes on in between two notes of it

    def step(self) -> int:
        """Announce what is there to announce; return how many. Call it after events were taken in, and now and then."""
        if self._idle():
            return 0
        count = 0
        while True:
            with self._database.writing() as connection:
                in_turn(connection)
                place = self._place(connection)
                rows, drained = _unread(connection, place)
                if rows:
                    place.position, place.ordinal = rows[-1].position, rows[-1].ordinal
                    self._newest(place, max(row.ts for row in rows))
                self._newest(place, self._event_time() or -1)
                ends = self._ends(connection, place, rows, drained=drained)
                if self.live:
                    count += _add(connection, _merged(rows, ends), self._now())
                _write_place(connection, place)
            if drained:
                return count

    def _idle(self) -> bool:
        """Whether there is nothing to announce: then nothing is written either."""
        with self._database.reading() as connection:
            place = self._place(connection)
            if _unread(connection, place)[0]:
                return False
            self._newest(place, self._event_time() or -1)
            return not self._ends(connection, place, (), drained=True)

    def _place(self, connection: sa.Connection) -> _Place:
        """Return how far the outbox has been read, and the clock of event time where it has got to."""
        place = _read_place(connection)
        ts, at = self._clock
        if ts >= 0 and ts - at > place.newest_ts - place.newest_at:
            place.newest_ts, place.newest_at = ts, at
        return place

    def _ends(
        self, connection: sa.Connection, place: _Place, rows: Sequence[sa.Row[Any]], *, drained: bool
    ) -> list[dict[str, Any]]:
        """Return the ends that event time has passed, of measures whose every change is announced by now or in `rows`.

        Those in `rows` may have been opened with, or moved to, an end that had passed long ago.
        """
        if place.newest_ts < 0:
            return []
        until = (
            place.newest_ts + max(0, self._now() - place.newest_at) if drained else max(r.ts for r in rows)
        )
        changed = [row.measure_id for row in rows]
        m, a = measures.c, announcements.c
        told_of = sa.select(a.seq).where(a.measure_id == m.id).exists()
        ended = sa.select(a.seq).where(a.measure_id == m.id, a.position == m.until, a.ordinal == END).exists()
        query = (
            sa.select(measures)
            .where(sa.or_(sa.and_(m.until > place.ends_until, told_of), m.id.in_(changed)))
            .where(m.until <= until, m.lifted_at.is_(None), m.position <= place.position, ~ended)
            .order_by(m.until, m.id)
        )
        place.ends_until = max(place.ends_until, until)
        return [_end(dict(row)) for row in connection.execute(query).mappings()]

    def _newest(self, place: _Place, ts: int) -> None:
        """Set the clock of event time to an event's time, unless it has gone on further by itself."""
        now = self._now()
        if place.newest_ts < 0 or ts > place.newest_ts + max(0, now - place.newest_at):
            place.newest_ts, place.newest_at = ts, now
        self._clock = (place.newest_ts, place.newest_at)


def in_turn(connection: sa.Connection) -> None:
    """Wait until nobody else announces or erases; until the transaction ends, nobody else does."""
    if connection.dialect.name == "postgresql":  # with SQLite there is one writer at a time anyway
        connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def changes(database: Database, after: int, limit: int) -> list[Announcement]:
    """Return announcements behind a number, in order."""
    query = sa.select(announcements).where(announcements.c.seq > after).order_by(announcements.c.seq)
    with database.reading() as connection:
        return [Announcement(**row) for row in connection.execute(query.limit(limit)).mappings()]


def _unread(connection: sa.Connection, place: _Place) -> tuple[Sequence[sa.Row[Any]], bool]:
    """Return what stands in the outbox behind a place, and whether that is all. What stands at one position stays together."""
    o = outbox.c
    behind = sa.or_(
        o.position > place.position, sa.and_(o.position == place.position, o.ordinal > place.ordinal)
    )
    query = sa.select(outbox).where(behind).order_by(o.position, o.ordinal)
    rows = connection.execute(query.limit(_TOGETHER)).all()
    if len(rows) < _TOGETHER:
        return rows, True
    whole = [row for row in rows if row.position < rows[-1].position]
    return whole or connection.execute(query.where(o.position == rows[-1].position)).all(), False


def _end(measure: dict[str, Any]) -> dict[str, Any]:
    return {
        "measure_id": measure["id"],
        "account_id": measure["account_id"],
        "kind": ENDED,
        "ts": measure["until"],
        "data": told(measure, ENDED, "its time is over", measure["until"]),
        "position": measure["until"],
        "ordinal": END,
    }


def _merged(rows: Sequence[sa.Row[Any]], ends: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return changes in the order of the journal, and each end before what happened later, but behind its own changes."""
    names = ("measure_id", "account_id", "kind", "ts", "data", "position", "ordinal")
    last = {row.measure_id: n for n, row in enumerate(rows)}
    merged: list[dict[str, Any]] = []
    for n, row in enumerate(rows):
        due = [e for e in ends if e["ts"] <= row.ts and last.get(e["measure_id"], -1) < n]
        merged += due
        ends = [e for e in ends if e not in due] if due else ends
        merged.append({name: getattr(row, name) for name in names})
    return merged + ends


def _add(connection: sa.Connection, rows: list[dict[str, Any]], now: int) -> int:
    """Number the announcements that are new, and enter a delivery of each for everybody who wants its kind."""
    if not rows:
        return 0
    a = announcements.c
    before = connection.scalar(sa.select(sa.func.max(a.seq))) or 0
    insert_new(connection, announcements, rows)
    new = connection.execute(
        sa.select(a.seq, a.account_id, a.kind).where(a.seq > before).order_by(a.seq)
    ).all()
    hooks = connection.execute(sa.select(webhooks.c.id, webhooks.c.kinds).where(webhooks.c.enabled)).all()
    due = [
        {
            "webhook_id": hook.id,
            "seq": row.seq,
            "account_id": row.account_id,
            "state": WAITING,
            "attempts": 0,
            "next_at": now,
        }
        for row in new
        for hook in hooks
        if not hook.kinds or row.kind in hook.kinds
    ]
    if due:
        connection.execute(sa.insert(deliveries), due)
    return len(new)


def _read_place(connection: sa.Connection) -> _Place:
    rows = {row.name: row for row in connection.execute(sa.select(announced))}
    if not rows:
        return _Place()
    at, ends = rows[_CURSOR], rows[ENDED]
    return _Place(at.position, at.ordinal, ends.position, at.newest_ts, at.newest_at)


def _write_place(connection: sa.Connection, place: _Place) -> None:
    shared = {"newest_ts": place.newest_ts, "newest_at": place.newest_at}
    rows = [
        {"name": _CURSOR, "position": place.position, "ordinal": place.ordinal} | shared,
        {"name": ENDED, "position": place.ends_until, "ordinal": END} | shared,
    ]
    upsert(connection, announced, rows, ("position", "ordinal", "newest_ts", "newest_at"))
