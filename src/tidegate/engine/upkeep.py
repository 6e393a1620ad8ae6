"""Keeping memory small: what no event to come can see is freed, and ids of forgotten entities are used again.

Both are lossless. Kernels are swept a little at every block; ids are recycled when an id space has doubled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tidegate.engine.register import SPACES

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from tidegate.engine.compile.kernels import Kernel
    from tidegate.engine.plan import Plan
    from tidegate.engine.register import Register

SWEPT_PER_EVENT = (
    0.125  # slots per event and kernel: a slot comes round every few events per entity, at little cost
)
RECYCLE_FROM = 1 << 16  # ids in a space; below, there is nothing to gain
SWEEP_EVERY = 64  # events between two sweeps of a kernel, at least
SWEPT_AT_ONCE = round(SWEEP_EVERY * SWEPT_PER_EVENT)
LOOK_EVERY = 1 << 12  # events between two looks at which kernels hold anything
EXPIRE_EVERY = 1 << 16  # events between two looks at all records of entities
PARTS = 2  # of a pair
HISTORY_MS = 366 * 86_400_000  # how long measures taken are remembered, at least
LONG_KEPT = ("facts", "latest")  # kernels that often hold something of all there is


class Upkeep:
    """Frees what a plan holds in vain. `newest` is the newest event time; nothing within the lateness behind it is touched."""

    def __init__(self, plan: Plan, register: Register, lasting: tuple[int, ...]) -> None:
        self.plan = plan
        self.register = register
        self.lasting = lasting
        kernels = [k for k in plan.kernels if k.family != "pairs"]
        # with the bytes that each has to begin with
        self._empty: list[tuple[Any, int]] = [(k.state, k.state.nbytes()) for k in kernels]
        self._swept: list[Callable[[int, int], int]] = []  # of those that hold, or held, something
        self._unseen = LOOK_EVERY
        self._owed = 0  # events times kernels
        self._next = 0
        self._since_expiry = 0
        # those first whose parts are pairs of another one
        self._indexes = sorted(
            (k for k in plan.kernels if k.family == "pairs"), key=lambda k: len(k.space), reverse=True
        )
        self._held_after: dict[object, int] = {}  # by space, or by what pairs are of

    def after_block(self, newest: int, events: int) -> None:
        """Do a share of the work that is due after so many events."""
        self._unseen += events
        if self._unseen >= LOOK_EVERY:
            self._unseen = 0
            self._look()
        self._owed += events * len(self._swept)
        if self._owed >= SWEEP_EVERY:
            self._sweep(newest)
        self._since_expiry += events
        if self._since_expiry >= EXPIRE_EVERY:
            self._since_expiry = 0
            self.register.expire(newest - self.plan.lateness, self.lasting, HISTORY_MS)
            self._recycle_one(newest)

    def _look(self) -> None:
        """Sweep also the kernels that took something in since: most of a policy's hold nothing on most days."""
        filled = [kernel.nbytes() != at_first for kernel, at_first in self._empty]
        if any(filled):
            self._swept += [
                entry[0].sweep for entry, is_filled in zip(self._empty, filled, strict=True) if is_filled
            ]
            self._empty = [
                entry for entry, is_filled in zip(self._empty, filled, strict=True) if not is_filled
            ]

    def _sweep(self, newest: int) -> None:
        """Visit some slots of every kernel, or after few events more slots of some kernels: a call costs as much as a few."""
        swept, n = self._swept, len(self._swept)
        turns = self._owed // SWEEP_EVERY
        if turns >= n:
            for sweep in swept:
                sweep(newest, round(self._owed / n * SWEPT_PER_EVENT))
            self._owed = 0
            return
        for _ in range(turns):
            swept[self._next](newest, SWEPT_AT_ONCE)
            self._next = (self._next + 1) % n
        self._owed -= turns * SWEEP_EVERY

    def recycle(self, newest: int) -> int:
        """Give back the ids of all pairs and entities of which nothing is held; return how many of entities."""
        for index in self._indexes:
            self._release_pairs(index, newest)
        return sum(self._recycle(domain, newest) for domain in self.plan.names.spaces if domain)

    def _recycle_one(self, newest: int) -> None:
        """Do that for one index of pairs or one space that has doubled since: each takes as long as it is large."""
        for index in self._indexes:
            if self._has_doubled(len(index.state), _key(index)):
                self._release_pairs(index, newest)
                return
        for domain, space in self.plan.names.spaces.items():
            if domain and self._has_doubled(len(space), domain):
                self._recycle(domain, newest)
                return

    def _has_doubled(self, ids: int, key: object) -> bool:
        return ids >= max(RECYCLE_FROM, 2 * self._held_after.get(key, 0))

    def _recycle(self, domain: str, newest: int) -> int:
        """Give back the ids of the entities of a space of which nothing is held; return how many."""
        space = self.plan.names.spaces[domain]
        freed = len(space.recycle(self._held(domain, newest, space.bound())))
        self._held_after[domain] = len(space)
        if freed:
            self._renew_sieves((domain,), newest)
        return freed

    def _release_pairs(self, index: Kernel, newest: int) -> None:
        """Give back the ids of pairs of which no kernel holds anything, and which are no part of another pair."""
        after = (index.space, index.level + 1)
        keepers = [k for k in self.plan.kernels if (k.space, k.level) == after and k.family != "pairs"]
        ids = np.asarray(index.state.ids())
        held = _union(keepers, newest, int(ids[-1]) + 1 if len(ids) else 0)
        for wider in self._indexes:
            if (wider.space[:-1], wider.level) == after:
                held[np.asarray(wider.state.entries())[:, 0]] = 1
        gone = ids[held[ids] == 0]
        index.state.release_many(gone)
        self._held_after[_key(index)] = len(index.state)
        if len(gone):
            self._renew_sieves(index.space, newest)

    def _renew_sieves(self, space: tuple[str, ...], newest: int) -> None:
        """Let sieves forget what slots of a space no longer hold: they only stop less as long as they do not."""
        for kernel in self.plan.kernels:
            if kernel.sieve is not None and kernel.space == space:
                kernel.sieve.renew(newest)

    def _held(self, domain: str, newest: int, bound: int) -> NDArray[np.uint8]:
        """1 for each id of a space that something is held for, or that is a value, member or part of something held."""
        own = [k for k in self.plan.kernels if k.space == (domain,) and k.family != "pairs"]
        held = _union(own, newest, bound)
        if domain in SPACES:
            held[list(self.register.records[domain])] = 1
        if domain == "account":
            held[list(self.register.factors.held)] = 1
        held[list(self.plan.names.pinned.get(domain, ()))] = 1
        self._hold_parts(domain, held)  # before members: pairs are cheap to ask, and hold most
        for kernel in self.plan.kernels:
            if (kernel.members == domain or kernel.stored) and held.all():
                break  # nothing more to learn
            if kernel.members == domain:
                members = np.asarray(kernel.state.members(newest))
                held[members[members < bound]] = 1
            for number in [number for stored, number in kernel.stored if stored == domain]:
                held[_ids(kernel.state.values_held(number))] = 1
        return held

    def _hold_parts(self, domain: str, held: NDArray[np.uint8]) -> None:
        """Mark the ids that are half of a pair of which something is kept."""
        for kernel in self.plan.kernels:
            if kernel.family == "pairs" and domain in kernel.space:
                pairs = np.asarray(kernel.state.entries())
                # of three entities the first part is a pair of another index, which holds those of it
                parts = kernel.space if len(kernel.space) == PARTS else ("", kernel.space[-1])
                for part, entity in enumerate(parts):
                    if entity == domain:
                        held[pairs[:, part]] = 1


def _key(index: Kernel) -> tuple[object, ...]:
    return index.space, index.level


def _union(kernels: list[Kernel], newest: int, bound: int) -> NDArray[np.uint8]:
    """1 for each slot below `bound` of which a kernel holds something."""
    held = np.zeros(bound, np.uint8)
    for kernel in sorted(kernels, key=lambda kernel: kernel.family not in LONG_KEPT):
        if held.all():
            break  # nothing more to learn
        live = np.asarray(kernel.state.live(newest))[:bound]
        held[: len(live)] |= live
    return held


def _ids(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the ids among values of which some are not known or null."""
    return values[values >= 0].astype(np.int64)
