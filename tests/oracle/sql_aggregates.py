"""Aggregates as SQL over a reader `r` joined with what it sees, `s`: lower bound, upper bound, whether known to be none."""

from __future__ import annotations

from typing import Any

from tidegate.engine.compile.bounds import bounding
from tidegate.engine.compile.intervals import never_negative
from tidegate.expr import Kind
from tidegate.features import Feature
from tidegate.features import aggregate as agg

ORDER = "(s.ts * 1000000 + s.arrival)"
Texts = tuple[str, str, str]


def _count(_: Feature) -> Texts:
    return "count(*) FILTER (s.holds)", "count(s.arrival) FILTER (s.holds IS NOT FALSE)", "FALSE"


def _or_more(low: str, most: str) -> Texts:
    open_ = "s.arrival = r.arrival AND NOT s.none AND (s.holds IS NULL OR (s.holds AND s.v IS NULL))"
    return low, f"({low} + coalesce(max({most}) FILTER ({open_}), 0))", "FALSE"


def fixed(value: str, places: int) -> str:
    """An amount with so many decimals, no more than 2**53 of the last one; NULL where it is not known."""
    most = f"CAST({2**53} AS DECIMAL(38, {places})) / {10**places}"
    rounded = f"round(CAST({value} AS DECIMAL(38, 8)), {places})"
    least = f"CASE WHEN {value} IS NOT NULL THEN least({most}, greatest(-({most}), {rounded})) END"
    return f"CAST({least} AS DECIMAL(38, {places}))"


def _sum(feature: Feature) -> Texts:
    amount = fixed("s.v", feature.aggregate.places)
    low = f"CAST(coalesce(sum({amount}) FILTER (s.holds), 0) AS DOUBLE)"
    endless = "CAST('inf' AS DOUBLE)"
    if bounding(feature) is None:
        return _or_more(
            low, f"CASE WHEN s.v IS NULL THEN {endless} ELSE greatest(CAST({amount} AS DOUBLE), 0) END"
        )
    unsaid = "count(s.arrival) FILTER (s.v IS NULL AND NOT s.none AND s.holds IS NOT FALSE) > 0"
    perhaps = "FILTER (s.arrival IS NOT NULL AND s.holds IS NULL)"
    more, less = (f"coalesce(sum({pick}({amount}, 0)) {perhaps}, 0)" for pick in ("greatest", "least"))
    total = f"coalesce(sum({amount}) FILTER (s.holds), 0)"
    signed = not all(never_negative(each) for each in feature.aggregate.amount.values())
    if signed:  # nothing is known of the sum where an amount may be anything
        return *(
            f"CASE WHEN NOT {unsaid} THEN CAST({total} + {x} AS DOUBLE) END" for x in (less, more)
        ), "FALSE"
    return low, f"CASE WHEN {unsaid} THEN {endless} ELSE CAST({total} + {more} AS DOUBLE) END", "FALSE"


def _distinct(feature: Feature) -> Texts:
    if next(iter(feature.aggregate.member.values())).kind is Kind.LIST:
        low = "coalesce(len(list_distinct(flatten(list(s.v) FILTER (s.holds AND s.v IS NOT NULL)))), 0)"
        return _or_more(low, "coalesce(CAST(len(s.v) AS DOUBLE), CAST('inf' AS DOUBLE))")
    low = "count(DISTINCT s.v) FILTER (s.holds)"
    if bounding(feature) is None:
        return _or_more(low, "1")
    perhaps = "s.holds IS NOT FALSE AND NOT s.none"
    named = f"count(DISTINCT s.v) FILTER ({perhaps})"
    return low, f"({named} + count(s.arrival) FILTER ({perhaps} AND s.v IS NULL))", "FALSE"


def _newest(value: str, none: str, before: bool) -> Texts:
    """The newest record's value; the judged event's own one where it counts for sure, unknown where it may and differs."""
    known = f"s.holds AND (({value}) IS NOT NULL OR {none})"
    old = f"arg_max({{'v': {value}, 'none': {none}}}, {ORDER}) FILTER (s.arrival < r.arrival AND {known})"
    new = f"any_value({{'v': {value}, 'none': {none}, 'sure': s.holds}}) FILTER (s.arrival = r.arrival AND s.holds IS NOT FALSE AND (({value}) IS NOT NULL OR {none}))"
    if before:
        return f"({old}).v", f"({old}).v", f"coalesce(({old}).none, FALSE)"
    v = f"CASE WHEN ({new}) IS NULL THEN ({old}).v WHEN ({new}).sure OR ({new}).v = ({old}).v THEN ({new}).v END"
    n = f"CASE WHEN ({new}) IS NULL THEN ({old}).none WHEN ({new}).sure OR ({new}).none = ({old}).none THEN ({new}).none ELSE FALSE END"
    return v, v, f"coalesce({n}, FALSE)"


def _last(feature: Feature) -> Texts:
    return _newest("s.v", "s.none", feature.aggregate.before)


def _last_seen(feature: Feature) -> Texts:
    v, _, _ = _newest("s.ts", "FALSE", feature.aggregate.before)
    own = "count(*) FILTER (s.arrival = r.arrival AND s.holds IS NULL)"
    never = f"(({v}) IS NULL AND {'TRUE' if feature.aggregate.before else f'{own} = 0'})"
    return v, v, never


def _first_seen(_: Feature) -> Texts:
    v = "min(s.ts) FILTER (s.holds)"
    return v, v, f"({v} IS NULL AND count(*) FILTER (s.arrival = r.arrival AND s.holds IS NULL) = 0)"


def _capped(feature: Feature) -> Texts:
    """Per member its sum, cut at the cap, all of them summed: lists within one group of the join."""
    amount = fixed("s.v", feature.aggregate.places)
    cap = f"CAST({feature.aggregate.cap.value} AS DECIMAL(38, {feature.aggregate.places}))"
    brought = f"list({{'m': s.m, 'a': {amount}}}) FILTER (s.holds AND s.m IS NOT NULL AND s.v IS NOT NULL)"
    of_one = f"list_sum(list_transform(list_filter({brought}, lambda y: y.m = k), lambda y: y.a))"
    members = "list_distinct(list(s.m) FILTER (s.holds AND s.m IS NOT NULL AND s.v IS NOT NULL))"
    low = (
        f"coalesce(CAST(list_sum(list_transform({members}, lambda k: least({cap}, {of_one}))) AS DOUBLE), 0)"
    )
    most = f"CASE WHEN s.v IS NULL THEN {cap} ELSE least({cap}, greatest({amount}, 0)) END"
    open_ = "s.arrival = r.arrival AND NOT s.none AND (s.holds IS NULL OR (s.holds AND (s.v IS NULL OR s.m IS NULL)))"
    return low, f"({low} + coalesce(CAST(max({most}) FILTER ({open_}) AS DOUBLE), 0))", "FALSE"


def _of_samples(function: str) -> Any:
    doubtful = "count(*) FILTER (s.arrival = r.arrival AND s.holds IS NULL AND s.v IS NOT NULL) = 0"
    v = f"CASE WHEN {doubtful} THEN CAST({function}(s.v) FILTER (s.holds) AS DOUBLE) END"
    return lambda _: (v, v, "FALSE")


AGGREGATES = {
    agg.CappedSum: _capped,
    agg.Median: _of_samples("median"),
    agg.Highest: _of_samples("max"),
    agg.Count: _count,
    agg.Sum: _sum,
    agg.Distinct: _distinct,
    agg.Last: _last,
    agg.LastSeen: _last_seen,
    agg.FirstSeen: _first_seen,
}
