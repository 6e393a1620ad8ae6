"""Writes `pool.xlsx`, a made-up pool of accounts, and `pool_events.ndjson`, what a platform may tell of them.

    python examples/make_pool.py

The numbers are of a block that is kept for fiction. The same bytes on every run.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import xlsxwriter

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HEAD = (
    "Phone number",
    "Remark",
    "Registered at",
    "Last active",
    "Avatar",
    "Signature",
    "Warnings",
    "Reachable",
    "Main account",
)
Row = tuple[object, ...]


def days_ago(days: float) -> datetime:
    """Return a time so many days before the screening."""
    return NOW - timedelta(days=days)


def accounts() -> list[Row]:
    """Return the rows: ordinary accounts, and some of each risk."""
    found: list[Row] = []
    for i in range(60):
        number = f"+12025550{100 + i}"
        row: list[object] = [
            number,
            f"customer {i + 1}",
            days_ago(400 + 7 * i),
            days_ago(1 + i % 40),
            "yes",
            "yes",
            0,
            "yes",
            "",
        ]
        if i == 0:
            row[1], row[8] = "our main account", "yes"
        elif i in range(10, 16):  # young and silent: two signs
            row[2], row[3] = days_ago(30 + i), days_ago(95 + i)
        elif i in range(16, 20):  # and without a face: three
            row[2], row[3], row[4], row[5] = days_ago(20 + i), days_ago(95), "no", "no"
        elif i in range(20, 24):
            row[6] = 1 + i % 3
        elif i in range(24, 26):
            row[7] = "no"
        elif i in range(40, 50):  # nobody noted anything
            row[2:] = [None] * (len(row) - 2)
        found.append(tuple(row))
    found[45] = (found[45][0], "=HYPERLINK(1)", *found[45][2:])
    return [*found, ("12025550", "digits are missing", *[None] * 7)]


def events() -> list[dict[str, object]]:
    """Return what the platform tells: logins of 30 days, a link with a banned account."""
    found: list[dict[str, object]] = []

    def tell(kind: str, days: float, i: int, **fields: object) -> None:
        at = days_ago(days).isoformat().replace("+00:00", "Z")
        found.append(
            {"event_id": f"p{len(found):04d}", "type": kind, "ts": at, "number": f"+12025550{100 + i}"}
            | fields
        )

    for i in range(60):
        for day in (25, 18, 11, 4):
            region = "BR" if (i, day) in {(30, 18), (30, 4)} else "US"
            device = f"d{i}" if (i, day) != (31, 4) else "other"
            tell(
                "lookup.login_history",
                day,
                i,
                region=region,
                device_id=device,
                known_device=device != "other",
            )
    tell("lookup.ban_links", 2, 32, via="device", banned_id="banned-1")
    tell("lookup.ban_links", 2, 33, via="ip", banned_id="banned-2")
    return found


def main() -> None:
    """Write both files beside this script."""
    with xlsxwriter.Workbook(
        HERE / "pool.xlsx", {"strings_to_formulas": False, "remove_timezone": True}
    ) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001  the format has no zone
        sheet = book.add_worksheet("Pool")
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.set_column(0, len(HEAD) - 1, 16)
        sheet.write_row(0, 0, HEAD, book.add_format({"bold": True}))
        for at, row in enumerate(accounts(), 1):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(at, column, cell, date)
                elif isinstance(cell, int):
                    sheet.write_number(at, column, cell)
                elif cell:
                    sheet.write_string(at, column, str(cell))
    lines = "".join(json.dumps(event) + "\n" for event in events())
    (HERE / "pool_events.ndjson").write_text(lines)


if __name__ == "__main__":
    main()
