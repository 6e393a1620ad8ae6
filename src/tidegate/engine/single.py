"""One event at a time, without the arrays that pay off only for many: the same passes over position 0 of the chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.engine.encode import Encoder
    from tidegate.engine.plan import Plan
    from tidegate.events import EventBlock


class SingleEvents:
    """Lays out and runs single events over a plan. `run` refuses (False) what needs the general way: long lists."""

    def __init__(self, plan: Plan, encoder: Encoder) -> None:
        self.plan = plan
        self._encoder = encoder
        self._site_of = plan.site_of_code.tolist()

    def site(self, block: EventBlock) -> int:
        """Return the site of the only event of a block; -1 where the plan does not read such events."""
        return int(self._site_of[block.records[0].type_code])

    def run(self, block: EventBlock, site: int) -> bool:
        """Run the passes over the only event of a block; False where nothing was done."""
        if not self._encoder.one(block.records[0], site):
            return False
        plan = self.plan
        plan.chunk.n = 1
        plan.arranger.place_one(site, block.ts[0])
        plan.driver.run(plan.route((site,)), 1)
        return True
