"""Two pieces of work at a time, where there are two cores: one in a thread of its own.

A thread does where much of the work holds no lock of the interpreter: unpacking, packing, reading lines. Nothing has to be
carried from one process to another, and what goes wrong comes out where it is waited for.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from tidegate.replay.side_threads import cores

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class UnwantedError(Exception):
    """Nobody waits for the work any more."""


class Beside(Generic[T]):
    """Does a piece of work while its context does another; on one core when the result is asked for.

    The work is given a function that it calls now and then: it raises where the context was left by an error, so that the work ends.
    """

    def __init__(self, work: Callable[[Callable[[], None]], T]) -> None:
        self._work = work
        self._unwanted = threading.Event()
        self._done: list[T] = []
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="beside") if cores() > 1 else None

    def __enter__(self) -> Self:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._unwanted.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def is_under_way(self) -> bool:
        """Whether it is at work at this moment."""
        return self._thread is not None and self._thread.is_alive()

    def result(self) -> T:
        """Return what the work gave, or raise what it raised; wait for it."""
        if self._thread is None:
            return self._work(self._go_on)
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._done[0]

    def _go_on(self) -> None:
        if self._unwanted.is_set():
            raise UnwantedError

    def _run(self) -> None:
        try:
            self._done.append(self._work(self._go_on))
        except BaseException as error:  # noqa: BLE001  it is raised where the result is asked for
            self._error = error
