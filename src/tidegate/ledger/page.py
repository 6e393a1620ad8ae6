"""Pages of long lists: a page ends with a cursor, the key of its last row; the next page begins after it.

So a list that grows meanwhile neither shows a row twice nor leaves one out.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from tidegate.errors import ReviewError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate.ledger.rows import Row

ROWS = 50
ROWS_MAX = 500
_CURSOR_CHARS_MAX = 2000


@dataclass(frozen=True)
class Page:
    """Rows of a list, and the cursor of those after them; None: there are none."""

    rows: list[Row]
    next: str | None


def paged(
    connection: sa.Connection,
    query: sa.Select[Any],
    order: Sequence[sa.Column[Any]],
    *,
    after: str | None = None,
    rows: int = ROWS,
    newest_first: bool = False,
) -> Page:
    """Return a page of a query, by columns that are never null and together unique. Raise ReviewError for a wrong cursor."""
    key = sa.tuple_(*order)
    if after is not None:
        typed = [sa.literal(v, c.type) for v, c in zip(_decoded(after, order), order, strict=True)]
        place = sa.tuple_(*typed)
        query = query.where(key < place if newest_first else key > place)
    query = query.order_by(*(column.desc() if newest_first else column.asc() for column in order))
    found = [dict(row) for row in connection.execute(query.limit(rows + 1)).mappings()]
    more = len(found) > rows
    shown = found[:rows]
    last = [shown[-1][column.name] for column in order] if more else []
    return Page(shown, _encoded(last) if more else None)


def _encoded(key: list[Any]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def _decoded(cursor: str, order: Sequence[sa.Column[Any]]) -> list[Any]:
    kinds = [column.type.python_type for column in order]
    cursor = cursor if len(cursor) <= _CURSOR_CHARS_MAX else ""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key = msgspec.json.decode(text, type=list[int | str])
    except (ValueError, binascii.Error, msgspec.DecodeError):
        key = []
    fits = len(key) == len(kinds) and all(isinstance(v, kind) for v, kind in zip(key, kinds, strict=True))
    in_range = all(abs(v) < 1 << 63 for v in key if isinstance(v, int))
    if not fits or not in_range or any("\x00" in v for v in key if isinstance(v, str)):
        raise ReviewError(
            "it is none that a page ended with", field="cursor", hint="give `next` of the page before"
        )
    return key
