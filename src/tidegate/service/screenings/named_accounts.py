"""Where screenings name an account: for the copy of everything about it, and to take it out where it is erased.

Its rows go out of lists and results. What is counted over all accounts stays, and says that some are not there any more. A report
that names it goes: its pages cannot be written anew without what was known then.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tidegate.errors import FileError
from tidegate.service.screenings.files_without import (
    REPORT,
    RESULT,
    Found,
    Whom,
    file_without,
    found_in_lines,
    summary_without,
)
from tidegate.service.screenings.folder import ScreeningFolder, clear_scratch, require_scratch, scratch_of
from tidegate.service.screenings.order import File
from tidegate.service.screenings.screening import DONE, OPEN
from tidegate.service.screenings.sealed_file import SealedWriter, reading
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate.service.screenings.screening import Screening
    from tidegate.service.screenings.screenings import Screenings

_COPY_BYTES = 1 << 20


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
                changed += self._forget_results(found)
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

    def _found(self, whom: Whom) -> Iterator[Found]:
        """Yield all screenings that are done, the oldest first, with the lines that are about an account."""
        done = [self._part.book.found(screening_id) for screening_id in self._part.book.ids((DONE,))]
        for screening in sorted(filter(None, done), key=lambda one: (one.created_at, one.id)):
            if screening.sealed is None:
                continue
            path = ScreeningFolder.of(self._part.folder, screening.id).file(RESULT)
            try:
                with reading(path, screening.sealed.key) as lines:
                    found = found_in_lines(screening, lines, whom)
            except FileNotFoundError:
                continue  # erased meanwhile
            yield found

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
    def _forget_results(self, found: Found) -> bool:
        """Take an account out of what a screening gave; whether anything of it was there.

        The files are made beside the old ones; the book says how they will be, then they are put in their place, the results last:
        as long as these name the account, it is all done again.
        """
        screening = found.screening
        assert screening.sealed is not None
        if found.lines:
            self._forget_list(screening, found.whom)
        folder, key = ScreeningFolder.of(self._part.folder, screening.id), screening.sealed.key
        summary = summary_without(screening.sealed.summary or {}, found)
        with folder.aside() as aside:
            files, changed = [], False
            for file in screening.sealed.files:
                if file.name == REPORT and not summary["report"]["file"]:
                    changed = True
                elif (pieces := file_without(folder.file(file.name), key, file.name, summary, found)) is None:
                    files.append(file)
                else:
                    changed = True
                    with SealedWriter(aside / folder.file(file.name).name, key) as sealed:
                        for piece in pieces:
                            sealed.write(piece)
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
