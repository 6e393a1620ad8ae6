"""What a check of a policy finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something about a policy, where, and what to do: a mistake, or `advice` that a policy may run without heeding."""

    place: str
    problem: str
    hint: str
    advice: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {'advice: ' if self.advice else ''}{self.problem}\n  hint: {self.hint}"
