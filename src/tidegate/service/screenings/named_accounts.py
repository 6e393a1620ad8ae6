"""Where screenings name an account: for the copy of everything about it, and to take it out where it is erased.

Its rows go out of lists and results. What is counted over all accounts stays, and says that some are not there any more. A report
that names it goes: its pages cannot be written anew without what was known then.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.errors import FileError
from tidegate.service.screenings.folder import ScreeningFolder, clear_scratch, require_scratch, scratch_of
from tidegate.service.screenings.order import File
from tidegate.service.screenings.screening import DONE, OPEN
from tidegate.service.screenings.sealed_file import SealedWriter, opened, reading
from tidegate.service.screenings.workbook_without import workbook_without
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate.service.screenings.screening import Screening
    from tidegate.service.screenings.screenings import Screenings

RESULT, SUMMARY, WORKBOOK, REPORT, DRIFT = (
    "result.ndjson",
    "summary.json",
    "screening.xlsx",
    "report.pdf",
    "drift.csv",
)
GONE = "gone"  # in drift.csv, of an account that only the screening before had
NO_REPORT = "no report.pdf: it named an account that has been erased"
_WHY_AT = 2  # the column of drift.csv that says why
_E164 = re.compile(r"\+\d{5,15}", re.ASCII)
_COPY_BYTES = 1 << 20


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
class _Found:
    """What a screening has of an account: lines of its result, and rows of the list they come from."""

    screening: Screening
    lines: list[dict[str, Any]]
    others: int  # lines about other accounts
    of_earlier: frozenset[str] = field(
        default_factory=frozenset
    )  # numbers that the screening before had of it

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(line["number"] for line in self.lines)


class NamedAccounts:
    """The accounts that the screenings of a server name."""

    def __init__(self, part: Screenings) -> None:
        self._part = part

    def told_to(self, actor: str) -> Callable[[str, Iterable[str]], Iterator[dict[str, Any]]]:
        """Return what tells, by an account's id and what only it was called, in which screenings that are done it stands, as plain data.

        The oldest comes first. Each is noted in the access log before it is told.
        """

        def screened(account_id: str, names: Iterable[str]) -> Iterator[dict[str, Any]]:
            for found in self._found(Whom.of(account_id, names)):
                for line in found.lines:
                    self._part.note(actor, "export", found.screening.id, after={"accounts": 1})
                    yield _told(found.screening, line)

        return screened

    def forget(self, whom: Whom) -> int:
        """Take an account out of all screenings; return out of how many. May be repeated where it was interrupted."""
        runner, changed = self._part.runner, 0
        with runner.held_off():
            every = list(self._found(whom))
            known = {found.screening.id: found.numbers for found in every}
            for found in reversed(every):  # what an earlier one says is needed for the later ones
                found.of_earlier = known.get(found.screening.previous_id or "", frozenset()) | whom.numbers
                changed += self._forget_results(found, whom)
            for screening_id in sorted(self._part.book.ids(OPEN)):
                screening = self._part.book.found(screening_id)
                if screening is not None and self._forget_list(screening, whom):
                    ScreeningFolder.of(self._part.folder, screening_id).begin_anew()
                    self._note(screening_id, 1)
                    changed += 1
        runner.wake()
        return changed

    def _note(self, screening_id: str, accounts: int) -> None:
        self._part.note(
            "erasure", "forget", screening_id, reason="an account was erased", after={"accounts": accounts}
        )

    def _found(self, whom: Whom) -> Iterator[_Found]:
        """Yield all screenings that are done, the oldest first, with the lines that are about an account."""
        done = [self._part.book.found(screening_id) for screening_id in self._part.book.ids((DONE,))]
        for screening in sorted(filter(None, done), key=lambda one: (one.created_at, one.id)):
            if screening.sealed is None:
                continue
            path = ScreeningFolder.of(self._part.folder, screening.id).file(RESULT)
            try:
                yield _in_lines(screening, reading(path, screening.sealed.key), whom)
            except FileNotFoundError:
                continue  # erased meanwhile

    # lists ----------------------------------------------------------------------------------------------------
    def _forget_list(self, screening: Screening, whom: Whom) -> bool:
        """Take an account out of the list of a screening; whether it was in it. A list that cannot be read goes with its screening."""
        from tidegate.screening.lists.without import write_without

        if screening.sealed is None:
            return False
        folder, key = ScreeningFolder.of(self._part.folder, screening.id), screening.sealed.key
        scratch = scratch_of(screening.id, self._part.settings.scratch)
        require_scratch(scratch)
        clear_scratch(scratch)
        scratch.mkdir(mode=0o700)
        try:
            asked = screening.terms.asked(self._part.settings.screening_rows)
            rest = scratch / "rest.csv"
            if not write_without(
                folder.open_list(key, scratch), rest, asked.reading, whom.numbers, whom.account_id
            ):
                return False
            with rest.open("rb") as plain, SealedWriter(folder.list, key) as sealed:
                shutil.copyfileobj(plain, sealed, _COPY_BYTES)
        except (FileError, FileNotFoundError):
            return False
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return True

    # results --------------------------------------------------------------------------------------------------
    def _forget_results(self, found: _Found, whom: Whom) -> bool:
        """Take an account out of what a screening gave; whether anything of it was there.

        The files are made beside the old ones; the book says how they will be, then they are put in their place, the results last:
        as long as these name the account, it is all done again.
        """
        screening = found.screening
        assert screening.sealed is not None
        if found.lines:
            self._forget_list(screening, whom)
        folder, key = ScreeningFolder.of(self._part.folder, screening.id), screening.sealed.key
        summary = _summary_without(screening.sealed.summary or {}, found)
        with folder.aside() as aside:
            files, changed = [], False
            for file in screening.sealed.files:
                if file.name == REPORT and not summary["report"]["file"]:
                    changed = True
                    continue
                content = _content(
                    b"".join(opened(folder.file(file.name), key)), file.name, summary, found, whom
                )
                if content is None:
                    files.append(file)
                    continue
                changed = True
                with SealedWriter(aside / folder.file(file.name).name, key) as sealed:
                    sealed.write(content)
                files.append(File(file.name, sealed.size, sealed.sha256))
            if not changed:
                return False
            self._part.book.replace(screening.id, summary, files)
            if not summary["report"]["file"]:
                folder.file(REPORT).unlink(missing_ok=True)
            for path in sorted(aside.iterdir(), key=lambda path: path.name.startswith(RESULT)):
                path.replace(folder.path / "files" / path.name)
        self._note(screening.id, len(found.lines))
        return True


def _told(screening: Screening, line: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": screening.id, "pool": screening.pool, "created_at": format_rfc3339(screening.created_at),
        "purpose": screening.purpose, "basis": screening.basis, "result": line,
    }  # fmt: skip


def _in_lines(screening: Screening, lines: Iterable[bytes], whom: Whom) -> _Found:
    found, needles = _Found(screening, [], 0), whom.needles
    for line in lines:
        if any(needle in line for needle in needles) and whom.is_in(told := json.loads(line)):
            found.lines.append(told)
        else:
            found.others += 1
    return found


def _content(content: bytes, name: str, summary: dict[str, Any], found: _Found, whom: Whom) -> bytes | None:
    """Return a file without an account; None where it is as before."""
    if name == SUMMARY:
        other = (
            msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n" if found.lines else content
        )
    elif name == WORKBOOK:
        other = workbook_without(content, found.numbers)
    elif name.endswith((".csv", ".ndjson")):
        other = b"".join(_rest(content.splitlines(keepends=True), name, found, whom))
    else:
        return None  # counts, or a report that does not name it
    return None if other == content else other


def _rest(lines: Iterable[bytes], name: str, found: _Found, whom: Whom) -> Iterator[bytes]:
    """Yield the lines of a file that are not about an account."""
    numbers = whom.numbers | found.numbers | found.of_earlier
    needles = whom.needles + [number.encode() for number in numbers]
    rows = {str(line["row"]) for line in found.lines}
    for line in lines:
        drop = named = any(needle in line for needle in needles)
        if name == RESULT:
            drop = named and whom.is_in(json.loads(line))
        elif name == "rejected_rows.csv":
            drop = named or line.decode("utf-8-sig").partition(",")[0] in rows
        elif named and name.endswith(".csv"):
            cells = next(csv.reader([line.decode("utf-8-sig")]))
            was = name == DRIFT and cells[_WHY_AT] == GONE and cells[0] in found.of_earlier
            drop = was or cells[0] in found.numbers
        if not drop:
            yield line


def _summary_without(summary: dict[str, Any], found: _Found) -> dict[str, Any]:
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
