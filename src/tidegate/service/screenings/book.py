"""The book of screenings. What is written about one that is under way takes hold only as long as it still is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tidegate.ledger.fitting import clean
from tidegate.ledger.page import ROWS, paged
from tidegate.ledger.tables_screening import screenings
from tidegate.service.screenings.screening import (
    CANCELLED,
    DONE,
    ERASED,
    FAILED,
    OPEN,
    PENDING,
    QUEUED,
    RUNNING,
    SENT,
    Screening,
    Sealed,
)
from tidegate.service.screenings.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from tidegate.ledger.database import Database
    from tidegate.service.access.key_ring import KeyRing
    from tidegate.service.screenings.order import File, Stage

PURPOSE = "screenings"
REASON_CHARS = 1000
_t = screenings.c
_sealed = msgspec.msgpack.Decoder(Sealed)


class ScreeningBook:
    """Safe to use from several threads; `now` is the wall clock in ms."""

    def __init__(self, database: Database, ring: KeyRing, now: Callable[[], int]) -> None:
        self.database = database
        self._ring = ring
        self._sealer = ring.sealer(PURPOSE)
        self._now = now

    # asking ---------------------------------------------------------------------------------------------------
    def found(self, screening_id: str) -> Screening | None:
        """Return a screening; None where there is none of this id."""
        return self._first(_t.id == screening_id)

    def of_request(self, request: str) -> Screening | None:
        """Return the screening that a request with this key made; None where there was none."""
        return self._first(_t.request == request)

    def listed(
        self, state: str | None = None, *, after: str | None = None, rows: int = ROWS
    ) -> tuple[list[Screening], str | None]:
        """Return a page, the newest first, and the cursor of the next. Raise ReviewError for a wrong cursor."""
        query = sa.select(screenings)
        if state is not None:
            query = query.where(_t.state == state)
        with self.database.reading() as connection:
            page = paged(connection, query, (_t.created_at, _t.id), after=after, rows=rows, newest_first=True)
        return [self._screening(row) for row in page.rows], page.next

    def ids(self, states: Sequence[str]) -> set[str]:
        """Return the ids of all screenings in one of these states."""
        with self.database.reading() as connection:
            return set(connection.scalars(sa.select(_t.id).where(_t.state.in_(states))))

    def next_open(self) -> Screening | None:
        """Return the one to work on: what was begun first, then the oldest."""
        return self._first(_t.state.in_(OPEN), order=(_t.state.desc(), _t.created_at, _t.id))

    def last_of(self, pool: str, *, before: Screening | None = None) -> Screening | None:
        """Return the last screening of a pool that is done; None where none is. `before`: of those made before that one."""
        asked = [_t.pool == pool, _t.state == DONE]
        if before is not None:
            asked += [_t.created_at <= before.created_at, _t.id != before.id]
        return self._first(sa.and_(*asked), order=(_t.created_at.desc(), _t.id))

    def with_list(self, pool: str) -> Screening | None:
        """Return the last screening of a pool whose list is there; None where none is."""
        there = sa.and_(_t.pool == pool, _t.state.in_((*OPEN, DONE)))
        return self._first(there, order=(_t.created_at.desc(), _t.id))

    def outlived(self, keep_ms: int, rows: int = ROWS) -> list[str]:
        """Return ids of screenings that are over and whose time is up; `keep_ms` where they name none of their own."""
        until = sa.func.coalesce(_t.keep_until, _t.created_at + keep_ms)
        query = sa.select(_t.id).where(
            until <= self._now(), _t.state.in_((DONE, FAILED, CANCELLED)), _t.key_id.is_not(None)
        )
        with self.database.reading() as connection:
            return list(connection.scalars(query.order_by(_t.created_at).limit(rows)))

    def mail_due(self) -> Screening | None:
        """Return one about which somebody is to be told by now."""
        due = sa.and_(_t.mail == PENDING, _t.mail_next_at <= self._now())
        return self._first(due, order=(_t.mail_next_at, _t.id))

    # writing --------------------------------------------------------------------------------------------------
    def add(
        self,
        screening_id: str,
        sealed: Sealed,
        terms: Terms,
        *,
        purpose: str,
        basis: str,
        by: str,
        position: int,
        request: str | None = None,
        pool: str | None = None,
        schedule_id: str | None = None,
        keep_until: int | None = None,
        within: AbstractContextManager[sa.Connection] | None = None,
    ) -> bool:
        """Put a screening in the queue; False where one with this `request` is there already.

        `within` is a transaction that more belongs to; it is over when this returns.
        """
        row: dict[str, Any] = {
            "id": screening_id, "created_at": self._now(), "created_by": by, "request": request,
            "purpose": purpose, "basis": basis, "terms": msgspec.to_builtins(terms), "position": position,
            "state": QUEUED, "done": 0, "attempts": 0, "mail": PENDING if sealed.notify else None, "mail_attempts": 0,
            "pool": pool, "schedule_id": schedule_id, "keep_until": keep_until,
        }  # fmt: skip
        try:
            with within or self.database.writing() as connection:
                connection.execute(sa.insert(screenings).values(row | self._seal(screening_id, sealed)))
        except IntegrityError:
            return False
        return True

    def begin(self, screening_id: str) -> int | None:
        """Note that it is being worked on; return which attempt at its step this is, None where it is not open any more."""
        with self.database.writing() as connection:
            row = connection.execute(
                sa.select(_t.attempts, _t.started_at).where(_t.id == screening_id, _t.state.in_(OPEN))
            ).first()
            if row is None:
                return None
            started = self._now() if row.started_at is None else row.started_at
            values = {"state": RUNNING, "attempts": row.attempts + 1, "started_at": started}
            connection.execute(sa.update(screenings).where(_t.id == screening_id).values(values))
        return int(row.attempts) + 1

    def compare(self, screening_id: str, previous_id: str | None) -> None:
        """Note which one it is compared with."""
        self._update(screening_id, {"previous_id": previous_id})

    def put_back(self, screening_id: str) -> None:
        """Note that the attempt under way was ended by us, and does not count."""
        self._update(screening_id, {"attempts": sa.case((_t.attempts > 0, _t.attempts - 1), else_=0)})

    def note(self, screening_id: str, stage: Stage) -> None:
        """Note how far it is."""
        values = {
            "step": stage.step,
            "stage": clean(stage.what, 200),
            "done": stage.done,
            "total": stage.total,
        }
        self._update(screening_id, values)

    def kept(self, screening_id: str) -> None:
        """Note that a step is done: the next one has its own attempts."""
        self._update(screening_id, {"attempts": 1})

    def finish(self, screening_id: str, summary: dict[str, Any], files: Sequence[File]) -> bool:
        """Note what it came to; False where it is not under way any more."""
        return self._end(screening_id, DONE, {"summary": summary, "files": tuple(files)})

    def replace(self, screening_id: str, summary: dict[str, Any], files: Sequence[File]) -> bool:
        """Note that what it came to is another by now; False where it is not done, or erased."""
        told = {"summary": summary, "files": tuple(files)}
        return self._change(screening_id, lambda _: ({}, told), _t.state == DONE)

    def fail(self, screening_id: str, problem: str, hint: str = "") -> bool:
        """Note that it cannot be done, and why; False where it is not under way any more."""
        return self._end(screening_id, FAILED, {"problem": problem, "hint": hint or None})

    def cancel(self, screening_id: str) -> bool:
        """End it before it is done; False where it is not open any more."""
        return self._end(screening_id, CANCELLED, {}, mail=None)

    def erase(self, screening_id: str) -> bool:
        """Forget what tells of people; who asked, what for and on what basis stays. False where that was done before."""
        with self.database.writing() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
            values: dict[str, Any] = {
                "state": ERASED, "step": None, "stage": None, "done": 0, "total": None, "mail": None, "mail_next_at": None,
                "terms": msgspec.to_builtins(Terms()), "key_id": None, "sealed": None, "request": None,
            }  # fmt: skip
            changed = sa.update(screenings).where(_t.id == screening_id, _t.state != ERASED).values(values)
            return connection.execute(changed).rowcount > 0

    def mailed(self, screening_id: str) -> None:
        """Note that the mail is out."""
        self._mail(screening_id, {"mail": SENT, "mail_next_at": None}, None)

    def not_mailed(self, screening_id: str, why: str, again_at: int | None) -> None:
        """Note why the mail could not be sent, and when to try again; None: not any more."""
        values = {"mail": FAILED, "mail_next_at": None} if again_at is None else {"mail_next_at": again_at}
        self._mail(screening_id, values, clean(why, REASON_CHARS))

    def reseal(self) -> int:
        """Seal again what is sealed with an older key than the active one; how many."""
        old = sa.select(_t.id).where(_t.key_id.is_not(None), _t.key_id != self._ring.active.id)
        with self.database.reading() as connection:
            ids = list(connection.scalars(old))
        for screening_id in ids:
            self._change(screening_id, lambda _: ({}, {}))
        return len(ids)

    # parts ----------------------------------------------------------------------------------------------------
    def _end(self, screening_id: str, state: str, found: dict[str, Any], mail: str | None = PENDING) -> bool:
        now = self._now()

        def values(row: sa.Row[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
            told = mail if row.mail == PENDING else None
            due = now if told == PENDING else None
            return {"state": state, "finished_at": now, "mail": told, "mail_next_at": due}, found

        return self._change(screening_id, values, _t.state.in_(OPEN))

    def _mail(self, screening_id: str, values: dict[str, Any], why: str | None) -> None:
        def changes(row: sa.Row[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
            return values | {"mail_attempts": row.mail_attempts + 1}, {"mail_error": why}

        self._change(screening_id, changes, _t.mail == PENDING)

    def _change(
        self,
        screening_id: str,
        changes: Callable[[sa.Row[Any]], tuple[dict[str, Any], dict[str, Any]]],
        *conditions: sa.ColumnElement[bool],
    ) -> bool:
        """Change columns, and members of what is sealed, of a screening that is not erased and meets the conditions."""
        with self.database.writing() as connection:
            query = sa.select(screenings).where(_t.id == screening_id, _t.key_id.is_not(None), *conditions)
            row = connection.execute(query.with_for_update()).first()
            if row is None:
                return False
            columns, members = changes(row)
            sealed = msgspec.structs.replace(self._open(screening_id, row.key_id, row.sealed), **members)
            values = columns | self._seal(screening_id, sealed)
            connection.execute(sa.update(screenings).where(_t.id == screening_id).values(values))
        return True

    def _update(self, screening_id: str, values: dict[str, Any]) -> None:
        with self.database.writing() as connection:
            same = (_t.id == screening_id, _t.state == RUNNING)
            connection.execute(sa.update(screenings).where(*same).values(values))

    def _first(
        self, condition: sa.ColumnElement[bool], order: Sequence[sa.ColumnElement[Any]] = ()
    ) -> Screening | None:
        query = sa.select(screenings).where(condition).order_by(*order).limit(1)
        with self.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else self._screening(dict(row))

    def _screening(self, row: dict[str, Any]) -> Screening:
        names = Screening.__dataclass_fields__
        kept = {name: value for name, value in row.items() if name in names}
        sealed = None if row["key_id"] is None else self._open(row["id"], row["key_id"], row["sealed"])
        return Screening(**kept | {"terms": msgspec.convert(row["terms"], Terms), "sealed": sealed})

    def _seal(self, screening_id: str, sealed: Sealed) -> dict[str, Any]:
        key_id, text = self._sealer.seal(msgspec.msgpack.encode(sealed), screening_id.encode())
        return {"key_id": key_id, "sealed": text}

    def _open(self, screening_id: str, key_id: int, sealed: bytes) -> Sealed:
        return _sealed.decode(self._sealer.open(key_id, sealed, screening_id.encode()))
