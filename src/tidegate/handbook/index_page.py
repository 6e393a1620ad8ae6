"""Indexes: the rules by area, the measures with the rules that open them, the modifiers with the rules they act on."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tidegate.expr import Duration
from tidegate.handbook.words import area_of, bounds_text, condition_text, measures_of, page_of, value_text
from tidegate.policy import Parameter, Span
from tidegate.policy.figures import span_in_force

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegate.policy import Modifier, Policy, Rule, Sanction


def index_page(policy: Policy, without: Iterable[str]) -> str:
    """Return the index of rules as Markdown. `without`: ids of the rules that have no example."""
    areas: dict[str, list[Rule]] = defaultdict(list)
    for rule in policy.rules:
        areas[area_of(policy, rule)].append(rule)
    parts = [f"# Rules of the policy `{policy.name}`", policy.about]
    parts.append(
        f"{len(policy.rules)} rules in {len(areas)} areas. Every page is made from the rule itself; the decisions in its examples were"
        " judged by the engine when it was made. [sanctions.md](sanctions.md) says what each measure does and which rules open it,"
        " [modifiers.md](modifiers.md) what makes limits stricter or more lenient"
        + (f", [quotas.md](quotas.md) the {len(policy.quotas)} published limits." if policy.quotas else ".")
    )
    parts.append(" · ".join(f"[{area}](#{area}) {len(areas[area])}" for area in sorted(areas)))
    for area in sorted(areas):
        rows = ["| rule | limit | p | what follows |", "|---|---|---:|---|"]
        rows += [_line(policy, area, rule) for rule in sorted(areas[area], key=lambda r: r.id)]
        parts += [f"## {area}", "\n".join(rows)]
    parts += list(_score(policy))
    listed = sorted(without)
    if listed:
        parts += ["## Without an example", ", ".join(f"`{rule}`" for rule in listed)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _line(policy: Policy, area: str, rule: Rule) -> str:
    limit = rule.comparison.right
    held = (
        f"{rule.comparison.op} {value_text(policy, limit)} {limit.unit}"
        if isinstance(limit, Parameter)
        else ""
    )
    within = f" in {rule.window}" if held and rule.window else ""
    effects = [
        f"{m.sanction.effect} {', '.join(m.capabilities)}{' (on a condition)' if m.given is not None else ''}"
        for m in rule.measures
        if m.sanction.effect != "none"
    ]
    effects += [f"label {label.name}" for label in rule.labels] + [
        f"case {case.queue}" for case in rule.cases
    ]
    state = "" if rule.state == "active" else f" ({rule.state})"
    p = f"{rule.prior.in_force(policy.revisions):g}" if rule.prior else ""
    return f"| [{rule.title}]({area}/{rule.id}.md){state}<br>`{rule.id}` | {held}{within} | {p} | {'; '.join(effects)} |"


def _score(policy: Policy) -> Iterator[str]:
    restriction = policy.restriction
    if restriction is None:
        return
    threshold = restriction.threshold
    yield "## The score"
    yield (
        f"`{restriction.id}`: {restriction.title}. The threshold is `{threshold.name}` = {value_text(policy, threshold)} "
        f"({bounds_text(threshold)}), passed strictly. A rule's p counts for {policy.active} after it last fired"
        + "".join(f", {span} in {area}" for area, span in policy.active_by_area.items())
        + ". Above it: "
        + ", ".join(f"`{m.sanction.id}`" for m in restriction.measures)
        + "".join(f", label `{label.name}`" for label in restriction.labels)
        + "."
        + (
            f" A score that is taken back to it ends {', '.join(f'`{name}`' for name in restriction.ends_below)} early."
            if restriction.ends_below
            else ""
        )
        + (
            f" `{restriction.in_points}` is the same on the scale of 100 points."
            if restriction.in_points
            else ""
        )
    )


def sanctions_page(policy: Policy) -> str:
    """Return the page about measures as Markdown."""
    opened: dict[str, list[str]] = defaultdict(list)
    sanctions: dict[str, Sanction] = {}
    for rule in policy.rules:
        for measure in measures_of(rule):
            sanctions[measure.sanction.id] = measure.sanction
            opened[measure.sanction.id].append(f"[`{rule.id}`]({page_of(policy, rule)})")
    if policy.restriction is not None:
        for measure in policy.restriction.measures:
            sanctions[measure.sanction.id] = measure.sanction
            opened[measure.sanction.id].append(f"`{policy.restriction.id}`")
    for sanction in policy.sanctions:
        sanctions.setdefault(sanction.id, sanction)
    parts = [
        f"# Measures of the policy `{policy.name}`",
        "What a measure does while it runs, for how long, and which rules open it.",
    ]
    for number in sorted(sanctions):
        parts += _sanction(policy, sanctions[number], opened[number])
    return "\n\n".join(parts) + "\n"


def _sanction(policy: Policy, sanction: Sanction, opened: list[str]) -> Iterator[str]:
    yield f"## `{sanction.id}`"
    lasting = sanction.lasting
    length = (
        f"permanent, pending `{sanction.review}`"
        if not isinstance(lasting, Duration | Span)
        else str(span_in_force(lasting, policy.revisions))
    )
    rows = [
        (
            "effect",
            f"**{sanction.effect}** {', '.join(sanction.capability)}"
            + (f", step-up `{sanction.challenge}`" if sanction.challenge else ""),
        ),
        (
            "length",
            length
            + (
                f" (`{lasting.name}`, {bounds_text(lasting)}): {lasting.why}"
                if isinstance(lasting, Span)
                else ""
            ),
        ),
        ("level", str(sanction.level)),
    ]
    if sanction.rate_per_minute is not None:
        rate = sanction.rate_per_minute
        rows.append(
            ("rate", f"{value_text(policy, rate)} {rate.unit} a minute (`{rate.name}`, {bounds_text(rate)})")
        )
    if sanction.subject != "account":
        rows.append(("on", sanction.subject))
    if sanction.assumed:
        rows.append(("assumed", ", ".join(sanction.assumed)))
    rows.append(
        ("opened by", ", ".join(dict.fromkeys(opened)) or "people and other systems: no rule opens it")
    )
    ends = [release for release in policy.releases if sanction.id in release.sanctions]
    rows += [
        (
            "ends before",
            f"at `{r.on.type_name}` where `{_cell(r.when.describe())}`"
            + (f", if opened by {', '.join(f'`{cause}`' for cause in r.causes)}" if r.causes else ""),
        )
        for r in ends
    ]
    yield f"{sanction.title}."
    yield "\n".join(["| | |", "|---|---|", *(f"| {head} | {text} |" for head, text in rows)])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def modifiers_page(policy: Policy) -> str:
    """Return the page about modifiers as Markdown."""
    found: dict[str, Modifier] = {}
    used: dict[str, list[str]] = defaultdict(list)
    for rule in policy.rules:
        for modifier in rule.modifiers:
            found[modifier.id] = modifier
            used[modifier.id].append(f"[`{rule.id}`]({page_of(policy, rule)})")
    parts = [
        f"# Modifiers of the policy `{policy.name}`",
        "Circumstances that multiply limits while they hold for sure; the product is never below a quarter of the limit.",
    ]
    for number in sorted(found):
        modifier = found[number]
        parts += [
            f"## `{number}`",
            f"{modifier.title}: times **{value_text(policy, modifier.factor)}** (`{modifier.factor.name}`, {bounds_text(modifier.factor)}).",
            f"Holds while `{condition_text(modifier.when)}`.",
            f"Why: {modifier.factor.why}.",
            f"Acts on {', '.join(used[number])}.",
        ]
    return "\n\n".join(parts) + "\n"
