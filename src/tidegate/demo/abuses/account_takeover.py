"""Account takeover: someone logs in from the other side of the world half an hour after the owner did.

Five wrong passwords, then the right one on an unknown device; name changed, contacts exported, a link to everybody.
Meant for the login rows: impossible travel, success after failures, changed device, profile change after login. The
labelled account is the victim's, whose honest traffic goes on.
"""

from __future__ import annotations

import numpy as np

from tidegate.demo.abuses.abuse import Abuse
from tidegate.demo.abuses.spree import begin
from tidegate.demo.day import Day
from tidegate.demo.honest.logins import login, places
from tidegate.demo.markets import MARKETS
from tidegate.demo.messages import Mail, links, received, sent
from tidegate.demo.population import STABLE
from tidegate.demo.rhythm import bursts
from tidegate.demo.strand import Codes, Column, Ids, Strand

# The twelve parameters that a login reports.
PARAMETERS = (
    "model",
    "board",
    "cpu",
    "ram",
    "screen",
    "density",
    "sensors",
    "gpu",
    "camera",
    "storage",
    "radio",
    "boot",
)
GUESSES = 5
OWNER_BEFORE_MS = 1_800_000
GUESS_EVERY_MS = 9_000
STOLEN_LINK = 20_000_000
GAP_MS = (1_500, 1_500)


def strands(day: Day, members: Codes) -> list[Strand]:
    """Return the takeovers of this day: every victim has its day, by its number."""
    rng = day.rng("account-takeover")
    population = day.population
    who = members[members % population.days == day.index]
    at = begin(day, rng, who)
    guesses = np.repeat(who, GUESSES)
    when = np.repeat(at, GUESSES) - np.tile(np.arange(GUESSES, 0, -1), len(who)) * GUESS_EVERY_MS
    exported: dict[str, Column] = {
        "account_id": population.ids(who),
        "count": np.diff(population.friend_offsets)[who],
    }
    return [
        login(day, who, at - OWNER_BEFORE_MS, {"device_params": _hardware(who, changed=0)}),
        login(day, guesses, when, _from_afar(day, guesses), ok=False),
        login(day, who, at, _from_afar(day, who), tls_version="1.2"),
        Strand("profile_changed", at + 90_000, {"account_id": population.ids(who)}, {"field": "name"}),
        Strand("contacts_exported", at + 150_000, exported),
        *_bait(day, rng, who, at + 240_000),
    ]


def farthest(market: int) -> int:
    """Return the market farthest from ``market``; the comparison of squared chords needs no trigonometry but these."""
    place = np.deg2rad(np.array([[each.latitude, each.longitude] for each in MARKETS]))
    point = np.stack(
        [
            np.cos(place[:, 0]) * np.cos(place[:, 1]),
            np.cos(place[:, 0]) * np.sin(place[:, 1]),
            np.sin(place[:, 0]),
        ]
    )
    return int(np.argmax(((point - point[:, [market]]) ** 2).sum(axis=0)))


def _from_afar(day: Day, who: Codes) -> dict[str, Column]:
    antipodes = np.array([farthest(market) for market in range(len(MARKETS))])
    away = antipodes[day.population.market[who]]
    return {
        **places(day, who, away),
        "device_id": Ids("d8-", who),
        "device_params": _hardware(who, changed=8),
        "ip": day.population.ips(3 * day.population.n - 1 - who % (day.population.n // 4)),
    }


def _hardware(who: Codes, *, changed: int) -> list[object]:
    """Return the hardware parameters of each account's device; on the thief's, the first ``changed`` differ."""
    return [
        {name: f"{number % 7 + (10 if place < changed else 0)}" for place, name in enumerate(PARAMETERS)}
        for number in who.tolist()
    ]


def _bait(day: Day, rng: np.random.Generator, who: Codes, at: Codes) -> list[Strand]:
    """Send one link to every friend of the account, and then to as many strangers."""
    population = day.population
    count = np.diff(population.friend_offsets)[who]
    ts, victim = bursts(rng, at, 2 * count, GAP_MS)
    sender = who[victim]
    turn = np.arange(len(ts)) - (np.cumsum(2 * count) - 2 * count)[victim]
    known = turn < count[victim]
    friend = population.friends[population.friend_offsets[sender] + turn % count[victim]]
    recipient = np.where(known, friend, population.stranger_to(rng, sender))
    mail = Mail(ts, sender, recipient, known, np.zeros(len(ts), dtype=np.bool_))
    mail = mail.where(population.present(recipient, ts))
    link = links(STOLEN_LINK + mail.sender)
    return [sent(day, mail, "link", {"link_hashes": link}), received(day, mail)]


ABUSE = Abuse("account-takeover", per_thousand=3, tiers=(STABLE,), strands=strands, lives_on=True)
