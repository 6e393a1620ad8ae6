"""Where a value is asked for at all: a rule whose further condition does not hold does not need the value that it compares.

Some readings cost a walk over all that is kept. Such a feature is computed after the further conditions of the rules that compare
it, at the events where one of them holds or is not known; elsewhere it is not known, and `false and not known` is false.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import TYPE_CHECKING, Any

from tidegate.engine.compile.groups import condition_of
from tidegate.engine.compile.stages import LAST, Stages
from tidegate.expr import Expr
from tidegate.features import Feature
from tidegate.features.aggregate import CappedSum, Median, Steady, Top

if TYPE_CHECKING:
    from tidegate.policy import Rule
    from tidegate.policy.quota import Quota

WALKED = (CappedSum, Median, Steady, Top)  # read by a walk over their samples


class Demands:
    """Which features are computed on demand, where, and on what condition.

    `judged` are rules and quotas, `besides` all other expressions of the policy.
    """

    def __init__(self, judged: Iterable[Rule | Quota], besides: Iterable[Expr], stages: Stages) -> None:
        judged = list(judged)
        self._givens: dict[tuple[str, object], list[Expr]] = {}
        others = [*besides, *(tree for rule in judged for tree in _others(rule))]
        always = {f.fingerprint for tree in others for f in _walked(tree.walk())}
        for rule in judged:
            direct = {f.fingerprint for f in _walked(_above_features(rule.when))}
            for feature in _walked(rule.when.walk()):
                if rule.given is None or feature.fingerprint not in direct:
                    always.add(feature.fingerprint)
        for rule in judged:
            for feature in _walked(rule.when.walk()):
                for source in rule.on:
                    if rule.given is not None and feature.fingerprint not in always:
                        self._givens.setdefault((feature.fingerprint, source), []).append(rule.given)
        self._delay(judged, stages)

    def _delay(self, judged: Iterable[Rule | Quota], stages: Stages) -> None:
        """Compute features after the conditions on which they are asked for; those of one kernel together."""
        together: dict[tuple[str, ...], dict[str, Feature]] = {}
        for rule in judged:
            for feature in _walked(rule.when.walk()):
                memory = (feature.aggregate.fingerprint(), feature.key.fingerprint(), condition_of(feature))
                together.setdefault(memory, {})[feature.fingerprint] = feature
        for features in together.values():
            given = [g for (fp, _), trees in self._givens.items() if fp in features for g in trees]
            stage = max((stages.stage(tree) for tree in given), default=0)
            if not given or stage >= LAST:
                self._givens = {k: v for k, v in self._givens.items() if k[0] not in features}
                continue
            level = max(stages.level(feature) for feature in features.values())
            for feature in features.values():
                stages.delay(feature, max(level, stage))

    def of(self, feature: Feature, source: object) -> Expr | None:
        """Return the condition on which the feature is asked for at a kind of event; None where it always is."""
        givens = self._givens.get((feature.fingerprint, source))
        return reduce(_either, {g.fingerprint: g for g in givens}.values()) if givens else None


def _either(a: Expr, b: Expr) -> Expr:
    return a | b


def _others(rule: Any) -> Iterator[Expr]:
    """Yield all expressions of a rule or quota but its comparison."""
    if rule.given is not None:
        yield rule.given
    if getattr(rule, "applies", None) is not None:
        yield rule.applies
    for modifier in rule.modifiers:
        yield from (modifier.when, modifier.factor)
    for measure in getattr(rule, "measures", ()):
        yield from measure.trees
    if getattr(rule, "reaches", None) is not None:
        yield rule.reaches


def _walked(nodes: Iterable[Expr]) -> Iterator[Feature]:
    return (node for node in nodes if isinstance(node, Feature) and isinstance(node.aggregate, WALKED))


def _above_features(tree: Expr) -> Iterator[Expr]:
    """Yield the nodes of a tree that are not inside a feature."""
    yield tree
    if not isinstance(tree, Feature):
        for child in tree.children():
            yield from _above_features(child)


__all__ = ["Demands"]
