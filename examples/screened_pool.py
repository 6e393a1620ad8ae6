"""A labelled pool, screened as `tidegate screen` does: what was found of each account, beside the truth about it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from accuracy_figures import Confusion
from labelled_pool import DIMENSIONS
from real_accounts import AT_MS

from tidegate.replay.input_file import input_file
from tidegate.screening.lists.pool import Reading
from tidegate.screening.modes import checks_of, goals_of
from tidegate.screening.outputs.outcome import Outcome
from tidegate.screening.screen import Asked, screen

LEVELS = {
    "list": (),
    "list, events": ("events.ndjson", "measures.ndjson"),
    "list, events, answers": ("events.ndjson", "measures.ndjson", "answers.ndjson"),
}
CHECKS = {
    "stolen": ("screen.stolen-cross-region", "screen.stolen-unfamiliar-device"),
    "fake": ("screen.fake-composite",),
    "non_compliant": ("screen.historical-violation", "screen.associated-with-banned"),
    "invalid": ("screen.empty-account", "screen.unregistered"),
}


@dataclass(frozen=True)
class Judged:
    """An account: the truth by dimension, its groups, the verdict of each check, its tier."""

    id: str
    truth: dict[str, bool]
    groups: frozenset[str]
    checks: dict[str, str]
    tier: str

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong with it."""
        return not any(self.truth.values())

    def verdict(self, dimension: str) -> str:
        """Return true where a check of a dimension is, false where all are, else unknown."""
        found = {self.checks[check] for check in CHECKS[dimension]}
        return "true" if "true" in found else "false" if found == {"false"} else "unknown"


def screened(folder: Path, level: str, half: str) -> list[Judged]:
    """Screen the pool of a folder with the evidence of a level; return the accounts of one half."""
    sources = tuple(input_file(str(folder / name)) for name in LEVELS[level])
    asked = Asked(checks_of(None, ()), goals_of(()), Reading(), sources, AT_MS)
    found = screen(folder / "pool.csv", asked)
    if found.pool.faults or found.rejected_events:
        raise SystemExit(
            f"{folder}: the screening could not read {found.pool.faults or found.rejected_events}"
        )
    results = dict(zip(found.evidence.numbers, found.outcomes, strict=True))
    asked_for = [check.id for check in asked.checks]
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["half"] == half]
    return [_judged(row, results[row["number"]], asked_for) for row in rows]


def _judged(row: dict[str, str], result: Outcome, asked_for: list[str]) -> Judged:
    truth = {dimension: row[dimension] == "1" for dimension in DIMENSIONS}
    checks = {
        check: "true" if check in result.holds else "unknown" if check in result.unknown else "false"
        for check in asked_for
    }
    return Judged(
        row["account_id"], truth, frozenset(filter(None, row["groups"].split("; "))), checks, result.tier
    )


def confusion(accounts: list[Judged], dimension: str) -> Confusion:
    """Return the confusion of a dimension."""
    return Confusion.of((one.verdict(dimension), one.truth[dimension]) for one in accounts)
