"""Whether conditions that must all hold can hold together, for some values and some revision of the parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.expr import Compare, Expr, Kind, Literal, Logic, Not
from tidegate.policy.ranges import Range, range_of

if TYPE_CHECKING:
    from collections.abc import Iterable

MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def contradiction(conditions: Iterable[Expr]) -> str | None:
    """Return what cannot hold, in words; None where nothing speaks against all of them at once."""
    demanded, choices = _Demanded(), []
    for node in _conjuncts(conditions):
        if isinstance(node, Logic):
            choices.append(node)
        found = demanded.add(node)
        if found is not None:
            return found
    for choice in choices:
        if choice.operands and all(demanded.excludes(option) for option in choice.operands):
            return _cannot(choice, together=not all(_Demanded().excludes(o) for o in choice.operands))
    return None


def _cannot(node: Expr, *, together: bool) -> str:
    with_others = " together with what the rule else demands" if together else ""
    return f"`{node.describe()}` cannot hold{with_others}"


def _conjuncts(conditions: Iterable[Expr]) -> list[Expr]:
    flat: list[Expr] = []
    left = list(conditions)[::-1]
    while left:
        node = left.pop()
        if isinstance(node, Logic) and node.op == "and":
            left += node.operands[::-1]
        else:
            flat.append(node)
    return flat


class _Demanded:
    """What is demanded so far, and which values it leaves."""

    def __init__(self) -> None:
        self.ranges: dict[str, Range] = {}
        self.names: dict[str, set[str]] = {}
        self.held: set[str] = set()

    def add(self, node: Expr) -> str | None:
        """Demand one more condition; return what cannot hold then, in words."""
        if isinstance(node, Literal):
            return "a condition is `false`" if node.value is False else None
        opposite = node.operand if isinstance(node, Not) else Not(node)
        if opposite.fingerprint in self.held:
            return f"`{node.describe()}` and its opposite are both demanded"
        self.held.add(node.fingerprint)
        if isinstance(node, Compare) and not self._possible(node):
            return _cannot(node, together=_Demanded()._possible(node))  # noqa: SLF001  one of its own class
        return None

    def excludes(self, option: Expr) -> bool:
        """Whether the option cannot hold beside what is demanded, which stays as it is."""
        tried = _Demanded()
        tried.ranges, tried.held = dict(self.ranges), set(self.held)
        tried.names = {side: set(wanted) for side, wanted in self.names.items()}
        return any(tried.add(node) is not None for node in _conjuncts([option]))

    def _possible(self, node: Compare) -> bool:
        """Narrow what is left for both sides; False when nothing is."""
        if node.left.kind is Kind.SYMBOL:
            return self._names_agree(node)
        if node.left.fingerprint == node.right.fingerprint:
            return node.op in ("<=", ">=", "==")
        for side, op, other in (
            (node.left, node.op, node.right),
            (node.right, MIRRORED[node.op], node.left),
        ):
            known = self.ranges.get(side.fingerprint, range_of(side))
            left = known.narrowed(op, self.ranges.get(other.fingerprint, range_of(other)))
            if left.empty:
                return False
            if not isinstance(side, Literal):
                self.ranges[side.fingerprint] = left
        return True

    def _names_agree(self, node: Compare) -> bool:
        """Whether no expression is demanded to be two different names."""
        if node.op != "==" or not isinstance(node.right, Literal):
            return True
        wanted = self.names.setdefault(node.left.fingerprint, set())
        wanted.add(str(node.right.value))
        return len(wanted) == 1
