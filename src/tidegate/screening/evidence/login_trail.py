"""The login trail of 30 days: changes of region, and logins on devices that the account did not use before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tidegate.screening.evidence.event_table import in_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.screening.evidence.event_history import History
    from tidegate.screening.evidence.ownership import Owners

TRAIL_MS = 30 * 86_400_000  # screen.login-trail-30d


def login_trail(owners: Owners, history: History, at_ms: int) -> dict[str, NDArray[np.float64]]:
    """Return per account `region_changes` and `unfamiliar_logins` in (t - 30 d, t], each with the most it can be.

    NaN for accounts of which no login is on record. A login without a region, or on the first device on record, of which
    nobody says whether it was known, leaves open what it could have been.
    """
    logins = history.logins
    owner = owners.of_rows(logins["account"], logins["number"])
    mine = np.flatnonzero(owner >= 0)
    order = mine[in_order(logins["ts"][mine], owner[mine])]  # ties stay in the order of arrival
    owner, ts = owner[order], logins["ts"][order]
    within = ts > at_ms - TRAIL_MS
    if not len(owner):
        return {}
    regions = _changes(
        owners.size, owner[within], logins["region"][order][within], logins["source"][order][within]
    )
    devices = _unfamiliar(owners, history, order, owner, within)
    told = np.zeros(owners.size, np.bool_)
    told[owner] = True
    return {
        name: np.where(told, values, np.nan)
        for name, values in zip(
            ("region_changes", "region_changes_most", "unfamiliar_logins", "unfamiliar_logins_most"),
            (*regions, *devices),
            strict=True,
        )
    }


def _changes(
    size: int, owner: NDArray[np.int64], region: NDArray[np.int64], source: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return changes between consecutive logins whose regions are known, and the most there can be.

    Countries of addresses and regions as answered are not compared with each other. As both may tell of the same logins,
    the least is that of the one that shows more, the most that of both together.
    """
    known = region >= 0
    key, place = (owner * 2 + source)[known], region[known]
    order = np.argsort(key, kind="stable")
    key, place = key[order], place[order]
    changed = (key[1:] == key[:-1]) & (place[1:] != place[:-1])
    by_source = np.bincount(key[1:][changed], minlength=2 * size).reshape(size, 2).astype(np.float64)
    least, together = by_source.max(axis=1), by_source.sum(axis=1)
    missing = np.bincount(owner[~known], minlength=size)
    total = np.bincount(owner, minlength=size)
    return least, np.minimum(together + 2 * missing, np.maximum(total - 1, 0))


def _unfamiliar(
    owners: Owners,
    history: History,
    order: NDArray[np.int64],
    owner: NDArray[np.int64],
    within: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return logins on devices that were not familiar: as answered, else first on a device after others are on record.

    The least is that of events or of answers, whichever show more, the most that of both together, as for regions.
    """
    logins, familiar = history.logins, history.familiar
    device, known = logins["device"][order], logins["known"][order]
    familiar_owner = owners.of_accounts(familiar["account"])
    mine = familiar_owner >= 0
    vouched = known == 1  # a device that was known on one login was so on others from then on
    who = np.concatenate([familiar_owner[mine], owner[vouched], owner])
    what = np.concatenate([familiar["device"][mine], device[vouched], device])
    when = np.concatenate([familiar["ts"][mine], logins["ts"][order][vouched], logins["ts"][order]])
    login = np.concatenate([np.full(int(mine.sum() + vouched.sum()), -1), np.arange(len(owner))])
    told = what >= 0
    who, what, when, login = who[told], what[told], when[told], login[told]
    by_time = in_order(when, who)  # what is on record comes before logins of the same time, as it does here
    who, what, login = who[by_time], what[by_time], login[by_time]
    first_on_device = np.zeros(len(who), np.bool_)
    first_on_device[np.unique(who << 32 | what, return_index=True)[1]] = True
    first_of_all = np.ones(len(who), np.bool_)
    first_of_all[1:] = who[1:] != who[:-1]
    new = np.zeros(len(owner), np.bool_)
    open_ = device < 0
    is_login = login >= 0
    new[login[is_login]] = (first_on_device & ~first_of_all)[is_login]
    open_[login[is_login]] |= first_of_all[is_login]
    said = ~np.isnan(known) & ~np.isneginf(known)
    unfamiliar = np.where(said, known == 0, new)
    open_ &= ~said
    key = (owner * 2 + logins["source"][order])[unfamiliar & within]
    by_source = np.bincount(key, minlength=2 * owners.size).reshape(owners.size, 2).astype(np.float64)
    return by_source.max(axis=1), by_source.sum(axis=1) + np.bincount(
        owner[open_ & within], minlength=owners.size
    )
