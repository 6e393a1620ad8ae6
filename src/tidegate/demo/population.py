"""Who lives on the made-up platform: accounts as columns, their places, devices and friends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tidegate.demo.markets import MARKETS
from tidegate.demo.rhythm import DAY_MS
from tidegate.demo.strand import Codes, Ids, Picked

NEW, YOUNG, STABLE, BUSINESS, ARRIVING = range(5)

# Shares of the population by tier; the order is that of the names above. Arriving accounts register during the demo.
TIER_SHARES = (0.05, 0.20, 0.66, 0.03, 0.06)
# Conversations an account starts a day, by tier: the new ones are careful, the businesses answer more than they ask.
STARTS_PER_DAY = np.array([0.6, 1.0, 1.25, 2.0, 0.6])
# Age at the start in days, by tier: [low, high). Arriving accounts have none.
AGE_DAYS = ((1, 7), (8, 90), (92, 2600), (120, 1500), (0, 0))
FRIENDS_PER_ACCOUNT = 7
NEIGHBOURHOOD = 40  # friends are mostly among the 40 accounts registered next to one in the same market
PER_HOUSEHOLD = 2  # accounts behind one home address
BEHIND_NAT = 0.8  # share of accounts whose mobile address is shared
WITH_SECOND_DEVICE = 0.15
FAR_FRIENDS = 0.125  # share of friendships that reach across the platform
PER_CARRIER_NAT = (
    12  # accounts behind one shared mobile address: below the 30 senders an hour that open a check
)


@dataclass(frozen=True)
class Population:
    """``n`` accounts, numbered 0..n-1; every array has one entry per account unless it says otherwise."""

    start_ms: int
    days: int
    market: Codes  # index into MARKETS
    offset_ms: Codes  # local time minus UTC on the first day
    tier: Codes  # NEW .. ARRIVING
    registered_ms: Codes
    starts_per_day: NDArray[np.float64]  # conversations begun
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    home_ip: Codes
    mobile_ip: Codes
    second_device: NDArray[np.bool_]
    friend_offsets: Codes  # n + 1: friends of i are friends[friend_offsets[i]:friend_offsets[i + 1]]
    friends: Codes

    @property
    def n(self) -> int:
        """Number of accounts."""
        return len(self.market)

    def present(self, accounts: Codes, at_ms: Codes) -> NDArray[np.bool_]:
        """Tell, pairwise, whether the account had been registered for five minutes at that time."""
        settled_ms = 300_000
        return np.asarray(self.registered_ms[accounts] + settled_ms <= at_ms)

    def friend_of(self, rng: np.random.Generator, accounts: Codes) -> Codes:
        """Draw one friend for each account, the first of its list somewhat more often than the last."""
        first = self.friend_offsets[accounts]
        count = self.friend_offsets[accounts + 1] - first
        leaning = rng.random(len(accounts)) ** 1.5
        result: Codes = self.friends[first + (leaning * count).astype(np.int64)]
        return result

    def stranger_to(self, rng: np.random.Generator, accounts: Codes) -> Codes:
        """Draw one account for each, anywhere on the platform; never itself, and rarely a friend."""
        result: Codes = (accounts + rng.integers(1, self.n, len(accounts))) % self.n
        return result

    def ids(self, accounts: Codes) -> Ids:
        """Column of account ids."""
        return Ids("a", accounts)

    def device_ids(self, accounts: Codes, *, second: bool = False) -> Ids:
        """Column of the ids of the accounts' first, or ``second``, devices."""
        return Ids("d2-" if second else "d1-", accounts)

    def ips(self, codes: Codes) -> Picked:
        """Column of addresses; see ``addresses`` for the codes."""
        return Picked(self.addresses, codes)

    @cached_property
    def addresses(self) -> list[str]:
        """Address by code: homes are 0..n-1, mobile ones n..2n-1, those of abusers' hosts 2n..3n-1."""
        return [_address(code) for code in range(3 * self.n)]

    def numbers(self, accounts: Codes) -> Picked:
        """Column of phone numbers, invented: dialling prefix, 55, account number."""
        unique, place = np.unique(accounts, return_inverse=True)
        numbers = [
            f"{MARKETS[market].prefix}55{account:07d}"
            for account, market in zip(unique.tolist(), self.market[unique].tolist(), strict=True)
        ]
        return Picked(numbers, place)


def settle(rng: np.random.Generator, accounts: int, days: int, start_ms: int) -> Population:
    """Make a population of ``accounts`` at ``start_ms``, of whom some arrive during the ``days`` that follow."""
    shares = np.array([market.share for market in MARKETS], dtype=np.float64)
    market = np.sort(_pick(rng, shares, accounts))
    tier = _pick(rng, np.array(TIER_SHARES), accounts)
    friend_offsets, friends = _befriend(rng, market)
    spread = rng.standard_normal((2, accounts)).clip(-3, 3) * 0.25  # degrees: some 30 km around the city
    activity = 0.3 + 0.7 * rng.standard_exponential(accounts).clip(0, 4)
    on_nat = rng.random(accounts) < BEHIND_NAT
    return Population(
        start_ms=start_ms,
        days=days,
        market=market,
        offset_ms=_offsets_ms(start_ms)[market],
        tier=tier,
        registered_ms=_registrations(rng, tier, days, start_ms),
        starts_per_day=STARTS_PER_DAY[tier] * activity,
        latitude=np.round(np.array([m.latitude for m in MARKETS])[market] + spread[0], 3),
        longitude=np.round(np.array([m.longitude for m in MARKETS])[market] + spread[1], 3),
        home_ip=np.arange(accounts) // PER_HOUSEHOLD,
        mobile_ip=accounts
        + np.where(on_nat, np.arange(accounts) // PER_CARRIER_NAT * PER_CARRIER_NAT, np.arange(accounts)),
        second_device=rng.random(accounts) < WITH_SECOND_DEVICE,
        friend_offsets=friend_offsets,
        friends=friends,
    )


def _address(code: int) -> str:
    if code < 1 << 24:
        return f"10.{code >> 16}.{code >> 8 & 255}.{code & 255}"
    return f"fd00::{code >> 16:x}:{code & 0xFFFF:x}"


def _pick(rng: np.random.Generator, weights: NDArray[np.float64], count: int) -> Codes:
    edges = np.cumsum(weights)
    drawn: Codes = np.searchsorted(edges, rng.random(count) * edges[-1], side="right").astype(np.int64)
    return drawn


def _offsets_ms(start_ms: int) -> Codes:
    noon = datetime.fromtimestamp(start_ms / 1000, tz=UTC).replace(hour=12)
    offsets = [noon.astimezone(ZoneInfo(market.zone)).utcoffset() for market in MARKETS]
    return np.array([0 if offset is None else round(offset.total_seconds() * 1000) for offset in offsets])


def _registrations(rng: np.random.Generator, tier: Codes, days: int, start_ms: int) -> Codes:
    low, high = (np.array(bound, dtype=np.float64)[tier] for bound in zip(*AGE_DAYS, strict=True))
    age_ms = ((low + rng.random(len(tier)) * (high - low)) * DAY_MS).astype(np.int64)
    arrival_ms = (rng.random(len(tier)) * (days * DAY_MS * 0.9)).astype(np.int64) + 600_000
    return np.where(tier == ARRIVING, start_ms + arrival_ms, start_ms - age_ms)


def _befriend(rng: np.random.Generator, market: Codes) -> tuple[Codes, Codes]:
    """Link accounts mostly within the market (the array is sorted by it), one in eight anywhere; both ways."""
    accounts = len(market)
    links = accounts * FRIENDS_PER_ACCOUNT // 2
    one = np.concatenate((np.arange(accounts), rng.integers(0, accounts, links)))
    step = rng.integers(1, min(NEIGHBOURHOOD, accounts - 1) + 1, len(one))
    far = rng.random(len(one)) < FAR_FRIENDS
    step[far] = rng.integers(1, accounts, int(far.sum()))
    other = (one + step) % accounts
    pairs = np.unique(np.concatenate((one * accounts + other, other * accounts + one)))
    owners, friends = pairs // accounts, pairs % accounts
    offsets = np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=accounts))))
    mixed = np.lexsort((rng.random(len(friends)), owners))
    return offsets.astype(np.int64), friends[mixed].astype(np.int64)
