"""The screenings of a server: taken in, worked off, told about by mail, given out, erased. A part of the service."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidegate.errors import FileError
from tidegate.screening.providers.settings import read_settings
from tidegate.service.access.erasure import scrub
from tidegate.service.screenings.book import ScreeningBook
from tidegate.service.screenings.files_without import Whom
from tidegate.service.screenings.folder import SCREENINGS, ScreeningFolder, clear_scratch, scratch_of
from tidegate.service.screenings.named_accounts import NamedAccounts
from tidegate.service.screenings.post import MailServer, Post
from tidegate.service.screenings.process import Process, handed_on
from tidegate.service.screenings.runner import Runner
from tidegate.service.screenings.screening import DONE, OPEN, Sealed
from tidegate.service.screenings.sealed_file import SealedWriter, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from tidegate.service.access.custody import Custody
    from tidegate.service.judging import Judging
    from tidegate.service.screenings.order import File, Order
    from tidegate.service.screenings.process import Work
    from tidegate.service.screenings.screening import Screening
    from tidegate.service.screenings.terms import Terms
    from tidegate.service.settings import Settings

PART = "screenings"  # its name among the parts of a service
KEY_BYTES = 32
DAY_MS = 86_400_000
_ID_BYTES = 8
_WRITE_BYTES = 1 << 20


class Upload:
    """A list on its way in: sealed as it comes, and not there before it is whole."""

    def __init__(self, data: Screenings) -> None:
        self.id = secrets.token_hex(_ID_BYTES)
        self.key = os.urandom(KEY_BYTES)
        self._data = data.folder
        self.folder = ScreeningFolder.of(self._data, self.id)
        self.folder.create()
        self._file = SealedWriter(self.folder.list, self.key)

    async def take(self, parts: AsyncIterator[bytes], *, bytes_max: int) -> bool:
        """Take in the whole list; False where it has more bytes than that, and then nothing is kept of it."""
        held = bytearray()
        async for part in parts:
            held += part
            if self._file.size + len(held) > bytes_max:
                self.drop()
                return False
            if len(held) >= _WRITE_BYTES:
                await asyncio.to_thread(self._file.write, bytes(held))
                held.clear()
        self._file.write(held)
        await asyncio.to_thread(self._file.close)
        return True

    def copy(self, source: Screening) -> None:
        """Take in the list of another screening. Raise FileNotFoundError or SealError where it is not there any more."""
        assert source.sealed is not None
        for piece in opened(ScreeningFolder.of(self._data, source.id).list, source.sealed.key):
            self._file.write(piece)
        self._file.close()

    @property
    def sealed(self) -> Sealed:
        """What the book keeps sealed of it."""
        return Sealed(self.key, self._file.size, self._file.sha256)

    def drop(self) -> None:
        """Leave nothing of it."""
        self._file.abandon()
        with suppress(FileError):
            self.folder.remove()


class Screenings:
    """`book` is what is known of each; files are sealed in `folder` of the data folder.

    To have a list screened: `upload`, `Upload.take`, then `enter`. What is done can be read with `content_of`.
    """

    def __init__(
        self,
        custody: Custody,
        settings: Settings,
        *,
        launch: Callable[[Order], Work] = Process,
        pause_s: float | None = None,
    ) -> None:
        self.folder = custody.folder
        self.settings = settings
        self._custody = custody
        if settings.screening_providers:
            read_settings(
                Path(settings.screening_providers), handed_on(os.environ)
            )  # what is wrong is said at the start
        self.book = ScreeningBook(custody.database, custody.ring, custody.now)
        self.server = MailServer.of(
            settings.smtp_url,
            sender=settings.smtp_from,
            password_file=settings.smtp_password_file,
            trusted=settings.smtp_trusted,
        )
        self.post = (
            Post(self.book, self.server, custody.now, public_url=settings.public_url) if self.server else None
        )
        more: dict[str, float] = {} if pause_s is None else {"pause_s": pause_s}
        self.runner = Runner(
            self.book,
            custody.ring,
            custody.folder,
            rows_max=settings.screening_rows,
            scratch=settings.scratch,
            providers=settings.screening_providers,
            launch=launch,
            ended=self.post.wake if self.post else lambda: None,
            **more,
        )
        self.named = NamedAccounts(self)

    async def start(self) -> None:
        """Remove what nobody needs any more, and go on with what is open."""
        await asyncio.to_thread(self._tidy)
        self.runner.start()
        if self.post is not None:
            self.post.start()

    async def stop(self) -> None:
        """End; what is open goes on after the next start."""
        await asyncio.to_thread(self.runner.stop)
        if self.post is not None:
            await asyncio.to_thread(self.post.stop)

    # taking in ------------------------------------------------------------------------------------------------
    def upload(self) -> Upload:
        """Begin to take in a list."""
        return Upload(self)

    def enter(
        self,
        screening_id: str,
        sealed: Sealed,
        terms: Terms,
        *,
        purpose: str,
        basis: str,
        by: str,
        position: int,
        request: str | None = None,
        pool: str | None = None,
        schedule_id: str | None = None,
        keep_days: int | None = None,
    ) -> bool:
        """Put a screening whose list is there in the queue; False where this request did so before.

        `by` is who asks, `position` that of the last event of the journal that counts as evidence. It is compared with the
        screening of the same `pool` before, and erased after `keep_days` (None: as the settings say).
        """
        stands = {"purpose": purpose, "basis": basis}
        keep_until = self._custody.now() + DAY_MS * (keep_days or self.settings.screenings_keep_days)
        after = stands | {"bytes": sealed.list_bytes, "notify": sealed.notify is not None}
        after |= {
            name: told for name, told in (("pool", pool), ("schedule", schedule_id)) if told is not None
        }
        subject = subject_of(screening_id)
        noted = self._custody.audit.recording(by, "screening.start", subject=subject, after=after)
        entered = self.book.add(
            screening_id, sealed, terms, **stands, by=by, position=position, request=request, pool=pool,
            schedule_id=schedule_id, keep_until=keep_until, within=noted,
        )  # fmt: skip
        if entered:
            self.runner.wake()
        return entered

    # giving out -----------------------------------------------------------------------------------------------
    def content_of(self, screening: Screening, name: str) -> tuple[File, Iterator[bytes]] | None:
        """Return a file that a screening gave, and its content piece by piece; None where it gave none of this name."""
        if screening.sealed is None:
            return None
        found = next((file for file in screening.sealed.files if file.name == name), None)
        if found is None:
            return None
        path = ScreeningFolder.of(self.folder, screening.id).file(name)
        return found, opened(path, screening.sealed.key)

    def note(
        self, actor: str, what: str, screening_id: str, *, reason: str = "", after: object = None
    ) -> None:
        """Write into the audit log who did or saw what of a screening."""
        subject = subject_of(screening_id)
        self._custody.audit.write(actor, f"screening.{what}", subject=subject, reason=reason, after=after)

    # ending ---------------------------------------------------------------------------------------------------
    def cancel(self, screening_id: str) -> bool:
        """End a screening that is not done, and remove its files; False where it is not open any more."""
        if not self.book.cancel(screening_id):
            return False
        self.runner.let_go(screening_id)
        self.runner.remove_files(screening_id)
        return True

    def erase(self, screening_id: str) -> bool:
        """Erase a screening for good: list, files, summary, key; False where that was done before.

        Who asked, when, what for and on what basis stays. May be repeated where it was interrupted.
        """
        erased = self.book.erase(screening_id)
        self.runner.let_go(screening_id)
        self.runner.remove_files(screening_id)
        scrub(self.book.database)
        return erased

    async def forget(self, account_id: str, names: Mapping[str, str]) -> None:
        """Take an account that is being erased out of all screenings; `names` are what only it was called, its numbers among them."""
        await asyncio.to_thread(self.named.forget, Whom.of(account_id, names))

    def _tidy(self) -> None:
        """Remove the files of screenings that are over without a result, and of lists that never came in whole."""
        done, under_way = self.book.ids((DONE,)), self.book.ids(OPEN)
        for path in (self.folder / SCREENINGS).glob("*"):
            if path.name in done:
                ScreeningFolder(path).remove_steps()
            elif path.name not in under_way:
                ScreeningFolder(path).remove()
            with suppress(FileError):
                clear_scratch(scratch_of(path.name, self.settings.scratch))


async def evidence_until(judging: Judging) -> int:
    """Return the position of the last event by now; everything up to it is in files when this returns."""

    def counted(live: Any) -> int:  # noqa: ANN401  the live engine
        live.begin_segment()
        return int(live.position)

    return int(await judging.call(counted))


def subject_of(screening_id: str) -> str:
    """Return what a screening is called in the audit log, where accounts have names too."""
    return f"screening:{screening_id}"
