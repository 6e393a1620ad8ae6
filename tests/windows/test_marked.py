"""Marks collected from chunks, against a loop in plain Python."""

import numpy as np
import pytest
from tests.windows.interpreted import interpreted

from tidegate.windows.chunk import Chunk
from tidegate.windows.marked import Marked

COLUMNS = {0: {70: (0, 1), 3: (2, 3)}, 2: {3: (1, 0), 64: (3, 3), 65: (0, 0)}}  # type -> mark -> its figures


def random_chunk(seed: int) -> tuple[Chunk, np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    n = int(chance.integers(1, 200))
    chunk = Chunk(4, 256)
    chunk.n = n
    chunk.kind[:n] = np.sort(chance.integers(0, 3, n))
    chunk.order[:n] = chance.permutation(n)
    chunk.cols[:, :n] = chance.random((4, n))
    words, hit = np.zeros((2, 256), np.uint64), np.zeros(256, np.uint8)
    for p in range(n):
        for mark in COLUMNS.get(int(chunk.kind[p]), ()):
            if chance.random() < 0.2:
                words[mark >> 6, p] |= np.uint64(1 << (mark & 63))
                hit[p] = 1
    return chunk, words, hit, np.where(chance.random(n) < 0.9, chance.permutation(n), -1)


def expected(chunk: Chunk, words: np.ndarray, events: np.ndarray) -> list[tuple[int, list, list, list]]:
    found = []
    for type_code, marks in sorted(COLUMNS.items()):
        for mark, (first, second) in sorted(marks.items()):
            rows = [
                (int(event), chunk.cols[first, p], chunk.cols[second, p])
                for p, event in zip(chunk.order[: len(events)], events, strict=True)
                if event >= 0 and chunk.kind[p] == type_code and int(words[mark >> 6, p]) >> (mark & 63) & 1
            ]
            if rows:
                found.append((mark, *(list(column) for column in zip(*rows, strict=True))))
    return found


@pytest.mark.parametrize("kernel", [Marked, interpreted("marked").Marked])
def test_marks_of_random_chunks(kernel: type) -> None:
    marked = kernel(COLUMNS)
    for seed in range(40):
        chunk, words, hit, events = random_chunk(seed)
        marked.bind(chunk, words, hit)
        got = [
            (mark, *(column.tolist() for column in rows)) for mark, *rows in marked.collect(chunk.n, events)
        ]
        assert got == expected(chunk, words, events), seed


@pytest.mark.parametrize("kernel", [Marked, interpreted("marked").Marked])
def test_an_event_alone_has_the_marks_it_has_among_others(kernel: type) -> None:
    marked = kernel(COLUMNS)
    for seed in range(40):
        chunk, words, hit, events = random_chunk(seed)
        marked.bind(chunk, words, hit)
        chunk.order[0] = 0
        listed = [(mark, first[0], second[0]) for mark, _, first, second in marked.collect(1, events[:1] * 0)]
        assert marked.alone() == listed, seed
        assert marked.alone() == listed, "it leaves nothing behind"


def test_no_marks_at_all() -> None:
    chunk = Chunk(1, 8)
    marked = Marked({})
    marked.bind(chunk, np.zeros((1, 8), np.uint64), np.zeros(8, np.uint8))
    assert marked.collect(8, np.arange(8)) == []
