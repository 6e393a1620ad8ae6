"""WindowCounter: below 150 ns per event with 6 windows x 4 lanes, at most 300 bytes per slot at 26 events in 7 days."""

import time

import numpy as np

from tidegate.windows.chunk import Chunk
from tidegate.windows.counter import WindowCounter

SECOND, HOUR, DAY = 1000, 3_600_000, 86_400_000
WINDOWS = [10 * SECOND, 60 * SECOND, 10 * 60 * SECOND, HOUR, DAY, 7 * DAY]
LANES, ROWS, SLOTS = 4, 512, 100_000
LATENESS = 5 * 60 * SECOND


def traffic(n, spread, late, weights):
    """Arrival times over `spread` ms, slots by weight, and four lanes."""
    rng = np.random.default_rng(7)
    ts = np.sort(rng.integers(0, spread, n)) + 10**12
    moved = rng.random(n) < late
    ts[moved] -= rng.integers(0, LATENESS, int(moved.sum()))
    np.maximum(ts, np.maximum.accumulate(ts) - LATENESS, out=ts)
    slots = rng.permutation(SLOTS)[np.searchsorted(np.cumsum(weights) / np.sum(weights), rng.random(n))]
    return slots.astype(float), ts, (rng.random((LANES, n)) < 0.5).astype(float)


def feed(slots, ts, lanes, outputs, sweep):
    """The counter afterwards and ns per event spent in `step` and `sweep`."""
    chunk = Chunk(1 + LANES + len(WINDOWS) * LANES, ROWS)
    counter = WindowCounter(1, WINDOWS, LANES, lateness=LATENESS)
    outs = np.arange(1 + LANES, len(chunk.cols)).reshape(len(WINDOWS), LANES)
    counter.route(
        0, key=0, flags=[(1 + j, False) for j in range(LANES)], outs=outs if outputs else 0 * outs - 1
    )
    counter.bind(chunk)
    spent = 0
    for i, lo in enumerate(range(0, len(ts), ROWS)):
        n = min(ROWS, len(ts) - lo)
        chunk.ts[:n] = ts[lo : lo + n]
        chunk.cols[0, :n] = slots[lo : lo + n]
        chunk.cols[1 : 1 + LANES, :n] = lanes[:, lo : lo + n]
        begun = time.process_time_ns()
        counter.step(n)
        if sweep and i % 4 == 0:
            counter.sweep(int(chunk.ts[:n].max()), SLOTS // 1000)
        spent += time.process_time_ns() - begun
    return counter, spent / len(ts)


def main():
    """Print speed on 1 M events and memory in the steady state."""
    rank = np.arange(1, SLOTS + 1)
    zipf, even = 1.0 / rank, np.ones(SLOTS)
    for name, weights, late in (("zipf", zipf, 0.0), ("zipf, 1% late", zipf, 0.01), ("even", even, 0.0)):
        data = traffic(1_000_000, 7 * DAY, late, weights)
        rounds = [feed(*data, outputs=True, sweep=True)[1] for _ in range(3)]
        print(f"{name}: {min(rounds):.0f} ns per event (three runs: {', '.join(f'{r:.0f}' for r in rounds)})")
    counter, spent = feed(*traffic(1_000_000, 7 * DAY, 0.0, zipf), outputs=False, sweep=True)
    print(f"zipf, storing only: {spent:.0f} ns per event")
    for name, weights in (("zipf", zipf), ("even", even)):
        data = traffic(26 * SLOTS * 2, 14 * DAY, 0.0, weights)
        counter, spent = feed(*data, outputs=True, sweep=True)
        now = int(data[1].max())
        active = int(counter.live(now).sum())
        print(f"{name}, 26 events per slot in 7 days: {spent:.0f} ns per event, "
              f"{counter.nbytes() / SLOTS:.0f} bytes per slot, {counter.nbytes() / active:.0f} per active one, "
              f"rings {counter.state()['ring_words'].nbytes / SLOTS:.0f}")  # fmt: skip


if __name__ == "__main__":
    main()
