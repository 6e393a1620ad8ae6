"""What the server counts and measures, as Prometheus reads it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry


class Metrics:
    """All metrics of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
