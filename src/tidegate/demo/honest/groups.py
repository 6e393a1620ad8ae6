"""Groups: who is in them, what is said there, who comes and goes."""

from __future__ import annotations

import numpy as np

from tidegate.demo.day import Day, chance
from tidegate.demo.honest.everyone import people, some_of
from tidegate.demo.population import Population
from tidegate.demo.rhythm import bursts, instants
from tidegate.demo.strand import Codes, Column, Constant, Ids, Picked, Strand

ACCOUNTS_PER_GROUP = 12
LARGE = 0.03  # share of groups that count several hundred members, most of them on no list here
TALKS_PER_DAY = 1.5
MESSAGES_PER_TALK = 5.0
GAP_MS = (6_000, 40_000)
JOINS = 0.02  # share of accounts that join a group on a day; one a day at most
REGRETS = 0.05  # of the joins that are undone within hours
CREATED = 0.004  # share of accounts that open a group on a day


def strands(day: Day) -> list[Strand]:
    """Return talk, joins and new groups; on the first day also what is known of every group."""
    rng = day.rng("groups")
    population = day.population
    home, size = rooms(day.seed, population)
    made = [_talk(day, rng, home), *_joins(day, rng, size), _founding(day, rng, len(home))]
    if day.index == 0:
        every = np.arange(len(home))
        start = np.full(len(home), day.start_ms)
        made.append(Strand("group_profile", start, {"group_id": Ids("g", every, 5), "size": size}))
    return made


def rooms(seed: int, population: Population) -> tuple[Codes, Codes]:
    """Return, per group, the account around which its members live, and its size."""
    rng = chance(seed, "rooms")
    count = max(3, population.n // ACCOUNTS_PER_GROUP)
    size = 4 + (rng.standard_exponential(count).clip(0, 5) * 14).astype(np.int64)
    size = np.where(rng.random(count) < LARGE, size + rng.integers(500, 900, count), size)
    return rng.integers(0, population.n, count), size


def _talk(day: Day, rng: np.random.Generator, home: Codes) -> Strand:
    population = day.population
    talks = np.repeat(np.arange(len(home)), rng.poisson(TALKS_PER_DAY, len(home)))
    at = instants(rng, day.start_ms, population.offset_ms[home[talks]])
    ts, talk = bursts(rng, at, rng.geometric(1 / MESSAGES_PER_TALK, len(talks)), GAP_MS)
    group = talks[talk]
    speaker = (home[group] + rng.integers(0, 15, len(ts))) % population.n
    awake = population.present(speaker, ts) & ~np.isin(speaker, day.quiet)
    ts, group, speaker = ts[awake], group[awake], speaker[awake]
    columns: dict[str, Column] = {
        "message_id": day.take("m-", len(ts)),
        "account_id": population.ids(speaker),
        "group_id": Ids("g", group, 5),
        "ip": population.ips(population.home_ip[speaker]),
        "link_hashes": [[] for _ in range(len(ts))],
    }
    fixed: dict[str, Constant] = {
        "message_type": "text",
        "is_forward": False,
        "is_broadcast": False,
        "via_business_api": False,
        "network_type": "wifi",
    }
    return Strand("message_sent", ts, columns, fixed)


def _joins(day: Day, rng: np.random.Generator, size: Codes) -> list[Strand]:
    who = some_of(rng, people(day), JOINS)
    at = instants(rng, day.start_ms, day.population.offset_ms[who])
    here = day.population.present(who, at)
    who, at = who[here], at[here]
    group = rng.integers(0, len(size), len(who))
    joined: dict[str, Column] = {
        "account_id": day.population.ids(who),
        "group_id": Ids("g", group, 5),
        "group_size": size[group],
        "method": Picked(("invite", "link", "added_by_other"), rng.integers(0, 3, len(who))),
    }
    regrets = rng.random(len(who)) < REGRETS
    left: dict[str, Column] = {
        "account_id": day.population.ids(who[regrets]),
        "group_id": Ids("g", group[regrets], 5),
    }
    return [Strand("group_joined", at, joined), Strand("group_left", at[regrets] + 7_200_000, left)]


def _founding(day: Day, rng: np.random.Generator, groups: int) -> Strand:
    who = some_of(rng, people(day), CREATED)
    at = instants(rng, day.start_ms, day.population.offset_ms[who])
    here = day.population.present(who, at)
    fresh = groups + day.take("g", int(here.sum())).codes
    return Strand(
        "group_created", at[here], {"account_id": Ids("a", who[here]), "group_id": Ids("g", fresh, 5)}
    )
