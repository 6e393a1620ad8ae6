"""Whose an event is: the account of the pool that an account or a number in an event belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.screening.evidence.event_history import History
    from tidegate.screening.lists.pool import Pool


@dataclass
class Owners:
    """The place in the pool by account and by number as the history has them, -1 not in the pool.

    A number belongs to the account that an event named last together with it, so what its former holder did is not
    laid at the door of today's. `known` says of which accounts of the pool the history knows the account.
    """

    size: int
    by_account: NDArray[np.int64]
    by_number: NDArray[np.int64]

    @classmethod
    def of(cls, pool: Pool, history: History) -> Owners:
        """Return who is who; an account is known by the upload, by events, or as its own number."""
        accounts, numbers = history.spaces.account, history.spaces.number
        members = pool.members
        number_of = np.array([numbers.get(e164) for e164 in members.numbers], np.int64)
        named = zip(members.numbers, members.column("account_id"), strict=True)
        account_of = np.array(
            [accounts.get(e164 if given is None else str(given)) for e164, given in named], np.int64
        )
        by_number = _inverse(number_of, len(numbers))
        held = history.holders
        order = np.argsort(held["ts"], kind="stable")
        latest = np.full(len(numbers), -1, np.int64)
        latest[held["number"][order]] = held["account"][order]
        open_ = (account_of < 0) & (number_of >= 0)
        account_of[open_] = latest[number_of[open_]]
        return cls(len(pool.members), _inverse(account_of, len(accounts)), by_number)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Of which accounts of the pool the history knows the account."""
        found = np.zeros(self.size, np.bool_)
        found[self.by_account[self.by_account >= 0]] = True
        return found

    def of_accounts(self, account: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the places in the pool of accounts, -1 where they are not in it."""
        if not len(self.by_account):
            return np.full(len(account), -1, np.int64)
        return np.where(account >= 0, self.by_account[np.maximum(account, 0)], -1)

    def of_rows(self, account: NDArray[np.int64], number: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return whose rows are: by the account they name, else by the number."""
        found = self.of_accounts(account)
        if not len(self.by_number):
            return found
        return np.where((account < 0) & (number >= 0), self.by_number[np.maximum(number, 0)], found)


def _inverse(ids: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    found = np.full(size, -1, np.int64)
    known = ids >= 0
    found[ids[known]] = np.flatnonzero(known)
    return found
