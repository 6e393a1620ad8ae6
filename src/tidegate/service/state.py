"""What every route may reach: `request.app.state.service`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from tidegate.service.problem import Problem

if TYPE_CHECKING:
    from tidegate.ledger import Ledger
    from tidegate.policy import Policy
    from tidegate.service.access.custody import Custody
    from tidegate.service.access.roles import Admits
    from tidegate.service.judging import Judging
    from tidegate.service.observe.metrics import Metrics
    from tidegate.service.parts import Part
    from tidegate.service.reconciling import Reconciling
    from tidegate.service.settings import Settings

P = TypeVar("P")


@dataclass
class Service:
    """One server's parts. `ledger` and `custody` are None, and nobody is admitted, until the server is `ready`."""

    judging: Judging
    policy: Policy
    settings: Settings
    access: Admits
    metrics: Metrics
    ledger: Ledger | None = None
    custody: Custody | None = None
    reconciling: Reconciling | None = None
    ready: bool = False  # recovered, and all parts started
    parts: dict[str, Part] = field(default_factory=dict)  # what it does besides answering, by name

    def part(self, name: str, kind: type[P]) -> P:
        """Return a part; raise Problem where the server does not have it, which needs open books."""
        found = self.parts.get(name)
        if not isinstance(found, kind):
            raise Problem(503, "not-ready", "the server has no books open", retry_after_s=2)
        return found
