"""`tidegate demo`: a made-up week of a small platform, judged and drawn."""

from __future__ import annotations

import json as jsonlib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter as Option
from rich.table import Table

from tidegate.cli.replay import draw
from tidegate.cli.screen import console, print_json, replay_progress, tally_table
from tidegate.demo import Traffic
from tidegate.policies.loading import load_policy
from tidegate.replay.caption import Caption
from tidegate.replay.replayer import replay

if TYPE_CHECKING:
    from collections.abc import Mapping

RESTRAINED = ("throttle", "challenge", "deny")


def demo(
    *,
    out: Path = Path("tidegate-demo"),
    seed: int = 20_260_302,
    accounts: int = 2000,
    days: int = 7,
    json: Annotated[bool, Option(negative="")] = False,
) -> int:
    """Judge a made-up week of a small platform with a few labelled abuses, and show what was found.

    Nothing is needed but this: the events are generated (the same ones for the same seed), replayed through the shipped
    policy, and the decisions compared with what each account really was.

    Examples:
    - `tidegate demo`
    - `tidegate demo --accounts 400 --days 2`

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
    json
        Print the result as JSON.
    """
    out.mkdir(parents=True, exist_ok=True)
    events = out / "events.ndjson"
    traffic = Traffic(seed=seed, accounts=accounts, days=days)
    with console.status("generating a week of traffic") if not json else _nothing():
        count = traffic.write_ndjson(events)
    labels = traffic.labels()
    (out / "labels.json").write_text(
        jsonlib.dumps({k: sorted(v) for k, v in labels.items()}, indent=2) + "\n", "utf-8"
    )
    policy = load_policy("messenger")
    if not json:
        console.print(
            f"{count:,} events of {accounts:,} accounts over {days} days; policy {policy.name}: {len(policy.rules)} rules"
        )
    with replay_progress(events.stat().st_size, quiet=json) as (read, judged):
        done = replay(policy, [str(events)], out, progress=read, watch=judged)
    draw(done, Caption("a made-up week", f"{policy.name} {policy.version}"), quiet=json)
    found = outcome(out / "decisions.ndjson", labels)
    (out / "outcome.json").write_text(jsonlib.dumps(found, indent=2) + "\n", "utf-8")
    if json:
        print_json({"summary": done.data(), "outcome": found})
        return 0
    console.print(tally_table(done.tally, done.seconds))
    console.print(outcome_table(found))
    example = found["example"]
    if example:
        console.print("\na decision, as it stands in decisions.ndjson:", style="bold")
        console.print_json(
            jsonlib.dumps({k: v for k, v in example.items() if k not in ("undecided", "policy")})
        )
    console.print(f"written to {out}/: events, decisions, summary, labels, timeline.png", style="dim")
    return 0


def outcome(decisions: Path, labels: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """Compare decisions with what the accounts really were.

    An account counts as *noticed* when a rule fired about it, as *restrained* when an attempt of it met more than `allow`.
    """
    noticed: set[str] = set()
    restrained: set[str] = set()
    rules: dict[str, set[str]] = defaultdict(set)
    accounts: set[str] = set()
    example: dict[str, Any] | None = None
    with decisions.open("rb") as lines:
        for line in lines:
            decision = jsonlib.loads(line)
            account = decision["account_id"]
            if account is None:
                continue
            accounts.add(account)
            if decision["verdict"] in RESTRAINED:
                restrained.add(account)
            if decision["fired"]:
                noticed.add(account)
                for fired in decision["fired"]:
                    rules[account].add(fired["rule"])
                if example is None and decision["sanctions"] and decision["verdict"] == "deny":
                    example = decision
    abusive = frozenset().union(*labels.values())
    honest = accounts - abusive
    rows = {}
    for label, members in sorted(labels.items()):
        first = defaultdict(int)
        for account in members:
            for rule in rules.get(account, ()):
                first[rule] += 1
        rows[label] = {
            "accounts": len(members),
            "noticed": len(members & noticed),
            "restrained": len(members & restrained),
            "rules": [rule for rule, _ in sorted(first.items(), key=lambda r: (-r[1], r[0]))[:3]],
        }
    return {
        "abuses": rows,
        "honest": {
            "accounts": len(honest),
            "noticed": len(honest & noticed),
            "restrained": len(honest & restrained),
        },
        "example": example,
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


class _nothing:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None
