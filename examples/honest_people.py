"""Which default figures would hurt honest people, and which value would not: prints docs/honest-people.md.

    python examples/honest_people.py ../shared/data > docs/honest-people.md

Two public message logs are replayed. Whoever shows no evidence of spam in the raw rows (sender_evidence.py) counts as honest.
For every rule that fires for them, the least strict value is sought with which it fires on at most TOLERATED of 1,000 of their
sender-days in every log; then all logs are replayed with these values.
"""
# ruff: noqa: T201  # a script, run by path; it prints

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from math import ceil, floor, prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parent))
from real_data_findings import COLLEGE, COPENHAGEN, Log, events_of, per_1000, sender_days, table
from sender_evidence import Sender, local_day, senders_of

from tidegate.handbook.words import figure_text, measures_of
from tidegate.policies.loading import load_policy
from tidegate.policy import Parameter, Policy, Rule
from tidegate.policy.figures import values_in_force
from tidegate.replay.replayer import Options, replay

TOLERATED = 1.0  # alerts per 1,000 honest sender-days; ours: a platform decides what it can bear
LOGS = (
    COLLEGE,
    COPENHAGEN,
    replace(
        COPENHAGEN, title="Copenhagen, all new", options=(*COPENHAGEN.options, "--first-seen-as-registration")
    ),
)
Day = tuple[str, date]


class Modified(msgspec.Struct):
    """A modifier of a fired rule's limit."""

    factor: float


class Fired(msgspec.Struct):
    """A rule of a decision: what was observed, and what factors its limit had."""

    rule: str
    observed: float | str | None
    modifiers: list[Modified]


class Line(msgspec.Struct):
    """What is needed of a line of decisions.ndjson."""

    ts: datetime
    type: str
    account_id: str | None
    verdict: str
    fired: list[Fired]


@dataclass
class Alerts:
    """What one replay did to the senders of a log: rule -> sender-day -> the base limit from which on it would have rested."""

    senders: dict[str, Sender]
    of_rule: dict[str, dict[Day, float]] = field(default_factory=lambda: defaultdict(dict))
    restrained: set[Day] = field(default_factory=set)

    def honest(self, days: Iterable[Day]) -> set[Day]:
        """Return those sender-days whose senders show no evidence."""
        return {day for day in days if not self.senders[day[0]].evidence}

    @property
    def honest_days(self) -> int:
        """How many sender-days honest senders have."""
        return sender_days({name: one for name, one in self.senders.items() if not one.evidence})

    def rate(self, days: Iterable[Day]) -> str:
        """Return how many of 1,000 honest sender-days these are."""
        return per_1000(len(self.honest(days)), self.honest_days)


def alerts_of(policy: Policy, log: Log, data: Path, events: Path, folder: Path) -> Alerts:
    """Replay the events of a log and collect, per rule, the sender-days on which it fired."""
    zone = ZoneInfo(log.zone)
    found = Alerts(senders_of(log.rows(data), zone))
    replay(policy, [str(events)], folder, Options(only_fired=False))
    decode = msgspec.json.Decoder(Line).decode
    # what only makes signs of the event it fires at weigh more says nothing by itself
    speaking = {rule.id for rule in policy.rules if rule.risk is None or not rule.risk.passing}
    rules = speaking | {policy.restriction.id if policy.restriction else ""}
    floor = values_in_force(policy.modifier_floor, policy.revisions.get(policy.modifier_floor.name))[0]
    with (folder / "decisions.ndjson").open("rb") as lines:
        for line in map(decode, lines):
            if line.account_id in found.senders:
                _note(found, line, (line.account_id, local_day(line.ts.timestamp(), zone)), rules, floor)
    return found


def _note(found: Alerts, line: Line, day: Day, rules: set[str], floor: float) -> None:
    if line.type == "message_sent" and line.verdict != "allow":
        found.restrained.add(day)
    for fired in line.fired:
        if fired.rule in rules:
            factor = max(floor, prod(modifier.factor for modifier in fired.modifiers))
            base = fired.observed / factor if isinstance(fired.observed, int | float) else float("inf")
            known = found.of_rule[fired.rule]
            known[day] = max(base, known.get(day, base))


# the value that hurts nobody -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Advice:
    """Another value of a rule's figure. `value` None: no value of it helps, or the rule has no such figure."""

    figure: Parameter | None
    value: float | None
    why_not: str = ""

    def revision(self) -> Any:  # noqa: ANN401  a number, or one per segment
        """Return what a file of figures holds: only segments that are stricter are changed."""
        assert self.figure is not None
        assert self.value is not None
        if self.figure.by is None:
            return self.value
        return {"default": max(self.figure.default, self.value)} | {
            segment: max(old, self.value) for segment, old in self.figure.by[1].items()
        }


def advice_for(rule: Rule, logs: Iterable[Alerts]) -> Advice | None:
    """Return a value with which the rule fires on few enough honest sender-days of every log; None where it does so already."""
    loud = [
        (one, sorted((one.of_rule[rule.id][day] for day in one.honest(one.of_rule[rule.id])), reverse=True))
        for one in logs
    ]
    over = [
        (values, allowed(one.honest_days)) for one, values in loud if len(values) > allowed(one.honest_days)
    ]
    if not over:
        return None
    limit, op = rule.comparison.right, rule.comparison.op
    if rule.risk is not None:
        return Advice(None, None, "it says nothing by itself, and follows the rules it strengthens")
    if not isinstance(limit, Parameter) or op not in (">", ">="):
        return Advice(None, None, "no single figure decides")
    needed = max(values[rest] for values, rest in over)  # it must rest on all but so many days
    value = beyond(needed, op, whole=limit.default == int(limit.default))
    if value > limit.high:
        return Advice(limit, None, f"its bounds end at {limit.high:g}")
    return Advice(limit, max(value, limit.low))


def allowed(days: int) -> int:
    """Return on how many of so many days a rule may fire."""
    return floor(TOLERATED * days / 1000)


def beyond(observed: float, op: str, *, whole: bool) -> float:
    """Return the least limit at which a comparison with this observed value does not hold.

    >>> beyond(8, ">", whole=True), beyond(7.1, ">", whole=True), beyond(8, ">=", whole=True)
    (8, 8, 9)
    """
    if whole:
        return ceil(observed) if op == ">" else floor(observed) + 1
    return round(observed * 1.001, 3)


# the page --------------------------------------------------------------------------------------------------------------
def consequence(rule: Rule) -> str:
    """Return what a rule does to an account, shortly."""
    does = [
        f"{m.sanction.effect} {', '.join(m.capabilities)}"
        for m in measures_of(rule)
        if m.sanction.effect != "none"
    ]
    does += [f"other signs weigh {figure_text(rule.risk.factor.default)} times as much"] if rule.risk else []
    does += [f"p {rule.prior.in_force({}):g}"] if rule.prior and rule.prior.scores else []
    does += [f"label {label.name}" for label in rule.labels] + [f"case {case.queue}" for case in rule.cases]
    return "; ".join(does) or "nothing"


def page(data: Path, folder: Path) -> str:
    """Replay all logs with the default figures, then with the advised ones, and return the page."""
    policy = load_policy("messenger")
    events = {log: events_of(log, data, folder) for log in LOGS}
    before = {log: alerts_of(policy, log, data, events[log], folder) for log in LOGS}
    advised = {
        rule: found for rule in policy.rules if (found := advice_for(rule, before.values())) is not None
    }
    revisions = revisions_of(advised.values())
    after = {log: alerts_of(policy.revise(revisions), log, data, events[log], folder) for log in LOGS}
    return "\n\n".join([
        _HEAD.format(
            restrained=_restrained(before), then=_restrained(after), tolerated=f"{TOLERATED:g}", loud=len(advised),
            rules=len(policy.rules),
        ),
        "## Rules that fired", "Alerts per 1,000 sender-days of senders without evidence; in brackets how many such senders.",
        alerts_table(policy, before),
        "## Figures that would hurt, and what helps", _ADVICE, advice_table(advised, before, after),
        _score(policy, before, after),
        "```toml\n" + toml(revisions) + "```", _LIMITS,
    ]) + "\n"  # fmt: skip


def revisions_of(advised: Iterable[Advice]) -> dict[str, Any]:
    """Return the advised values by figure; a figure of several rules gets the least strict of theirs."""
    best: dict[str, Advice] = {}
    for one in advised:
        if one.value is not None and one.figure is not None:
            known = best.get(one.figure.name)
            if known is None or (known.value or 0) < one.value:
                best[one.figure.name] = one
    return {name: best[name].revision() for name in sorted(best)}


def _restrained(found: Mapping[Log, Alerts]) -> str:
    return ", ".join(
        f"{len({who for who, _ in one.honest(one.restrained)}):,} of {_honest(one):,} ({log.title})"
        for log, one in found.items()
    )


def _honest(one: Alerts) -> int:
    return sum(not sender.evidence for sender in one.senders.values())


def alerts_table(policy: Policy, found: Mapping[Log, Alerts]) -> str:
    """One row per rule that fired for an honest sender anywhere, the loudest first."""
    rows = []
    names = {
        rule.id: consequence(rule) for rule in policy.rules
    }  # and the restriction, which is no rule of a sheet
    if policy.restriction is not None:
        names[policy.restriction.id] = ", ".join(m.sanction.id for m in policy.restriction.measures)
    for rule, does in names.items():
        days = {log: one.honest(one.of_rule.get(rule, ())) for log, one in found.items()}
        if any(days.values()):
            cells = [
                f"{one.rate(days[log])} ({len({who for who, _ in days[log]})})" for log, one in found.items()
            ]
            rows.append((-sum(map(len, days.values())), f"`{rule}`", does, *cells))
    head = "|".join(["rule", "what it does", *(f"{log.title}#" for log in found)])
    return table(head, (row[1:] for row in sorted(rows)))


def advice_table(
    advised: Mapping[Rule, Advice], before: Mapping[Log, Alerts], after: Mapping[Log, Alerts]
) -> str:
    """One row per rule that is too loud: its figure, the advised value, and its alerts then."""
    rows = []
    for rule, advice in advised.items():
        then = [
            f"{one.rate(one.of_rule.get(rule.id, ()))} to {after[log].rate(after[log].of_rule.get(rule.id, ()))}"
            for log, one in before.items()
        ]
        figure = advice.figure
        old = figure_text(_values(figure)) if figure is not None else ""
        new = figure_text(advice.revision()) if advice.value is not None else f"none: {advice.why_not}"
        rows.append((f"`{rule.id}`", f"`{figure.name}`" if figure is not None else "", old, new, *then))
    return table(
        "|".join(["rule", "figure", "default", "with this value", *(f"{log.title}#" for log in before)]), rows
    )


def _score(policy: Policy, before: Mapping[Log, Alerts], after: Mapping[Log, Alerts]) -> str:
    """Return what becomes of the restriction by score, which follows from the rules."""
    assert policy.restriction is not None
    rule = policy.restriction.id
    cells = [
        f"{one.rate(one.of_rule.get(rule, ()))} to {after[log].rate(after[log].of_rule.get(rule, ()))} ({log.title})"
        for log, one in before.items()
    ]
    return f"The restriction by score, `{rule}`, follows from these: {', '.join(cells)}."


def _values(figure: Parameter) -> object:
    return {"default": figure.default} | dict(figure.by[1]) if figure.by is not None else figure.default


def toml(revisions: Mapping[str, Any]) -> str:
    """Return the values as a file of figures."""
    plain = "".join(
        f"{name} = {figure_text(v)}\n" for name, v in revisions.items() if not isinstance(v, dict)
    )
    tables = [
        f"[{name}]\n" + "".join(f"{segment} = {figure_text(v)}\n" for segment, v in value.items())
        for name, value in revisions.items()
        if isinstance(value, dict)
    ]
    return "\n".join([plain, *tables] if plain else tables)


_HEAD = """\
# Figures that would hurt honest people

The default figures come from articles, not from measurements. Here they are held against two public logs of ordinary people,
described in [real-data.md](real-data.md): private messages of students in 2004 (CollegeMsg), text messages of students over four
weeks (Copenhagen). *Honest* is who shows no evidence of spam in the raw rows; in Copenhagen everybody is. Ages of accounts are not
known there, so it is judged a second time as if everybody had joined as the study began: *all new*.

- {loud} of {rules} rules fire on more than {tolerated} of 1,000 honest sender-days in one of the three.
- Honest senders who were restrained at least once: {restrained}.
- With the values below: {then}.

Made by one command, which needs the folder of the logs: `python examples/honest_people.py ../shared/data > docs/honest-people.md`"""

_ADVICE = f"""\
For every rule that is louder than {TOLERATED:g} alert per 1,000 honest sender-days: the least value of its own figure with which it is not, in
any of the three, and its alerts before and after, measured in a replay with all these values together."""

_LIMITS = """\
Only messages and who is a contact are in these logs: rules about groups, devices, registrations, links, calls and reports cannot
fire, and nothing is said about them. A value that hurts nobody here may also catch nobody: [real-data.md](real-data.md) says what
it costs. Replay your own traffic before you choose."""


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with collegemsg and copenhagen_networks")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        print(page(given.data, Path(folder)), end="")


if __name__ == "__main__":
    main()
