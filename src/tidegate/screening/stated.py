"""What a screening is done for, and what allows it: two sentences of whoever has it done, kept with all it gives (comp.gdpr-ccpa)."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.errors import UsageError


@dataclass(frozen=True)
class Stated:
    """Purpose and legal basis of a screening; None: nobody said."""

    purpose: str | None = None
    basis: str | None = None

    def data(self) -> dict[str, str | None]:
        """Return them as plain data."""
        return {"purpose": self.purpose, "basis": self.basis}


NOT_STATED = Stated()


def sentence(text: str) -> str:
    """Return a purpose or a basis without blanks around it. Raise ValueError where it says nothing, or has control characters."""
    if not text.strip() or any(ord(c) < 32 or ord(c) == 127 for c in text):  # noqa: PLR2004  ASCII
        raise ValueError("write a sentence, without control characters")
    return text.strip()


def stated(purpose: str | None, basis: str | None) -> Stated:
    """Return what the options of a command say. Raise UsageError where it is no sentence, or too long for the books of a server."""
    return Stated(_option(purpose, "--purpose"), _option(basis, "--basis"))


def _option(text: str | None, place: str) -> str | None:
    if text is None:
        return None
    from tidegate.ledger.tables_screening import (
        STATEMENT_CHARS,
    )  # brings a library along that a screening does without

    try:
        said = sentence(text)
    except ValueError as error:
        raise UsageError("this says nothing", place=place, hint=str(error)) from None
    if len(said) > STATEMENT_CHARS:
        raise UsageError(f"{len(said):,} characters", place=place, hint=f"at most {STATEMENT_CHARS:,}")
    return said
