"""Devices and addresses that accounts of the pool share with banned accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tidegate.screening.evidence.event_table import LOW, distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.screening.evidence.event_history import History
    from tidegate.screening.evidence.freshness import Freshness
    from tidegate.screening.evidence.ownership import Owners


def links_with_banned(
    owners: Owners, history: History, freshness: Freshness
) -> dict[str, NDArray[np.float64]]:
    """Return per account `device_links` and `ip_links`, each with the most it can be; NaN where nothing tells of banned accounts.

    An address that many share (carrier NAT, hotspot) is no link; one of which nobody says whether it is shared may be one.
    """
    banned = _banned(history)
    told = (
        len(banned) > 0
        or len(history.ban_links) > 0
        or any(len(table) for table in history.banned_on.values())
    )
    nothing = np.full(owners.size, np.nan)
    if not told and "no_ban_links" not in history.answers:
        return {}
    found: dict[str, NDArray[np.float64]] = {}
    shared = np.array([ip for ip, yes in history.shared_ips.items() if yes], np.int64)
    own = np.array([ip for ip, yes in history.shared_ips.items() if not yes], np.int64)
    answered = _answered(owners, history, shared)
    for name in ("device", "ip"):
        owner, place = _met(owners, history, name, banned)
        most = np.bincount(owner, minlength=owners.size).astype(np.float64)
        least = most
        if name == "ip":
            most = np.bincount(owner[~np.isin(place, shared)], minlength=owners.size).astype(np.float64)
            least = np.bincount(owner[np.isin(place, own)], minlength=owners.size).astype(np.float64)
        known = _seen(owners, history, name) & told
        extra = answered[name]
        found[f"{name}_links"] = np.where(known | (extra > 0), least + extra, nothing)
        found[f"{name}_links_most"] = np.where(known | (extra > 0), most + extra, nothing)
    _none_on_record(owners, history, found, freshness)
    return found


def _banned(history: History) -> NDArray[np.int64]:
    measures = history.measures
    banned = np.array(sorted(history.banned - {-1}), np.int64)
    if not len(measures):
        return banned
    lasting = (
        measures["ban"]
        & ~np.isin(measures["sanction"], list(history.ended | history.rulings.undone))
        & (measures["account"] >= 0)
    )
    return np.union1d(banned, measures["account"][lasting])


def _answered(owners: Owners, history: History, shared: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Return how many banned accounts the platform named, by what is shared with them."""
    links = history.ban_links
    if not len(links):
        return {name: np.zeros(owners.size) for name in ("device", "ip")}
    owner = owners.of_rows(links["account"], links["number"])
    counted = (owner >= 0) & ~(~links["by_device"] & np.isin(links["ip"], shared))
    found = {}
    for name, of_kind in (("device", links["by_device"]), ("ip", ~links["by_device"])):
        chosen = counted & of_kind
        pairs = distinct(owner[chosen] << 32 | (links["banned"][chosen] + 1))
        found[name] = np.bincount(pairs >> 32, minlength=owners.size).astype(np.float64)
    return found


def _met(
    owners: Owners, history: History, name: str, banned: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (account of the pool, device or address) where a banned account other than itself was seen too."""
    pairs = distinct(history.seen_on[name]["pair"])
    account, place = pairs >> 32, pairs & LOW
    of_banned = distinct(np.concatenate([pairs[np.isin(account, banned)], history.banned_on[name]["pair"]]))
    owner = owners.of_accounts(account)
    mine = owner >= 0
    size = int(max(place.max(initial=0), (of_banned & LOW).max(initial=0))) + 1
    others = np.bincount(of_banned & LOW, minlength=size)[place] - np.isin(pairs, of_banned)
    met = mine & (others > 0)
    return owner[met], place[met]


def _seen(owners: Owners, history: History, name: str) -> NDArray[np.bool_]:
    found = np.zeros(owners.size, np.bool_)
    owner = owners.of_accounts(history.seen_on[name]["pair"] >> 32)
    found[owner[owner >= 0]] = True
    return found


def _none_on_record(
    owners: Owners, history: History, found: dict[str, NDArray[np.float64]], freshness: Freshness
) -> None:
    """An answer that names no banned account (`null`) says that there are none, as long as it is not too old."""
    if "no_ban_links" not in history.answers:
        return
    answers = history.answers["no_ban_links"]
    owner = owners.of_rows(answers["account"], answers["number"])
    for name, values in found.items():
        chosen = owner[(owner >= 0) & ~freshness.expired(answers["ts"].astype(np.float64))]
        found[name][chosen] = np.where(np.isnan(values[chosen]), 0.0, values[chosen])
