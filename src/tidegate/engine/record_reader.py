"""What is asked of an entity's record, as functions: made once per plan, called at every event that names the entity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.features import InForce, Labelled, LastSanctioned, Sanctioned

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate.engine.standing import Standing
    from tidegate.expr import Expr

    RecordReader = Callable[[Standing, int], float]


def record_reader(leaf: Expr) -> RecordReader:
    """Return what gives the value of a leaf by a record, at a time in ms."""
    if isinstance(leaf, Labelled):
        return _labelled(leaf.name, leaf.within.ms if leaf.within else None)
    assert isinstance(leaf, Sanctioned)
    names = leaf.sanctions
    if isinstance(leaf, InForce):
        return _in_force(names, leaf.capability)
    if isinstance(leaf, LastSanctioned):
        return _last_sanctioned(names, leaf.by)
    return _sanctioned(names, leaf.within.ms)


def _labelled(name: str, within: int | None) -> RecordReader:
    return lambda record, at: record.labelled(name, at, within)


def _in_force(names: tuple[str, ...], capability: str | None) -> RecordReader:
    return lambda record, at: record.in_force(names, at, capability)


def _last_sanctioned(names: tuple[str, ...], causes: tuple[str, ...]) -> RecordReader:
    return lambda record, at: record.last_sanctioned(names, causes, at)


def _sanctioned(names: tuple[str, ...], within: int) -> RecordReader:
    return lambda record, at: record.sanctioned(names, at, within)
