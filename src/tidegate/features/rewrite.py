"""Trees with some leaves replaced."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tidegate.expr import Expr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tidegate.events import Field


def replace_fields(expression: Expr, local: Callable[[Field], Expr]) -> Expr:
    """Return the tree with each field of an event replaced by what `local` gives for it.

    Features inside keep their own sources; only the fields they are read at are replaced. A feature that is read at
    the default place cannot be moved to another kind of event by name, so it stays as it is.
    """
    from tidegate.events import Field

    return _replaced(expression, lambda node: local(node) if isinstance(node, Field) else None)


def replace_nodes(expression: Expr, others: Mapping[str, Expr]) -> Expr:
    """Return the tree with each part of these fingerprints replaced; what features count by stays as it is."""
    from tidegate.features.feature import Feature

    return _replaced(
        expression, lambda node: node if isinstance(node, Feature) else others.get(node.fingerprint)
    )


def _replaced(expression: Expr, other: Callable[[Expr], Expr | None]) -> Expr:
    found = other(expression)
    if found is not None:
        return found
    from tidegate.events import Field

    if isinstance(expression, Field):
        return expression
    node: Any = expression  # a dataclass, as every node but a field is
    changed: dict[str, Any] = {}
    for part in dataclasses.fields(node):
        if not part.init:
            continue
        old = getattr(node, part.name)
        new = _in_part(old, other) if part.name != "condition" or isinstance(old, Expr) else old
        if new is not old:
            changed[part.name] = new
    return dataclasses.replace(node, **changed) if changed else expression


def _in_part(value: object, other: Callable[[Expr], Expr | None]) -> object:
    if isinstance(value, Expr):
        return _replaced(value, other)
    if isinstance(value, tuple) and any(isinstance(item, Expr) for item in value):
        new = tuple(_in_part(item, other) for item in value)
        return value if all(a is b for a, b in zip(new, value, strict=True)) else new
    return value
