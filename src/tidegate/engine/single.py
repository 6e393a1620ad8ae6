"""One event at a time, without the arrays that pay off only for many: the same passes over position 0 of the chunk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.engine.encode import Encoder
    from tidegate.engine.plan import PlacedSite, Plan
    from tidegate.events import EventBlock

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class SiteSteps:
    """What an event of one site takes: the columns of standing, the passes."""

    standing: tuple[tuple[int, int], ...]
    passes: tuple[Callable[[], object], ...]


class SingleEvents:
    """Lays out and runs single events over a plan. `run` refuses (False) what needs the general way: long lists."""

    def __init__(self, plan: Plan, encoder: Encoder) -> None:
        self.plan = plan
        self._encoder = encoder
        self._ready = tuple(self._site_steps(site) for site in plan.sites)
        self._site_of = plan.site_of_code.tolist()

    def _site_steps(self, site: PlacedSite) -> SiteSteps:
        passes: list[Callable[[], object]] = [
            partial(self.plan.program.run, stage, site.number, 0, 1) if step is None else partial(step, 1)
            for stage, step in self.plan.schedule((site.number,))
        ]
        return SiteSteps(tuple((key, own) for _, key, own in site.standing), tuple(passes))

    def site(self, block: EventBlock) -> int:
        """Return the site of the only event of a block; -1 where the plan does not read such events."""
        return int(self._site_of[block.records[0].type_code])

    def run(self, block: EventBlock, site: int) -> bool:
        """Run the passes over the only event of a block; False where nothing was done."""
        if not self._encoder.one(block.records[0], site):
            return False
        plan, ts = self.plan, int(block.ts[0])
        steps = self._ready[site]
        chunk = plan.chunk
        chunk.n = 1
        chunk.order[0] = 0
        chunk.kind[0] = site
        chunk.ts[0] = ts
        cols = chunk.cols
        cols[0, 0] = ts
        plan.program.clear(1)
        for key, own in steps.standing:
            cols[own, 0] = 0.0 if cols[key, 0] >= 0 else NAN
        for run in steps.passes:
            run()
        return True
