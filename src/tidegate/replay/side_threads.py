"""Work beside the judging: reading ahead and writing behind, each in a thread, in order, with a bounded backlog.

Threads do, because what takes time there holds no lock: kernels over bytes, decompression, Arrow, files. Neither can
change a decision: blocks are judged in the order in which they are read, and written in the order in which they were
judged.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from tidegate.replay.input_file import STANDARD_INPUT, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")

LARGE_BYTES = 4 << 20  # of all files: below, a replay takes a fraction of a second anyway
BACKLOG = 3  # blocks between two threads: enough that neither waits for the other's odd slow block
PATIENCE_S = 0.05  # how often a thread that waits looks whether it is still wanted
SWITCH_S = (
    0.0005  # a thread that is done with its kernel waits so long for the interpreter, not the usual 5 ms
)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worth_threads(files: Iterable[Source]) -> bool:
    """Whether there is a second core, and enough to read for it; what comes in on standard input is read as it comes."""
    names = list(files)
    if cores() == 1 or STANDARD_INPUT in names:
        return False
    try:
        return sum(Path(name).stat().st_size for name in names) >= LARGE_BYTES
    except (OSError, ValueError):  # the reader says it better
        return False


@contextmanager
def quick_switching() -> Iterator[None]:
    """Let threads take turns often, as long as this lasts."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def ahead(source: Iterable[T]) -> Generator[T, None, None]:
    """Yield what the source yields, which is asked for it by a thread; its errors come through in their place."""
    reader = _Reader(source)
    try:
        while True:
            item, error = reader.waiting.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]  # there is an item where there is no error
    finally:
        reader.end()


class _Reader(Generic[T]):
    """A thread that asks a source for its items; behind the last stands StopIteration, or the error of the source."""

    def __init__(self, source: Iterable[T]) -> None:
        self.waiting: queue.Queue[tuple[T | None, Exception | None]] = queue.Queue(BACKLOG)
        self._source = source
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._read, name="reading ahead", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End the thread after the item it is at."""
        self._unwanted.set()
        self._thread.join()

    def _read(self) -> None:
        try:
            for item in self._source:
                if not self._hand_over(item, None):
                    return
        except Exception as error:  # noqa: BLE001  it is raised where the items are taken
            self._hand_over(None, error)
        else:
            self._hand_over(None, StopIteration())

    def _hand_over(self, item: T | None, error: Exception | None) -> bool:
        while not self._unwanted.is_set():
            try:
                self.waiting.put((item, error), timeout=PATIENCE_S)
            except queue.Full:
                continue
            return True
        return False


class Behind(Generic[T]):
    """Does a piece of work per item in a thread, in order. An error ends it and is raised by the next call here."""

    def __init__(self, work: Callable[[T], None]) -> None:
        self._work = work
        self._waiting: queue.Queue[T | None] = queue.Queue(BACKLOG)
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="writing behind", daemon=True)
        self._thread.start()

    def add(self, item: T) -> None:
        """Hand an item over; wait where there is a backlog."""
        self._hand_over(item)
        self._complain()

    def finish(self) -> None:
        """Wait until all is done."""
        self._hand_over(None)
        self._thread.join()
        self._complain()

    def abandon(self) -> None:
        """End the thread after what it is at, whatever is left."""
        self._error = self._error or RuntimeError("abandoned")
        self._hand_over(None)
        self._thread.join()

    def _hand_over(self, item: T | None) -> None:
        while self._thread.is_alive():
            try:
                self._waiting.put(item, timeout=PATIENCE_S)
            except queue.Full:
                continue
            return

    def _complain(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None and self._error is None:
            try:
                self._work(item)
            except Exception as error:  # noqa: BLE001  it is raised where items are handed over
                self._error = error
                return
