"""`tidegate simulate`: made-up traffic to try policies on."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter as Option

from tidegate.cli.terminal import console, print_json, step_progress
from tidegate.cli.whole_number import WholeNumber
from tidegate.demo import Traffic
from tidegate.errors import UsageError

ENDINGS = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")  # of what is written here and read by others


def simulate(
    out: Path,
    *,
    seed: WholeNumber = 20_260_302,
    accounts: WholeNumber = 2000,
    days: WholeNumber = 7,
    json: Annotated[bool, Option(negative="")] = False,
) -> int:
    """Write the traffic of a made-up platform: honest accounts of several kinds, and a few labelled abuses.

    The same seed gives the same events on every machine. The labels go to a second file beside it.

    Examples:
    - `tidegate simulate week.ndjson`
    - `tidegate simulate small.ndjson.gz --accounts 300 --days 1 --seed 7`

    Parameters
    ----------
    out
        File of events to write: .ndjson or .ndjson.gz.
    seed
        Which world.
    accounts
        How many accounts; at least 200.
    days
        How many days.
    json
        Print what was written as JSON.
    """
    traffic = Traffic(seed=seed, accounts=accounts, days=days)
    if not out.name.lower().endswith(ENDINGS):
        raise UsageError(
            f"`{out}` does not say what is in it",
            place="OUT",
            hint="let its name end in `.ndjson` or `.ndjson.gz`",
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    with step_progress("simulating", total=days * 24, quiet=json, unit="hours") as progress:
        count = traffic.write_ndjson(out, progress=progress)
    labels = out.with_name(out.name.split(".")[0] + ".labels.json")
    labels.write_text(
        jsonlib.dumps({k: sorted(v) for k, v in traffic.labels().items()}, indent=2) + "\n", "utf-8"
    )
    if json:
        print_json({"events": count, "file": str(out), "labels": str(labels)})
    else:
        console.print(f"{count:,} events written to {out}, labels to {labels}")
    return 0
