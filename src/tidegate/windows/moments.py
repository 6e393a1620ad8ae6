"""How many of an entity's moments are new: those of the newest list that was told of it, each by its own time.

Such lists are profiles that arrive once in a while, so that plain Python does; nothing here is compiled.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.windows.route import ALWAYS, NEVER, Flag, flag_code
from tidegate.windows.vectors import Vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAN = float("nan")
_NULL = float("-inf")


@dataclass(frozen=True)
class _Path:
    key: int
    gate: int
    unknown: int
    moments: int
    outs: tuple[int, ...]


class Moments(Vectors):
    """How many moments of the newest list per slot, of those before or at an event, lie in (t - w, t] per window; times in ms.

    A list that is null has none. NaN where no list was told. Lists are kept as `Vectors` keeps its versions, in order of time.
    """

    def __init__(self, n_types: int, windows: Sequence[int], *, lateness: int) -> None:
        super().__init__(n_types, lateness=lateness)
        self.windows = tuple(windows)
        self.path: list[_Path | None] = [None] * n_types  # type: ignore[assignment]  # as in `route`

    def route(  # type: ignore[override]  # another kind of list, and several figures
        self, type_code: int, *, key: int, update: bool = True, gate: Flag = ALWAYS,
        moments: int = -1, outs: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """Set what events of a type do. Columns: -1 = none.

        `moments` is the list that slot `key` has from the event on; `outs`, per window, go the figures.
        """
        code, unknown = flag_code(gate if update and moments >= 0 else NEVER)
        self.path[type_code] = _Path(key, code, unknown, moments, tuple(int(out) for out in outs))

    def _event(self, path: _Path, p: int) -> None:  # type: ignore[override]
        cols, ts = self.chunk.cols, int(self.chunk.ts[p])
        key = cols[path.key, p]
        self.newest = max(self.newest, ts)
        if key >= 0 and self._is_open(path.gate, path.unknown, p):
            offset, length = cols[path.moments, p], cols[path.moments + 1, p]
            if offset == _NULL:
                self._add(int(key), ts, ())
            elif offset >= 0:
                told = self.chunk.items[int(offset) : int(offset) + int(length)].tolist()
                self._add(int(key), ts, tuple(sorted(told)))
        if not path.outs:
            return
        held = self._at(key, ts)
        for window, out in zip(self.windows, path.outs, strict=True):
            if out >= 0:
                cols[out, p] = (
                    _NAN if held is None else bisect_right(held, ts) - bisect_right(held, ts - window)
                )
