"""Which members two slots have in common, estimated by bottom-k MinHash."""

from bisect import bisect_left

import numpy as np

from tidegate.windows.route import ALWAYS, NEVER, flag_code

NAN = float("nan")
MASK = (1 << 64) - 1


def mix(x):
    """A fixed 64-bit mix of a member."""
    x = (x + 1) * 0x9E3779B97F4A7C15 & MASK
    x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93 & MASK
    return x ^ (x >> 29)


class Sketch:
    """The k least hashes of the members ever added to a slot; the similarity is off by about 1 / sqrt(k). It has no time."""

    def __init__(self, n_types, k=256, *, lateness):
        self.k = k
        self.routes = {}
        self.following = {}
        self.slots = {}

    def bind(self, chunk):
        """Take the buffers of a chunk."""
        self.chunk = chunk

    def route(self, type_code, *, key, update=True, gate=ALWAYS, member=-1, against=-1, out=-1):
        """Set what events of a type do; columns, -1 = none."""
        self.routes[type_code] = (key, member, flag_code(gate if update else NEVER), against, out)

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
        key_col, member_col, (gate, unknown), against, out = self.routes[kind]
        cols = self.chunk.cols
        key = cols[key_col, p]
        if key >= 0 and member_col >= 0 and cols[member_col, p] >= 0:
            g = cols[gate, p] if gate >= 0 else float(gate == ALWAYS)
            if g == 1.0 or (g != g and unknown):
                self._add(int(key), mix(int(cols[member_col, p])))
        if out >= 0:
            other = cols[against, p] if against >= 0 else NAN
            cols[out, p] = self._similarity(int(key), int(other)) if key >= 0 and other >= 0 else NAN

    def _add(self, slot, h):
        least = self.slots.setdefault(slot, [])
        at = bisect_left(least, h)
        if at < self.k and (at == len(least) or least[at] != h):
            least.insert(at, h)
            del least[self.k :]

    def _similarity(self, a, b):
        first, second = self.slots.get(a), self.slots.get(b)
        if not first or not second:
            return NAN
        union = sorted(set(first) | set(second))[: self.k]
        return len(set(first) & set(second) & set(union)) / len(union)

    def sweep(self, now, budget):
        """Nothing expires."""
        return 0

    def live(self, now):
        """Which slots hold anything."""
        mask = np.zeros(max(self.slots, default=-1) + 1, np.uint8)
        mask[list(self.slots)] = 1
        return mask

    def forget(self, slot):
        """Drop a slot."""
        self.slots.pop(slot, None)

    def state(self):
        """Return the state as plain data."""
        return {"slots": [[s, [h.to_bytes(8, "little") for h in v]] for s, v in self.slots.items()]}

    def restore(self, state):
        """Load a state."""
        self.slots = {s: [int.from_bytes(h, "little") for h in v] for s, v in state["slots"]}

    def nbytes(self):
        """Bytes in use, about."""
        return sum(100 + 40 * len(v) for v in self.slots.values())
