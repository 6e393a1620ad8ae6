"""Writes a pool of accounts of which the truth is known, put together from real ones, and what may be known of them.

    python examples/labelled_pool.py ../shared/data --out pool/

| file | holds |
|---|---|
| `pool.csv` | the list as its organisation has it |
| `events.ndjson` | what a platform saw: registrations, logins, messages, bans of others |
| `measures.ndjson` | the measures that the shipped policy takes on these events |
| `answers.ndjson` | what the platform answers when it is asked |
| `labels.csv` | the truth: stolen, fake, non_compliant, invalid; `half` is dev or test, by a hash of the id |

real_accounts.py reads the data sets, pool_accounts.py makes the accounts, pool_assumptions.py says what no data set tells.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from import_message_log import Event
from pool_accounts import labelled_accounts
from pool_answers import answers_of, write_list
from pool_assumptions import Assumed
from pool_events import events_of
from real_accounts import real_accounts

from tidegate.policies.loading import load_policy
from tidegate.replay.replayer import Options, replay

SEED = 1
DIMENSIONS = ("stolen", "fake", "non_compliant", "invalid")
LABELS = ("number", "account_id", "half", *DIMENSIONS, "groups")


def write_pool(data: Path, folder: Path, assumed: Assumed, seed: int = SEED) -> None:
    """Write all files; the same data, assumptions and seed give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    real = real_accounts(data, int(assumed.college_day))
    accounts = labelled_accounts(real, assumed, seed)
    _write(folder / "events.ndjson", events_of(accounts, real, assumed, seed))
    measures = list(measures_on_record(folder / "events.ndjson", folder / "replay"))
    _write(folder / "measures.ndjson", measures)
    spam = (
        one for one in measures if str(one["cause"]).startswith("msg.")
    )  # what a record of violations holds
    incidents = Counter(str(one["account_id"]) for one in spam)
    _write(folder / "answers.ndjson", answers_of(accounts, incidents, assumed, seed))
    write_list(folder / "pool.csv", accounts, incidents, assumed, seed)
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(LABELS)
        for one in accounts:
            truth = (bool(one.takeover), one.fake, one.non_compliant, one.invalid)
            table.writerow(
                [one.number, one.id, half_of(one.id), *map(int, truth), "; ".join(sorted(one.groups()))]
            )


def half_of(account_id: str) -> str:
    """Return which half an account belongs to; only the test half is reported.

    >>> half_of("c1"), half_of("c2")
    ('test', 'dev')
    """
    return ("dev", "test")[sha256(account_id.encode()).digest()[0] % 2]


def measures_on_record(events: Path, folder: Path) -> Iterator[Event]:
    """Yield the measures against accounts that a replay of the events under the default policy opens, as events."""
    replay(load_policy("messenger"), [str(events)], folder, Options(only_fired=True))
    with (folder / "decisions.ndjson").open(encoding="utf-8") as lines:
        for decision in map(json.loads, lines):
            for one in decision["sanctions"]:
                if one.get("subject", "account") == "account":
                    yield {
                        "event_id": f"measure:{one['id']}", "type": "sanction_applied", "ts": one["from"],
                        "account_id": one.get("of") or decision["account_id"], "sanction_id": one["id"], "kind": one["sanction"],
                        "cause": one["cause"],
                    }  # fmt: skip


def _write(path: Path, events: Iterable[Event]) -> None:
    encode = json.JSONEncoder(separators=(",", ":")).encode
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(encode(event) + "\n" for event in events)


def main() -> None:
    """Write the pool."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument(
        "--seed", type=int, default=SEED, help="another seed, other chances (default: %(default)s)"
    )
    given = parser.parse_args()
    write_pool(given.data, given.out, Assumed(), given.seed)


if __name__ == "__main__":
    main()
