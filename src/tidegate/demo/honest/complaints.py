"""The reports and blocks that ordinary people draw: few, scattered, and not always deserved."""

from __future__ import annotations

from tidegate.demo.complaint import reports
from tidegate.demo.day import Day
from tidegate.demo.honest.everyone import people, some_of
from tidegate.demo.rhythm import instants
from tidegate.demo.strand import Column, Strand

REPORTED = 0.0015  # share of accounts reported by someone on a day: quarrels, mistakes
BLOCKED = 0.004


def strands(day: Day) -> list[Strand]:
    """Return the day's scattered reports and blocks."""
    rng = day.rng("complaints")
    population = day.population
    who = some_of(rng, people(day), REPORTED)
    at = instants(rng, day.start_ms, population.offset_ms[who])
    blocked = some_of(rng, people(day), BLOCKED)
    when = instants(rng, day.start_ms, population.offset_ms[blocked])
    by = population.friend_of(rng, blocked)
    both = population.present(blocked, when) & population.present(by, when)
    columns: dict[str, Column] = {
        "account_id": population.ids(blocked[both]),
        "blocker_id": population.ids(by[both]),
    }
    here = population.present(who, at)
    return [
        reports(day, rng, at[here], who[here], population.friend_of(rng, who[here]), ("spam", "other")),
        Strand("user_blocked", when[both], columns),
    ]
