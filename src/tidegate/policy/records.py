"""Whether what a policy asks of the records, and ends on them, is ever put there: labels, measures, rules, capabilities, zones."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from tidegate.events.suggestions import nearest
from tidegate.expr import Expr, Literal, LocalTime
from tidegate.expr.node import an
from tidegate.features import InForce, Labelled, LastSanctioned, Sanctioned
from tidegate.policy.finding import Finding
from tidegate.policy.measure import CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegate.policy.measure import Label, Measure
    from tidegate.policy.policy import Policy


class Records:
    """Which labels and measures the rules of a policy can put on record, and about what."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        labels: list[Label] = [x for rule in policy.rules for x in rule.labels]
        measures: list[Measure] = [step for rule in policy.rules for m in rule.measures for step in m.steps]
        if policy.restriction is not None:
            labels += policy.restriction.labels
            measures += [step for m in policy.restriction.measures for step in m.steps]
        self.labels = {(label.on, label.name) for label in labels}
        self.sanctions = {(m.on, m.sanction.id) for m in measures} | {
            (s.subject, s.id) for s in policy.sanctions
        }

    def unknown(self, place: str, trees: Iterable[Expr]) -> Iterator[Finding]:
        """Yield what expressions ask for that no rule ever puts on record; `place` says whose they are."""
        for node in _each_once(n for tree in trees for n in tree.walk()):
            if isinstance(node, Labelled):
                yield from _unknown(place, "label", node.name, node.entity.domain, self.labels)
            elif isinstance(node, Sanctioned):
                for sanction in node.sanctions:
                    yield from _unknown(place, "sanction", sanction, node.entity.domain, self.sanctions)
            if isinstance(node, InForce) and node.capability not in (None, *CAPABILITIES):
                yield _no(place, "capability", str(node.capability), CAPABILITIES)
            elif isinstance(node, LastSanctioned):
                yield from (_no(place, "rule", by, self.causes) for by in node.by if by not in self.causes)
            elif isinstance(node, LocalTime):
                yield from _zone(place, node.zone)

    @property
    def causes(self) -> list[str]:
        """Ids of all that opens measures."""
        restriction = self.policy.restriction
        return [rule.id for rule in self.policy.rules] + list(restriction.ids if restriction else ())

    def of_policy(self) -> Iterator[Finding]:
        """Yield what ends early, or is exempt from, that no rule and no person ever opens or sets."""
        sanctions = [name for _, name in self.sanctions]
        for release in self.policy.releases:
            place = f"release at `{release.on.type_name}`"
            for what, asked, known in (
                ("sanction", release.sanctions, sanctions),
                ("label", release.labels, [name for _, name in self.labels]),
                ("rule", release.causes, self.causes),
            ):
                yield from (_no(place, what, name, known) for name in asked if name not in known)
        restriction = self.policy.restriction
        if restriction is not None:
            place, ends = f"`ends_below` of `{restriction.id}`", restriction.ends_below
            yield from (_no(place, "sanction", name, sanctions) for name in ends if name not in sanctions)
        for attempt in self.policy.attempts:
            place = f"attempt at `{attempt.capability}`"
            exempt = [name for name, _ in attempt.exempt]
            yield from (_no(place, "sanction", name, sanctions) for name in exempt if name not in sanctions)


def _each_once(nodes: Iterable[Expr]) -> Iterable[Expr]:
    return {node.fingerprint: node for node in nodes}.values()


def _no(place: str, what: str, name: str, known: Iterable[str]) -> Finding:
    """What is said of a name that nothing has."""
    listed = sorted(set(known))
    near = nearest(name, listed)
    hint = f"did you mean `{near}`?" if near else f"there are: {', '.join(listed[:10]) or 'none'}"
    return Finding(place, f"there is no {what} `{name}`", hint)


def _zone(place: str, zone: Expr) -> Iterator[Finding]:
    """Yield a zone that is written in the policy and that nobody knows."""
    if isinstance(zone, Literal) and str(zone.value) not in available_timezones():
        near = nearest(str(zone.value), sorted(available_timezones()))
        hint = f"did you mean `{near}`?" if near else 'write an IANA name such as `"Europe/Berlin"`'
        yield Finding(place, f"there is no zone `{zone.value}`", hint)


def _unknown(place: str, what: str, name: str, entity: str, known: set[tuple[str, str]]) -> Iterator[Finding]:
    if (entity, name) in known:
        return
    about = sorted(found for on, found in known if on == entity)
    near = nearest(name, about)
    verb = "sets the label" if what == "label" else "opens the sanction"
    yield Finding(
        place,
        f"no rule {verb} `{name}` on {an(entity)}, which is asked for here",
        f"did you mean `{near}`?" if near else f"those on {an(entity)}: {', '.join(about) or 'none'}",
    )
