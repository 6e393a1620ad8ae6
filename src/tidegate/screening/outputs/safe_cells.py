"""Lists for spreadsheets, in which nothing a sender wrote is ever run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Self

from tidegate.errors import FileError, reason

# what spreadsheets take for the beginning of a formula (OWASP, CSV injection); a tab or a line break hides one
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  wide forms count as well
_E164 = re.compile(r"\+\d{5,15}", re.ASCII)
_PLAIN = re.compile(r"(\w[\w .:/-]*)?")  # neither run nor put in quotation marks
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


def csv_row(cells: Iterable[object]) -> str:
    """Return a row, or the end of one, as it stands in a list: each cell safe, in quotation marks where it needs them.

    >>> csv_row(["a, b", None, True]).strip()
    '"a, b",,yes'
    """
    held = io.StringIO()
    csv.writer(held).writerow([safe(cell) for cell in cells])
    return held.getvalue()


def csv_cell(text: str) -> str:
    """Return a cell as it stands in a row of a list."""
    return text if _PLAIN.fullmatch(text) else csv_row([text, ""])[: -len(",\r\n")]


class CsvList:
    """A list that is written row by row, UTF-8 with the mark by which spreadsheets know it; closes as a context."""

    def __init__(self, opened: IO[str], head: Sequence[str]) -> None:
        self._opened = opened
        self._writer = csv.writer(opened)
        self._writer.writerow(head)

    @classmethod
    def create(cls, file: Path, head: Sequence[str]) -> Self:
        """Begin a list in a new file. Raise OSError where that cannot be done."""
        opened = file.open("w", encoding="utf-8", newline="")
        opened.write("\ufeff")  # the codec that does so by itself is slow, row by row
        return cls(opened, head)

    def add(self, row: Iterable[object]) -> None:
        """Write a row, each cell made safe."""
        self._writer.writerow([safe(value) for value in row])

    def add_written(self, rows: Iterable[str]) -> None:
        """Write rows that were put together of `csv_cell` and `csv_row`."""
        self._opened.writelines(rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()


def write_csv(file: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a list as CSV, UTF-8 with the mark by which spreadsheets know it; return how many rows. Raise FileError."""
    count = 0
    try:
        with CsvList.create(file, head) as opened:
            for row in rows:
                opened.add(row)
                count += 1
    except OSError as error:
        raise FileError(
            f"cannot write: {reason(error)}",
            place=str(file),
            hint="check the folder and the disk",
        ) from None
    return count
