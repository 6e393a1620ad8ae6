"""Columns in which numbers and IP addresses do not stand in plain text, though rows are still found by them.

What a `Veil` conceals it always conceals the same way, so that equal stays equal; the database has one where the keys of the
data folder are open (`Database.veil`). Without it, what is written is plain, and what was concealed is shown as it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import JSON, String
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Dialect

LENGTH = 512  # a concealed id is longer than an id
_ATTRIBUTE = "tidegate_veil"


class Veil(Protocol):
    """Conceals identifiers of people, and shows them again."""

    def conceal(self, text: str) -> str:
        """Return what stands in the database; texts that are no identifier as they are."""
        ...

    def reveal(self, text: str) -> str:
        """Return what was concealed; texts that were not as they are."""
        ...


def put_on(dialect: Dialect, veil: Veil) -> None:
    """Have the columns of a database's connections use a veil."""
    setattr(dialect, _ATTRIBUTE, veil)


class Concealed(TypeDecorator[str]):
    """A text that may be an identifier."""

    impl = String(LENGTH)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Conceal it."""
        veil = getattr(dialect, _ATTRIBUTE, None)
        return value if veil is None or value is None else str(veil.conceal(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Show it."""
        veil = getattr(dialect, _ATTRIBUTE, None)
        return value if veil is None or value is None else str(veil.reveal(value))


class ConcealedSubject(TypeDecorator[Any]):
    """An object with a `subject` of `kind` and `id`, the id concealed."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401  JSON
        """Conceal the subject's id."""
        veil = getattr(dialect, _ATTRIBUTE, None)
        return value if veil is None else _with_id(value, veil.conceal)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401  JSON
        """Show it."""
        veil = getattr(dialect, _ATTRIBUTE, None)
        return value if veil is None else _with_id(value, veil.reveal)


def _with_id(value: Any, change: Any) -> Any:  # noqa: ANN401  JSON
    subject = value.get("subject") if isinstance(value, dict) else None
    if not isinstance(subject, dict) or not isinstance(subject.get("id"), str):
        return value
    return value | {"subject": subject | {"id": change(subject["id"])}}
