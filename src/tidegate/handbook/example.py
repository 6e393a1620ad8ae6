"""Examples of a rule: events at which it fires, and events just like them at which it does not.

They are kept beside the policy, one JSON file per rule: `{"fires": {"case": ..., "events": [...]}, "rests": {...}}`. An entry of
`events` is an event without its id, or a series: `{"times": 13, "first": {...}, "last": {...}}`, in which times, numbers and the numbers
inside of texts go from the first to the last in equal steps.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tidegate.engine import Decision, Engine
from tidegate.errors import FileError, PolicyError
from tidegate.events import REGISTRY, decode_lines
from tidegate.features import Deadline, Feature
from tidegate.handbook.series import Event, Series
from tidegate.policy import Quota
from tidegate.policy.figures import trees_of, trees_of_quota

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tidegate.policy import Policy

Outcome = Literal["fires", "undecided", "rests"]


@dataclass(frozen=True)
class Example:
    """Events, and under which name the case is known."""

    case: str
    series: tuple[Series, ...]

    def events(self) -> list[Event]:
        """Return the events in arrival order, each with an id."""
        listed = [event for series in self.series for event in series.events()]
        return [{"event_id": f"e{n}", **event} for n, event in enumerate(listed, start=1)]

    def data(self) -> dict[str, Any]:
        """Return what is written to a file."""
        return {"case": self.case, "events": [series.data() for series in self.series]}


@dataclass(frozen=True)
class Examples:
    """The examples of one rule."""

    fires: Example
    rests: Example | None

    def text(self) -> str:
        """Return the content of their file, one series per line."""
        parts = [f'"fires": {_laid_out(self.fires)}']
        if self.rests is not None:
            parts.append(f'"rests": {_laid_out(self.rests)}')
        return "{" + ",\n ".join(parts) + "}\n"


@dataclass(frozen=True)
class Ruling:
    """What a rule does at the end of an example, and the decision that says so, without ids of measures and cases.

    None: nothing fired, and nothing is on record.
    """

    outcome: Outcome
    decision: dict[str, Any] | None


@dataclass(frozen=True)
class Shown:
    """The examples of a rule, and what was decided about them."""

    examples: Examples
    fires: Ruling
    rests: Ruling | None


def _laid_out(example: Example) -> str:
    lines = ",\n  ".join(json.dumps(series.data()) for series in example.series)
    return f'{{"case": {json.dumps(example.case)}, "events": [\n  {lines}]}}'


def read_examples(path: Path) -> Examples | None:
    """Return the examples in a file, None where there is none; raise FileError where it holds something else."""
    if not path.exists():
        return None
    try:
        data = json.loads(path.read_text("utf-8"))
        fires = _example(data["fires"])
        return Examples(fires, _example(data["rests"]) if "rests" in data else None)
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(
            "holds no examples", place=str(path), hint='write `{"fires": {"case": ..., "events": [...]}}`'
        ) from error


def _example(data: dict[str, Any]) -> Example:
    series = [
        Series(e["times"], e["first"], e["last"]) if "times" in e else Series(1, e, e) for e in data["events"]
    ]
    return Example(data["case"], tuple(series))


def rulings(
    policy: Policy, cases: list[tuple[str, Example]], progress: Callable[[int], None] | None = None
) -> list[Ruling]:
    """Return what each rule does at the last event of its example, or at a deadline before it.

    `progress` is told how many were looked at; those that are judged together come last.

    Examples are judged together, as the traffic of people and things that have nothing to do with each other: an engine per
    example would take minutes to compile. Those that arrive out of order, wait for deadlines or look at the events of everybody
    have one of their own.
    """
    found: dict[int, Ruling] = {}
    shared: list[tuple[int, Event]] = []
    for number, (rule, example) in enumerate(cases):
        if progress is not None:
            progress(number)
        events = example.events()
        if _stands_alone(policy, rule) or [e["ts"] for e in events] != sorted(e["ts"] for e in events):
            found[number] = _judged(policy, {number: rule}, [(number, e) for e in events])[number]
        else:
            shared += [(number, marked(event, number)) for event in events]
    if shared:
        shared.sort(key=lambda entry: entry[1]["ts"])
        rules = {number: rule for number, (rule, _) in enumerate(cases) if number not in found}
        found |= _judged(policy, rules, shared)
    return [found[number] for number in range(len(cases))]


def _stands_alone(policy: Policy, rule: str) -> bool:
    """Whether a rule waits for deadlines, or looks at the events of everybody."""
    found = next((r for r in policy.judged if r.id == rule), None)
    if found is None:
        return False
    trees = trees_of_quota(found) if isinstance(found, Quota) else trees_of(found)
    everybody = any(isinstance(n, Feature) and not n.key.entities for tree in trees for n in tree.walk())
    return everybody or any(isinstance(source, Deadline) for source in found.on)


def _judged(policy: Policy, rules: dict[int, str], events: list[tuple[int, Event]]) -> dict[int, Ruling]:
    decoded = decode_lines([json.dumps(event).encode() for _, event in events])
    for rejected in decoded.rejected:
        raise rejected.error
    judged = Engine(policy).step(decoded.block)
    if len(rules) == 1:
        ((number, rule),) = rules.items()
        for timer in judged.timers:
            if any(f.rule == rule for f in timer.decision.fired):
                return {number: Ruling("fires", _data(timer.decision, number))}
    found: dict[int, Ruling] = {}
    last = {number: at for at, (number, _) in enumerate(events)}
    for number, at in last.items():
        rule, decision = rules[number], judged.closer.get(at)
        if decision is None and (exceeded := judged.quotas_of(at)):
            event = events[at][1]
            undecided = judged.patterns[int(judged.pattern[at])]
            decision = Decision(
                event["event_id"],
                int(decoded.block.ts[at]),
                event["type"],
                None,
                fired=exceeded,
                undecided=undecided,
            )
        if decision is None:
            undecided = judged.patterns[int(judged.pattern[at])]
            found[number] = Ruling("undecided" if rule in undecided else "rests", None)
        elif any(f.rule == rule for f in decision.fired):
            found[number] = Ruling("fires", _data(decision, number))
        else:
            outcome: Outcome = "undecided" if rule in decision.undecided else "rests"
            found[number] = Ruling(outcome, _data(decision, number))
    return found


def marked(event: Event, number: int) -> Event:
    """Return the event with every name in it made one of this case alone."""
    fields = REGISTRY[event["type"]].fields()
    changed = {"event_id": _mark(event["event_id"], number)}
    for name, value in event.items():
        field = fields.get(name)
        if field is not None and field.entity and isinstance(value, str | list):
            changed[name] = _mark(value, number)
    return event | changed


def _mark(value: Any, number: int) -> Any:  # noqa: ANN401  a name or a list of names
    return (
        [_mark(v, number) for v in value]
        if isinstance(value, list)
        else f"{value}\N{SECTION SIGN}{number}\N{SECTION SIGN}"
    )


def _data(decision: Decision, number: int) -> dict[str, Any]:
    """Return a decision as data, the marks of its case taken off. Ids of measures and cases follow from names: left out."""
    plain = json.dumps(decision.data({}), ensure_ascii=False).replace(
        f"\N{SECTION SIGN}{number}\N{SECTION SIGN}", ""
    )
    data: dict[str, Any] = json.loads(plain)
    for opened in (*data["sanctions"], *data["cases"]):
        del opened["id"]
    return data


def shown(
    policy: Policy, examples: dict[str, Examples], progress: Callable[[int], None] | None = None
) -> dict[str, Shown]:
    """Judge the examples of all rules; raise PolicyError where one does not do what its file says."""
    sides = [
        (rule, side)
        for rule, found in examples.items()
        for side in ("fires", "rests")
        if getattr(found, side)
    ]
    ruled = rulings(policy, [(rule, getattr(examples[rule], side)) for rule, side in sides], progress)
    by_side = dict(zip(sides, ruled, strict=True))
    for (rule, side), ruling in by_side.items():
        if ruling.outcome != side:
            raise PolicyError(
                f"its example should be one that {side}, but the rule {ruling.outcome}"
                if ruling.outcome != "undecided"
                else "its example is undecided",
                place=rule,
                hint="take another example, or see what changed",
            )
    return {
        rule: Shown(found, by_side[rule, "fires"], by_side.get((rule, "rests")))
        for rule, found in examples.items()
    }
