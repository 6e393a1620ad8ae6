"""Events placed by kind, against sorting them."""

import random

import numpy as np
import pytest
from tests.windows.interpreted import interpreted

from tidegate.windows.arrange import Arranger
from tidegate.windows.chunk import Chunk

plain = interpreted("arrange")


@pytest.mark.parametrize("make", [Arranger, plain.Arranger])
@pytest.mark.parametrize("seed", range(4))
def test_events_are_placed_by_kind_in_their_order(make, seed):
    rng = random.Random(seed)
    chunk = Chunk(3, 64)
    arranger = make(5)
    arranger.bind(chunk)
    for _ in range(20):
        total = rng.randrange(0, 80)
        kinds = np.array([rng.choice([-1, 0, 0, 2, 4][: 1 + seed + 1]) for _ in range(total)], np.int32)
        ts = np.array([rng.randrange(10**12) for _ in range(total)], np.int64)
        lo = rng.randrange(0, total + 1)
        hi = min(total, lo + 64)
        n = arranger.arrange(kinds, ts, lo, hi)
        events = [i for i in range(lo, hi) if kinds[i] >= 0]
        placed = sorted(events, key=lambda i: (kinds[i], i))
        assert (n, arranger.events.tolist()) == (len(events), events)
        assert chunk.kind[:n].tolist() == [kinds[i] for i in placed]
        assert chunk.ts[:n].tolist() == chunk.cols[0, :n].tolist() == [ts[i] for i in placed]
        assert [placed[p] for p in chunk.order[:n]] == events
        for kind, start, end in arranger.found:
            assert placed[start:end] == [i for i in events if kinds[i] == kind]
        assert sum(end - start for _, start, end in arranger.found) == n


@pytest.mark.parametrize("make", [Arranger, plain.Arranger])
def test_rows_go_to_their_columns(make):
    chunk = Chunk(4, 8)
    arranger = make(1)
    arranger.bind(chunk)
    values = np.arange(10.0).reshape(2, 5)
    arranger.fill(np.array([3, 1], np.int32), values, 1, 4, 2)
    assert chunk.cols[3, 2:5].tolist() == [1, 2, 3]
    assert chunk.cols[1, 2:5].tolist() == [6, 7, 8]
    assert np.isnan(chunk.cols[:, :2]).all()
    assert np.isnan(chunk.cols[:, 5:]).all()
