"""Values made to fit their columns: what a platform writes into an event must never stop the books.

PostgreSQL refuses texts that are too long, the character NUL, and numbers out of range; SQLite takes all of it. Both get the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, String

if TYPE_CHECKING:
    from sqlalchemy import Table

    from tidegate.ledger.sheet import Row

TEXT_CHARS = 10_000  # of a column without a length of its own
WORDS_CHARS = 2000  # of a reason in an event
_INT32 = 1 << 31


def fitted(table: Table, row: Row) -> Row:
    """Return the row with every value as its column can hold it."""
    return {
        column.name: _fit(column.type, row[column.name]) for column in table.columns if column.name in row
    }


def _fit(kind: Any, value: Any) -> Any:  # noqa: ANN401  of the columns' types
    if isinstance(value, str) and isinstance(kind, String):
        return clean(value, kind.length or TEXT_CHARS)
    if isinstance(kind, Integer) and not isinstance(kind, BigInteger) and isinstance(value, int):
        return max(-_INT32, min(value, _INT32 - 1))
    return value


def clean(text: str, chars: int) -> str:
    r"""Return a text without NUL, of so many characters at most.

    >>> clean("a\x00bc", 2)
    'ab'
    """
    return text.replace("\x00", "")[:chars]
