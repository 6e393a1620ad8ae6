"""One event at a time, without the arrays that pay off only for many: the same passes over position 0 of the chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.engine.encode import Encoder
    from tidegate.engine.plan import Plan
    from tidegate.events.record import Record


class SingleEvents:
    """Lays out and runs single events over a plan; `site_of` is the site of each type code, -1 where the plan does not read it."""

    def __init__(self, plan: Plan, encoder: Encoder) -> None:
        self.plan = plan
        self.site_of: list[int] = plan.site_of_code.tolist()
        self._encoder = encoder
        self._routes = [plan.route((site.number,)) for site in plan.sites]

    def run(self, record: Record, ts: int, site: int) -> bool:
        """Run the passes over one event; False where it needs the general way: its lists are long, and nothing was done."""
        if site < 0:
            return True
        if not self._encoder.one(record, site):
            return False
        plan = self.plan
        plan.chunk.n = 1
        plan.arranger.place_one(site, ts)
        plan.driver.run(self._routes[site], 1)
        return True
