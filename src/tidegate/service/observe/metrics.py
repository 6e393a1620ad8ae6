"""What the server counts and measures, in the text form that Prometheus reads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from tidegate.clock import now_ms
from tidegate.events import BY_CODE
from tidegate.service.observe.counts import SECONDS, DecisionCounts, Distribution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric

    from tidegate.service.state import Service


@dataclass
class StateSize:
    """What the engine remembers, in bytes, and of how many accounts; asked of it when somebody scrapes."""

    kernels: int = 0
    names: int = 0
    accounts: int = 0
    records: int = 0


@dataclass
class Metrics:
    """Numbers of one server. `decided` belongs to the judging thread, all others to the loop."""

    decided: DecisionCounts = field(default_factory=DecisionCounts)
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)  # by route and status
    request_s: dict[str, Distribution] = field(default_factory=dict)  # by route
    answer_s: Distribution = field(default_factory=lambda: Distribution(SECONDS))
    state: StateSize = field(default_factory=StateSize)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request; `route` is the template of a path, never the path: it may name a person."""
        self.requests[route, status] += 1
        found = self.request_s.get(route)
        if found is None:
            found = self.request_s[route] = Distribution(SECONDS)
        found.add(seconds)

    def registry(self, service: Service) -> CollectorRegistry:
        """Return what is scraped."""
        registry = CollectorRegistry()
        registry.register(_Collector(self, service))
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        return registry


def _counter(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, count in sorted(values):
        family.add_metric([value], count)
    return family


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


class _Collector:
    """Gives Prometheus the numbers as they are at a scrape."""

    def __init__(self, metrics: Metrics, service: Service) -> None:
        self.metrics = metrics
        self.service = service

    def collect(self) -> Iterator[Metric]:
        """Yield all families."""
        yield from self._decisions()
        yield from self._rules()
        yield from self._requests()
        yield from self._queue()
        yield from self._log()

    def _decisions(self) -> Iterator[Metric]:
        d = self.metrics.decided
        events = [("judged", d.events), ("refused", d.refused), ("repeated", d.repeated)]
        yield _counter("tidegate_events", "Events by what became of them", "outcome", events)
        types = [(BY_CODE[code].type_name, n) for code, n in d.types.copy().items()]
        yield _counter("tidegate_events_by_type", "Events by type", "type", types)
        yield _counter("tidegate_decisions", "Decisions by verdict", "verdict", d.verdicts.copy().items())
        yield CounterMetricFamily("tidegate_timers", "Deadlines that fired a rule", value=d.timers)
        yield _counter("tidegate_sanctions", "Measures opened", "sanction", d.sanctions.copy().items())
        yield _counter("tidegate_cases", "Cases opened", "queue", d.cases.copy().items())
        reconciled = self.service.reconciling
        if reconciled is not None:
            yield CounterMetricFamily(
                "tidegate_fallbacks",
                "Answers given before the decision, later decided",
                value=reconciled.count,
            )
            yield CounterMetricFamily(
                "tidegate_fallbacks_differing",
                "Those of them that said something else",
                value=reconciled.differing,
            )

    def _rules(self) -> Iterator[Metric]:
        d = self.metrics.decided
        policy = self.service.policy
        quotas = {quota.id for quota in policy.quotas}
        rows = CounterMetricFamily(
            "tidegate_rule",
            "Events at which a rule fired, was undecided, or would have fired",
            labels=["rule", "outcome"],
        )
        advice = CounterMetricFamily(
            "tidegate_quota", "Events at which a quota was exceeded or undecided", labels=["quota", "outcome"]
        )
        for outcome, counts in (
            ("fired", d.fired.copy()),
            ("undecided", d.undecided()),
            ("shadow", d.shadow.copy()),
        ):
            for rule, n in sorted(counts.items()):
                (advice if rule in quotas else rows).add_metric([rule, outcome], n)
        for quota, n in sorted(d.exceeded.copy().items()):
            advice.add_metric([quota, "exceeded"], n)
        yield rows
        yield advice

    def _requests(self) -> Iterator[Metric]:
        requests = CounterMetricFamily("tidegate_requests", "Requests", labels=["route", "status"])
        for (route, status), n in sorted(self.metrics.requests.items()):
            requests.add_metric([route, str(status)], n)
        yield requests
        seconds = HistogramMetricFamily(
            "tidegate_request_seconds", "How long requests took", labels=["route"]
        )
        for route, found in sorted(self.metrics.request_s.items()):
            seconds.add_metric([route], found.buckets(), found.total)
        yield seconds
        answers = self.metrics.answer_s
        yield HistogramMetricFamily(
            "tidegate_answer_seconds",
            "From the last byte of a request for decisions to its answer",
            buckets=answers.buckets(),
            sum_value=answers.total,
        )

    def _queue(self) -> Iterator[Metric]:
        d, judging = self.metrics.decided, self.service.judging
        yield HistogramMetricFamily(
            "tidegate_batch_events",
            "Events judged at a time",
            buckets=d.batch_events.buckets(),
            sum_value=d.batch_events.total,
        )
        yield HistogramMetricFamily(
            "tidegate_batch_seconds",
            "How long a batch took: journal, sync, judging",
            buckets=d.batch_s.buckets(),
            sum_value=d.batch_s.total,
        )
        yield _gauge("tidegate_queue_events", "Events that wait to be judged", judging.waiting_events)
        yield _gauge("tidegate_queue_bytes", "Bytes of them", judging.waiting_bytes)
        yield _gauge(
            "tidegate_ready",
            "1 while decisions are to be had",
            float(self.service.ready and judging.stage == "ready"),
        )

    def _log(self) -> Iterator[Metric]:
        d = self.metrics.decided
        service, state = self.service, self.metrics.state
        yield _gauge("tidegate_log_position", "Events in the journal", d.position)
        yield _gauge("tidegate_checkpoint_position", "Events before the newest checkpoint", d.checkpointed)
        books = service.parts.get("ledger")
        known = getattr(books, "position", None)
        if known is not None:
            yield _gauge(
                "tidegate_ledger_position", "Newest event with consequences that the ledger knows", known
            )
            yield _gauge(
                "tidegate_ledger_waiting", "Decisions that wait to be entered", getattr(books, "_held", 0)
            )
        lag = (now_ms() - d.newest_ms) / 1000 if d.newest_ms else 0.0
        yield _gauge("tidegate_event_time_lag_seconds", "How far event time lies behind the clock", lag)
        size = GaugeMetricFamily("tidegate_state_bytes", "What the engine remembers", labels=["part"])
        size.add_metric(["kernels"], state.kernels)
        size.add_metric(["names"], state.names)
        yield size
        yield _gauge("tidegate_state_accounts", "Accounts that are remembered", state.accounts)
        yield _gauge(
            "tidegate_state_records",
            "Accounts and others with signals, labels or measures on record",
            state.records,
        )
