"""What the kernels must answer, recomputed from the list of all events with no state but that list."""

from dataclasses import dataclass, field

import numpy as np

from tidegate.windows.route import ALWAYS, NEVER


def known(x):
    return not np.isnan(x) and x != -np.inf


def flag_holds(flag, cols, p):
    if flag in (ALWAYS, NEVER):
        return flag == ALWAYS
    col, when_unknown = flag
    return cols[col, p] == 1.0 or bool(np.isnan(cols[col, p]) and when_unknown)


def slots_of(cols, items, p, key, key_many):
    """The slots an event is about, each once; None when not known."""
    if not known(cols[key, p]):
        return None
    if not key_many:
        return [int(cols[key, p])]
    first, length = int(cols[key, p]), int(cols[key + 1, p])
    return list(dict.fromkeys(int(x) for x in items[first : first + length] if known(x)))


@dataclass
class CounterOracle:
    """Same protocol as WindowCounter, quadratic and obvious."""

    windows: list[int]
    lanes: int
    sums: int
    starts: int
    horizon: int
    routes: dict = field(default_factory=dict)
    events: dict = field(default_factory=dict)  # slot -> [(ts, lanes, amounts)]

    def route(self, type_code, **route):
        self.routes[type_code] = route

    def step(self, chunk):
        for p in chunk.order[: chunk.n]:
            if (route := self.routes.get(int(chunk.kind[p]))) is not None:
                self.one(chunk, int(p), int(chunk.ts[p]), route)

    def one(self, chunk, p, t, route):
        cols = chunk.cols
        slots = slots_of(cols, chunk.items, p, route["key"], route.get("key_many", False))
        held = [flag_holds(flag, cols, p) for flag in route["flags"]]
        amounts = [int(cols[c, p]) if c >= 0 and known(cols[c, p]) else 0 for c in route["amounts"]]
        if slots is not None and route.get("update", True) and (any(held) or any(amounts)):
            for slot in slots:
                self.events.setdefault(slot, []).append((t, held, amounts))
        limits = [t - w for w in self.windows] + [self.after(cols[c, p], t) for c in route["start_cols"]]
        for k, line in enumerate(route["outs"]):
            for lane, col in enumerate(line):
                if col >= 0:
                    cols[col, p] = self.largest(slots, limits[k], t, lane)

    def after(self, start, t):
        return np.nan if np.isnan(start) else max(np.ceil(start) - 1, t - self.horizon)

    def largest(self, slots, limit, t, lane):
        if slots is None or np.isnan(limit):
            return np.nan
        return max((float(self.value(slot, limit, t, lane)) for slot in slots), default=0.0)

    def value(self, slot, limit, t, lane):
        seen = [event for event in self.events.get(slot, []) if limit < event[0] <= t]
        if lane < self.lanes:
            return sum(event[1][lane] for event in seen)
        return sum(event[2][lane - self.lanes] for event in seen)

    def forget(self, slot):
        self.events.pop(slot, None)
