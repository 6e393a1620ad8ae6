"""How often a value changed from one event to the next, per slot and window."""

from bisect import bisect_right

import numpy as np

from tidegate.windows.route import ALWAYS, NEVER, flag_code

NAN = float("nan")


class ChangeCounter:
    """Per slot the values of the widest window and the lateness, and the one before them; a late value re-evaluates its successor."""

    def __init__(self, n_types, windows, *, lateness):
        self.windows = list(windows)
        self.keep = max(self.windows) + lateness
        self.routes = {}
        self.following = {}
        self.slots = {}
        self.newest = -1

    def bind(self, chunk):
        """Take the buffers of a chunk."""
        self.chunk = chunk

    def route(self, type_code, *, key, update=True, gate=ALWAYS, value=-1, outs=()):
        """Set what events of a type do; columns, -1 = none."""
        self.routes[type_code] = (key, value, flag_code(gate if update else NEVER), [int(c) for c in outs])

    def chain(self, type_code, then):
        """After an event of one type, follow the route of another type for the same event."""
        self.following[type_code] = then

    def step(self, n):
        """Process the first `n` events of the bound chunk, in arrival order."""
        for i in range(n):
            p = int(self.chunk.order[i])
            kind = int(self.chunk.kind[p])
            while kind >= 0:
                if kind in self.routes:
                    self._event(kind, p)
                kind = self.following.get(kind, -1)

    def _event(self, kind, p):
        key_col, value_col, (gate, unknown), outs = self.routes[kind]
        cols = self.chunk.cols
        key, t = cols[key_col, p], int(self.chunk.ts[p])
        if not key >= 0:
            for col in outs:
                if col >= 0:
                    cols[col, p] = 0.0 if key == -1 else NAN
            return
        self.newest = max(self.newest, t)
        g = cols[gate, p] if gate >= 0 else float(gate == ALWAYS)
        times, values = self.slots.setdefault(int(key), ([], []))
        if value_col >= 0 and (g == 1.0 or (g != g and unknown)) and cols[value_col, p] == cols[value_col, p]:
            at = bisect_right(times, t)
            times.insert(at, t)
            values.insert(at, float(cols[value_col, p]))
            while len(times) > 1 and times[1] <= self.newest - self.keep:
                del times[0], values[0]
        last = bisect_right(times, t)
        for window, col in zip(self.windows, outs, strict=True):
            if col >= 0:
                first = max(1, bisect_right(times, t - window))
                cols[col, p] = float(sum(values[j] != values[j - 1] for j in range(first, last)))

    def sweep(self, now, budget):
        """Nothing to do: records are dropped as new ones come."""
        return 0

    def live(self, now):
        """Which slots hold anything: for good, the last value does."""
        mask = np.zeros(max(self.slots, default=-1) + 1, np.uint8)
        mask[list(self.slots)] = 1
        return mask

    def forget(self, slot):
        """Drop a slot."""
        self.slots.pop(slot, None)

    def state(self):
        """Return the state as plain data."""
        return {"newest": self.newest, "slots": [[s, t, v] for s, (t, v) in self.slots.items()]}

    def restore(self, state):
        """Load a state."""
        self.newest = state["newest"]
        self.slots = {s: (list(t), list(v)) for s, t, v in state["slots"]}

    def nbytes(self):
        """Bytes in use, about."""
        return sum(200 + 80 * len(t) for t, _ in self.slots.values())
