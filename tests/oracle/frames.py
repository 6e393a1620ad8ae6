# ruff: noqa: S608  the texts are generated, from definitions that the tests themselves hold
"""Windows over a stream in order as SQL window frames: RANGE over one number that orders by time, then by arrival.

`place` = ts * ARRIVALS + arrival; the frame of the event at t begins (arrival + (w - 1) * ARRIVALS) before it: that is (t - w, t]
less the ties that arrive later.
"""

from __future__ import annotations

from typing import Any

from tests.oracle.in_sql import Warehouse
from tests.oracle.keys import named_fields
from tests.oracle.observe import Reading
from tests.oracle.sql_aggregates import fixed

from tidegate.expr import Kind
from tidegate.features import Feature, Sliding
from tidegate.features import aggregate as agg
from tidegate.policy.ranges import range_of

ARRIVALS = 1_000_000

_VALUES = {
    agg.Count: "count(*) FILTER (source AND holds) OVER {over}",
    agg.Distinct: "count(DISTINCT v) FILTER (source AND holds) OVER {over}",
    agg.Sum: "coalesce(sum({amount}) FILTER (source AND holds) OVER {over}, 0)",
}


def supports(reading: Reading) -> bool:
    """Plain sliding counts, sets and sums of what is never below 0, by keys that are no lists."""
    feature = reading.value
    if not isinstance(feature, Feature) or not isinstance(feature.window, Sliding):
        return False
    if type(feature.aggregate) not in _VALUES:
        return False
    if isinstance(feature.aggregate, agg.Sum) and range_of(feature).low < 0:
        return False
    named = [f for kind in reading.on for f in named_fields(feature, kind)]
    kept = [f for fields in feature.key.fields.values() for f in fields]
    return all(f.kind is not Kind.LIST for f in (*named, *kept, *feature.aggregate.operands()))


def lower_bounds(warehouse: Warehouse, reading: Reading) -> dict[int, float]:
    """What the reading certainly is, by arrival of the events that read it and name an entity."""
    feature: Any = reading.value
    rows = [
        f"SELECT arrival, ts, key, TRUE AS source, holds, v FROM ({warehouse.source(feature, k)})"
        for k in feature.condition
    ]
    rows += [
        f"SELECT arrival, ts, key, FALSE, FALSE, NULL FROM ({warehouse.reader(feature, k)})"
        for k in reading.on
    ]
    frame = f"RANGE BETWEEN (arrival + {(feature.window.length.ms - 1) * ARRIVALS}) PRECEDING AND CURRENT ROW"
    amount = fixed("v", getattr(feature.aggregate, "places", 0))
    over = f"(PARTITION BY key ORDER BY place {frame})"
    value = _VALUES[type(feature.aggregate)].format(over=over, amount=amount)
    found = warehouse.connection.sql(
        f"WITH both_sides AS ({' UNION ALL '.join(rows)}),"
        f" placed AS (SELECT *, ts * {ARRIVALS} + arrival AS place FROM both_sides WHERE key IS NOT NULL)"
        f" SELECT arrival, value FROM (SELECT arrival, source, {value} AS value FROM placed) WHERE NOT source"
    )
    return {arrival: float(value) for arrival, value in found.fetchall()}
