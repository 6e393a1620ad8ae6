"""`tidegate demo`: a made-up week of a small platform, judged and drawn."""

from __future__ import annotations

import json as jsonlib
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter as Option
from rich.table import Table

from tidegate.cli.replay import draw
from tidegate.cli.terminal import console, counted, print_json, print_tally, replay_progress, step_progress
from tidegate.cli.whole_number import WholeNumber
from tidegate.demo import Traffic
from tidegate.policies.loading import load_policy
from tidegate.replay.caption import Caption
from tidegate.replay.replayer import replay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.policy import Policy

RULES_NAMED = 3  # per abuse, those that fired for most accounts
RESTRAINED = ("throttle", "challenge", "deny")


def demo(
    *,
    out: Path = Path("tidegate-demo"),
    seed: WholeNumber = 20_260_302,
    accounts: WholeNumber = 2000,
    days: WholeNumber = 7,
    once: Annotated[bool, Option(negative="")] = False,
    json: Annotated[bool, Option(negative="")] = False,
) -> int:
    """Judge a made-up week of a small platform with a few labelled abuses, and show what was found.

    Nothing is needed but this: the events are generated (the same ones for the same seed), replayed through the shipped
    policy, and the decisions compared with what each account really was. Then it serves that week on this machine until
    Ctrl-C, and prints what to try: post an event, see the decision, look at the account. Where there is no terminal it
    also ends once nobody has asked it anything for two minutes.

    Examples:
    - `tidegate demo`
    - `tidegate demo --accounts 400 --days 2`
    - `tidegate demo --once`

    Parameters
    ----------
    out
        Folder for events, decisions and pictures.
    seed
        Which world.
    accounts
        How many accounts; at least 200.
    days
        How many days.
    once
        Serve nothing: end when the week has been judged.
    json
        Print the result as JSON, and serve nothing.
    """
    traffic = Traffic(seed=seed, accounts=accounts, days=days)
    out.mkdir(parents=True, exist_ok=True)
    events = out / "events.ndjson"
    with step_progress("simulating", total=days * 24, quiet=json, unit="hours") as progress:
        count = traffic.write_ndjson(events, progress=progress)
    labels = traffic.labels()
    (out / "labels.json").write_text(
        jsonlib.dumps({k: sorted(v) for k, v in labels.items()}, indent=2) + "\n", "utf-8"
    )
    policy = load_policy("messenger")
    if not json:
        console.print(
            f"{counted(count, 'event')} of {counted(accounts, 'account')} over {counted(days, 'day')}; policy {policy.name}: {len(policy.rules)} rules"
        )
    with replay_progress(events.stat().st_size, quiet=json) as bar:
        done = replay(policy, [str(events)], out, progress=bar.read, watch=bar.judged)
    draw(done, Caption("a made-up week", f"{policy.name} {policy.version}"), quiet=json)
    found = outcome(events, out / "decisions.ndjson", labels, _weighing(policy))
    (out / "outcome.json").write_text(jsonlib.dumps(found, indent=2) + "\n", "utf-8")
    if json:
        print_json({"summary": done.data(), "outcome": found})
        return 0
    print_tally(done.tally, done.seconds)
    console.print(outcome_table(found))
    example = found["example"]
    if example:
        console.print(
            "\na decision of decisions.ndjson, but for what was undecided and the policy:", style="bold"
        )
        console.print_json(
            jsonlib.dumps({k: v for k, v in example.items() if k not in ("undecided", "policy")})
        )
    console.print(f"written to {out}/: events, decisions, summary, labels, timeline.png", style="dim")
    if not once:
        from tidegate.cli.demo_serve import serve_demo

        account = example["account_id"] if example else min(frozenset().union(*labels.values()))
        # not what rich takes for a terminal: it believes `FORCE_COLOR`, which build servers set
        watched = sys.stdout.isatty()
        serve_demo(events, out / f"data-{seed}-{accounts}-{days}", policy, account, watched=watched)
    return 0


def applicants(events: Path) -> dict[str, str]:
    """Return which account each registration attempt led to, by event id: an attempt names a number, not yet an account."""
    attempts: dict[str, list[str]] = defaultdict(list)
    found: dict[str, str] = {}
    with events.open("rb") as lines:
        for line in lines:
            if b'"registration_attempt"' not in line and b'"account_registered"' not in line:
                continue
            event = jsonlib.loads(line)
            number = event.get("number")
            if event["type"] == "registration_attempt":
                attempts[number].append(event["event_id"])
            elif event["type"] == "account_registered":
                found.update(dict.fromkeys(attempts.pop(number, ()), event["account_id"]))
    return found


def _weighing(policy: Policy) -> frozenset[str]:
    """Return the rules that say nothing by themselves: they make signs weigh more at the event they fire at."""
    return frozenset(rule.id for rule in policy.rules if rule.risk is not None and rule.risk.passing)


def outcome(
    events: Path, decisions: Path, labels: Mapping[str, frozenset[str]], weighing: frozenset[str]
) -> dict[str, Any]:
    """Compare decisions with what the accounts really were.

    An account counts as *noticed* when a rule fired about it that is none of `weighing`, as *restrained* when an attempt of it
    met more than `allow`.
    """
    seen = _Seen(applicants(events), weighing)
    with decisions.open("rb") as lines:
        for line in lines:
            seen.add(jsonlib.loads(line))
    abusive = frozenset().union(*labels.values())
    return {
        "abuses": {label: seen.row(members) for label, members in sorted(labels.items())},
        "honest": {k: v for k, v in seen.row(seen.accounts - abusive).items() if k != "rules"},
        "example": seen.example,
    }


@dataclass
class _Seen:
    """What decisions said, by account."""

    applicants: Mapping[str, str]
    weighing: frozenset[str]
    accounts: set[str] = field(default_factory=set)
    noticed: set[str] = field(default_factory=set)
    restrained: set[str] = field(default_factory=set)
    rules: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    example: dict[str, Any] | None = None  # the first denial that opened a measure

    def add(self, decision: dict[str, Any]) -> None:
        """Take in one decision."""
        account = decision["account_id"] or self.applicants.get(decision["event_id"])
        if account is None:
            return
        self.accounts.add(account)
        if decision["verdict"] in RESTRAINED:
            self.restrained.add(account)
        rules = {fired["rule"] for fired in decision["fired"] if "quota" not in fired} - self.weighing
        if rules:
            self.noticed.add(account)
            self.rules[account].update(rules)
            if self.example is None and decision["sanctions"] and decision["verdict"] == "deny":
                self.example = decision

    def row(self, members: frozenset[str] | set[str]) -> dict[str, Any]:
        """Return how many of these accounts were noticed and restrained, and by which rules most."""
        counts = Counter(rule for account in members for rule in self.rules.get(account, ()))
        most = sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:RULES_NAMED]
        return {
            "accounts": len(members),
            "noticed": len(members & self.noticed),
            "restrained": len(members & self.restrained),
            "rules": [rule for rule, _ in most],
        }


def outcome_table(found: Mapping[str, Any]) -> Table:
    """Return who was noticed and restrained, abuse by abuse, honest accounts last."""
    table = Table(
        box=None,
        pad_edge=False,
        header_style="bold",
        title="\nwhat the accounts really were",
        title_justify="left",
        title_style="",
    )
    for name in ("accounts", "in all", "noticed", "restrained", "rules that fired most"):
        table.add_column(name, justify="right" if name in ("in all", "noticed", "restrained") else "left")
    for label, row in found["abuses"].items():
        table.add_row(
            label,
            str(row["accounts"]),
            str(row["noticed"]),
            str(row["restrained"]),
            ", ".join(row["rules"][:2]),
        )
    honest = found["honest"]
    table.add_row("honest", str(honest["accounts"]), str(honest["noticed"]), str(honest["restrained"]), "")
    return table
