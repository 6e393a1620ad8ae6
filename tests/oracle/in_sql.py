# ruff: noqa: S608  the texts are generated, from definitions that the tests themselves hold
"""Features as SQL, generated from their definitions and run by DuckDB: a self join of the stream, one row per event seen.

reader r  join  source s  on  s.key = r.key  and  s.arrival <= r.arrival  and  s.ts <= r.ts  and  s.ts > r.ts - window
"""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
from tests.oracle.keys import named_fields
from tests.oracle.members import without
from tests.oracle.observe import UNKNOWN, Bounds, Raw, Reading
from tests.oracle.sql_aggregates import AGGREGATES
from tests.oracle.sql_expressions import Sql, local_time, sql

from tidegate.events import REGISTRY, Field
from tidegate.events.kinds import Reals
from tidegate.expr import Expr, Kind, LocalTime
from tidegate.features import Feature, Since, Sliding
from tidegate.features import aggregate as agg

TYPES = {
    Kind.FLAG: pa.bool_(),
    Kind.NUMBER: pa.float64(),
    Kind.MOMENT: pa.float64(),
    Kind.SYMBOL: pa.string(),
    Kind.LIST: pa.list_(pa.string()),
}


def supports(reading: Reading) -> bool:
    """Whether the oracle can say it: features of the plain aggregates, and those they depend on."""
    features = [node for node in reading.value.walk() if isinstance(node, Feature)]
    plain = all(type(f.aggregate) in AGGREGATES and not _chains(f) and not _mixes(f) for f in features)
    return plain and isinstance(reading.value, Feature)


def _chains(feature: Feature) -> bool:
    """A first sight over a window is that of an unbroken chain: not a window at all."""
    return isinstance(feature.aggregate, agg.FirstSeen) and isinstance(feature.window, Sliding)


def _mixes(feature: Feature) -> bool:
    """A column holds one id or a list of them: not one on this kind of event and the other on that."""
    member = getattr(feature.aggregate, "member", {})
    return len({local.kind for local in member.values()}) > 1


class Warehouse:
    """All events in one table: per field its value, and whether it was given at all."""

    def __init__(self, events: list[Raw]) -> None:
        self.events = events
        self.connection = duckdb.connect(config={"threads": 2})
        self.tables: dict[tuple[str, str], str] = {}
        kinds = [REGISTRY[name].fields() for name in {e["type"] for e in events}]
        fields = {
            name: field
            for of_kind in kinds
            for name, field in of_kind.items()
            if name not in ("ts", "event_id")
        }
        table = {
            "arrival": list(range(len(events))),
            "ts": [e["ts"] for e in events],
            "type": [e["type"] for e in events],
        }
        columns = {name: pa.array(values) for name, values in table.items()}
        for name, field in fields.items():
            of_kind = pa.list_(pa.float64()) if isinstance(field, Reals) else TYPES[field.kind]
            columns[name] = pa.array([_plain(field, e.get(name)) for e in events], of_kind)
            columns[f"{name}_known"] = pa.array([name in e for e in events])
        self.connection.register("given", pa.table(columns))
        self.connection.execute("CREATE TABLE events AS FROM given")
        self.connection.execute("CREATE TABLE zones AS SELECT name FROM pg_timezone_names()")

    # expressions ----------------------------------------------------------------------------------------------
    def text(self, node: Expr, kind: Any) -> Sql:
        """The SQL of an expression at events `e` of a kind."""

        def nested(feature: Feature) -> Sql:
            table = self.table(feature, kind)
            low, high, none = (
                f"(SELECT {c} FROM {table} f WHERE f.arrival = e.arrival)" for c in ("low", "high", "none")
            )
            return Sql(low, high, f"coalesce({none}, FALSE)")

        return sql(node, "e", nested)

    def key(self, fields: tuple[Expr, ...], kind: Any) -> str:
        """The key as text; a list is unrolled; NULL where it is not known or none."""
        parts = [self.text(f, kind).value for f in fields]
        if not parts:
            return "'all'"
        if fields[-1].kind is Kind.LIST:
            parts[-1] = f"unnest(list_distinct({parts[-1]}))"
        return " || '/' || ".join(parts)

    def source(self, feature: Feature, kind: Any) -> str:
        condition = feature.condition[kind]
        holds = "TRUE" if condition is None else self.text(condition, kind).holds
        operand = next(
            (
                getattr(feature.aggregate, n)[kind]
                for n in ("amount", "member", "value")
                if hasattr(feature.aggregate, n)
            ),
            None,
        )
        value = self.text(operand, kind) if operand is not None else Sql("NULL", "NULL")
        each = getattr(feature.aggregate, "member", None) if hasattr(feature.aggregate, "amount") else None
        member = self.text(each[kind], kind) if each else Sql("NULL", "NULL")
        return (
            f"SELECT e.arrival, e.ts, {self.key(feature.key.fields[kind], kind)} AS key, {holds} AS holds,"
            f" {value.value} AS v, ({value.none} OR {member.none}) AS none, {member.value} AS m FROM events e WHERE e.type = '{kind.type_name}'"
        )

    def reader(self, feature: Feature, kind: Any) -> str:
        start = Sql("NULL", "NULL")
        if isinstance(feature.window, Since):
            moment = feature.window.start
            start = self.text(moment.zone if isinstance(moment, LocalTime) else moment, kind)
        key = self.key(named_fields(feature, kind), kind)
        return (
            f"SELECT e.arrival, e.ts, {key} AS key, {start.value} AS start, {start.none} AS endless"
            f" FROM events e WHERE e.type = '{kind.type_name}'"
        )

    # features -------------------------------------------------------------------------------------------------
    def table(self, feature: Feature, kind: Any) -> str:
        """Make the table of a feature's values at events of a kind: arrival, low, high, none."""
        known = (feature.fingerprint, kind.type_name)
        if known not in self.tables:
            sources = " UNION ALL ".join(self.source(feature, k) for k in feature.condition)
            joined = f"r.key = s.key AND s.arrival <= r.arrival AND s.ts <= r.ts AND {self.window(feature)}"
            low, high, none = AGGREGATES[type(feature.aggregate)](feature)
            if isinstance(feature.window, Since):
                low, high = (f"CASE WHEN bool_or({self.starts(feature)}) THEN {x} END" for x in (low, high))
            name = f"feature_{feature.fingerprint}_{kind.type_name}"
            self.connection.execute(
                f"CREATE TABLE {name} AS WITH s AS ({sources}), r AS ({self.reader(feature, kind)}), per_key AS"
                f" (SELECT r.arrival, r.key, {low} AS low, {high} AS high, {none} AS none FROM r LEFT JOIN s ON {joined}"
                f" WHERE r.key IS NOT NULL GROUP BY r.arrival, r.key)"
                f" SELECT arrival, max(low) AS low, max(high) AS high, bool_and(none) AS none FROM per_key GROUP BY arrival"
            )
            self.tables[known] = name
        return self.tables[known]

    def starts(self, feature: Feature) -> str:
        """Whether the window's start is known."""
        if isinstance(feature.window.start, LocalTime):
            return f"{local_time('r.start', 'r.ts')} IS NOT NULL"
        return "(r.start IS NOT NULL OR r.endless)"

    def window(self, feature: Feature) -> str:
        window = feature.window
        if isinstance(window, Sliding):
            return f"s.ts > r.ts - {window.length.ms}"
        if not isinstance(window, Since):
            return "TRUE"
        reach = f"s.ts > r.ts - {window.at_most.ms}"
        if isinstance(window.start, LocalTime):  # the same day on the calendar: no midnight is computed
            days = (f"CAST({local_time('r.start', ts)} AS DATE)" for ts in ("s.ts", "r.ts"))
            return f"{reach} AND {' = '.join(days)}"
        return f"{reach} AND (r.endless OR s.ts >= r.start)"

    def cells(self, reading: Reading) -> dict[int, Any]:
        """What the reading shows, by arrival of the events at which it is read."""
        feature, shown = reading.value, {}
        assert isinstance(feature, Feature)
        for kind in reading.on:
            rows = {
                r[0]: r[1:]
                for r in self.connection.sql(f"SELECT * FROM {self.table(feature, kind)}").fetchall()
            }
            fields = named_fields(feature, kind)
            for i, event in enumerate(self.events):
                if event["type"] == kind.type_name:
                    named = [event.get(getattr(f, "name", "")) for f in fields]
                    empty = without(feature.aggregate) if [] in named and None not in named else UNKNOWN
                    shown[i] = _cell(*rows[i]) if i in rows else empty
        return shown


def _plain(field: Field, value: Any) -> Any:
    """Amounts of money may be written as text; moments here are whole numbers."""
    return float(value) if value is not None and field.kind in (Kind.NUMBER, Kind.MOMENT) else value


def _cell(low: Any, high: Any, none: Any) -> Any:
    if none:
        return None
    if low is None or high is None:
        return UNKNOWN
    low, high = (float(x) if not isinstance(x, str) else x for x in (low, high))
    return low if low == high else Bounds(low, high)
