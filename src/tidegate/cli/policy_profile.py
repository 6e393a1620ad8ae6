"""`tidegate policy profile`: what a policy costs, kernel by kernel and rule by rule."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterator
from itertools import islice
from typing import Annotated

from cyclopts import Parameter as Option
from rich.table import Table

from tidegate.cli.terminal import console, counted, print_json, step_progress
from tidegate.cli.whole_number import WholeNumber
from tidegate.demo import Traffic
from tidegate.errors import UsageError
from tidegate.events import EventBlock, decode_lines
from tidegate.handbook.words import shortened
from tidegate.policies.loading import load_policy
from tidegate.replay.profile import Profile, profile
from tidegate.replay.readers import read_events

ROWS = 8192
LATENESS_MS = 300_000
NAME_CHARS_MAX = 120  # of what a kernel keeps: conditions written out fill pages
ACCOUNTS, DAYS = 2000, 2  # of the generated traffic: some 70,000 events


def policy_profile(
    *events: str,
    policy: str = "messenger",
    top: WholeNumber = 15,
    json: Annotated[bool, Option(negative="")] = False,
) -> int:
    """Show what a policy costs: CPU time per event and bytes by kernel, instructions by rule.

    A feature that several rules share is kept once and shown once. What would go with a rule is its own: the kernels that
    nothing else reads, as measured, and its part of the expressions, estimated by their number. The first third of the
    events fills the state and is not timed.

    Examples:
    - `tidegate policy profile`
    - `tidegate policy profile day.ndjson --policy ours.py --top 40`

    Parameters
    ----------
    events
        Files of events; generated traffic when left out.
    policy
        A shipped policy or a path.
    top
        How many kernels and rules to show.
    json
        Print all of it as JSON, names in full.
    """
    if top < 1:
        raise UsageError(f"a table of `{top}` rows", place="--top", hint="give at least 1")
    loaded = load_policy(policy)
    source = "files" if events else f"generated traffic of {ACCOUNTS:,} accounts"
    with step_progress("read", quiet=json) as watch:
        blocks = []
        for block in in_order(_read(events) if events else _generated()):
            blocks.append(block)
            watch(sum(map(len, blocks)))
    if not blocks:
        raise UsageError(
            "no events to judge", hint="name a file that holds some, or none for generated traffic"
        )
    with step_progress("judge", total=sum(map(len, blocks)), quiet=json) as watch:
        found = profile(loaded, blocks, watch)
    if json:
        print_json({"policy": loaded.stamp(), "source": list(events) or source, **found.data()})
    else:
        _print(found, source, top)
    return 0


def _read(files: tuple[str, ...]) -> Iterator[EventBlock]:
    for file in files:
        yield from (block for block in read_events(file, rows=ROWS) if isinstance(block, EventBlock))


def _generated() -> Iterator[EventBlock]:
    rows = Traffic(accounts=ACCOUNTS, days=DAYS).events()
    while lines := [jsonlib.dumps(row).encode() for row in islice(rows, ROWS)]:
        yield decode_lines(lines).block


def in_order(blocks: Iterator[EventBlock]) -> Iterator[EventBlock]:
    """Yield the events without those that lie too far behind the newest one."""
    newest = 0
    for block in blocks:
        on_time = []
        for i, ts in enumerate(block.ts.tolist()):
            newest = max(newest, ts)
            if ts >= newest - LATENESS_MS:
                on_time.append(i)
        yield block if len(on_time) == len(block) else block.select(on_time)


def _print(found: Profile, source: str, top: int) -> None:
    head = f"{counted(found.timed, 'event')} of {source} timed: {found.ns / 1000:.2f} us of CPU time each"
    console.print(f"{head}; {found.bytes / 1e6:.1f} MB of state", soft_wrap=True)
    kernels = _table("Kernels: what features cost", "ns/event", "bytes", "users")
    kernels.add_column("keeps", overflow="fold")
    for kernel in found.kernels[:top]:
        alone = f"\n  only {kernel.users[0]}" if len(kernel.users) == 1 else ""
        about = shortened(kernel.about, NAME_CHARS_MAX)
        kernels.add_row(f"{kernel.ns:,.1f}", f"{kernel.bytes:,}", str(len(kernel.users)), about + alone)
    rest = found.kernels[top:]
    if rest:
        held = sum(k.bytes for k in rest)
        kernels.add_row(f"{sum(k.ns for k in rest):,.1f}", f"{held:,}", "", f"({len(rest)} more kernels)")
    others = _table("Everything else", "ns/event")
    others.add_column("pass")
    for name, ns in found.passes.items():
        others.add_row(f"{ns:,.1f}", name)
    rules = _table("Rules: what would go with them", "own ns/event", "instructions", "kernels")
    rules.add_column("rule", overflow="fold")
    for rule in found.rules[:top]:
        instructions = f"{rule.own_instructions} of {rule.instructions}"
        rules.add_row(f"{rule.own_ns:,.1f}", instructions, f"{rule.own_kernels} of {rule.kernels}", rule.id)
    for table in (kernels, others, rules):
        console.print()
        console.print(table)
    shared = sum(k.ns for k in found.kernels if len(k.users) > 1)
    console.print(
        f"\nOf a rule's instructions and kernels, those that nothing else needs are its own. Kernels with several users"
        f" take {shared:,.0f} ns an event, and would stay.",
        soft_wrap=True,
    )


def _table(title: str, *numbers: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left")
    for column in numbers:
        table.add_column(column, justify="right", no_wrap=True)
    return table
