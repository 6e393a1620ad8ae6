"""Sustained bot: a script that sends 14 to 16 messages a minute for a quarter of an hour, as even as a clock.

Meant for the rows of five consecutive minutes; it never reaches the 20 a minute that a plain burst limit looks for.
"""

from __future__ import annotations

import numpy as np

from tidegate.demo.abuses.abuse import Abuse
from tidegate.demo.abuses.spree import begin, outcry, to_strangers
from tidegate.demo.day import Day
from tidegate.demo.messages import Mail, received, sent
from tidegate.demo.population import STABLE, YOUNG
from tidegate.demo.strand import Codes, Strand

GAP_MS = (3_700, 250)
AUDIENCE = 30  # it writes to the same few dozen accounts again and again


def strands(day: Day, members: Codes) -> list[Strand]:
    """Return one long run per bot."""
    rng = day.rng("sustained-bot")
    drawn = to_strangers(
        day, rng, members, begin(day, rng, members), rng.integers(140, 280, len(members)), GAP_MS
    )
    place = np.arange(len(drawn.ts)) % AUDIENCE
    audience = (drawn.sender + 1 + place * 7) % day.population.n
    mail = Mail(drawn.ts, drawn.sender, audience, drawn.is_contact, drawn.is_reply)
    mail = mail.where(day.population.present(audience, mail.ts) & (audience != mail.sender))
    return [sent(day, mail), received(day, mail), *outcry(day, rng, mail, report=0.003, block=0.003)]


ABUSE = Abuse("sustained-bot", per_thousand=2, tiers=(YOUNG, STABLE), strands=strands)
