"""Local times against Python's zoneinfo, at and around every change of the clocks."""

import random
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo, _zoneinfo

import numpy as np
import pytest
from tests.windows.interpreted import interpreted

from tidegate.signals.zones import DAY_MS, Zones
from tidegate.windows import local_time
from tidegate.windows.chunk import Chunk

plain = interpreted("local_time")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
YEARS = range(1_000_000_000_000, 2_000_000_000_000)  # 2001 to 2033
NAMES = ["Europe/Berlin", "no/zone", "America/Sao_Paulo", "Asia/Gaza", "Australia/Lord_Howe", "UTC", "Pacific/Apia",
         "Africa/Casablanca", "America/Goose_Bay", "Asia/Kathmandu", "Antarctica/Troll"]  # fmt: skip
ZONE, HOUR, WEEKDAY, MIDNIGHT, OTHER, OTHER_HOUR = range(6)


def data(name):
    return files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb")


def zone(name):
    with data(name) as raw:
        return ZoneInfo.from_file(raw, key=name)


def changes(name):
    """The moments, in ms, from which another offset holds."""
    with data(name) as raw:
        known = _zoneinfo.ZoneInfo.from_file(raw, key=name)
    moments = [1000 * s for s in known._trans_utc if 1000 * s in YEARS]
    rule = known._tz_after
    if hasattr(rule, "transitions"):
        for year in range(2001, 2033):
            start, end = rule.transitions(year)
            off = {False: rule.std.utcoff, True: rule.dst.utcoff}
            moments += [1000 * (int(start) - int(off[False].total_seconds())),
                        1000 * (int(end) - int(off[True].total_seconds()))]  # fmt: skip
    return sorted({m for m in moments if m in YEARS})


def kernel(module, chunk):
    zones = Zones()
    times = module.LocalTimes(
        3,
        lambda name, ts: zones.period(NAMES[name], ts),
        lambda name, ts, offset: zones.midnight(NAMES[name], ts, offset),
    )
    times.route(0, zone=ZONE, outs={"hour": HOUR, "weekday": WEEKDAY, "midnight": MIDNIGHT})
    times.route(2, zone=OTHER, outs={"hour": OTHER_HOUR})
    times.chain(0, 2)
    times.bind(chunk)
    return times


def run(module, rows, size):
    chunk = Chunk(6, size)
    times, got = kernel(module, chunk), []
    for lo in range(0, len(rows), size):
        part = rows[lo : lo + size]
        n = len(part)
        chunk.cols[:] = 12345.0
        chunk.ts[:n] = [ts for _, _, ts in part]
        chunk.cols[ZONE, :n] = [name for name, _, _ in part]
        chunk.cols[OTHER, :n] = [other for _, other, _ in part]
        times.step(n)
        got.append(chunk.cols[:, :n].T.copy())
    return np.vstack(got)


def expected_hour(name, ts):
    if not name >= 0 or NAMES[int(name)] == "no/zone":
        return float("nan")
    at = (EPOCH + ts * MS).astimezone(zone_of(NAMES[int(name)]))
    return (((at.hour * 60 + at.minute) * 60 + at.second) * 1000 + at.microsecond // 1000) / 3_600_000


ZONES = {}


def zone_of(name):
    if name not in ZONES:
        ZONES[name] = zone(name)
    return ZONES[name]


def expected(name, other, ts):
    nothing = float("nan")
    if not name >= 0 or NAMES[int(name)] == "no/zone":
        return [name, nothing, nothing, nothing, other, expected_hour(other, ts)]
    known = zone_of(NAMES[int(name)])
    at = (EPOCH + ts * MS).astimezone(known)
    begun = (at.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) - EPOCH) / MS
    return [name, expected_hour(name, ts), float(at.weekday()), begun, other, expected_hour(other, ts)]


def rows(seed, n):
    """Traffic in many zones that wanders over their changes, back and forth."""
    rng = random.Random(seed)
    moments = sorted({m for name in NAMES if name != "no/zone" for m in changes(name)})
    out = []
    for _ in range(n):
        ts = rng.choice(moments) + rng.choice([-1, 0, 1, rng.randrange(-DAY_MS, DAY_MS), 60_000, -3_600_000])
        name = rng.choice([float("nan"), float("-inf"), *range(len(NAMES))])
        out.append((float(name), float(rng.randrange(len(NAMES))), ts))
    return out


@pytest.mark.parametrize("size", [1, 7, 512])
def test_the_clock_on_the_wall_is_that_of_zoneinfo(size):
    stream = rows(size, 2000)
    got = run(local_time, stream, size)
    for row, found in zip(stream, got, strict=True):
        assert np.array_equal(found, np.array(expected(*row)), equal_nan=True), row


def test_compiled_and_interpreted_agree_bit_for_bit():
    stream = rows(5, 400)
    assert run(local_time, stream, 7).tobytes() == run(plain, stream, 16).tobytes()


def test_1970_begins_on_a_thursday_and_on_a_wednesday_west_of_greenwich():
    got = run(local_time, [(5.0, 5.0, 0), (2.0, 5.0, 0)], 2)
    assert got[:, WEEKDAY].tolist() == [3, 2]
    assert got[:, HOUR].tolist() == [0, 21]


def test_no_zone_changes_its_clocks_twice_within_a_day():
    """What `Zones.period` builds on. Zones in which a change is not felt (only a name, or summer time) do not count."""
    names = (files("tzdata") / "zones").read_text("utf-8").split()
    for name in names:
        known, last = zone(name), None
        for moment in changes(name):
            a, b = ((EPOCH + (moment + d) * MS).astimezone(known).utcoffset() for d in (-1, 0))
            if a != b:
                assert last is None or moment - last > DAY_MS, name
                last = moment


def test_a_period_ends_where_the_clocks_change():
    spring = 1_743_296_400_000  # 2025-03-30T01:00Z
    day = spring // DAY_MS * DAY_MS
    zones = Zones()
    assert zones.period("Europe/Berlin", spring - 1) == (day, spring, 3_600_000)
    assert zones.period("Europe/Berlin", spring) == (spring, day + DAY_MS, 7_200_000)
    assert zones.period("../../etc/passwd", spring) is None
