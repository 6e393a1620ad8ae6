"""Announcements: an honest account tells all its friends at once (a new number, a birthday, a funeral).

The grey zone of the demo: many people in a few minutes, yet no spam. A policy that restrains these is wrong.
"""

from __future__ import annotations

import numpy as np

from tidegate.demo.day import Day
from tidegate.demo.honest.everyone import people, some_of
from tidegate.demo.messages import Mail, received, sent
from tidegate.demo.rhythm import bursts, instants
from tidegate.demo.strand import Strand

ANNOUNCING = 0.003  # share of accounts on a day
GAP_MS = (9_000, 12_000)  # the text is pasted, the name typed: three a minute


def strands(day: Day) -> list[Strand]:
    """Return the day's announcements, one message to each friend."""
    rng = day.rng("announcements")
    population = day.population
    who = some_of(rng, people(day), ANNOUNCING)
    at = instants(rng, day.start_ms, population.offset_ms[who])
    here = population.present(who, at)
    who, at = who[here], at[here]
    friends = np.diff(population.friend_offsets)[who]
    ts, telling = bursts(rng, at, friends, GAP_MS)
    turn = np.arange(len(ts)) - (np.cumsum(friends) - friends)[telling]
    sender = who[telling]
    recipient = population.friends[population.friend_offsets[sender] + turn]
    there = population.present(recipient, ts) & ~np.isin(recipient, day.quiet)
    known = np.ones(len(ts), dtype=np.bool_)
    mail = Mail(ts, sender, recipient, known, ~known).where(there)
    return [sent(day, mail), received(day, mail)]
