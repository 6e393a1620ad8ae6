"""Broadcast abuse: batches of dozens of strangers with nearly the same text, one after another.

Meant for the rows on batch size, on similar batches in a row, on strangers with the same content and on reports of a
broadcast.
"""

from __future__ import annotations

import numpy as np

from tidegate.demo.abuses.abuse import Abuse
from tidegate.demo.abuses.spree import begin
from tidegate.demo.broadcast import batches
from tidegate.demo.complaint import reports
from tidegate.demo.day import Day
from tidegate.demo.messages import fingerprints
from tidegate.demo.population import BUSINESS, YOUNG
from tidegate.demo.strand import Codes, Strand

BATCHES_A_DAY = 4
RECIPIENTS = (40, 90)
EVERY_MS = 1_500_000
REPORTED = 0.02


def strands(day: Day, members: Codes) -> list[Strand]:
    """Return the day's batches, their messages and the reports that name them."""
    rng = day.rng("broadcast-abuse")
    population = day.population
    sender = np.repeat(members, BATCHES_A_DAY)
    at = (
        np.repeat(begin(day, rng, members), BATCHES_A_DAY)
        + np.tile(np.arange(BATCHES_A_DAY), len(members)) * EVERY_MS
    )
    batch = np.repeat(np.arange(len(sender)), rng.integers(*RECIPIENTS, len(sender)))
    recipient = population.stranger_to(rng, sender[batch])
    there = population.present(recipient, at[batch])
    batch, recipient = batch[there], recipient[there]
    content = fingerprints(rng, len(sender), near=int(rng.integers(0, 1 << 63)), flips=3)
    made = batches(
        day, at=at, sender=sender, batch=batch, recipient=recipient, content=content, to_contacts=False
    )
    names = made[0].columns["batch_id"]
    assert isinstance(names, list), "every batch has a recipient, so every batch has its name"
    angry = np.flatnonzero(rng.random(len(batch)) < REPORTED)
    named: list[object] = [names[code] for code in batch[angry].tolist()]
    when = at[batch[angry]] + rng.integers(120_000, 5_400_000, len(angry))
    filed = reports(day, rng, when, sender[batch[angry]], recipient[angry], ("spam",), {"batch_id": named})
    return [*made, filed]


ABUSE = Abuse("broadcast-abuse", per_thousand=2, tiers=(YOUNG, BUSINESS), strands=strands)
