"""Cold contact: a fresh account that writes to stranger after stranger, slowly enough for the per-minute limits.

Meant for the rows about strangers, first days and reports: more than five new contacts in ten minutes, more than 30
people outside the contacts of a new account, the report rate.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tidegate.demo.abuses.abuse import Abuse
from tidegate.demo.abuses.spree import begin, outcry, to_strangers
from tidegate.demo.day import Day
from tidegate.demo.honest.registrations import CREATED_MS, enrolment
from tidegate.demo.messages import fingerprints, received, sent
from tidegate.demo.population import ARRIVING, NEW, Population
from tidegate.demo.rhythm import DAY_MS
from tidegate.demo.strand import Codes, Column, Strand

GAP_MS = (14_000, 16_000)  # two messages a minute


def prepare(rng: np.random.Generator, population: Population, members: Codes) -> Population:
    """Let those who arrive during the week do so in its first third, so that they have time to be a nuisance."""
    registered_ms = population.registered_ms.copy()
    arriving = members[population.tier[members] == ARRIVING]
    after = rng.integers(600_000, population.days * DAY_MS // 3, len(arriving))
    registered_ms[arriving] = population.start_ms + after
    return replace(population, registered_ms=registered_ms)


def strands(day: Day, members: Codes) -> list[Strand]:
    """Return the registrations of those who arrive on this day, and one round of strangers for each."""
    rng = day.rng("cold-contact")
    population = day.population
    begins = population.registered_ms[members] - CREATED_MS
    arriving = (begins >= day.start_ms) & (begins < day.end_ms)
    mail = to_strangers(
        day, rng, members, begin(day, rng, members), rng.integers(45, 90, len(members)), GAP_MS
    )
    text = fingerprints(rng, len(mail.ts), near=int(rng.integers(0, 1 << 63)), flips=3)
    added: dict[str, Column] = {
        "account_id": population.ids(mail.sender),
        "contact_id": population.ids(mail.recipient),
    }
    return [
        *enrolment(day, members[arriving], begins[arriving], rng),
        Strand("contact_added", mail.ts - 5_000, added, {"is_known": False}),
        sent(day, mail, "text", {"content_fp": text}),
        received(day, mail),
        *outcry(day, rng, mail, report=0.05, block=0.10),
    ]


ABUSE = Abuse("cold-contact", per_thousand=4, tiers=(NEW, ARRIVING), strands=strands, prepare=prepare)
