"""Small worlds of events in compact form, judged by the messenger policy through its public surface.

Every world is judged three times, cut into blocks of 1, 7 and all events: the decisions must be the same.
"""

from __future__ import annotations

import json
import os
import pickle
import traceback
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import pytest

import tidegate as tg
from tidegate.events import decode_lines
from tidegate.policies.messenger import policy

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
# how worlds are cut: events of a block, and rows of the chunks inside. These are small: what a copy of a process writes to is
# copied page by page
CUTS = ((1, 8), (7, 8), (1_000_000, 256))


def at(text):
    """Milliseconds since the epoch of an RFC 3339 time."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


T0 = at("2026-03-02T09:30:00+00:00")  # a Monday morning


@dataclass(frozen=True)
class Seen:
    """What became of one event, or of one timer (`event_id` None)."""

    event_id: str | None
    fired: dict
    undecided: tuple[str, ...]
    data: dict

    def __getattr__(self, name):
        return self.data[name]


@cache
def with_set(name):
    return policy.revise(policy.parameter_sets[name]) if name else policy


def judge(events, *, figures="", arrival=False):
    """Decisions about the events, timers in their places; equal for every cut into blocks.

    Events arrive in the order of their times, or with `arrival` as they stand.
    """
    ordered = flat(events) if arrival else sorted(flat(events), key=lambda e: e["ts"])
    lines = [json.dumps({"event_id": f"e{n}", **event}).encode() for n, event in enumerate(ordered)]
    results = _by_copies(lines, figures)
    assert results[1:] == results[:-1], "decisions depend on how events are cut into blocks"
    return results[0]


def flat(events):
    """All events of nested lists, in order."""
    return [event for entry in events for event in (flat(entry) if isinstance(entry, list) else [entry])]


@cache
def _engines(figures):
    """Engines that have seen nothing, one per cut. They never do: worlds are judged by copies."""
    return [tg.Engine(with_set(figures), rows=rows) for _, rows in CUTS]


def _by_copies(lines, figures):
    """What the cuts come to, judged by a copy of this process: a plan takes longer to make than a world to judge."""
    engines = _engines(figures)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with os.fdopen(writing, "wb") as pipe:
            try:
                found = [
                    _judged(engine, lines, size) for engine, (size, _) in zip(engines, CUTS, strict=True)
                ]
                pickle.dump((found, ""), pipe)
            except BaseException:  # noqa: BLE001  told by the parent
                pickle.dump(([], traceback.format_exc()), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, f"judging ended with {status}"
    found, failure = pickle.loads(text)  # noqa: S301  of our own copy
    assert not failure, failure
    return [[Seen(*one) for one in cut] for cut in found]


def _judged(engine, lines, size):
    seen = []
    for start in range(0, len(lines), size):
        decoded = decode_lines(lines[start : start + size])
        assert not decoded.rejected, decoded.rejected
        assert not engine.too_late(decoded.block.ts).any(), "the world holds an event that is too late"
        judged = engine.step(decoded.block)
        timers = {}
        for timer in judged.timers:
            timers.setdefault(timer.before, []).append(_of_decision(timer.decision))
        for i, line in enumerate(lines[start : start + size]):
            seen += timers.get(i, [])
            seen.append(_of_decision(judged.closer[i]) if i in judged.closer else _plain(line, judged, i))
    return seen


def _of_decision(decision):
    data = decision.data({})
    return data["event_id"], {f["rule"]: f for f in data["fired"]}, tuple(data["undecided"]), data


def _plain(line, judged, i):
    undecided = judged.patterns[judged.pattern[i]]
    event_id = json.loads(line)["event_id"]
    exceeded = [quota.data() for quota in judged.quotas_of(i)]
    return (
        event_id,
        {quota["rule"]: quota for quota in exceeded},
        undecided,
        {"verdict": "allow", "score": 0.0, "fired": exceeded, "labels": [], "sanctions": [], "cases": []},
    )


def last(events, **options):
    """The decision about the last event."""
    return judge(events, **options)[-1]


def timers(events):
    """The decisions of timers."""
    return [seen for seen in judge(events) if seen.event_id is None]


def outcome(rule, events, **options):
    """`fires`, `undecided` or `rests`: what the rule does at the last event."""
    return what_it_does(rule, last(events, **options))


def what_it_does(rule, seen):
    return "fires" if rule in seen.fired else "undecided" if rule in seen.undecided else "rests"


# tables -----------------------------------------------------------------------------------------------------------

NAMED = [
    "account_id",
    "recipient_id",
    "from_id",
    "sender_id",
    "callee_id",
    "contact_id",
    "reporter_id",
    "removed_by",
    "recipient_ids",
    "device_id",
    "ip",
    "known_networks",
    "number",
    "group_id",
    "batch_id",
    "session_id",
    "link_hash",
    "link_hashes",
]


class Table:
    """Cases (rule, name, events, what the rule does at the last of them), judged together as one stream of traffic.

    Everybody and everything in a case is somebody else than in the others; so is what they have in common: the time.
    """

    def __init__(self, cases):
        self.cases = cases
        self.params = [
            pytest.param(self, number, id=f"{rule}: {name}")
            for number, (rule, name, _, _) in enumerate(cases)
        ]
        self._outcomes = None

    def outcome(self, number):
        """What the rule of a case does: `fires`, `rests` or `undecided`."""
        if self._outcomes is None:
            self._outcomes = self._judged()
        return self._outcomes[number]

    def _judged(self):
        worlds = [sorted(flat(events), key=lambda e: e["ts"]) for _, _, events, _ in self.cases]
        marked = [
            {**renamed(e, number), "event_id": f"{number}/{i}"}
            for number, world in enumerate(worlds)
            for i, e in enumerate(world)
        ]
        seen = {s.event_id: s for s in judge(marked) if s.event_id is not None}
        return [
            what_it_does(rule, seen[f"{number}/{len(world) - 1}"])
            for number, ((rule, *_), world) in enumerate(zip(self.cases, worlds, strict=True))
        ]


def renamed(event, number):
    """The event with all names in it made those of case `number`."""
    changed = {}
    for name in NAMED:
        value = event.get(name)
        if isinstance(value, str):
            changed[name] = f"{value}/{number}"
        elif isinstance(value, list):
            changed[name] = [f"{v}/{number}" for v in value]
    return event | changed


# events ---------------------------------------------------------------------------------------------------------


def event(kind, ts, account="a", /, **fields):
    """One event. Fields given as None are known to be none; leave a field out where it is not known."""
    named = {} if account is None else {"account_id": account}
    return {"type": kind, "ts": int(ts), **named, **fields}


def profile(account="a", ts=T0 - DAY, **fields):
    return event("account_profile", ts, account, **fields)


def stable(account="a", **fields):
    """An account of three years."""
    return profile(account, registered_at=T0 - 1100 * DAY, **fields)


def business(account="a"):
    return stable(account, official_business=True, verified_business=True)


def registered(age, account="a", until=T0, **fields):
    """The registration of an account that is `age` ms old at `until`."""
    return event("account_registered", until - age, account, **fields)


def message(ts, to="b", account="a", **fields):
    return event(
        "message_sent", ts, account, recipient_id=to, **{"is_broadcast": False, "is_reply": False} | fields
    )


def messages(count, start=T0, step=SECOND, account="a", to="b{}", **fields):
    """So many messages, `step` ms apart; `{}` in `to` is the number of the message."""
    return [message(start + i * step, to.format(i), account, **fields) for i in range(count)]


def per_minute(*counts, start=T0, **fields):
    """Messages spread evenly over minutes, so many in each."""
    return [
        messages(count, start + m * MINUTE, MINUTE // count, to=f"m{m}-{{}}", **fields)
        for m, count in enumerate(counts)
        if count
    ]


def login(ts, account="a", *, ok=True, **fields):
    return event("login_attempt", ts, account, ok=ok, **fields)


def attempt(ts, number="n", ip="i", device="d", **fields):
    return event("registration_attempt", ts, None, number=number, ip=ip, device_id=device, **fields)


def numbers(count, step=HOUR, **fields):
    """Attempts with so many different numbers from one address, each on a device of its own."""
    return [attempt(T0 + i * step, f"n{i}", device=f"d{i}", **fields) for i in range(count)]


def report(ts, by, account="a", **fields):
    return event("report_filed", ts, account, reporter_id=by, **fields)


def reports(count, start=T0, step=MINUTE, account="a", by="r{}", **fields):
    return [report(start + i * step, by.format(i), account, **fields) for i in range(count)]


def joins(count, start=T0, step=MINUTE, account="a", **fields):
    return [
        event("group_joined", start + i * step, account, group_id=f"g{i}", **{"method": "link"} | fields)
        for i in range(count)
    ]
