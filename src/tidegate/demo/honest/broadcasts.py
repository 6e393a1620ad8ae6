"""Broadcasts of honest businesses: small batches of their own customers, a new text each time."""

from __future__ import annotations

import numpy as np

from tidegate.demo.broadcast import batches
from tidegate.demo.day import Day
from tidegate.demo.honest.everyone import people, some_of
from tidegate.demo.messages import fingerprints
from tidegate.demo.population import BUSINESS
from tidegate.demo.rhythm import OFFICE_HOURS, instants
from tidegate.demo.strand import Strand

SENDING = 0.5  # share of the businesses that broadcast on a day
LARGEST_BATCH = 14  # the published limit is 15 recipients


def strands(day: Day) -> list[Strand]:
    """Return the day's newsletters of honest businesses."""
    rng = day.rng("broadcasts")
    population = day.population
    businesses = people(day)[population.tier[people(day)] == BUSINESS]
    sender = some_of(rng, businesses, SENDING)
    at = instants(rng, day.start_ms, population.offset_ms[sender], OFFICE_HOURS)
    size = rng.integers(5, LARGEST_BATCH + 1, len(sender))
    customer = population.friend_of(rng, np.repeat(sender, size))
    known = population.present(customer, np.repeat(at, size)) & ~np.isin(customer, day.quiet)
    owner = np.repeat(np.arange(len(sender)), size)[known]
    return batches(
        day,
        at=at,
        sender=sender,
        batch=owner,
        recipient=customer[known],
        content=fingerprints(rng, len(sender)),
        to_contacts=True,
    )
