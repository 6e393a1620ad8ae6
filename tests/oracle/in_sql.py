# ruff: noqa: S608  the texts are generated, from definitions that the tests themselves hold
"""Features as SQL, generated from their definitions and run by DuckDB: a self join of the stream, one row per event seen.

reader r  join  source s  on  s.key = r.key  and  s.arrival <= r.arrival  and  s.ts <= r.ts  and  s.ts > r.ts - window
"""

from __future__ import annotations

from typing import Any

import duckdb
from tests.oracle.keys import named_fields
from tests.oracle.memory import without
from tests.oracle.observe import UNKNOWN, Bounds, Raw, Reading
from tests.oracle.sql_expressions import Sql, local_time, sql

from tidegate.events import REGISTRY
from tidegate.expr import Expr, Kind, LocalTime
from tidegate.features import Feature, Since, Sliding
from tidegate.features import aggregate as agg

TYPES = {
    Kind.FLAG: "BOOLEAN",
    Kind.NUMBER: "DOUBLE",
    Kind.MOMENT: "DOUBLE",
    Kind.SYMBOL: "VARCHAR",
    Kind.LIST: "VARCHAR[]",
}
ORDER = "(s.ts * 1000000 + s.arrival)"
SUPPORTED = (agg.Count, agg.Sum, agg.Distinct, agg.Last, agg.LastSeen, agg.FirstSeen)


def supports(reading: Reading) -> bool:
    """Whether the oracle can say it: features of the plain aggregates, and those they depend on."""
    features = [node for node in reading.value.walk() if isinstance(node, Feature)]
    plain = all(isinstance(f.aggregate, SUPPORTED) and not _chains(f) for f in features)
    return plain and isinstance(reading.value, Feature)


def _chains(feature: Feature) -> bool:
    """A first sight over a window is that of an unbroken chain: not a window at all."""
    return isinstance(feature.aggregate, agg.FirstSeen) and isinstance(feature.window, Sliding)


class Warehouse:
    """All events in one table: per field its value, and whether it was given at all."""

    def __init__(self, events: list[Raw]) -> None:
        self.events = events
        self.connection = duckdb.connect(config={"threads": 2})
        self.tables: dict[tuple[str, str], str] = {}
        fields = {
            name: field
            for kind in {e["type"] for e in events}
            for name, field in REGISTRY[kind].fields().items()
        }
        names = sorted({name for e in events for name in e} - {"ts", "type"} | {"tz"})
        columns = "".join(
            f", {n} {TYPES[fields[n].kind if n in fields else Kind.SYMBOL]}, {n}_known BOOLEAN" for n in names
        )
        self.missing = [n for n in fields if n not in names and n not in ("ts", "event_id")]
        self.connection.execute(f"CREATE TABLE events (arrival BIGINT, ts BIGINT, type VARCHAR{columns})")
        rows = [
            [i, e["ts"], e["type"], *(v for n in names for v in (e.get(n), n in e))]
            for i, e in enumerate(events)
        ]
        marks = ", ".join("?" * (3 + 2 * len(names)))
        self.connection.executemany(f"INSERT INTO events VALUES ({marks})", rows)
        for name in self.missing:
            kind = TYPES[fields[name].kind]
            self.connection.execute(
                f"ALTER TABLE events ADD COLUMN {name} {kind}; ALTER TABLE events ADD COLUMN {name}_known BOOLEAN DEFAULT FALSE"
            )
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
        if fields[0].kind is Kind.LIST:
            return f"unnest(list_distinct({self.text(fields[0], kind).value}))"
        return " || '/' || ".join(self.text(f, kind).value for f in fields)

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
        return (
            f"SELECT e.arrival, e.ts, {self.key(feature.key.fields[kind], kind)} AS key, {holds} AS holds,"
            f" {value.value} AS v, {value.none} AS none FROM events e WHERE e.type = '{kind.type_name}'"
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
                    empty = (
                        without(feature.aggregate)
                        if event.get(getattr(fields[0], "name", "")) == []
                        else UNKNOWN
                    )
                    shown[i] = _cell(*rows[i]) if i in rows else empty
        return shown


def _cell(low: Any, high: Any, none: Any) -> Any:
    if none:
        return None
    if low is None or high is None:
        return UNKNOWN
    low, high = (float(x) if not isinstance(x, str) else x for x in (low, high))
    return low if low == high else Bounds(low, high)


# aggregates: SQL of the lower and upper bound, and of whether it is known to be none ----------------------------
def _count(_: Feature) -> tuple[str, str, str]:
    return "count(*) FILTER (s.holds)", "count(s.arrival) FILTER (s.holds IS NOT FALSE)", "FALSE"


def _or_more(low: str, most: str) -> tuple[str, str, str]:
    open_ = "s.arrival = r.arrival AND NOT s.none AND (s.holds IS NULL OR (s.holds AND s.v IS NULL))"
    return low, f"({low} + coalesce(max({most}) FILTER ({open_}), 0))", "FALSE"


def _sum(feature: Feature) -> tuple[str, str, str]:
    places = feature.aggregate.places
    limit = f"CAST({2**53} AS DECIMAL(38, {places})) / {10**places}"
    amount = f"CASE WHEN s.v IS NOT NULL THEN least({limit}, greatest(-({limit}), round(CAST(s.v AS DECIMAL(38, 8)), {places}))) END"
    low = f"CAST(coalesce(sum(CAST({amount} AS DECIMAL(38, {places}))) FILTER (s.holds), 0) AS DOUBLE)"
    return _or_more(
        low,
        f"CASE WHEN s.v IS NULL THEN CAST('inf' AS DOUBLE) ELSE greatest(CAST({amount} AS DOUBLE), 0) END",
    )


def _distinct(feature: Feature) -> tuple[str, str, str]:
    if next(iter(feature.aggregate.member.values())).kind is Kind.LIST:
        low = "coalesce(len(list_distinct(flatten(list(s.v) FILTER (s.holds AND s.v IS NOT NULL)))), 0)"
        return _or_more(low, "coalesce(CAST(len(s.v) AS DOUBLE), CAST('inf' AS DOUBLE))")
    return _or_more("count(DISTINCT s.v) FILTER (s.holds)", "1")


def _newest(value: str, none: str, before: bool) -> tuple[str, str, str]:
    """The newest record's value; the judged event's own one where it counts for sure, unknown where it may and differs."""
    known = f"s.holds AND (({value}) IS NOT NULL OR {none})"
    old = f"arg_max({{'v': {value}, 'none': {none}}}, {ORDER}) FILTER (s.arrival < r.arrival AND {known})"
    new = f"any_value({{'v': {value}, 'none': {none}, 'sure': s.holds}}) FILTER (s.arrival = r.arrival AND s.holds IS NOT FALSE AND (({value}) IS NOT NULL OR {none}))"
    if before:
        return f"({old}).v", f"({old}).v", f"coalesce(({old}).none, FALSE)"
    v = f"CASE WHEN ({new}) IS NULL THEN ({old}).v WHEN ({new}).sure OR ({new}).v = ({old}).v THEN ({new}).v END"
    n = f"CASE WHEN ({new}) IS NULL THEN ({old}).none WHEN ({new}).sure OR ({new}).none = ({old}).none THEN ({new}).none ELSE FALSE END"
    return v, v, f"coalesce({n}, FALSE)"


def _last(feature: Feature) -> tuple[str, str, str]:
    return _newest("s.v", "s.none", feature.aggregate.before)


def _last_seen(feature: Feature) -> tuple[str, str, str]:
    v, _, _ = _newest("s.ts", "FALSE", feature.aggregate.before)
    own = "count(*) FILTER (s.arrival = r.arrival AND s.holds IS NULL)"
    never = f"(({v}) IS NULL AND {'TRUE' if feature.aggregate.before else f'{own} = 0'})"
    return v, v, never


def _first_seen(_: Feature) -> tuple[str, str, str]:
    v = "min(s.ts) FILTER (s.holds)"
    return v, v, f"({v} IS NULL AND count(*) FILTER (s.arrival = r.arrival AND s.holds IS NULL) = 0)"


AGGREGATES = {
    agg.Count: _count,
    agg.Sum: _sum,
    agg.Distinct: _distinct,
    agg.Last: _last,
    agg.LastSeen: _last_seen,
    agg.FirstSeen: _first_seen,
}
