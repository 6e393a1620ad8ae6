"""What events tell of accounts, gathered in columns while files are read; nothing is kept of an event but what screening asks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tidegate.events import TYPE_CODES
from tidegate.screening.evidence.event_fields import NULL, Fields, interned
from tidegate.screening.evidence.event_table import Table, distinct
from tidegate.screening.evidence.rulings import Rulings
from tidegate.screening.theft_signs import TheftSigns
from tidegate.windows.interner import IdInterner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from tidegate.events import EventBlock
    from tidegate.screening.evidence.live_measures import Taken

BAN_KINDS = (
    "sanction.permanent-ban-account", "sanction.permanent-ban-device-number", "sanction.associated-ban",
    "sanction.main-account-permanent-suspension",
)  # fmt: skip
# measures for these causes protect the holder or the door; they say nothing of spam or of content
PROTECTIVE = ("login", "reg", "verify", "device", "client", "appeal", "score", "num")
BANNED_LABELS = ("banned", "permanently-banned")
_ANSWERS = {
    "lookup.registration": ("is_registered", "registered_at", "is_suspended", "is_reachable"),
    "lookup.profile": ("has_avatar", "has_signature"),
    "lookup.interactions": ("last_interaction", "interactions_90d"),
    "lookup.violations": ("incident_count",),
    "account_profile": ("registered_at",),
}
NUMBER_TYPES = ("mobile", "mvno", "virtual", "fixed")
_NUMBER_TYPE = {name: float(place) for place, name in enumerate(NUMBER_TYPES)}
SILENT_MS = 90 * 86_400_000  # screen.fake-no-interaction-90d


@dataclass
class Spaces:
    """Dense ids of everything that events name."""

    account: IdInterner = field(default_factory=IdInterner)
    number: IdInterner = field(default_factory=IdInterner)
    device: IdInterner = field(default_factory=IdInterner)
    ip: IdInterner = field(default_factory=IdInterner)
    region: IdInterner = field(default_factory=IdInterner)
    sanction: IdInterner = field(default_factory=IdInterner)
    violation: IdInterner = field(default_factory=IdInterner)


class History:
    """What files of events tell; `until_ms` leaves out what came later. Rows name account and number by id, -1 not named."""

    def __init__(self, until_ms: int | None = None) -> None:
        self.until_ms = until_ms
        self.spaces = Spaces()
        self.events = 0
        self.newest_ms: int | None = None
        self.oldest_ms: int | None = None
        self.answers: dict[str, Table] = defaultdict(Table)  # by fact: account, number, ts, value
        self.holders = Table()  # account, number, ts
        self.logins = Table()  # account, number, ts, region, device, known, source
        self.familiar = Table()  # account, device, ts
        self.exchanged = False  # whether events tell of exchanges at all
        self.exchanges = Table()  # account, ts; of those that can lie within 90 days before the screening
        self.measures = Table()  # account, number, ts, sanction, ban, counts
        self.violations = Table()  # account, number, kind
        self.rulings = Rulings()  # what people ruled of measures
        self.ended: set[int] = set()  # sanctions that were lifted, for whatever reason
        self.banned: set[int] = set()  # accounts, by the labels of their profiles
        self.ban_links = Table()  # account, number, by_device, ip, banned
        self.banned_on = {"device": Table(), "ip": Table()}  # pair: account << 32 | device or address
        self.seen_on = {"device": Table(), "ip": Table()}  # the same
        self.shared_ips: dict[int, bool] = {}
        self.campaign: tuple[int, float] | None = None  # when the newest one was told of, and what it cost
        self.theft = TheftSigns(self.spaces)
        self._takers: dict[int, Callable[[EventRows], None]] = {
            TYPE_CODES[name]: taker
            for name, taker in {
                "account_registered": self._registered, "account_profile": self._profile, "login_attempt": self._login,
                "lookup.login_history": self._login_answer, "message_sent": self._message, "call_started": self._call,
                "message_received": self._received, "sanction_applied": self._applied, "sanction_lifted": self._lifted,
                "appeal_filed": self._filed, "appeal_decided": self._decided,
                "device_profile": self._device_profile, "ip_profile": self._ip_profile, "lookup.ban_links": self._ban_link,
                "lookup.registration": self._answer, "lookup.profile": self._answer, "lookup.interactions": self._answer,
                "lookup.violations": self._answer, "campaign": self._campaign, **self.theft.takers,
            }.items()
        }  # fmt: skip

    def take(self, block: EventBlock, beside: Executor | None = None) -> None:
        """Take what a block of events tells; `beside` has a thread to spare, None where there is none."""
        if self.until_ms is not None and not (block.ts <= self.until_ms).all():
            block = block.select(np.flatnonzero(block.ts <= self.until_ms))
        if not len(block):
            return
        self.events += len(block)
        self.newest_ms = max(int(block.ts.max()), self.newest_ms or 0)
        oldest = int(block.ts.min())
        self.oldest_ms = oldest if self.oldest_ms is None else min(oldest, self.oldest_ms)
        others = beside.submit(self._others, block) if beside is not None else None
        account = interned(block.texts("account_id"), self.spaces.account)
        number, device, ip = self._others(block) if others is None else others.result()
        both = (account >= 0) & (number >= 0)
        if both.any():
            self.holders.add(account=account[both], number=number[both], ts=block.ts[both])
        for name, place in (("device", device), ("ip", ip)):
            pairs = distinct((account << 32 | place)[(account >= 0) & (place >= 0)])
            if len(pairs):
                self.seen_on[name].add(pair=pairs)
        for code, at in block.positions_by_type().items():
            if (taker := self._takers.get(code)) is not None:
                taker(
                    EventRows(
                        Fields(block, code, at), block.ts[at], account[at], number[at], device[at], ip[at]
                    )
                )

    def _others(self, block: EventBlock) -> tuple[NDArray[np.int64], ...]:
        """Return the numbers, devices and addresses that events name, by their ids."""
        spaces = self.spaces
        return (
            interned(block.texts("number"), spaces.number),
            interned(block.texts("device_id"), spaces.device),
            interned(block.texts("ip"), spaces.ip),
        )

    def take_measures(self, taken: Iterable[Taken]) -> None:
        """Take measures that a live system took itself."""
        for one in taken:
            if self.until_ms is not None and one.ts_ms > self.until_ms:
                continue
            sanction = self.spaces.sanction.intern(one.sanction_id)
            whose = (self.spaces.account.intern(one.account), -1)
            self.rulings.caused(sanction, whose, one.cause, counts=_counts(one.cause))
            self.measures.add(
                account=np.array([whose[0]], np.int64),
                number=np.full(1, -1, np.int64), ts=np.array([one.ts_ms], np.int64),
                sanction=np.array([sanction], np.int64),
                ban=np.array([one.kind in BAN_KINDS]), counts=np.array([_counts(one.cause)]),
            )  # fmt: skip

    # by type --------------------------------------------------------------------------------------------------
    def _answer(self, rows: EventRows) -> None:
        kind = next(name for name, code in TYPE_CODES.items() if code == rows.fields.code)
        for fact in _ANSWERS[kind]:
            self._say(fact, rows, rows.fields.numbers(fact))
        if kind == "lookup.violations":
            of, kinds = rows.fields.members("types", self.spaces.violation)
            self.violations.add(account=rows.account[of], number=rows.number[of], kind=kinds)
        if kind == "lookup.registration":
            types = [_NUMBER_TYPE.get(word, np.nan) for word in rows.fields.words("number_type")]
            self._say("number_type", rows, np.array(types, np.float64))

    def _say(self, fact: str, rows: EventRows, values: NDArray[np.float64]) -> None:
        known = ~np.isnan(values)
        if known.any():
            self.answers[fact].add(
                account=rows.account[known],
                number=rows.number[known],
                ts=rows.ts[known],
                value=values[known],
            )

    def _registered(self, rows: EventRows) -> None:
        self._say("event_registered_at", rows, rows.ts.astype(np.float64))
        told = rows.device >= 0
        self.familiar.add(account=rows.account[told], device=rows.device[told], ts=rows.ts[told])

    def _profile(self, rows: EventRows) -> None:
        self._say("registered_at", rows, rows.fields.numbers("registered_at"))
        of, device = rows.fields.members("known_devices", self.spaces.device)
        if len(of):
            self.familiar.add(account=rows.account[of], device=device, ts=rows.ts[of])
        for i, labels in rows.fields.objects("labels"):
            if labels and any(label in labels for label in BANNED_LABELS):
                self.banned.add(int(rows.account[i]))
        on_record = np.full(len(rows.ts), np.nan)
        for i, sanctions in rows.fields.objects("sanctions"):
            on_record[i] = sum(_counts(s.get("cause")) for s in sanctions or () if isinstance(s, dict))
        self._say("incident_count", rows, on_record)

    def _login(self, rows: EventRows) -> None:
        done = rows.fields.numbers("ok") != 0
        self.theft.refused(rows, ~done)
        region = rows.fields.ids("ip_country", self.spaces.region)
        self._add_logins(rows, done, region, np.full(len(rows.ts), np.nan), source=0)

    def _login_answer(self, rows: EventRows) -> None:
        region = rows.fields.ids("region", self.spaces.region)
        done = np.ones(len(rows.ts), np.bool_)
        self._add_logins(rows, done, region, rows.fields.numbers("known_device"), source=1)

    def _add_logins(
        self,
        rows: EventRows,
        done: NDArray[np.bool_],
        region: NDArray[np.int64],
        known: NDArray[np.float64],
        source: int,
    ) -> None:
        self.logins.add(
            account=rows.account[done], number=rows.number[done], ts=rows.ts[done], region=region[done],
            device=rows.device[done], known=known[done], source=np.full(int(done.sum()), source),
        )  # fmt: skip

    def _message(self, rows: EventRows) -> None:
        self._exchange(rows, rows.fields.ids("recipient_id", self.spaces.account))

    def _call(self, rows: EventRows) -> None:
        self._exchange(rows, rows.fields.ids("callee_id", self.spaces.account))

    def _received(self, rows: EventRows) -> None:
        self._exchange(rows)

    def _exchange(self, rows: EventRows, *others: NDArray[np.int64]) -> None:
        self.exchanged = True
        ts = rows.ts
        recent = slice(None) if self.until_ms is None else ts >= self.until_ms - SILENT_MS
        for account in (rows.account, *others):
            self.exchanges.add(account=account[recent].astype(np.int32), ts=ts[recent])

    def _applied(self, rows: EventRows) -> None:
        kinds, causes = rows.fields.words("kind"), rows.fields.words("cause")
        sanctions, counts = self._sanctions(rows), [_counts(cause) for cause in causes]
        self.measures.add(
            account=rows.account, number=rows.number, ts=rows.ts, sanction=sanctions,
            ban=np.array([kind in BAN_KINDS for kind in kinds], np.bool_), counts=np.array(counts, np.bool_),
        )  # fmt: skip
        against = zip(rows.account.tolist(), rows.number.tolist(), strict=True)
        for sanction, whose, cause, is_incident in zip(
            sanctions.tolist(), against, causes, counts, strict=True
        ):
            self.rulings.caused(sanction, whose, cause, counts=is_incident)
        self.rulings.confirmed(rows, sanctions.tolist())

    def _lifted(self, rows: EventRows) -> None:
        sanctions = self._sanctions(rows).tolist()
        self.ended.update(sanctions)
        self.rulings.lifted(rows, sanctions)

    def _filed(self, rows: EventRows) -> None:
        self.rulings.filed(rows, self._sanctions(rows).tolist())

    def _decided(self, rows: EventRows) -> None:
        self.rulings.decided(rows)

    def _sanctions(self, rows: EventRows) -> NDArray[np.int64]:
        return rows.fields.ids("sanction_id", self.spaces.sanction)

    def _ban_link(self, rows: EventRows) -> None:
        via, named = rows.fields.words("via"), rows.fields.words("banned_id")
        banned = rows.fields.ids("banned_id", self.spaces.account)
        none = np.array([whom is None for whom in named], np.bool_)
        self._say("no_ban_links", rows, np.where(none, 1.0, np.nan))  # known: there is none
        some = ~none
        if some.any():
            self.ban_links.add(
                account=rows.account[some], number=rows.number[some], ip=rows.ip[some], banned=banned[some],
                by_device=np.array([how == "device" for how in via], np.bool_)[some],
            )  # fmt: skip

    def _campaign(self, rows: EventRows) -> None:
        for ts, cost in zip(rows.ts.tolist(), rows.fields.numbers("cost").tolist(), strict=True):
            if cost > 0 and (self.campaign is None or ts >= self.campaign[0]):
                self.campaign = (ts, cost)

    def _device_profile(self, rows: EventRows) -> None:
        self._place("device", rows.device, rows)

    def _ip_profile(self, rows: EventRows) -> None:
        self._place("ip", rows.ip, rows)
        shared = rows.fields.numbers("is_shared")
        told = np.flatnonzero(np.isfinite(shared) & (rows.ip >= 0))
        self.shared_ips.update(zip(rows.ip[told].tolist(), (shared[told] == 1).tolist(), strict=True))

    def _place(self, name: str, places: NDArray[np.int64], rows: EventRows) -> None:
        of, banned = rows.fields.members("banned_accounts", self.spaces.account)
        there = places[of] >= 0
        if there.any():
            self.banned_on[name].add(pair=banned[there] << 32 | places[of][there])


@dataclass
class EventRows:
    """The events of one type in a block: times and whom they name (-1: nobody)."""

    fields: Fields
    ts: NDArray[np.int64]
    account: NDArray[np.int64]
    number: NDArray[np.int64]
    device: NDArray[np.int64]
    ip: NDArray[np.int64]


def _counts(cause: object) -> bool:
    """Whether a measure for this cause is one for spam or content; one whose cause is not told counts as on record."""
    return not (isinstance(cause, str) and cause.partition(".")[0] in PROTECTIVE)


__all__ = ["NULL", "NUMBER_TYPES", "EventRows", "History", "Table"]
