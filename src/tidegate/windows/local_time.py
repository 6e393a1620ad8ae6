"""Local hours, weekdays and beginnings of days: integer arithmetic between two changes of a zone's clocks."""

import cython
import numpy as np

from tidegate.windows.growth import grown, zeros

if cython.compiled:
    from cython.cimports.tidegate.windows.kernel import Kernel
else:
    from tidegate.windows.kernel import Kernel

_NAN = cython.declare(cython.double, float("nan"))
_DAY = cython.declare(cython.longlong, 86_400_000)
_HOUR_MS = cython.declare(cython.double, 3_600_000.0)
_WEEKS = cython.declare(cython.longlong, 700)  # days ahead, so that quotients are never negative; whole weeks
_NO_ZONE = cython.declare(cython.int, 0)  # row of names that are no zone
_NEW = cython.declare(cython.int, -1)  # a name not looked up so far

# columns of `path`, a row per route
_ZONE = cython.declare(cython.int, 0)  # column of the ids of zones' names, -1 = not routed
_OUT_HOUR = cython.declare(cython.int, 1)
_OUT_WEEKDAY = cython.declare(cython.int, 2)
_OUT_MIDNIGHT = cython.declare(cython.int, 3)

OUTPUTS = {"hour": 1, "weekday": 2, "midnight": 3}

# columns of `clock`, a row per zone
_FROM = cython.declare(cython.int, 0)  # local time is ts + OFFSET in FROM <= ts < UNTIL
_UNTIL = cython.declare(cython.int, 1)
_OFFSET = cython.declare(cython.int, 2)
_DAYS = cython.declare(
    cython.int, 4
)  # (local day, when it began) of the last even one, then of the last odd one


@cython.final
@cython.cclass
class LocalTimes(Kernel):
    """Writes what the clock on the wall shows where an event's zone is.

    `period(name, ts)` -> (from, until, offset) around `ts`, in ms, or None for a name that is no zone; `midnight(name, ts, offset)` ->
    when the local day of `ts` began. Both are asked once per zone and stretch of time; what they say must never change.

    >>> from tidegate.windows.chunk import Chunk
    >>> chunk = Chunk(n_cols=2)
    >>> chunk.ts[0], chunk.cols[0, 0] = 45 * 60_000, 7.0
    >>> times = LocalTimes(1, lambda name, ts: (0, 86_400_000, 3_600_000), lambda name, ts, offset: 0)
    >>> times.route(0, zone=0, outs={"hour": 1})
    >>> times.bind(chunk)
    >>> times.step(1)
    >>> float(chunk.cols[1, 0])
    1.75
    """

    path: cython.int[:, ::1]
    next_route: cython.int[::1]  # a further zone of the same event, -1 = none
    rows: cython.int[::1]  # row of `clock` by id of a name
    clock: cython.longlong[:, ::1]
    period: object
    midnight: object
    cols: cython.double[:, ::1]
    at: cython.longlong[::1]
    kind: cython.int[::1]

    def __init__(self, n_types: int, period: object, midnight: object):
        self.period = period
        self.midnight = midnight
        self.path = memoryview(np.full((n_types, 4), -1, np.int32))
        self.next_route = memoryview(np.full(n_types, -1, np.int32))
        self.rows = memoryview(np.full(256, _NEW, np.int32))
        self.clock = zeros((1, 8), np.int64)

    def bind(self, chunk: object) -> None:
        """Take the buffers of a chunk; again whenever one of them was replaced."""
        self.cols = memoryview(chunk.cols)
        self.at = memoryview(chunk.ts)
        self.kind = memoryview(chunk.kind)

    def route(self, type_code: int, *, zone: int, outs: dict) -> None:
        """Set the column of zones' names of an event type, and where to write "hour" (with fractions), "weekday", "midnight"."""
        row = np.asarray(self.path)[type_code]
        row[_ZONE] = zone
        for name, column in outs.items():
            row[OUTPUTS[name]] = column

    def chain(self, type_code: int, then: int) -> None:
        """After an event of one type, follow the route of another type for the same event: a further zone."""
        self.next_route[type_code] = then

    @cython.ccall
    def step(self, n: cython.Py_ssize_t) -> object:
        """Process the first `n` events of the bound chunk."""
        p: cython.int
        kind: cython.int
        for p in range(n):
            kind = self.kind[p]
            while kind >= 0:
                if self.path[kind, _ZONE] >= 0:
                    self._event(kind, p)
                kind = self.next_route[kind]

    @cython.cfunc
    @cython.exceptval(-1)
    def _event(self, kind: cython.int, p: cython.int) -> cython.int:
        name: cython.double = self.cols[self.path[kind, _ZONE], p]
        t: cython.longlong = self.at[p]
        row: cython.int = _NO_ZONE
        local: cython.longlong
        day: cython.longlong
        if name >= 0:
            row = self._row(cython.cast(cython.longlong, name), t)
        if row == _NO_ZONE:
            self._write(kind, p, _NAN, _NAN, _NAN)
            return 0
        local = t + self.clock[row, _OFFSET] + _WEEKS * _DAY
        day = local // _DAY
        if self.path[kind, _OUT_MIDNIGHT] >= 0:
            self.cols[self.path[kind, _OUT_MIDNIGHT], p] = self._begun(name, row, t, day - _WEEKS)
        if self.path[kind, _OUT_HOUR] >= 0:
            self.cols[self.path[kind, _OUT_HOUR], p] = (local - day * _DAY) / _HOUR_MS
        if self.path[kind, _OUT_WEEKDAY] >= 0:
            self.cols[self.path[kind, _OUT_WEEKDAY], p] = (day + 3) % 7  # 1970 began on a Thursday
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _write(
        self,
        kind: cython.int,
        p: cython.int,
        hour: cython.double,
        weekday: cython.double,
        midnight: cython.double,
    ) -> cython.void:
        if self.path[kind, _OUT_HOUR] >= 0:
            self.cols[self.path[kind, _OUT_HOUR], p] = hour
        if self.path[kind, _OUT_WEEKDAY] >= 0:
            self.cols[self.path[kind, _OUT_WEEKDAY], p] = weekday
        if self.path[kind, _OUT_MIDNIGHT] >= 0:
            self.cols[self.path[kind, _OUT_MIDNIGHT], p] = midnight

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _row(self, name: cython.longlong, t: cython.longlong) -> cython.int:
        """Row of a zone, with the offset at `t` in it."""
        row: cython.int = _NEW
        if name < self.rows.shape[0]:
            row = self.rows[name]
        if row == _NO_ZONE or (row > 0 and self.clock[row, _FROM] <= t < self.clock[row, _UNTIL]):
            return row
        return self._look_up(name, t)

    @cython.cfunc
    @cython.exceptval(-1)
    def _look_up(self, name: cython.longlong, t: cython.longlong) -> cython.int:
        """Ask for the offset at `t`; have a row for a zone not met before."""
        found = self.period(name, t)
        if name >= self.rows.shape[0]:
            rows = np.full(2 * name + 1, _NEW, np.int32)
            rows[: self.rows.shape[0]] = np.asarray(self.rows)
            self.rows = memoryview(rows)
        if found is None:
            self.rows[name] = _NO_ZONE
            return _NO_ZONE
        if self.rows[name] == _NEW:
            self.rows[name] = self.clock.shape[0]
            self.clock = grown(self.clock, self.clock.shape[0] + 1)
            self.clock[self.rows[name], _DAYS] = -1_000_000  # no day yet
            self.clock[self.rows[name], _DAYS + 2] = -1_000_000
        row: cython.int = self.rows[name]
        self.clock[row, _FROM], self.clock[row, _UNTIL], self.clock[row, _OFFSET] = found
        return row

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _begun(
        self, name: cython.double, row: cython.int, t: cython.longlong, day: cython.longlong
    ) -> cython.double:
        """When the local day began in which `t` lies."""
        at: cython.int = _DAYS + 2 * cython.cast(cython.int, (day + _WEEKS) & 1)
        if self.clock[row, at] != day:
            self.clock[row, at + 1] = self.midnight(
                cython.cast(cython.longlong, name), t, self.clock[row, _OFFSET]
            )
            self.clock[row, at] = day
        return self.clock[row, at + 1]
