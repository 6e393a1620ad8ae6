"""Report wave: an account that insults or cheats a few people a day, at a pace no counter of messages minds.

Only its recipients tell: many of them report it, from several countries, within two days. Meant for the rows on
distinct reporters, weighted reports and reporter countries.
"""

from __future__ import annotations

import numpy as np

from tidegate.demo.abuses.abuse import Abuse
from tidegate.demo.abuses.spree import begin, outcry, to_strangers
from tidegate.demo.complaint import reports
from tidegate.demo.day import Day
from tidegate.demo.messages import received, sent
from tidegate.demo.population import STABLE, YOUNG
from tidegate.demo.rhythm import HOUR_MS
from tidegate.demo.strand import Codes, Strand

GAP_MS = (240_000, 300_000)
WAVE_HOURS = 10  # from the first report to the last
REPORTERS = (9, 20)
CATEGORIES = ("harassment", "illegal", "spam")


def strands(day: Day, members: Codes) -> list[Strand]:
    """Return the day's unkind messages, and the wave of those whose day it is."""
    rng = day.rng("report-wave")
    start = begin(day, rng, members, hours=(0, 5))
    mail = to_strangers(day, rng, members, start, rng.integers(8, 16, len(members)), GAP_MS)
    breaks = members[members % max(1, day.population.days - 1) == day.index]
    return [
        sent(day, mail),
        received(day, mail),
        *outcry(day, rng, mail, report=0.0, block=0.2),
        _wave(day, rng, breaks),
    ]


def _wave(day: Day, rng: np.random.Generator, members: Codes) -> Strand:
    """Return the day on which the victims speak up: distinct accounts, most of them of long standing."""
    size = rng.integers(*REPORTERS, len(members))
    reported = np.repeat(members, size)
    reporter = day.population.stranger_to(rng, reported)
    _, first = np.unique(reported * day.population.n + reporter, return_index=True)
    ts = day.start_ms + 8 * HOUR_MS + rng.integers(0, WAVE_HOURS * HOUR_MS, len(reported))
    return reports(day, rng, ts[first], reported[first], reporter[first], CATEGORIES)


ABUSE = Abuse("report-wave", per_thousand=2, tiers=(YOUNG, STABLE), strands=strands)
