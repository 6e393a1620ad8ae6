"""How an account may have been stolen, and what came of it: signs in events beside the login trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tidegate.screening.evidence.event_table import Table
from tidegate.screening.evidence.login_trail import TRAIL_MS
from tidegate.windows.interner import IdInterner

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tidegate.screening.evidence.event_history import EventRows, History, Spaces
    from tidegate.screening.evidence.ownership import Owners


class TheftSigns:
    """What events tell, gathered while files are read. Rows name account and number by id, -1 not named."""

    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces
        self._links = IdInterner()
        self._sessions = IdInterner()
        self.clicks = Table()  # account, ts, link
        self.malicious: set[int] = set()  # links
        self.codes = Table()  # number, ts, session, right
        self.failures = Table()  # account, number, ts; logins that were refused
        self.exports = Table()  # account, number, ts
        self.feedback = Table()  # account, number, ts; anomalies that somebody reported

    @property
    def takers(self) -> dict[str, Callable[[EventRows], None]]:
        """What takes events of which type."""
        return {
            "link_clicked": self._clicked, "link_profile": self._link, "verification_code_attempt": self._code,
            "contacts_exported": self._exported, "feedback_filed": self._reported,
        }  # fmt: skip

    def refused(self, rows: EventRows, refused: NDArray[np.bool_]) -> None:
        """Take logins that were refused."""
        if refused.any():
            self.failures.add(account=rows.account[refused], number=rows.number[refused], ts=rows.ts[refused])

    def _clicked(self, rows: EventRows) -> None:
        self.clicks.add(
            account=rows.fields.ids("recipient_id", self._spaces.account), ts=rows.ts,
            link=rows.fields.ids("link_hash", self._links),
        )  # fmt: skip

    def _link(self, rows: EventRows) -> None:
        links, bad = rows.fields.ids("link_hash", self._links), rows.fields.numbers("malicious") == 1
        self.malicious |= set(links[bad].tolist())

    def _code(self, rows: EventRows) -> None:
        self.codes.add(
            number=rows.number, ts=rows.ts, session=rows.fields.ids("session_id", self._sessions),
            right=rows.fields.numbers("correct"),
        )  # fmt: skip

    def _exported(self, rows: EventRows) -> None:
        self.exports.add(account=rows.account, number=rows.number, ts=rows.ts)

    def _reported(self, rows: EventRows) -> None:
        self.feedback.add(account=rows.account, number=rows.number, ts=rows.ts)


def theft_signs(owners: Owners, history: History, at_ms: int) -> dict[str, NDArray[np.float64]]:
    """Return counts in (t - 30 d, t] per account, and `reported_at`, when an anomaly of it was last reported (NaN: never).

    `malicious_clicks`, `codes_right_at_once`, `logins_after_failures`, `contact_exports`, `recent_measures`: what events do not tell
    is 0, as these only say more of accounts that are suspected for other reasons.
    """
    signs, since = history.theft, at_ms - TRAIL_MS
    clicks, measures = signs.clicks, history.measures
    bad = np.isin(clicks["link"], list(signs.malicious)) & (clicks["ts"] > since)
    exports = owners.of_rows(signs.exports["account"], signs.exports["number"])
    against = owners.of_rows(measures["account"], measures["number"])
    stands = ~np.isin(measures["sanction"], list(history.rulings.undone))
    recent = measures["counts"].astype(np.bool_) & stands & (measures["ts"] > since)
    codes = signs.codes
    right = _right_at_once(codes["session"], codes["ts"], codes["right"]) & (codes["ts"] > since)
    return {
        "malicious_clicks": _counted(owners, owners.of_accounts(clicks["account"])[bad]),
        "codes_right_at_once": _counted(
            owners, owners.of_rows(np.full(len(right), -1), codes["number"])[right]
        ),
        "logins_after_failures": _after_failures(owners, history, since),
        "contact_exports": _counted(owners, exports[signs.exports["ts"] > since]),
        "recent_measures": _counted(owners, against[recent]),
        "reported_at": _latest(owners, signs.feedback),
    }


def _counted(owners: Owners, owner: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.bincount(owner[owner >= 0], minlength=owners.size).astype(np.float64)


def _right_at_once(
    session: NDArray[np.int64], ts: NDArray[np.int64], right: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which codes were right as the first of their session."""
    order = np.lexsort((ts, session))
    first = np.zeros(len(session), np.bool_)
    in_order = session[order]
    first[order] = np.concatenate([[True], in_order[1:] != in_order[:-1]])[: len(session)]
    found: NDArray[np.bool_] = first & (session >= 0) & (right == 1)
    return found


def _after_failures(owners: Owners, history: History, since: int) -> NDArray[np.float64]:
    """Return the most refused logins in a row right before one that was not, per account."""
    refused, logins = history.theft.failures, history.logins
    done = logins["source"] == 0  # a login that events tell of; answers do not say which were refused
    owner = np.concatenate(
        [
            owners.of_rows(refused["account"], refused["number"]),
            owners.of_rows(logins["account"], logins["number"])[done],
        ]
    )
    ts = np.concatenate([refused["ts"], logins["ts"][done]])
    failed = np.concatenate([np.ones(len(refused), np.bool_), np.zeros(int(done.sum()), np.bool_)])
    order = np.lexsort((~failed, ts, owner))
    order = order[(owner[order] >= 0) & (ts[order] > since)]
    owner, failed = owner[order], failed[order]
    place = np.arange(len(owner))
    begins = np.concatenate([[True], (owner[1:] != owner[:-1]) | ~failed[:-1]])[: len(owner)]
    run = place - np.maximum.accumulate(np.where(begins, place, 0)) if len(owner) else place
    most = np.zeros(owners.size)
    ends = ~failed
    np.maximum.at(most, owner[ends], run[ends].astype(np.float64))
    return most


def _latest(owners: Owners, table: Table) -> NDArray[np.float64]:
    found = np.full(owners.size, np.nan)
    owner = owners.of_rows(table["account"], table["number"])
    mine = owner >= 0
    np.fmax.at(found, owner[mine], table["ts"][mine].astype(np.float64))
    return found
