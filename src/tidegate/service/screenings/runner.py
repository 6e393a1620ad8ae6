"""Works screenings off, one after the other, in a thread that mostly waits for the process that does the work.

What is begun goes on after whatever ends this one, at the step it was in. A step that ends three times without an outcome is
given up: something about this list breaks the program.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tidegate.errors import FileError, TidegateError
from tidegate.service.screenings.folder import ScreeningFolder, clear_scratch, require_scratch, scratch_of
from tidegate.service.screenings.order import Broken, Finished, Kept, Order, Previous, Refused, Stage
from tidegate.service.screenings.process import Process
from tidegate.service.screenings.screening import OPEN, Screening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tidegate.service.access.key_ring import KeyRing
    from tidegate.service.screenings.book import ScreeningBook
    from tidegate.service.screenings.order import Message
    from tidegate.service.screenings.process import Work

ATTEMPTS = 3  # at a step
PAUSE_S = 5.0  # after a failure of the database or of a process
LOOK_S = 60.0  # how often the book is looked at unasked
STOP_S = 10.0
_log = logging.getLogger("tidegate.screenings")


class Runner:
    """`launch` starts the work on an order; `ended` is called when a screening is over."""

    def __init__(
        self,
        book: ScreeningBook,
        ring: KeyRing,
        data: Path,
        *,
        rows_max: int,
        scratch: str = "",
        providers: str = "",
        launch: Callable[[Order], Work] = Process,
        ended: Callable[[], None] = lambda: None,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._book = book
        self._ring = ring
        self._data = data
        self._rows_max = rows_max
        self._scratch = scratch
        self._providers = providers
        self._launch = launch
        self._ended = ended
        self._pause_s = pause_s
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        self._stopping = False
        self._asked = False  # whether somebody has put something into the queue since it was looked at
        self._under_way: tuple[str, Work] | None = None
        self._held = False  # whether nothing is to be begun for now
        self._why = ""  # what was said when the step under way last broke off

    def start(self) -> None:
        """Begin: with what an earlier process left undone."""
        self._thread = threading.Thread(target=self._main, name="screenings", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something to do."""
        with self._changed:
            self._asked = True
            self._changed.notify_all()

    def stop(self) -> None:
        """End; what is under way goes on after the next start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            if self._under_way is not None:
                self._under_way[1].end()
        if self._thread is not None:
            self._thread.join(STOP_S)

    def let_go(self, screening_id: str) -> None:
        """End the work on a screening that is not open any more; when this returns, nobody touches its files."""
        with self._changed:
            while self._under_way is not None and self._under_way[0] == screening_id:
                self._under_way[1].end()
                self._changed.wait(STOP_S)

    @contextmanager
    def held_off(self) -> Iterator[None]:
        """Wait until nobody works on a screening; nobody begins to before this is over."""
        with self._changed:
            self._held = True
            while self._under_way is not None:
                self._changed.wait()
        try:
            yield
        finally:
            with self._changed:
                self._held = False
                self._changed.notify_all()

    # in the thread --------------------------------------------------------------------------------------------
    def _main(self) -> None:
        while not self._stopping:
            pause = LOOK_S
            try:
                self._ring.refresh()  # another process may have renewed the keys
                screening = self._book.next_open()
                if screening is not None:
                    pause = self._work_on(screening)
            except Exception as error:  # noqa: BLE001  whatever it is, the next one must have its turn
                _log.error("screenings wait", extra={"error": type(error).__name__})
                pause = self._pause_s
            with self._changed:
                if pause and not self._asked and not self._stopping:
                    self._changed.wait(pause)
                self._asked = False

    def _work_on(self, screening: Screening) -> float:
        """Work on a screening until it is over, or the work ends; return how long to wait then, in s."""
        attempt = self._book.begin(screening.id)
        if attempt is None or screening.sealed is None:
            return 0.0
        if attempt > ATTEMPTS:
            why = f": {self._why}" if self._why else ""
            hint = "where it is no lack of room, tell the makers of the program"
            self._fail(screening, f"it broke off {ATTEMPTS} times at this step{why}", hint)
            return 0.0
        try:
            order = self._order(screening)
        except TidegateError as error:
            self._fail(screening, f"{error.place}: {error.problem}", error.hint)
            return 0.0
        with self._changed:
            while self._held and not self._stopping:
                self._changed.wait()
            if self._stopping:
                self._book.put_back(screening.id)
                return 0.0
            if not self._is_open(screening.id):  # who cancels from now on finds the work, and ends it
                return 0.0
            work = self._launch(order)
            self._under_way = (screening.id, work)
        try:
            return 0.0 if self._listen(screening, work) else self._pause_s
        except BaseException:
            work.end()
            raise
        finally:
            with self._changed:
                self._under_way = None
                self._changed.notify_all()

    def _order(self, screening: Screening) -> Order:
        assert screening.sealed is not None
        scratch = scratch_of(screening.id, self._scratch)
        require_scratch(scratch)
        return Order(
            folder=str(ScreeningFolder.of(self._data, screening.id).path),
            scratch=str(scratch),
            data=str(self._data) if (self._data / "journal").is_dir() else None,
            position=screening.position,
            now_ms=screening.created_at,
            rows_max=self._rows_max,
            terms=screening.terms,
            purpose=screening.purpose,
            basis=screening.basis,
            key=screening.sealed.key,
            journal_keys={key.id: key.key for key in self._ring.keys},
            previous=self._previous(screening),
            providers=self._providers_of(screening),
        )

    def _providers_of(self, screening: Screening) -> str | None:
        """Return the file of the providers to be asked; raise FileError where it is gone since the upload."""
        if not screening.terms.providers:
            return None
        if not self._providers:
            raise FileError(
                "this server asks no providers any more",
                place="providers",
                hint="set TIDEGATE_SCREENING_PROVIDERS",
            )
        return self._providers

    def _previous(self, screening: Screening) -> Previous | None:
        """Return the screening of the same pool before this one; None where none is done, or kept."""
        if screening.pool is None:
            return None
        found = self._book.last_of(screening.pool, before=screening)
        self._book.compare(screening.id, found.id if found is not None else None)
        if found is None or found.sealed is None:
            return None
        return Previous(str(ScreeningFolder.of(self._data, found.id).path), found.sealed.key)

    def _listen(self, screening: Screening, work: Work) -> bool:
        """Note what is told; return whether the work came to an end of its own, or was ended by us."""
        over = False
        for message in work.messages():
            over = self._heard(screening, message) or over
        if over:
            return True
        if not self._is_open(screening.id):
            return True
        if self._stopping:
            self._book.put_back(screening.id)
            return True
        _log.warning("a screening's process ended", extra={"screening": screening.id})
        return False

    def _is_open(self, screening_id: str) -> bool:
        """Whether it was neither cancelled nor erased meanwhile."""
        found = self._book.found(screening_id)
        return found is not None and found.state in OPEN

    def _heard(self, screening: Screening, message: Message) -> bool:
        """Note a message; return whether it was the last word."""
        match message:
            case Stage():
                self._book.note(screening.id, message)
            case Kept():
                self._book.kept(screening.id)
                self._why = ""
            case Broken():
                self._why = message.what
                _log.error("a screening broke off", extra={"screening": screening.id, "error": message.what})
            case Finished():
                if self._book.finish(screening.id, message.summary, message.files):
                    ScreeningFolder.of(self._data, screening.id).remove_steps()
                    self._ended()
                return True
            case Refused():
                where = f"{message.place}: " if message.place else ""
                self._fail(screening, f"{where}{message.problem}", message.hint)
                return True
        return False

    def _fail(self, screening: Screening, problem: str, hint: str) -> None:
        self._why = ""
        if self._book.fail(screening.id, problem, hint):
            self.remove_files(screening.id)
            self._ended()

    # files ----------------------------------------------------------------------------------------------------
    def remove_files(self, screening_id: str) -> None:
        """Remove everything of a screening that is on a disk or in memory."""
        ScreeningFolder.of(self._data, screening_id).remove()
        clear_scratch(scratch_of(screening_id, self._scratch))
