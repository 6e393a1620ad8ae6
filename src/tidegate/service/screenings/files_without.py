"""The files of a screening without one account: what of a line, a row, a summary is about it."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from tidegate.service.screenings.sealed_file import opened, reading
from tidegate.service.screenings.workbook_without import workbook_without

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate.service.screenings.screening import Screening

RESULT, SUMMARY, WORKBOOK, REPORT, DRIFT = (
    "result.ndjson",
    "summary.json",
    "screening.xlsx",
    "report.pdf",
    "drift.csv",
)
REJECTED_ROWS = "rejected_rows.csv"
OF_OTHERS = (DRIFT, REJECTED_ROWS, "rejected_events.ndjson")  # may name an account that the result does not
GONE = "gone"  # in drift.csv, of an account that only the screening before had
NO_REPORT = "no report.pdf: it named an account that has been erased"
_WHY_AT = 2  # the column of drift.csv that says why
_E164 = re.compile(r"\+\d{5,15}", re.ASCII)


@dataclass(frozen=True)
class Whom:
    """An account, by its id and by the numbers that nobody else had."""

    account_id: str
    numbers: frozenset[str]

    @classmethod
    def of(cls, account_id: str, names: Iterable[str]) -> Whom:
        """Return an account by its id and what only it was called, of which numbers in E.164 count."""
        return cls(account_id, frozenset(name for name in names if _E164.fullmatch(name)))

    @property
    def needles(self) -> list[bytes]:
        """What a line that is about it holds."""
        return [msgspec.json.encode(name) for name in (self.account_id, *self.numbers)]

    def is_in(self, line: dict[str, Any]) -> bool:
        """Whether a line of result.ndjson is about it."""
        return line["number"] in self.numbers or line.get("account_id") == self.account_id


@dataclass
class Found:
    """What a screening has of an account: lines of its result, and rows of the list they come from."""

    screening: Screening
    whom: Whom
    lines: list[dict[str, Any]]
    others: int  # lines about other accounts
    of_earlier: frozenset[str] = (
        frozenset()
    )  # numbers that the screening before had of it; set before it is searched for

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers that the lines are about."""
        return frozenset(line["number"] for line in self.lines)

    @cached_property
    def rows(self) -> frozenset[str]:
        """The rows of the list that they come from."""
        return frozenset(str(line["row"]) for line in self.lines)

    @cached_property
    def needles(self) -> list[bytes]:
        """What a line has that may be about the account."""
        numbers = self.whom.numbers | self.numbers | self.of_earlier
        return self.whom.needles + [number.encode() for number in numbers]


def found_in_lines(screening: Screening, lines: BinaryIO, whom: Whom) -> Found:
    """Return what result.ndjson of a screening has of an account."""
    found, needles = Found(screening, whom, [], 0), whom.needles
    for line in lines:
        if any(needle in line for needle in needles) and whom.is_in(told := json.loads(line)):
            found.lines.append(told)
        else:
            found.others += 1
    return found


def file_without(
    path: Path, key: bytes, name: str, summary: dict[str, Any], found: Found
) -> Iterable[bytes] | None:
    """Return a file without an account, piece by piece; None where it says nothing of it."""
    if not found.lines and name not in OF_OTHERS:
        return None
    if name == SUMMARY:
        return [msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n"]
    if name == WORKBOOK:
        return [workbook_without(b"".join(opened(path, key)), found.numbers)]
    if not name.endswith((".csv", ".ndjson")):
        return None  # counts, or a report that does not name it
    with closing(_records(path, key, name)) as records:
        if not any(_is_about(record, name, found) for record in records):
            return None
    return (record for record in _records(path, key, name) if not _is_about(record, name, found))


def _records(path: Path, key: bytes, name: str) -> Generator[bytes]:
    """Yield the lines of a sealed file; of a CSV its rows, which may go over several lines."""
    with reading(path, key) as lines:
        for line in lines:
            record = line
            while name.endswith(".csv") and record.count(b'"') % 2 and (more := lines.readline()):
                record += more
            yield record


def _is_about(record: bytes, name: str, found: Found) -> bool:
    """Whether a line or row of a file is about an account."""
    named = any(needle in record for needle in found.needles)
    if name == RESULT:
        return named and found.whom.is_in(json.loads(record))
    if name == REJECTED_ROWS:
        return named or record.decode("utf-8-sig").partition(",")[0] in found.rows
    if not named or not name.endswith(".csv"):
        return named
    cells = next(csv.reader([record.decode("utf-8-sig")]))
    was = name == DRIFT and cells[_WHY_AT] == GONE and cells[0] in found.of_earlier
    return was or cells[0] in found.numbers


def summary_without(summary: dict[str, Any], found: Found) -> dict[str, Any]:
    """Return a summary that names an account no more: its main accounts, the report, how many of its accounts are erased by now."""
    if not found.lines:
        return summary
    main, report = summary["main_account"], summary["report"]
    named = found.numbers & set(report.get("names", found.numbers))
    return summary | {
        "erased": summary["accounts"] - found.others,
        "main_account": main | {"numbers": [one for one in main["numbers"] if one not in found.numbers]},
        "report": {"file": None, "why_not": NO_REPORT, "names": []} if named and report["file"] else report,
    }
