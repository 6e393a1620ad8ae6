"""Values made to fit their columns: what a platform writes into an event must never stop the books.

PostgreSQL refuses texts that are too long, the character NUL, and numbers out of range; SQLite takes all of it. Both get the same.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Integer, String

if TYPE_CHECKING:
    from sqlalchemy import Table

    from tidegate.ledger.rows import Row

TEXT_CHARS = 10_000  # of a column without a length of its own
WORDS_CHARS = 2000  # of a reason in an event
_INT32 = 1 << 31


def fitted(table: Table, row: Row) -> Row:
    """Return the row with every value as its column can hold it."""
    texts, numbers = _bounds(table)
    row = dict(row)
    for name, chars in texts:
        value = row.get(name)
        if isinstance(value, str) and (len(value) > chars or "\x00" in value):
            row[name] = clean(value, chars)
    for name in numbers:
        value = row.get(name)
        if isinstance(value, int):
            row[name] = max(-_INT32, min(value, _INT32 - 1))
    return row


@cache
def _bounds(table: Table) -> tuple[list[tuple[str, int]], list[str]]:
    """Return the columns of texts with their length, and those of small numbers."""
    texts = [(c.name, c.type.length or TEXT_CHARS) for c in table.columns if isinstance(c.type, String)]
    kinds = ((c.name, c.type) for c in table.columns)
    return texts, [
        name for name, kind in kinds if isinstance(kind, Integer) and not isinstance(kind, BigInteger)
    ]


def clean(text: str, chars: int) -> str:
    r"""Return a text without NUL, of so many characters at most.

    >>> clean("a\x00bc", 2)
    'ab'
    """
    return text.replace("\x00", "")[:chars]
