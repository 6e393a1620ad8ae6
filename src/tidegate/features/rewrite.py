"""Trees with some leaves replaced."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tidegate.expr import Expr

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate.events import Field


def replace_fields(expression: Expr, local: Callable[[Field], Expr]) -> Expr:
    """Return the tree with each field of an event replaced by what `local` gives for it.

    Features inside keep their own sources; only the fields they are read at are replaced. A feature that is read at
    the default place cannot be moved to another kind of event by name, so it stays as it is.
    """
    from tidegate.events import Field

    if isinstance(expression, Field):
        return local(expression)
    node: Any = expression  # a dataclass, as every node but a field is
    changed: dict[str, Any] = {}
    for part in dataclasses.fields(node):
        if not part.init:
            continue
        old = getattr(node, part.name)
        new = _replaced(old, local) if part.name != "condition" or isinstance(old, Expr) else old
        if new is not old:
            changed[part.name] = new
    return dataclasses.replace(node, **changed) if changed else expression


def _replaced(value: object, local: Callable[[Field], Expr]) -> object:
    if isinstance(value, Expr):
        return replace_fields(value, local)
    if isinstance(value, tuple) and any(isinstance(item, Expr) for item in value):
        new = tuple(_replaced(item, local) for item in value)
        return value if all(a is b for a, b in zip(new, value, strict=True)) else new
    return value
