"""Random traffic for kernels: events with ties and late ones, fed in chunks, with upkeep in between."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tidegate.windows.chunk import Chunk

NAN = float("nan")
NULL = float("-inf")


@dataclass(frozen=True)
class Event:
    """`cells`: one value per field; a list (or NaN) for a list field."""

    kind: int
    ts: int
    cells: tuple[Any, ...]


@dataclass(frozen=True)
class Layout:
    """Scalar fields take one column each, then list fields two each, then come the outputs."""

    scalars: int
    lists: int
    outputs: int

    @property
    def first_output(self) -> int:
        return self.scalars + 2 * self.lists

    def list_column(self, field: int) -> int:
        return self.scalars + 2 * (field - self.scalars)

    def chunk(self, rows: int) -> Chunk:
        return Chunk(self.first_output + self.outputs, rows, 1)

    def load(self, chunk: Chunk, events: Sequence[Event]) -> bool:
        """Lay `events` out grouped by type; True when kernels must be bound again."""
        chunk.n = len(events)
        chunk.cols[:, :] = 12345.0  # what an earlier chunk left
        by_type = sorted(range(len(events)), key=lambda i: (events[i].kind, i))
        again = chunk.grow_items(sum(len(c) for e in events for c in e.cells if isinstance(c, list)))
        used = 0
        for p, i in enumerate(by_type):
            chunk.order[i], chunk.kind[p], chunk.ts[p] = p, events[i].kind, events[i].ts
            for field, cell in enumerate(events[i].cells):
                if field < self.scalars:
                    chunk.cols[field, p] = cell
                elif not isinstance(cell, list):
                    chunk.cols[self.list_column(field), p] = cell
                else:
                    chunk.cols[self.list_column(field), p] = used
                    chunk.cols[self.list_column(field) + 1, p] = len(cell)
                    chunk.items[used : used + len(cell)] = cell
                    used += len(cell)
        return again


@dataclass(frozen=True)
class Upkeep:
    """What happens between two chunks, drawn from `seed`; each with the given chance."""

    seed: int = 0
    sweep: float = 0.0
    reload: float = 0.0
    forget: float = 0.0


CALM = Upkeep()


def feed(
    make: Callable[[], Any],
    events: Sequence[Event],
    layout: Layout,
    size: int = 512,
    upkeep: Upkeep = CALM,
) -> np.ndarray:
    """Outputs, one row per event; `make` builds a kernel with its routes set."""
    chance = random.Random(upkeep.seed)
    kernel, chunk = make(), layout.chunk(size)
    kernel.bind(chunk)
    rows: list[np.ndarray] = []
    newest = 0
    for start in range(0, len(events), size):
        part = events[start : start + size]
        if layout.load(chunk, part):
            kernel.bind(chunk)
        kernel.step(len(part))
        rows.append(chunk.cols[layout.first_output :, chunk.order[: len(part)]].T.copy())
        newest = max(newest, *(e.ts for e in part))
        if chance.random() < upkeep.sweep:
            kernel.sweep(newest, chance.choice([1, 3, 100]))
        if chance.random() < upkeep.reload:
            state = kernel.state()
            kernel = make()
            kernel.restore(state)
            kernel.bind(chunk)
        if chance.random() < upkeep.forget:
            for slot in np.flatnonzero(np.asarray(kernel.live(newest)) == 0):
                kernel.forget(int(slot))
        assert kernel.nbytes() >= 0
    return np.vstack(rows) if rows else np.zeros((0, layout.outputs))


def same(got: np.ndarray, want: Iterable[Sequence[float]]) -> None:
    """Fail at the first event whose outputs differ at all."""
    want = list(want)
    assert len(got) == len(want)
    for i, (g, w) in enumerate(zip(got, want, strict=True)):
        assert np.array_equal(g, np.array(w, float), equal_nan=True), f"event {i}: got {g}, want {w}"


def times(steps: Iterable[tuple[int, int]], lateness: int) -> list[int]:
    """Event times from (advance of the newest time, how much this event is late)."""
    newest, out = 1000, []
    for advance, late in steps:
        newest = max(newest, newest + advance)
        out.append(newest if late == 0 else newest - min(late, lateness))
        newest = max(newest, out[-1])
    return out


def streams(cells: Sequence[st.SearchStrategy[Any]], kinds: int, lateness: int, step: int) -> Any:
    """Hypothesis strategy of event lists; most in order, some late, many tied."""
    one = st.tuples(
        st.integers(0, kinds - 1),
        st.one_of(st.just(0), st.integers(0, step)),
        st.one_of(st.just(0), st.integers(0, 2 * lateness)),  # half of them as late as can be
        st.tuples(*cells),
    )
    return st.lists(one, max_size=60).map(
        lambda rows: [
            Event(kind, ts, cell)
            for (kind, _, _, cell), ts in zip(
                rows, times([(a, b) for _, a, b, _ in rows], lateness), strict=True
            )
        ]
    )


def upkeeps() -> st.SearchStrategy[Upkeep]:
    chance = st.sampled_from([0.0, 0.3, 1.0])
    return st.builds(Upkeep, seed=st.integers(0, 99), sweep=chance, reload=chance, forget=chance)


def sizes() -> st.SearchStrategy[int]:
    return st.sampled_from([1, 7, 512])


def is_open(flag: Any, cells: Sequence[Any]) -> bool:
    """What a gate says of an event whose scalar fields are its first columns."""
    if isinstance(flag, tuple):
        x = cells[flag[0]]
        return x == 1.0 or (x != x and flag[1])
    return flag == -2
