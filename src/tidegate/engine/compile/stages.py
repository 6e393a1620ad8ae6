"""When a value can be computed: the order in which expression stages and kernels take turns.

Stage 0 computes what follows from the event's own fields. A kernel at level n reads columns of stages up to n and writes
columns of stage n + 1. What depends on the standing of an entity belongs to the last stage.
"""

from __future__ import annotations

from typing import Final

from tidegate.errors import PolicyError
from tidegate.expr import Expr, FingerprintHalf, LastOf, Likeness, LocalTime, SizeWithin
from tidegate.features import Feature, Labelled, Sanctioned, Since
from tidegate.features.aggregate import Recent

LAST: Final = 1_000_000


class Stages:
    """Stages of expressions and levels of features, by fingerprint."""

    def __init__(self) -> None:
        self._stage: dict[str, int] = {}
        self._level: dict[str, int] = {}
        self._pending: set[str] = set()

    def stage(self, node: Expr) -> int:
        """Return the stage at which the expression's value is there."""
        known = self._stage.get(node.fingerprint)
        if known is not None:
            return known
        if isinstance(node, Feature):
            stage = self.level(node) + 1
        elif isinstance(node, LocalTime):
            stage = self.stage(node.zone) + 1
        elif isinstance(node, FingerprintHalf | Likeness | LastOf | SizeWithin):
            stage = max(self.stage(child) for child in node.children()) + 1
        elif isinstance(node, Labelled | Sanctioned):
            stage = LAST
        else:
            stage = max((self.stage(child) for child in node.children()), default=0)
        self._stage[node.fingerprint] = stage
        return stage

    def level(self, feature: Feature) -> int:
        """Return the level of the kernel that keeps a feature; raise PolicyError where it depends on decisions."""
        known = self._level.get(feature.fingerprint)
        if known is not None:
            return known
        if feature.fingerprint in self._pending:
            raise PolicyError(f"`{feature.describe()}` depends on itself", hint="break the circle")
        self._pending.add(feature.fingerprint)
        inputs = [c for c in feature.condition.values() if c is not None]
        inputs += feature.aggregate.operands()
        inputs += [f for fields in feature.key.fields.values() for f in fields]
        if isinstance(feature.window, Since):
            inputs.append(feature.window.start)
        level = max((self.stage(node) for node in inputs), default=0)
        for named in feature.read_at:  # kernels that make lists step before all others of their level
            if isinstance(named, Feature) and isinstance(named.aggregate, Recent):
                level = max(level, self.level(named))
            else:
                level = max(level, self.stage(named))
        self._pending.discard(feature.fingerprint)
        if level >= LAST:
            raise PolicyError(
                f"`{feature.describe()}` counts by what was decided earlier",
                hint="labels and measures may stand in rules and modifiers, not in what features count (a circle)",
            )
        # a pair is looked up one level before its features, the pair that is part of one another level before
        level += max(0, len(feature.key.entities) - 1)
        self._level[feature.fingerprint] = level
        return level

    def delay(self, feature: Feature, level: int) -> None:
        """Have the kernel that keeps a feature step later than it could; before anything else asks for its level or stage."""
        assert level >= self.level(feature), feature
        assert level < LAST, feature
        self._level[feature.fingerprint] = level
