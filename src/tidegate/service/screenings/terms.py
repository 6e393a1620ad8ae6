"""What a screening is asked to do: which checks, which risks first, as of when, and how its list is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate.errors import UsageError

if TYPE_CHECKING:
    from tidegate.replay.input_file import Source
    from tidegate.screening.screen import Asked


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The terms, as they stand in the book. None: not given; `at_ms` None: the newest event, else the time of the upload."""

    dimensions: tuple[str, ...] = ()
    mode: str | None = None
    first: tuple[str, ...] = ()
    at_ms: int | None = None
    country: str | None = None
    columns: dict[str, str] = {}
    providers: bool = (
        False  # whether those that the operator names are asked what list and journal do not tell
    )
    answer_days: float | None = None  # how old an answer may be
    list_at_ms: int | None = None  # as of when the list is; None: of its upload

    def asked(self, rows_max: int, sources: tuple[Source, ...] = ()) -> Asked:
        """Return them as a screening takes them. Raise UsageError where they make no sense."""
        from tidegate.screening.evidence.freshness import answer_days_of
        from tidegate.screening.lists.headings import NAMES
        from tidegate.screening.lists.pool import Reading
        from tidegate.screening.lists.reading_options import country_of
        from tidegate.screening.modes import checks_of, goals_of
        from tidegate.screening.screen import Asked

        for fact in self.columns:
            if fact not in NAMES:
                listed = ", ".join(NAMES)
                raise UsageError(f"there is no fact `{fact}`", place="--column", hint=f"one of {listed}")
        reading = Reading(country_of(self.country), self.columns, rows_max=rows_max)
        return Asked(
            checks_of(self.mode, self.dimensions),
            goals_of(self.first),
            reading,
            sources,
            self.at_ms,
            mode=self.mode,
            answer_days=answer_days_of(self.answer_days),
            list_at_ms=self.list_at_ms,
        )
