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
from tidegate.windows.fingerprints import Fingerprints
from tidegate.windows.local_time import LocalTimes
from tidegate.windows.program import Stage

LOCAL_TIME = "local time"
EXPRESSIONS = "expressions"
OTHERS = "forgetting"
FINGERPRINTS = "fingerprints"
module: Any = engine  # its `lay_out` is replaced while a profile is taken


class Passes:
    """Wraps an engine's passes so that `spent` adds up the ns that each takes. The engine is not to be used otherwise."""

    def __init__(self, judging: Engine) -> None:
        self.spent: dict[str, int] = defaultdict(int)
        self.of_kernel = [0] * len(judging.plan.kernels)
        self._kernels = {id(kernel.stepped): number for number, kernel in enumerate(judging.plan.kernels)}
        self._names = [name_of(kernel) for kernel in judging.plan.kernels]
        plan: Any = judging.plan
        plan.driver = _Timed(plan.driver, self)
        run = self._timed(f"{EXPRESSIONS} of single events", plan.program.run)
        plan.program = _OneByOne(plan.program, run)
        whole: Any = judging
        whole._look_closer = self._timed("look closer", whole._look_closer)
        whole._patterns.enter = self._timed("patterns of undecided rules", whole._patterns.enter)
        whole.upkeep.after_block = self._timed("upkeep", whole.upkeep.after_block)
        self._lay_out = self._timed("lay out", module.lay_out)
        whole._encoder.block = self._timed("encode", whole._encoder.block)

    def step(self, kernel: Any, n: int) -> None:
        """Run a kernel, or a stage of expressions, over the chunk."""
        begun = time.process_time_ns()
        kernel.step(n)
        took = time.process_time_ns() - begun
        if isinstance(kernel, Stage):
            self.spent[f"{EXPRESSIONS}, stage {kernel.stage}"] += took
        elif isinstance(kernel, LocalTimes):
            self.spent[LOCAL_TIME] += took
        elif isinstance(kernel, Fingerprints):
            self.spent[FINGERPRINTS] += took
        elif (number := self._kernels.get(id(kernel))) is not None:
            self.of_kernel[number] += took
            self.spent[self._names[number]] += took
        else:
            self.spent[OTHERS] += took

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
    """A driver that runs kernel by kernel, each timed."""

    def __init__(self, driver: Any, passes: Passes) -> None:
        self.route = driver.route
        self._kernels = driver.kernels_of
        self._passes = passes

    def run(self, route: int, n: int) -> None:
        for kernel in self._kernels(route):
            self._passes.step(kernel, n)


class _OneByOne:
    """A program whose runs over single events are timed."""

    def __init__(self, program: Any, run: Callable[..., Any]) -> None:
        self.bind = program.bind
        self.run = run


def name_of(kernel: Any) -> str:
    """Say what a kernel of a plan keeps."""
    of = f"per {', '.join(kernel.space)}" if kernel.space else "overall"
    return f"{kernel.family} {of}: {kernel.about}"
