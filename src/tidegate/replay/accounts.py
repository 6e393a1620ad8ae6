"""How accounts stand at the end of a replay, written one a line to `accounts.ndjson`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tidegate.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tidegate.engine import Engine

FILE = "accounts.ndjson"


def named_accounts(file: Path) -> list[str]:
    """Return the account ids of a file, one a line, each once; raise FileError where it cannot be read."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) and error.strerror else "not UTF-8 text"
        raise FileError(
            f"cannot read `{file}`: {problem}", hint="name a file with one account id a line"
        ) from None
    return [name for name in dict.fromkeys(line.strip() for line in lines) if name]


def write_accounts(engine: Engine, accounts: Iterable[str], out: Path) -> None:
    """Write how the accounts stand at the time of the newest event: tiers, measures, labels, score, quotas."""
    with (out / FILE).open("wb") as lines:
        for account in accounts:
            lines.write(msgspec.json.encode(engine.account(account).data()) + b"\n")
