"""What is on record about an entity because of earlier decisions: labels, running measures, active signals, open cases."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tidegate.policy.measure import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDLESS = 1 << 62  # end of what has none, ms
MINUTE_MS = 60_000


@dataclass
class Running:
    """A measure in force over [since, until); `grants` are the times of attempts a throttle let through, ascending.

    `answers` are the ids under which it may be lifted: its own, that of the ban it follows, those that others know it by.
    Until `settled` its cause does not open it again. `openings` is the list of its record in which it is counted as opened.
    """

    id: str
    sanction: str
    effect: str
    capability: tuple[str, ...]
    since: int
    until: int
    cause: str
    challenge: str = ""
    rate: int = 0
    level: int = 1
    settled: int = 0
    answers: list[str] = field(default_factory=list)
    grants: list[int] = field(default_factory=list)
    openings: list[tuple[int, str, str]] = field(default_factory=list, repr=False, compare=False)

    @property
    def opening(self) -> tuple[int, str, str]:
        """When it was opened, which sanction it is, by which cause."""
        return self.since, self.sanction, self.cause

    def strike_out(self) -> None:
        """Count it as never opened."""
        if self.opening in self.openings:
            self.openings.remove(self.opening)

    def state(self) -> list[Any]:
        """Return it as plain data."""
        return [
            self.id, self.sanction, self.effect, list(self.capability), self.since, self.until, self.cause,
            self.challenge, self.rate, self.level, self.settled, self.answers, self.grants,
        ]  # fmt: skip

    @classmethod
    def from_state(cls, state: list[Any]) -> Running:
        """Return the measure that `state` describes."""
        number, sanction, effect, capability, *rest = state
        return cls(number, sanction, effect, tuple(capability), *rest)

    def restrains(self, capabilities: frozenset[str], at: int) -> bool:
        """Whether it runs at that time and concerns one of the capabilities."""
        return self.since <= at < self.until and (
            EVERYTHING in self.capability or not capabilities.isdisjoint(self.capability)
        )

    def wait(self, at: int) -> int:
        """Return the ms after which a throttled attempt would be let through: 0 where fewer than `rate` were in (at - 1 min, at]."""
        recent = [t for t in self.grants if at - MINUTE_MS < t <= at]
        if len(recent) < self.rate:
            return 0
        end = self.until - at
        return min(recent[-self.rate] + MINUTE_MS - at, end) if self.rate else end

    def grant(self, at: int, forget: int) -> None:
        """Note that an attempt was let through; what no event from `forget` on can need is dropped."""
        insort(self.grants, at)
        while self.grants[0] <= forget - MINUTE_MS:
            del self.grants[0]

    def end(self, at: int, *, settle: bool = False) -> None:
        """End it before its time, where it has not ended by then."""
        if at < self.until:
            self.settled = self.until if settle else 0
            self.until = max(at, self.since)


@dataclass
class Standing:
    """The record of one entity.

    A measure is known by its cause and its sanction: one of each runs at a time. `ended` keeps those that a newer one of the
    same kind has replaced, for events that come late. Settings of labels and firings are kept for the same reason.
    """

    labels: dict[str, list[tuple[int, int]]] = field(
        default_factory=dict
    )  # name -> (set at, ends at), ascending
    measures: dict[tuple[str, str], Running] = field(default_factory=dict)
    ended: list[Running] = field(default_factory=list)
    signals: dict[int, list[int]] = field(default_factory=dict)  # rule number -> times it fired, ascending
    cases: dict[str, int] = field(default_factory=dict)  # cause -> due
    opened: list[tuple[int, str, str]] = field(default_factory=list)  # when, which sanction, by which cause
    given: list[tuple[int, float]] = field(
        default_factory=list
    )  # when another system gave which score, ascending
    bans: list[str] = field(default_factory=list)  # ids of bans opened at events that named this entity
    # by site: since when nothing on it matters to its events, as long as nothing is put on it and no more measures were
    # prolonged than so many (which comes first); no part of the state
    resting: dict[int, tuple[int, int]] = field(default_factory=dict, compare=False)

    # labels --------------------------------------------------------------------------------------------------
    def labelled(self, name: str, at: int, within: int | None) -> bool:
        """Whether the label is carried at that time; `within`: set no longer than that ago, ms."""
        spans = self.labels.get(name)
        return spans is not None and any(
            since <= at < until and (within is None or since > at - within)
            for since, until in reversed(spans)
        )

    def label(self, name: str, at: int, until: int, forget: int) -> None:
        """Set a label once more; settings that no event after `forget` can need are dropped."""
        spans = self.labels.setdefault(name, [])
        if spans and at < spans[-1][0]:
            spans.append((at, until))
            spans.sort()
        elif not spans or spans[-1] != (at, until):
            spans.append((at, until))
        needed = 0
        while (
            needed + 1 < len(spans)
            and spans[needed + 1][0] <= forget
            and spans[needed + 1][1] >= spans[needed][1]
        ):
            needed += 1
        del spans[:needed]

    def take_off(self, name: str, at: int) -> bool:
        """End a label where it is carried at that time; True where it was."""
        spans = self.labels.get(name, [])
        carried = [(since, until) for since, until in spans if since <= at < until]
        if carried:
            self.labels[name] = [
                (since, at) if since <= at < until else (since, until) for since, until in spans
            ]
        return bool(carried)

    # measures ------------------------------------------------------------------------------------------------
    def runs(self, cause: str, sanction: str, at: int) -> bool:
        """Whether such a measure with this cause has not ended by then, or is settled for longer."""
        measure = self.measures.get((cause, sanction))
        return measure is not None and at < max(measure.until, measure.settled)

    def unsettle(self, cause: str) -> None:
        """Let a cause open its measures again that were ended before their time: something new has happened."""
        for measure in self.measures.values():
            if measure.cause == cause:
                measure.settled = 0

    def open(self, measure: Running, forget: int, *, counts: bool = True) -> None:
        """Enter a measure that has just been opened; those that had ended by `forget` are dropped.

        `counts` False: it goes on with an earlier one, and is not counted as opened.
        """
        key = (measure.cause, measure.sanction)
        if key in self.measures:
            self.ended.append(self.measures[key])
        self.ended = [m for m in self.ended if m.until > forget]
        self.measures[key] = measure
        if counts:
            self.opened.append(measure.opening)
        measure.openings = self.opened

    def is_over(self, at: int) -> bool:
        """Whether every measure had ended by then."""
        return not (self.measures or self.ended) or all(m.until <= at for m in self.all_measures())

    def all_measures(self) -> Iterator[Running]:
        """Yield the measures that may matter to an event, ended ones too."""
        yield from self.measures.values()
        yield from self.ended

    def sanctioned(self, names: tuple[str, ...], at: int, within: int) -> int:
        """How many measures of these kinds (none named: any) were opened in (at - within, at]."""
        return sum(at - within < when <= at and (not names or name in names) for when, name, _ in self.opened)

    def last_sanctioned(self, names: tuple[str, ...], causes: tuple[str, ...], at: int) -> int:
        """When the newest measure of these kinds, or by these causes, was opened before those that run at that time; 0: never."""
        if not self.opened:
            return 0
        before = min(
            (
                m.since
                for m in self.all_measures()
                if m.since <= at < m.until and (m.sanction in names or m.cause in causes)
            ),
            default=at,
        )
        return max(
            (when for when, name, why in self.opened if when < before and (name in names or why in causes)),
            default=0,
        )

    def strikes(self, cause: str, sanction: str, at: int, within: int) -> int:
        """How often a cause opened a measure in (at - within, at]."""
        return sum(
            at - within < when <= at and (name, why) == (sanction, cause) for when, name, why in self.opened
        )

    def in_force(self, names: tuple[str, ...], at: int, capability: str | None = None) -> bool:
        """Whether a measure of these kinds (none named: any) runs at that time and concerns the capability (None: any)."""
        return bool(self.measures or self.ended) and any(
            m.since <= at < m.until
            and (not names or m.sanction in names)
            and (capability is None or capability in m.capability or EVERYTHING in m.capability)
            for m in self.all_measures()
        )

    # signals -------------------------------------------------------------------------------------------------
    def signal(self, rule: int, at: int, forget: int) -> None:
        """Note that a rule fired; firings that no later event can need (all but one before `forget`) are dropped."""
        times = self.signals.setdefault(rule, [])
        in_order = not times or at >= times[-1]
        times.append(at)
        if not in_order:
            times.sort()
        needed = 0
        while needed + 1 < len(times) and times[needed + 1] <= forget:
            needed += 1
        del times[:needed]

    def active(self, rule: int, at: int, lasting: int) -> bool:
        """Whether the rule fired in (at - lasting, at]."""
        return any(at - lasting < t <= at for t in reversed(self.signals.get(rule, ())))

    def take_signals(self, rule: int, after: int, until: int) -> list[int]:
        """Take the firings of a rule in (after, until] off the record, and return their times."""
        times = self.signals.pop(rule, [])
        left = [t for t in times if not after < t <= until]
        if left:
            self.signals[rule] = left
        return [t for t in times if after < t <= until]

    def give(self, at: int, score: float, forget: int) -> None:
        """Note another system's score, which holds until the next one; those that no later event can need are dropped."""
        insort(self.given, (at, score), key=lambda entry: entry[0])
        needed = 0
        while needed + 1 < len(self.given) and self.given[needed + 1][0] <= forget:
            needed += 1
        del self.given[:needed]

    def given_at(self, at: int) -> float:
        """Return the score that another system has given; 0 where there is none."""
        return next((score for since, score in reversed(self.given) if since <= at), 0.0)

    # the record as a whole -----------------------------------------------------------------------------------
    @property
    def empty(self) -> bool:
        """Whether nothing is on record."""
        return not (
            self.measures
            or self.ended
            or self.labels
            or self.signals
            or self.cases
            or self.opened
            or self.bans
            or any(score for _, score in self.given)
        )

    def expire(self, at: int, lasting: tuple[int, ...], history: int) -> None:
        """Drop what can matter to no event from `at` on; `lasting`: how long signals stay by rule, ms."""
        self.measures = {key: m for key, m in self.measures.items() if max(m.until, m.settled) > at}
        self.ended = [m for m in self.ended if m.until > at]
        self.labels = {
            name: spans for name, spans in self.labels.items() if any(until > at for _, until in spans)
        }
        self.signals = {rule: times for rule, times in self.signals.items() if times[-1] > at - lasting[rule]}
        self.cases = {cause: due for cause, due in self.cases.items() if due > at}
        self.opened[:] = [entry for entry in self.opened if entry[0] > at - history]

    def state(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "labels": {name: [list(span) for span in spans] for name, spans in self.labels.items()},
            "measures": [m.state() for m in self.measures.values()],
            "ended": [m.state() for m in self.ended],
            "signals": [[rule, times] for rule, times in self.signals.items()],
            "cases": self.cases,
            "opened": [list(entry) for entry in self.opened],
            "bans": self.bans,
            "given": [list(entry) for entry in self.given],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Standing:
        """Return the record that `state` describes."""
        measures = [Running.from_state(m) for m in state["measures"]]
        record = cls(
            labels={
                name: [(since, until) for since, until in spans] for name, spans in state["labels"].items()
            },
            measures={(m.cause, m.sanction): m for m in measures},
            ended=[Running.from_state(m) for m in state["ended"]],
            signals={rule: list(times) for rule, times in state["signals"]},
            cases=dict(state["cases"]),
            opened=[(when, name, cause) for when, name, cause in state["opened"]],
            bans=list(state["bans"]),
            given=[(at, score) for at, score in state.get("given", ())],
        )
        for measure in record.all_measures():
            measure.openings = record.opened
        return record
