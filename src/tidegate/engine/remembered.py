"""What the memory of a plan is made of: two plans with the same may read each other's memory, whatever their figures."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from tidegate.expr import Expr
from tidegate.features.feature import Feature
from tidegate.policy.figures import in_force
from tidegate.policy.parameter import Parameter

if TYPE_CHECKING:
    from tidegate.engine.compile.kernels import Kernel
    from tidegate.engine.plan import Plan


def remembered(plan: Plan) -> dict[str, str]:
    """Return fingerprints of what the memory is made of, by part: what a memory of one plan means to another.

    Figures in limits, beliefs and measures are no part of it: they are read anew at every event. Figures within a feature
    are: what was not counted cannot be counted later.
    """
    pinned = {
        domain: sorted([number, plan.names.text(domain, number)] for number in numbers)
        for domain, numbers in plan.names.pinned.items()
    }
    deadlines = [[deadline.fingerprint(), site] for deadline, site in plan.deadlines]
    parts: dict[str, Any] = {
        f"{n} {kernel.about}": _kernel(kernel, plan) for n, kernel in enumerate(plan.kernels)
    }
    parts |= {
        "deadlines": deadlines,
        "rules": plan.rule_ids,
        "kinds of event": [[site.number, site.name] for site in plan.sites],
        "names": pinned,
    }
    return {name: _fingerprint(part) for name, part in parts.items()}


def differing(ours: dict[str, str], theirs: dict[str, str]) -> list[str]:
    """Return the parts in which two memories differ, in the words for people."""
    names = [*ours, *(name for name in theirs if name not in ours)]
    changed = [name for name in names if ours.get(name) != theirs.get(name)]
    words = [name.partition(" ")[2] if name[0].isdigit() else name for name in changed]
    # a text or a figure is of no entity
    return [f"{name}value" if name.endswith(" and ") else name for name in words]


def _kernel(kernel: Kernel, plan: Plan) -> list[Any]:
    groups = [*([kernel.group] if kernel.group is not None else []), *kernel.facts]
    features = [feature for group in groups for feature in group.members]
    return [
        kernel.family,
        kernel.level,
        kernel.space,
        kernel.members,
        kernel.stored,
        [feature.fingerprint for feature in features],
        [_figures(feature, plan) for feature in features],
    ]


def _figures(feature: Feature, plan: Plan) -> dict[str, object]:
    """Return the figures in force within a feature."""
    revisions = plan.policy.revisions
    nodes = _nodes(feature)
    return {n.name: in_force(n, revisions.get(n.name)) for n in nodes if isinstance(n, Parameter)}


def _nodes(root: Expr) -> list[Expr]:
    """Return all nodes of a tree, those that several others share once."""
    found: dict[int, Expr] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) not in found:
            found[id(node)] = node
            waiting += node.children()
    return list(found.values())


def _fingerprint(part: object) -> str:
    return hashlib.sha256(json.dumps(part, sort_keys=True, default=str).encode()).hexdigest()[:16]
