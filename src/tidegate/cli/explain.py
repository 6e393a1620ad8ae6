"""`tidegate explain`: why an event of a live log was decided as it was."""

from __future__ import annotations

from math import isinf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter as Option
from rich.table import Table

from tidegate.cli.log_cipher import cipher_of
from tidegate.cli.terminal import console, counted, log_progress, print_json
from tidegate.engine.decision import figure
from tidegate.errors import FileError
from tidegate.expr.literal import number_text
from tidegate.handbook.words import figure_text
from tidegate.policies.loading import load_policy
from tidegate.policy import Rule
from tidegate.replay.explanation import explain as explain_event

if TYPE_CHECKING:
    from tidegate.engine.explanation import Reading
    from tidegate.replay.explanation import Explanation

_ORDER = ("fired", "exceeded", "undecided", "not fired", "kept", "not asked")


def explain(
    event_id: str,
    /,
    *,
    data: Path = Path("tidegate-data"),
    policy: str = "messenger",
    every: Annotated[bool, Option(negative="")] = False,
    json: Annotated[bool, Option(negative="")] = False,
) -> int:
    """Tell why an event was decided as it was: what every rule saw, and by which figures of that time.

    The log is judged again up to the event, from the nearest checkpoint before it; a server may be running on it.

    Examples:
    - `tidegate explain e-000017 --data tidegate-data`
    - `tidegate explain e-000017 --every`: rules that were far from firing too

    Parameters
    ----------
    event_id
        The event.
    data
        The data folder of the live system.
    policy
        The policy that it runs: a shipped one, or the path of a Python file. Figures come from the log.
    every
        List every rule about such events, also where nothing was observed.
    json
        Print it as JSON: always everything.
    """
    _refuse_replay(data)
    base = load_policy(policy)
    with log_progress("judging again", quiet=json) as watch:
        found = explain_event(base, data, event_id, cipher=cipher_of(data), watch=watch)
    if json:
        print_json(found.data())
        return 0
    _print_decision(found)
    _print_readings(found, every=every)
    return 0


def _refuse_replay(data: Path) -> None:
    """Raise FileError where the folder is what `tidegate replay` wrote: it has decisions, and no log to judge again."""
    if (data / "decisions.ndjson").is_file() and not (data / "journal").is_dir():
        raise FileError(
            "is what a replay wrote, no data folder",
            place=str(data),
            hint=f"the decision stands in `{data / 'decisions.ndjson'}`, with every rule that fired, its value and its limit",
        )


def _print_decision(found: Explanation) -> None:
    decision, stamp = found.decision, found.policy.stamp()
    account = f" of {decision['account_id']}" if decision["account_id"] is not None else ""
    console.print(
        f"{decision['event_id']}  {decision['type']}{account}  {decision['ts']}", style="bold", markup=False
    )
    revised = found.revision.figures
    figures = (
        ", ".join(f"{name} {figure_text(value)}" for name, value in revised.items())
        or "all as the policy has them"
    )
    rows = [
        (
            "verdict",
            decision["verdict"]
            + (f", again in {decision['retry_after_s']} s" if decision.get("retry_after_s") else ""),
        ),
        ("challenge", decision.get("challenge")),
        ("score", number_text(decision["score"])),
        ("labels", ", ".join(decision["labels"])),
        ("measures", ", ".join(f"{s['sanction']} until {s['until']}" for s in decision["sanctions"])),
        ("cases", ", ".join(f"{c['queue']} by {c['due']}" for c in decision["cases"])),
        ("policy", f"{stamp['name']} {stamp['version']}, figures {stamp['parameters'][:15]}"),
        ("figures", f"{figures} (by {found.revision.by})"),
        ("place", f"event {found.position:,} of the log"),
    ]
    for head, text in rows:
        if text:
            console.print(f"  {head:<10}{text}", markup=False, soft_wrap=True)


def _print_readings(found: Explanation, *, every: bool) -> None:
    """Print what rules saw: those that fired first; those that saw nothing only if all are wanted."""
    shown = sorted(found.readings, key=lambda r: _ORDER.index(r.outcome))
    known = [
        r
        for r in shown
        if r.outcome in ("fired", "exceeded")
        or r.most is not None
        or (r.observed not in (None, 0.0) and r.observed == r.observed)
    ]
    listed = shown if every else known
    table = Table(box=None, pad_edge=False, header_style="dim")
    for head in ("", "rule", "observed", "limit", "modifiers"):
        justify: Literal["left", "right"] = "right" if head in ("observed", "limit") else "left"
        table.add_column(head, no_wrap=head != "modifiers", overflow="fold", justify=justify)
    for reading in listed:
        table.add_row(
            _outcome(reading),
            reading.rule.id,
            _observed(reading),
            _value(reading.limit),
            ", ".join(f"{m.id} x {number_text(m.factor)}" for m in reading.modifiers),
            style="bold" if reading.outcome in ("fired", "exceeded") else "",
        )
    console.print()
    console.print(table)
    if left := len(shown) - len(listed):
        console.print(f"{counted(left, 'rule')} more about such events saw nothing: `--every`", style="dim")
    figures = {
        name: value
        for reading in shown
        if reading.outcome in ("fired", "exceeded")
        for name, value in found.parameters_of(reading.rule).items()
    }
    if figures:
        console.print("\nfigures behind what fired, as they were in force", style="dim")
    for name, value in figures.items():
        console.print(f"  {name}  {figure_text(value)}", markup=False, soft_wrap=True)


def _outcome(reading: Reading) -> str:
    """Return what came of a rule; `shadow` where it would have fired, and the decision does not say so."""
    in_shadow = isinstance(reading.rule, Rule) and reading.rule.state == "shadow"
    return "shadow" if in_shadow and reading.outcome == "fired" else reading.outcome


def _observed(reading: Reading) -> str:
    """Return what a rule saw: a value, or the span it lies in where something that counts is not known."""
    low, high = reading.observed, reading.most
    if high is None or not isinstance(low, float):
        return _value(low)
    if figure(high) is None:
        return "unknown" if figure(low) is None else f"{_value(low)} or more"
    return f"{_value(high)} or less" if figure(low) is None else f"{_value(low)} to {_value(high)}"


def _value(value: float | str | None) -> str:
    if isinstance(value, str):
        return value
    if value is None or value != value:  # noqa: PLR0124  NaN: not known
        return "unknown"
    if isinf(value):
        return "none" if value < 0 else "endless"
    return number_text(round(value, 4))
