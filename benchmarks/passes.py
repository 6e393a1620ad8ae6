"""Where an engine's time goes, pass by pass: each timed per chunk, apart from the runs that are measured."""

from __future__ import annotations

# ruff: noqa: SLF001  it looks behind the curtain on purpose
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from tidegate.engine import Engine, engine

module: Any = engine  # its `lay_out` is replaced while a profile is taken


class Passes:
    """Wraps an engine's passes so that `spent` adds up the ns that each takes. The engine is not to be used otherwise."""

    def __init__(self, judging: Engine) -> None:
        self.spent: dict[str, int] = defaultdict(int)
        self._names = {id(kernel): name_of(kernel) for kernel in judging.plan.kernels}
        plan: Any = judging.plan
        schedule = plan.schedule
        schedules: dict[Any, Any] = {}

        def timed_schedule(present: Any) -> Any:
            key = tuple(present)
            if key not in schedules:
                schedules[key] = [(s, step and self._step(step)) for s, step in schedule(present)]
            return schedules[key]

        plan.schedule = timed_schedule
        plan.program = _Timed(plan.program, self)
        whole: Any = judging
        whole._look_closer = self._timed("look closer", whole._look_closer)
        whole._patterns.numbers = self._timed("patterns of undecided rules", whole._patterns.numbers)
        whole.upkeep.after_block = self._timed("upkeep", whole.upkeep.after_block)
        self._lay_out = self._timed("lay out", module.lay_out)

    def _step(self, step: Any) -> Callable[..., Any]:
        return self._timed(self._names.get(id(step.__self__), "local time"), step)

    def _timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any) -> Any:
            begun = time.process_time_ns()
            result = call(*args)
            self.spent[name] += time.process_time_ns() - begun
            return result

        return timed

    def run(self, work: Callable[[], None]) -> dict[str, int]:
        """Do the work; return the ns of every pass, the longest first, and of the rest as `between passes`."""
        original = module.lay_out
        module.lay_out = self._lay_out
        begun = time.process_time_ns()
        try:
            work()
        finally:
            module.lay_out = original
        self.spent["between passes"] = time.process_time_ns() - begun - sum(self.spent.values())
        return dict(sorted(self.spent.items(), key=lambda entry: -entry[1]))


class _Timed:
    """A program whose stages are timed."""

    def __init__(self, program: Any, passes: Passes) -> None:
        self.bind = program.bind
        self._run = program.run
        self._passes = passes

    def run(self, stage: int, site: int, start: int, end: int) -> None:
        begun = time.process_time_ns()
        self._run(stage, site, start, end)
        name = "expressions of single events" if end - start == 1 else f"expressions, stage {stage}"
        self._passes.spent[name] += time.process_time_ns() - begun


def name_of(kernel: Any) -> str:
    """Say what a kernel of a plan keeps."""
    return f"{kernel.family} per {', '.join(kernel.space)}: {kernel.about}"
