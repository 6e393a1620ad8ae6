"""Collects examples for the pages about rules from the worlds that the tests of this folder judge.

`python -m tests.policies.messenger.harvest` keeps the examples that still hold, and writes one for every other rule: the smallest
world in which it fires, and the world most like it in which it rests. `--anew` writes all of them anew.
"""

import contextlib
import io
import json
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.policies.messenger import worlds

from tidegate.handbook.example import Example, Examples, read_examples, rulings
from tidegate.handbook.series import folded
from tidegate.policies.messenger import policy
from tidegate.windows.timestamps import format_rfc3339

FOLDER = Path(worlds.__file__).resolve().parents[3] / "src/tidegate/policies/messenger/examples"
EVENTS_MAX = 12_000
TRIED_MAX = 8  # candidates that are judged, of each kind
DROPPED_COSTS = 3  # a world that a test names is preferred to one with an event left out
AT_LIMIT = {"at": 2.0, "un": 1.5}  # how much a case named "at" or "under" the limit is preferred to others


@dataclass(frozen=True)
class World:
    """Events without ids in order of arrival, and what the test calls them."""

    case: str
    events: tuple


class Recorder:
    """Notes every table of cases, and every other world with what fired in it."""

    def __init__(self):
        self.tables = []  # (rule, world, what it does)
        self.judged = []  # (events, what was seen)

    def __enter__(self):
        self._kept = worlds.CUTS, worlds._by_copies, worlds.Table.__init__
        _, judge, make = self._kept
        worlds.CUTS = worlds.CUTS[-1:]

        def recorded(lines, figures):
            cuts = judge(lines, figures)
            events = [json.loads(line) for line in lines]
            if not figures and not any("/" in e["event_id"] for e in events):
                self.judged.append((events, cuts[0]))
            return cuts

        def made(table, cases):
            for rule, name, events, expected in cases:
                ordered = sorted(worlds.flat(events), key=lambda e: e["ts"])
                self.tables.append((rule, world_of(name, ordered), expected))
            make(table, cases)

        worlds._by_copies, worlds.Table.__init__ = recorded, made
        return self

    def __exit__(self, *error):
        worlds.CUTS, worlds._by_copies, worlds.Table.__init__ = self._kept


def world_of(case, events):
    """A world from events as they were judged: without ids, times as text."""
    plain = [{k: v for k, v in event.items() if k != "event_id"} for event in events]
    return World(
        case, tuple(e | {"ts": format_rfc3339(e["ts"])} if isinstance(e["ts"], int) else e for e in plain)
    )


def recorded(wanted):
    """What the tests of this folder judge: those in files that name a wanted rule, or all where a rule is named by none."""
    texts = {
        path: path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("test_*.py"))
    }
    naming = {rule: [path for path, text in texts.items() if rule in text] for rule in wanted}
    files = {path for paths in naming.values() for path in paths} if all(naming.values()) else texts.keys()
    with Recorder() as recorder, contextlib.redirect_stdout(io.StringIO()):
        pytest.main(["-q", "-p", "no:cacheprovider", *map(str, sorted(files))])
    return recorder


def worlds_that_fire(recorder):
    """Rule -> worlds in which it should fire at the end."""
    found = defaultdict(list)
    for rule, world, expected in recorder.tables:
        if expected == "fires":
            found[rule].append(world)
    for events, seen in recorder.judged:
        if len({e["event_id"] for e in events}) < len(events):
            continue
        first, at = {}, 0
        for one in seen:
            for rule in one.fired:
                first.setdefault(rule, at)
            at += one.event_id is not None
        for rule, end in first.items():
            found[rule].append(world_of("", events[: end + 1]))
    return found


def smallest(candidates):
    return sorted(
        (w for w in candidates if len(w.events) <= EVENTS_MAX),
        key=lambda w: (not w.case, len(folded(list(w.events))), len(w.events)),
    )


def example_of(world):
    return Example(world.case, folded(list(world.events)))


def chosen(does, candidates):
    """Rule -> the first of its candidate worlds in which it does this; all are judged together."""
    cases = [(rule, world) for rule, worlds_ in candidates.items() for world in worlds_]
    found = {}
    for (rule, world), ruling in zip(
        cases, rulings(policy, [(r, example_of(w)) for r, w in cases]), strict=True
    ):
        if ruling.outcome == does:
            found.setdefault(rule, world)
    return found


def without_idle_events(rule, world):
    """The world without the series that the rule does not need."""
    series = list(example_of(world).series)
    for one in [s for s in series[:-1] if len(series) > 1]:
        fewer = [s for s in series if s is not one]
        events = tuple(e for s in fewer for e in s.events())
        if chosen("fires", {rule: [World(world.case, events)]}):
            series = fewer
    return World(world.case, tuple(e for s in series for e in s.events()))


def left_out(world):
    """Worlds like this one with one event left out, the first of a series; the longest series first."""
    series = example_of(world).series
    starts = [sum(one.times for one in series[:n]) for n in range(len(series))]
    for start, one in sorted(zip(starts, series, strict=True), key=lambda pair: -pair[1].times):
        if start + one.times < len(world.events) or one.times > 1:
            case = f"the same without the first `{one.first['type']}`"
            yield World(case, world.events[:start] + world.events[start + 1 :])


def difference(a, b):
    """How many events two worlds do not have in common, times left aside."""
    counts = [
        Counter(json.dumps({k: v for k, v in e.items() if k != "ts"}, sort_keys=True) for e in w.events)
        for w in (a, b)
    ]
    return ((counts[0] - counts[1]) + (counts[1] - counts[0])).total()


def contrasts(rule, fires, tables):
    """Worlds in which the rule may rest, the ones most like one that fires first; those at the limit are preferred."""
    named = [
        w for r, w, expected in tables if r == rule and expected == "rests" and len(w.events) <= EVENTS_MAX
    ]
    ranked = [(difference(fires, w) - AT_LIMIT.get(w.case[:2], 0), n, w) for n, w in enumerate(named)]
    ranked += [(1 + DROPPED_COSTS, n, w) for n, w in enumerate(left_out(fires), start=len(named))]
    others = [w for _, w, _ in tables if w.events and w.events[-1]["type"] == fires.events[-1]["type"]]
    far = [] if named else sorted(others, key=lambda w: difference(fires, w))[:TRIED_MAX]
    near = [w for *_, w in sorted(ranked, key=lambda r: r[:2])[:TRIED_MAX] if w.events]
    return [*near, *far]


def examples_for(wanted, firing, tables):
    """Rule -> its examples, for all rules of which a test has a world that fires."""
    fires = chosen("fires", {rule: smallest(firing[rule])[:TRIED_MAX] for rule in wanted})
    fires = {rule: w if w.case else without_idle_events(rule, w) for rule, w in fires.items()}
    rests = chosen("rests", {rule: contrasts(rule, world, tables) for rule, world in fires.items()})
    return {
        rule: Examples(example_of(world), example_of(rests[rule]) if rule in rests else None)
        for rule, world in fires.items()
    }


def holding(ids):
    """The rules whose examples say what the policy does today."""
    known = {rule: examples for rule in ids if (examples := read_examples(FOLDER / f"{rule}.json"))}
    sides = [
        (rule, side)
        for rule, examples in known.items()
        for side in ("fires", "rests")
        if getattr(examples, side)
    ]
    judged = rulings(policy, [(rule, getattr(known[rule], side)) for rule, side in sides])
    right = Counter(
        rule for (rule, side), ruling in zip(sides, judged, strict=True) if ruling.outcome == side
    )
    return {rule for rule, count in right.items() if count == 2}


def main(*, anew=False):
    """Write what is missing or no longer true, and say which rules have nothing."""
    FOLDER.mkdir(exist_ok=True)
    ids = [rule.id for rule in policy.judged]
    if policy.restriction is not None:
        ids.append(policy.restriction.id)
    for path in FOLDER.glob("*.json"):
        if path.stem not in ids:
            path.unlink()
    kept = set() if anew else holding(ids)
    wanted = [rule for rule in ids if rule not in kept]
    if not wanted:
        return
    recorder = recorded(wanted)
    found = examples_for(wanted, worlds_that_fire(recorder), recorder.tables)
    for rule in wanted:
        path = FOLDER / f"{rule}.json"
        if rule not in found:
            path.unlink(missing_ok=True)
            print(f"{rule}: no example in the tests")
            continue
        path.write_text(found[rule].text(), encoding="utf-8")
        if found[rule].rests is None:
            print(f"{rule}: no example that rests")


if __name__ == "__main__":
    main(anew="--anew" in sys.argv[1:])
