"""Where an engine's time goes, pass by pass: each timed per chunk, in CPU time.

It wraps what the engine calls, so the engine under it is good for nothing else afterwards.
"""

from __future__ import annotations

# ruff: noqa: SLF001, ANN401  it looks behind the curtain on purpose, and wraps calls of any kind
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from tidegate.engine import Engine, engine

LOCAL_TIME = "local time"
EXPRESSIONS = "expressions"
module: Any = engine  # its `lay_out` is replaced while a profile is taken


class Passes:
    """Wraps an engine's passes so that `spent` adds up the ns that each takes. The engine is not to be used otherwise."""

    def __init__(self, judging: Engine) -> None:
        self.spent: dict[str, int] = defaultdict(int)
        self.of_kernel = [0] * len(judging.plan.kernels)
        self._kernels = {id(kernel.state): number for number, kernel in enumerate(judging.plan.kernels)}
        self._names = [name_of(kernel) for kernel in judging.plan.kernels]
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
        whole._patterns.enter = self._timed("patterns of undecided rules", whole._patterns.enter)
        whole.upkeep.after_block = self._timed("upkeep", whole.upkeep.after_block)
        self._lay_out = self._timed("lay out", module.lay_out)
        whole._encoder.block = self._timed("encode", whole._encoder.block)

    def _step(self, step: Any) -> Callable[..., Any]:
        number = self._kernels.get(id(step.__self__))
        if number is None:
            return self._timed(LOCAL_TIME, step)

        def timed(n: int) -> None:
            begun = time.process_time_ns()
            step(n)
            took = time.process_time_ns() - begun
            self.of_kernel[number] += took
            self.spent[self._names[number]] += took

        return timed

    def _timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any) -> Any:
            begun = time.process_time_ns()
            result = call(*args)
            self.spent[name] += time.process_time_ns() - begun
            return result

        return timed

    def run(self, work: Callable[[], None]) -> dict[str, int]:
        """Do the work; return the ns of every pass, the longest first, and of the rest as `between passes`."""
        original, module.lay_out = module.lay_out, self._lay_out
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
        self.clear = program.clear
        self._run = program.run
        self._run_all = program.run_all
        self._passes = passes

    def run(self, stage: int, site: int, start: int, end: int) -> None:
        begun = time.process_time_ns()
        self._run(stage, site, start, end)
        self._passes.spent[f"{EXPRESSIONS} of single events"] += time.process_time_ns() - begun

    def run_all(self, stage: int, n: int) -> None:
        begun = time.process_time_ns()
        self._run_all(stage, n)
        self._passes.spent[f"{EXPRESSIONS}, stage {stage}"] += time.process_time_ns() - begun


def name_of(kernel: Any) -> str:
    """Say what a kernel of a plan keeps."""
    return f"{kernel.family} per {', '.join(kernel.space)}: {kernel.about}"
