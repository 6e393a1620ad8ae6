"""Which entities an event names: those a feature is kept for, and those it is read for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.oracle.observe import UNKNOWN
from tests.oracle.truth import exact

from tidegate.expr import Expr, Kind

if TYPE_CHECKING:
    from tests.oracle.naive import World

    from tidegate.features import Feature


def read_keys(world: World, feature: Feature, i: int) -> Any:
    """The keys that event i reads the feature for."""
    return keys_at(world, named_fields(feature, world.kinds[world.events[i]["type"]]), i)


def named_fields(feature: Feature, kind: Any) -> tuple[Expr, ...]:
    """The fields of a kind of event that name the entity the feature is read for."""
    fields = feature.read_at or feature.key.fields.get(kind)
    if fields or not feature.key.entities:
        return fields or ()
    named = next(iter(feature.key.fields.values()))
    return tuple(_named(kind, n, d) for n, d in zip(named, feature.key.entities, strict=True))


def _named(kind: Any, named: Expr, domain: str) -> Expr:
    """The field of the same name, else the only one of that entity."""
    fields = kind.fields()
    same = fields.get(named.name)
    if same is not None and same.domain == domain:
        return same
    (only,) = [f for f in fields.values() if f.domain == domain]
    return only


def keys_at(world: World, fields: tuple[Expr, ...], i: int) -> Any:
    """The keys that these fields of event i spell; UNKNOWN where one of them names nothing."""
    if not fields:
        return ["all"]
    parts = [exact(world.value(f, i)) for f in fields]
    if any(p is UNKNOWN or p is None for p in parts):
        return UNKNOWN
    *first, last = parts
    if fields[-1].kind is Kind.LIST:
        return [(*first, p) if first else p for p in dict.fromkeys(last)]
    return [tuple(parts)] if first else parts
