"""Tokens of numbers and the accounts they stand for: noted, listed by range with what measures say, asked about by key and day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tidegate.ledger.database import insert_into, upsert
from tidegate.ledger.tables import appeals, measures, projection
from tidegate.ledger.tables_standing import standing_asked, standing_tokens

if TYPE_CHECKING:
    from tidegate.ledger.rows import Row

NAME = "standing"  # among the projections


@dataclass(frozen=True)
class Holder:
    """A token, and every measure ever taken against its account or its number, as rows of `measures`; `appealed`: lifted on appeal."""

    token: bytes
    measures: list[Row]


def note(connection: sa.Connection, held: Sequence[tuple[bytes, str, int]], position: int) -> int:
    """Note tokens, each once, with their accounts and event times; all is known up to a journal position then.

    Where a token is there already, the later one counts. Return how many tokens are new.
    """
    known = 0
    if held:
        tokens = [token for token, _, _ in held]
        there = sa.select(sa.func.count()).where(standing_tokens.c.token.in_(tokens))
        known = int(connection.execute(there).scalar_one())
        insert = insert_into(connection, standing_tokens)
        told = insert.excluded
        values = {"account_id": told.account_id, "last_at": told.last_at}
        later = told.last_at >= standing_tokens.c.last_at
        rows = [{"token": token, "account_id": account, "last_at": at} for token, account, at in held]
        connection.execute(
            insert.on_conflict_do_update(index_elements=["token"], set_=values, where=later), rows
        )
    upsert(connection, projection, [{"name": NAME, "position": position}], ["position"])
    return len(held) - known


def position_of(connection: sa.Connection) -> int:
    """Return the journal position up to which all is known, 0 before the first."""
    query = sa.select(projection.c.position).where(projection.c.name == NAME)
    return int(connection.execute(query).scalar() or 0)


def count(connection: sa.Connection) -> int:
    """Return how many tokens there are."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(standing_tokens)).scalar_one())


def holders(connection: sa.Connection, first: bytes, last: bytes, at: int) -> Iterator[Holder]:
    """Yield the tokens from one to another with their measures since before `at` (ms), ascending."""
    m, t = measures.c, standing_tokens.c
    granted = sa.exists().where(appeals.c.measure_id == m.id, appeals.c.state == "granted")
    about = sa.and_(m.account_id == t.account_id, m.subject.in_(("account", "number")), m.since <= at)
    query = (
        sa.select(t.token, m.id, m.effect, m.capability, m.cause, m.until, granted.label("appealed"))
        .select_from(standing_tokens.outerjoin(measures, about))
        .where(t.token.between(first, last))
        .order_by(t.token, m.id)
    )
    for token, rows in groupby(connection.execute(query).mappings(), itemgetter("token")):
        yield Holder(bytes(token), [dict(row) for row in rows if row["id"] is not None])


def ask(connection: sa.Connection, key_id: str, day: int, numbers: int, numbers_max: int) -> bool:
    """Count numbers that a key asks about on a day; return False, and count nothing, where they are too many."""
    if numbers > numbers_max:
        return False
    insert, table = insert_into(connection, standing_asked), standing_asked.c
    total = table.numbers + insert.excluded.numbers
    counted = insert.values({"key_id": key_id, "day": day, "numbers": numbers}).on_conflict_do_update(
        index_elements=["key_id", "day"], set_={"numbers": total}, where=total <= numbers_max
    )
    return connection.execute(counted.returning(table.numbers)).first() is not None


def asked(connection: sa.Connection, key_id: str, day: int) -> int:
    """Return how many numbers a key asked about on a day."""
    table = standing_asked.c
    query = sa.select(table.numbers).where(table.key_id == key_id, table.day == day)
    return int(connection.execute(query).scalar() or 0)
