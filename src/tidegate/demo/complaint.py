"""Reports as strands: filed by ordinary accounts, whose age and country the platform knows."""

from __future__ import annotations

import numpy as np

from tidegate.demo.day import Day
from tidegate.demo.markets import COUNTRIES
from tidegate.demo.rhythm import DAY_MS
from tidegate.demo.strand import Codes, Column, Constant, Picked, Strand

DELETED_AS_SPAM = (
    0.4  # share of reports that come from deleting a chat and marking it, not from the report button
)


def reports(
    day: Day,
    rng: np.random.Generator,
    ts: Codes,
    reported: Codes,
    reporter: Codes,
    categories: tuple[str, ...] = ("spam",),
    columns: dict[str, Column] | None = None,
    **constants: Constant,
) -> Strand:
    """Return report_filed events, entry by entry; accounts that are not there yet file nothing."""
    population = day.population
    there = population.present(reporter, ts)
    ts, reported, reporter = ts[there], reported[there], reporter[there]
    age_days = (ts - population.registered_ms[reporter]) // DAY_MS
    filled: dict[str, Column] = {
        "report_id": day.take("r-", len(ts)),
        "account_id": population.ids(reported),
        "reporter_id": population.ids(reporter),
        "category": Picked(categories, rng.integers(0, len(categories), len(ts))),
        "via": Picked(
            ("report_button", "delete_and_mark_spam"),
            (rng.random(len(ts)) < DELETED_AS_SPAM).astype(np.int64),
        ),
        "reporter_country": Picked(COUNTRIES, population.market[reporter]),
        "reporter_age_days": age_days,
        **{name: _kept(column, there) for name, column in (columns or {}).items()},
    }
    fixed: dict[str, Constant] = {
        "reporter_is_admin": False,
        "reporter_active": True,
        "group_id": None,
        "batch_id": None,
        "link_hash": None,
    }
    plain = {name: value for name, value in fixed.items() if name not in filled}
    return Strand("report_filed", ts, filled, plain | constants)


def _kept(column: Column, there: np.ndarray) -> Column:
    if isinstance(column, list):
        return [value for value, kept in zip(column, there.tolist(), strict=True) if kept]
    assert isinstance(column, np.ndarray), "a further column of a report is an array or a list"
    kept: Column = column[there]
    return kept
