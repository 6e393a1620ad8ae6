"""How alike the newest vectors of entities are: cosine of the angle between two of them.

Vectors are profiles that arrive once in a while, so that plain Python does; nothing here is compiled.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tidegate.windows.kernel import Kernel
from tidegate.windows.route import ALWAYS, NEVER, Flag, flag_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.windows.chunk import Chunk

DECIMALS: Final = 9  # beyond, a cosine is rounding
_NAN = float("nan")

Version = tuple[int, tuple[float, ...]]  # since when, and the vector


@dataclass(frozen=True)
class _Path:
    key: int
    gate: int
    unknown: int
    vector: int
    to_key: int
    to_vector: int
    out: int


class Vectors(Kernel):
    """The newest vector per slot before or at each event; all times in ms.

    `lateness`: ms an event may be older than the newest one seen. Versions that no event to come can see are let go.
    Exact for any order of arrival within the lateness, any chunking and any sweeping.
    Memory: about 100 bytes per slot and 32 per number of its vector, once more for each version of the last `lateness` ms.
    """

    def __init__(self, n_types: int, *, lateness: int) -> None:
        self.path: list[_Path | None] = [None] * n_types
        self.next_route = [-1] * n_types
        self.lateness = lateness
        self.newest = -1
        self.held: dict[int, list[Version]] = {}
        self.chunk: Chunk

    def bind(self, chunk: Chunk) -> None:
        """Take the buffers of a chunk."""
        self.chunk = chunk

    def route(
        self, type_code: int, *, key: int, update: bool = True, gate: Flag = ALWAYS,
        vector: int = -1, to_key: int = -1, to_vector: int = -1, out: int = -1,
    ) -> None:  # fmt: skip
        """Set what events of a type do. Columns: -1 = none.

        `vector` is a list of numbers that slot `key` has from the event on; `out` is how alike it is to that of slot
        `to_key`, or to the list `to_vector`: -1 to 1, NaN where one is not known, is 0 throughout, or has another length.
        """
        code, unknown = flag_code(gate if update and vector >= 0 else NEVER)
        self.path[type_code] = _Path(key, code, unknown, vector, to_key, to_vector, out)

    def chain(self, type_code: int, then: int) -> None:
        """After an event of one type, follow the route of another type for the same event: a reading by another key."""
        self.next_route[type_code] = then

    def step(self, n: int) -> None:
        """Process the first `n` events of the bound chunk, in arrival order."""
        chunk = self.chunk
        for p in chunk.order[:n].tolist():
            kind = int(chunk.kind[p])
            while kind >= 0:
                path = self.path[kind]
                if path is not None:
                    self._event(path, p)
                kind = self.next_route[kind]

    def _event(self, path: _Path, p: int) -> None:
        cols, ts = self.chunk.cols, int(self.chunk.ts[p])
        key = cols[path.key, p]
        self.newest = max(self.newest, ts)
        if key >= 0 and self._is_open(path.gate, path.unknown, p):
            given = self._given(path.vector, p)
            if given is not None:
                self._add(int(key), ts, given)
        if path.out < 0:
            return
        own = self._at(key, ts)
        to = self._given(path.to_vector, p) if path.to_vector >= 0 else None
        if path.to_key >= 0:
            to = self._at(cols[path.to_key, p], ts)
        cols[path.out, p] = cosine(own, to)

    def _is_open(self, gate: int, unknown: int, p: int) -> bool:
        if gate < 0:
            return gate == ALWAYS
        x = self.chunk.cols[gate, p]
        return bool(x == 1.0 or (x != x and unknown == 1))

    def _given(self, column: int, p: int) -> tuple[float, ...] | None:
        """The list that an event carries; None where it is not known, or none."""
        offset, length = self.chunk.cols[column, p], self.chunk.cols[column + 1, p]
        if not offset >= 0:
            return None
        return tuple(self.chunk.items[int(offset) : int(offset) + int(length)].tolist())

    def _add(self, slot: int, ts: int, vector: tuple[float, ...]) -> None:
        versions = self.held.setdefault(slot, [])
        versions.insert(bisect_right(versions, ts, key=_since), (ts, vector))
        self._thin(versions)

    def _thin(self, versions: list[Version]) -> None:
        """Drop what all events to come find replaced."""
        del versions[: max(0, bisect_right(versions, self.newest - self.lateness, key=_since) - 1)]

    def _at(self, key: float, ts: int) -> tuple[float, ...] | None:
        versions = self.held.get(int(key), []) if key >= 0 else []
        at = bisect_right(versions, ts, key=_since)
        return versions[at - 1][1] if at else None

    # ---- upkeep

    def sweep(self, now: int, budget: int) -> int:
        """Nothing is forgotten for good: what is replaced goes when a newer version comes."""
        del budget
        self.newest = max(self.newest, now)
        return 0

    def live(self, now: int) -> NDArray[np.uint8]:
        """1 for each slot that has a vector, whatever `now`."""
        del now
        answer = np.zeros(max(self.held, default=-1) + 1, np.uint8)
        answer[list(self.held)] = 1
        return answer

    def forget(self, slot: int) -> None:
        """Leave a slot as if never seen."""
        self.held.pop(slot, None)

    def state(self) -> dict[str, Any]:
        """Everything remembered, as arrays and ints."""
        rows = [(slot, ts, len(v)) for slot, versions in self.held.items() for ts, v in versions]
        flat = [x for versions in self.held.values() for _, v in versions for x in v]
        return {
            "versions": np.array(rows, np.int64).reshape(-1, 3),
            "numbers": np.array(flat, np.float64),
            "newest": self.newest,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over a `state()`, in a kernel built with the same arguments."""
        self.newest = int(state["newest"])
        self.held = {}
        numbers, at = np.asarray(state["numbers"]).tolist(), 0
        for slot, ts, length in np.asarray(state["versions"]).reshape(-1, 3).tolist():
            self.held.setdefault(slot, []).append((ts, tuple(numbers[at : at + length])))
            at += length

    def nbytes(self) -> int:
        """Bytes in use, about."""
        return sum(100 + sum(64 + 32 * len(v) for _, v in versions) for versions in self.held.values())


def _since(version: Version) -> int:
    return version[0]


def cosine(a: tuple[float, ...] | None, b: tuple[float, ...] | None) -> float:
    """Return how alike two vectors are; NaN where that cannot be said.

    >>> cosine((3.0, 4.0), (1.0, 0.0)), cosine((1.0,), (1.0, 0.0))
    (0.6, nan)
    """
    if a is None or b is None or len(a) != len(b):
        return _NAN
    lengths = math.hypot(*a) * math.hypot(*b)
    if not 0 < lengths < math.inf:
        return _NAN
    return round(math.fsum(x * y for x, y in zip(a, b, strict=True)) / lengths, DECIMALS)
