"""Lists for spreadsheets, in which nothing a sender wrote is ever run."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tidegate.errors import FileError

# what spreadsheets take for the beginning of a formula (OWASP, CSV injection); a tab or a line break hides one
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  wide forms count as well
_E164 = re.compile(r"\+\d{5,15}", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def safe(value: object) -> str:
    """Return a value as the text of a cell; text that a spreadsheet would run gets an apostrophe in front, which it does not show.

    >>> safe("=HYPERLINK(1)"), safe("+4915123456789"), safe(-3), safe(None), safe(True)
    ("'=HYPERLINK(1)", '+4915123456789', '-3', '', 'yes')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    if text.startswith(_RUN) and not _E164.fullmatch(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def write_csv(file: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a list as CSV, UTF-8 with the mark by which spreadsheets know it; return how many rows. Raise FileError."""
    count = 0
    try:
        with file.open("w", encoding="utf-8-sig", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(head)
            for row in rows:
                writer.writerow([safe(value) for value in row])
                count += 1
    except OSError as error:
        raise FileError(
            f"cannot write: {(error.strerror or str(error)).lower()}",
            place=str(file),
            hint="check the folder and the disk",
        ) from None
    return count
