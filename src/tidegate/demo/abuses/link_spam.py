"""Link spam: one link to more than fifty people within a day, which hardly anyone opens.

Meant for the rows on links: same link to more than 50 users, click rate below 5 %, share of link messages.
"""

from __future__ import annotations

from tidegate.demo.abuses.abuse import Abuse
from tidegate.demo.abuses.spree import begin, outcry, to_strangers
from tidegate.demo.day import Day
from tidegate.demo.messages import links, received, sent
from tidegate.demo.population import STABLE, YOUNG
from tidegate.demo.rhythm import HOUR_MS
from tidegate.demo.strand import Codes, Column, Strand

GAP_MS = (9_000, 14_000)
FIRST_LINK = 10_000_000  # far from the links that ordinary people share
OPENED = 0.02
LISTED_AFTER_MS = 6 * HOUR_MS  # a block list names the link of every other spammer by then


def strands(day: Day, members: Codes) -> list[Strand]:
    """Return the day's campaign of each spammer, with a link of its own."""
    rng = day.rng("link-spam")
    start = begin(day, rng, members, hours=(1, 16))
    mail = to_strangers(day, rng, members, start, rng.integers(75, 150, len(members)), GAP_MS)
    link = FIRST_LINK + mail.sender * 100 + day.index
    opened = rng.random(len(mail.ts)) < OPENED
    clicks: dict[str, Column] = {
        "link_hash": links(link[opened]).inner,
        "sender_id": day.population.ids(mail.sender[opened]),
        "recipient_id": day.population.ids(mail.recipient[opened]),
    }
    listed = members % 2 == 0
    named: dict[str, Column] = {"link_hash": links(FIRST_LINK + members[listed] * 100 + day.index).inner}
    return [
        sent(day, mail, "link", {"link_hashes": links(link)}, is_promotional=True),
        received(day, mail),
        Strand("link_clicked", mail.ts[opened] + 90_000, clicks),
        Strand("link_profile", start[listed] + LISTED_AFTER_MS, named, {"malicious": True}),
        *outcry(day, rng, mail, report=0.02, block=0.04, columns={"link_hash": links(link).inner.values()}),
    ]


ABUSE = Abuse("link-spam", per_thousand=3, tiers=(YOUNG, STABLE), strands=strands)
