"""What is on record about an entity because of earlier decisions: labels, running measures, active signals, open cases."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

ENDLESS = 1 << 62  # end of what has none, ms


@dataclass
class Running:
    """A measure in force over [since, until); `grants` are the times of attempts a throttle let through."""

    id: str
    sanction: str
    effect: str
    capability: tuple[str, ...]
    since: int
    until: int
    cause: str
    challenge: str = ""
    rate: int = 0
    grants: deque[int] = field(default_factory=deque)

    def restrains(self, capabilities: frozenset[str], at: int) -> bool:
        """Whether it runs at that time and concerns one of the capabilities."""
        return self.since <= at < self.until and (
            "all" in self.capability or not capabilities.isdisjoint(self.capability)
        )

    def grant(self, at: int) -> int | None:
        """Let a throttled attempt through if fewer than `rate` were in the last minute; else return the ms to wait."""
        recent = [t for t in self.grants if at - 60_000 < t <= at]
        if len(recent) < self.rate:
            self.grants.append(at)
            while len(self.grants) > 2 * self.rate + 16:
                self.grants.popleft()
            return None
        return recent[-self.rate] + 60_000 - at if self.rate else 60_000


@dataclass
class Standing:
    """The record of one entity."""

    labels: dict[str, list[tuple[int, int]]] = field(
        default_factory=dict
    )  # name -> (set at, ends at), ascending
    measures: list[Running] = field(default_factory=list)
    signals: dict[int, list[int]] = field(
        default_factory=dict
    )  # rule number -> times it fired, the needed ones
    cases: dict[str, int] = field(default_factory=dict)  # cause -> due
    opened: list[tuple[int, str]] = field(default_factory=list)  # when, which sanction

    def labelled(self, name: str, at: int, within: int | None) -> bool:
        """Whether the label is carried at that time; `within`: set no longer than that ago, ms."""
        return any(
            since <= at < until and (within is None or since > at - within)
            for since, until in self.labels.get(name, ())
        )

    def label(self, name: str, at: int, until: int, forget: int) -> None:
        """Set a label once more; settings that no event after `forget` can need are dropped."""
        spans = self.labels.setdefault(name, [])
        spans.append((at, until))
        spans.sort()
        while len(spans) > 1 and spans[1][0] <= forget and spans[1][1] >= spans[0][1]:
            spans.pop(0)

    def sanctioned(self, names: tuple[str, ...], at: int, within: int) -> int:
        """How many measures of these kinds (none named: any) were opened in (at - within, at]."""
        return sum(at - within < when <= at and (not names or name in names) for when, name in self.opened)

    def running(self, cause: str, sanction: str, at: int) -> bool:
        """Whether such a measure with this cause has not ended by then."""
        return any(m.cause == cause and m.sanction == sanction and at < m.until for m in self.measures)

    def forget_measures(self, until: int) -> None:
        """Drop the measures that had ended by then."""
        self.measures = [m for m in self.measures if m.until > until]

    def signal(self, rule: int, at: int, forget: int) -> None:
        """Note that a rule fired; firings that no later event can need (all but one before `forget`) are dropped."""
        times = self.signals.setdefault(rule, [])
        times.append(at)
        times.sort()
        while len(times) > 1 and times[1] <= forget:
            times.pop(0)

    def active(self, rule: int, at: int, lasting: int) -> bool:
        """Whether the rule fired in (at - lasting, at]."""
        return any(at - lasting < t <= at for t in self.signals.get(rule, ()))

    def expire(self, at: int, lasting: int, history: int) -> bool:
        """Drop what can matter to no event from `at` on; True when nothing is left."""
        self.measures = [m for m in self.measures if m.until > at]
        self.labels = {
            name: spans for name, spans in self.labels.items() if any(until > at for _, until in spans)
        }
        self.signals = {rule: times for rule, times in self.signals.items() if times[-1] > at - lasting}
        self.cases = {cause: due for cause, due in self.cases.items() if due > at}
        self.opened = [(when, name) for when, name in self.opened if when > at - history]
        return not (self.measures or self.labels or self.signals or self.cases or self.opened)

    def state(self) -> dict[str, Any]:
        """Return it as plain data."""
        measures = [
            [
                m.id,
                m.sanction,
                m.effect,
                list(m.capability),
                m.since,
                m.until,
                m.cause,
                m.challenge,
                m.rate,
                list(m.grants),
            ]
            for m in self.measures
        ]
        return {
            "labels": {name: [list(span) for span in spans] for name, spans in self.labels.items()},
            "measures": measures,
            "signals": [[rule, times] for rule, times in self.signals.items()],
            "cases": self.cases,
            "opened": [list(entry) for entry in self.opened],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Standing:
        """Return the record that `state` describes."""
        measures = [
            Running(
                number,
                sanction,
                effect,
                tuple(capability),
                since,
                until,
                cause,
                challenge,
                rate,
                deque(grants),
            )
            for number, sanction, effect, capability, since, until, cause, challenge, rate, grants in state[
                "measures"
            ]
        ]
        return cls(
            labels={
                name: [(since, until) for since, until in spans] for name, spans in state["labels"].items()
            },
            measures=measures,
            signals={rule: list(times) for rule, times in state["signals"]},
            cases=dict(state["cases"]),
            opened=[(when, name) for when, name in state["opened"]],
        )
