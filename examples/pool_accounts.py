"""Accounts of which the truth is known, put together from real ones.

Honest accounts are real people of two message logs, each with the phone, the journeys and (Copenhagen) the age of a real number that
is labelled honest. Stolen ones are such people into whom a takeover is spliced. Fakes are real bots on real numbers that are labelled
fraud. What no data set tells is assumed: pool_assumptions.py lists it, with the reasons.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from import_message_log import Message
from pool_assumptions import Assumed
from real_accounts import AT_MS, DAY_MS, MONTHS, SPAM_GROUPS, Bot, Person, PhoneNumber, RealAccounts
from real_data_findings import Log

MONTH_MS = 365 * DAY_MS // 12
SHOWS = ("device and country", "device", "country", "nothing")  # of what a takeover shows in the trail
DONOR_SENT = 20  # messages of a person whose times a thief or a bot may have
FOREIGN = "BR"
ABROAD = "abroad"
SILENT_MS = 90 * DAY_MS
TRAIL_MS = 30 * DAY_MS


class Login(NamedTuple):
    """A login: when, on which device, from where; `known` says whether the device was on record before."""

    ts: int
    device: str
    city: str
    country: str
    known: bool


class Takeover(NamedTuple):
    """When an account was taken over, what the trail shows of it (one of SHOWS), whether its holder was locked out."""

    ts: int
    shows: str
    locked_out: bool


@dataclass
class Account:
    """An account of the pool and the truth about it. `registered_ms` None: the data do not tell."""

    id: str
    number: str
    phone: PhoneNumber
    person: Person | None = None
    bot: Bot | None = None
    registered_ms: int | None = None
    takeover: Takeover | None = None
    logins: list[Login] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    group: int = 0  # of fakes with the same devices
    linked: str = ""  # honest accounts: "device" or "address" shared with a banned account

    @property
    def fake(self) -> bool:
        """Whether nobody honest is behind it."""
        return self.bot is not None

    @property
    def non_compliant(self) -> bool:
        """Whether it spams: by the label of the bot's group, or by the raw rows of the person."""
        return self.bot.group in SPAM_GROUPS if self.bot else bool(self.person and self.person.spam)

    @property
    def invalid(self) -> bool:
        """Whether nobody can be reached: a number without a bill in eight months."""
        return not self.phone.bills

    @property
    def honest(self) -> bool:
        """Whether nothing is wrong with it."""
        return not (self.fake or self.takeover or self.non_compliant)

    def groups(self) -> set[str]:
        """Return the groups that the page tells apart."""
        found = {f"linked by {self.linked}"} if self.linked else set()
        if self.takeover:
            found |= (
                {f"shows {self.takeover.shows}"}
                if self.takeover.ts > AT_MS - TRAIL_MS
                else {"older than the trail"}
            )
        if self.registered_ms is not None and AT_MS - self.registered_ms < SILENT_MS:
            found.add("young")
        if not any(ts >= AT_MS - SILENT_MS for ts in (*self.sent, *self.received)):
            found.add("silent")
        recent = [login for login in self.logins if login.ts > AT_MS - TRAIL_MS]
        if any(login.city != "home" for login in recent):
            found.add("traveller")
        if any(not login.known for login in recent):
            found.add("new phone")
        return found


def labelled_accounts(real: RealAccounts, assumed: Assumed, seed: int) -> list[Account]:
    """Return the accounts of a pool; the same seed gives the same ones, and each its own chance."""
    honest = [number for number in real.numbers if not number.fraud and number.bills]
    fraud = [number for number in real.numbers if number.fraud]
    donors = [one for one in real.people.values() if len(one.sent) >= DONOR_SENT]
    found = []
    size = round(len(real.people) / (1 - assumed.fake_share))
    victims = assumed.stolen_share * size / max(1, len(real.people))  # of people
    for at, person in enumerate(real.people.values()):
        chance = Random(f"{seed}/{person.name}")  # noqa: S311  a pool that can be made again
        found.append(_person(person, chance.choice(honest), number_of(at), chance, assumed))
        if not person.spam and chance.random() < victims:
            _take_over(found[-1], chance, chance.choice(donors), assumed)
    by_group = {
        group: [bot for bot in real.bots if bot.group == group]
        for group in sorted({b.group for b in real.bots})
    }
    for i in range(size - len(real.people)):
        chance = Random(f"{seed}/fake {i}")  # noqa: S311
        bot = chance.choice(by_group[chance.choice(list(by_group))])
        fake = Account(
            f"f{i}", number_of(len(found)), chance.choice(fraud), bot=bot, group=i // int(assumed.farm)
        )
        found.append(_faked(fake, chance, chance.choice(donors)))
    _exchange(found, real)
    return found


def messages_left(accounts: Iterable[Account], real: RealAccounts) -> Iterator[tuple[Log, str, Message]]:
    """Yield the real messages with their log and its prefix, but for those of holders who were locked out."""
    out = {one.id: one.takeover.ts for one in accounts if one.takeover and one.takeover.locked_out}
    for prefix, messages in real.messages.items():
        log = real.people[messages[0].sender].log
        for message in messages:
            if message.ts < out.get(message.sender, AT_MS + 1):
                yield log, prefix, message


def _exchange(accounts: Iterable[Account], real: RealAccounts) -> None:
    """Note who sent and who received what is left."""
    people = {one.id: one for one in accounts if one.person}
    for _, _, message in messages_left(people.values(), real):
        people[message.sender].sent.append(message.ts)
        people[message.recipient].received.append(message.ts)


def number_of(at: int) -> str:
    """Return a number of those that are kept for fiction, 100 in every area.

    >>> number_of(0), number_of(101)
    ('+12015550100', '+12025550101')
    """
    areas = [
        *range(201, 204),
        *range(205, 211),
        *range(212, 221),
        *range(223, 226),
        *range(227, 230),
        231,
        234,
        239,
        240,
        248,
    ]
    areas += [*range(251, 255), 256, 260, 262, 267, 269, 270, 276, 281, *range(301, 306), *range(307, 322)]
    return f"+1{areas[at // 100]}55501{at % 100:02}"


def _person(person: Person, phone: PhoneNumber, number: str, chance: Random, assumed: Assumed) -> Account:
    """An honest account: the stream of a person, with the devices and the cities of a real number."""
    one = Account(person.name, number, phone, person=person)
    as_phone = min(_registered(phone, chance), person.first_ms)
    one.registered_ms = person.first_ms if person.opened_with_log and assumed.college_ages else as_phone
    trips = sorted((_moment(chance), f"city {i}") for i in range(1, phone.cities))
    places = [(start, start + int(assumed.trip_days * DAY_MS), city) for start, city in trips]
    changes = sorted(_moment(chance) for _ in range(1, phone.devices))
    on_record: set[str] = set()
    for ts in person.login_times():
        device = f"{one.id}-{bisect_right(changes, ts)}"
        city = next((city for start, end, city in places if start <= ts < end), "home")
        known = device in on_record or not on_record  # the first on record is that of the registration
        one.logins.append(Login(ts, device, city, person.market, known))
        on_record.add(device)
    if chance.random() < assumed.device_link:
        one.linked = "device"
    elif chance.random() < assumed.address_link:
        one.linked = "address"
    return one


def _registered(phone: PhoneNumber, chance: Random) -> int:
    """Return when a number with so many bills began; with a bill in every month it is older than they are."""
    months = MONTHS + 4 if phone.bills == MONTHS else phone.bills - chance.random()
    return AT_MS - int(months * MONTH_MS)


def _moment(chance: Random) -> int:
    return AT_MS - int(chance.random() * MONTHS * MONTH_MS)


def _take_over(one: Account, chance: Random, donor: Person, assumed: Assumed) -> None:
    """Splice a takeover in: the thief logs in on days as another real person does; the holder goes on, or is locked out."""
    began = AT_MS - int(chance.random() * assumed.takeover_days * DAY_MS)
    shows = chance.choice(SHOWS)
    one.takeover = Takeover(began, shows, locked_out=chance.random() < assumed.locked_out)
    if one.takeover.locked_out:
        one.logins = [login for login in one.logins if login.ts < began]
    if shows == "nothing":  # a stolen session, or the holder's own phone
        return
    last = [login for login in one.logins if login.ts < began]
    own, country = (last[-1].device, last[-1].country) if last else (f"{one.id}-0", one.person.market)  # type: ignore[union-attr]
    days = donor.login_times()
    for i, ts in enumerate(began + day - days[0] for day in days):
        if ts <= AT_MS:
            new = "device" in shows
            away = "country" in shows
            one.logins.append(
                Login(ts, f"{one.id}-thief" if new else own, ABROAD if away else "home", FOREIGN if away else country,
                      known=i > 0 or not new)
            )  # fmt: skip
    one.logins.sort()


def _faked(one: Account, chance: Random, donor: Person) -> Account:
    """A fake: what a bot did, at the times at which a person wrote; a number that never had traffic did nothing."""
    if one.phone.bills:
        one.registered_ms = _registered(one.phone, chance)
    if one.phone.has_traffic and one.registered_ms is not None and one.bot is not None:
        times = [ts for ts in donor.sent if ts >= one.registered_ms]
        one.sent = times[-len(one.bot.actions) :]
    changes = sorted(_moment(chance) for _ in range(1, one.phone.devices))
    on_record: set[str] = set()
    for ts in Person("", donor.log, sent=one.sent).login_times():
        device = f"farm {one.group}-{bisect_right(changes, ts)}"
        one.logins.append(Login(ts, device, "home", donor.market, device in on_record or not on_record))
        on_record.add(device)
    return one
