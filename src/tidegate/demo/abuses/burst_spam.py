"""Burst spam: dozens of messages to strangers within a minute, a few times a day.

Meant for the per-minute rows (more than 12 in 60 s, more than 20 a minute).
"""

from __future__ import annotations

import numpy as np

from tidegate.demo.abuses.abuse import Abuse
from tidegate.demo.abuses.spree import begin, outcry, to_strangers
from tidegate.demo.day import Day
from tidegate.demo.messages import fingerprints, received, sent
from tidegate.demo.population import STABLE, YOUNG
from tidegate.demo.strand import Codes, Strand

BURSTS_A_DAY = 2
GAP_MS = (900, 900)  # some 33 messages a minute


def strands(day: Day, members: Codes) -> list[Strand]:
    """Return the day's bursts and what their recipients do about them."""
    rng = day.rng("burst-spam")
    who = np.repeat(members, BURSTS_A_DAY)
    mail = to_strangers(day, rng, who, begin(day, rng, who), rng.integers(22, 45, len(who)), GAP_MS)
    text = fingerprints(rng, len(mail.ts), near=int(rng.integers(0, 1 << 63)), flips=2)
    return [
        sent(day, mail, "text", {"content_fp": text}, is_promotional=True),
        received(day, mail),
        *outcry(day, rng, mail, report=0.02, block=0.05),
    ]


ABUSE = Abuse("burst-spam", per_thousand=3, tiers=(YOUNG, STABLE), strands=strands)
