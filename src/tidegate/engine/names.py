"""Ids of everything that has a name: one id space per entity, one for plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.windows.interner import IdInterner

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS = ""  # the domain of plain words


class Names:
    """Interners by domain, one of them that of plain words. Names that a policy itself uses are pinned: never recycled."""

    def __init__(self) -> None:
        self.spaces: dict[str, IdInterner] = {}
        self.pinned: dict[str, set[int]] = {}

    def space(self, domain: str) -> IdInterner:
        """Return the interner of a domain."""
        found = self.spaces.get(domain)
        if found is None:
            found = self.spaces[domain] = IdInterner()
        return found

    def pin(self, domain: str, name: str) -> float:
        """Return the id of a name that must keep it for good."""
        number = self.space(domain).intern(name)
        self.pinned.setdefault(domain, set()).add(number)
        return float(number)

    def text(self, domain: str, number: float) -> str | None:
        """Return the name behind an id; None where the value is not known or none on record."""
        return self.spaces[domain].text(int(number)) if number >= 0 else None

    def state(self) -> dict[str, dict[str, object]]:
        """Return the whole state by domain."""
        return {domain: space.state() for domain, space in self.spaces.items()}

    def restore(self, state: Mapping[str, dict[str, object]]) -> None:
        """Load a state; names pinned meanwhile must be the same, which the caller ensures by the same policy."""
        for domain, saved in state.items():
            self.space(domain).restore(saved)

    def nbytes(self) -> int:
        """Return the bytes in use."""
        return sum(space.nbytes() for space in self.spaces.values())
