"""Sprees: an abuser at work on a day, writing to strangers; what most spam has in common."""

from __future__ import annotations

import numpy as np

from tidegate.demo.complaint import reports
from tidegate.demo.day import Day
from tidegate.demo.messages import Mail, cold_mail
from tidegate.demo.rhythm import HOUR_MS, bursts
from tidegate.demo.strand import Codes, Column, Strand

SETTLING_MS = 600_000  # nobody spams in the first ten minutes of an account


def begin(day: Day, rng: np.random.Generator, members: Codes, hours: tuple[float, float] = (1, 20)) -> Codes:
    """Draw one start per member between the given UTC hours of the day, but after the account was registered."""
    low, high = (round(hour * HOUR_MS) for hour in hours)
    drawn = day.start_ms + rng.integers(low, high, len(members))
    return np.maximum(drawn, day.population.registered_ms[members] + SETTLING_MS)


def to_strangers(
    day: Day, rng: np.random.Generator, members: Codes, starts: Codes, sizes: Codes, gap_ms: tuple[int, int]
) -> Mail:
    """Return ``sizes[i]`` messages of ``members[i]`` from ``starts[i]`` on, each to someone drawn anew.

    Starts after the end of the day are left out: the account is not there yet.
    """
    today = starts < day.end_ms
    ts, spree = bursts(rng, starts[today], sizes[today], gap_ms)
    sender = members[today][spree]
    recipient = day.population.stranger_to(rng, sender)
    there = day.population.present(recipient, ts)
    return cold_mail(ts, sender, recipient).where(there)


def outcry(
    day: Day,
    rng: np.random.Generator,
    mail: Mail,
    *,
    report: float,
    block: float,
    categories: tuple[str, ...] = ("spam",),
    columns: dict[str, Column] | None = None,
) -> list[Strand]:
    """Let recipients answer: each message is reported and blocked with these chances, within the hour.

    ``columns`` (arrays or lists, one value per message) become fields of the reports.
    """
    reported = np.flatnonzero(rng.random(len(mail.ts)) < report)
    blocked = np.flatnonzero(rng.random(len(mail.ts)) < block)
    further = {name: _at(column, reported) for name, column in (columns or {}).items()}
    blocks: dict[str, Column] = {
        "account_id": day.population.ids(mail.sender[blocked]),
        "blocker_id": day.population.ids(mail.recipient[blocked]),
    }
    return [
        reports(
            day,
            rng,
            _later(rng, mail.ts[reported]),
            mail.sender[reported],
            mail.recipient[reported],
            categories,
            further,
        ),
        Strand("user_blocked", _later(rng, mail.ts[blocked]), blocks),
    ]


def _later(rng: np.random.Generator, ts: Codes) -> Codes:
    delay = 20_000 + (rng.standard_exponential(len(ts)).clip(0, 5) * 700_000).astype(np.int64)
    result: Codes = ts + delay
    return result


def _at(column: Column, places: Codes) -> Column:
    if isinstance(column, list):
        return [column[place] for place in places.tolist()]
    assert isinstance(column, np.ndarray), "a further column of a report is an array or a list"
    taken: Column = column[places]
    return taken
