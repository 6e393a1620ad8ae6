"""Work that is done by a forked process: it sees all memory as it was, and what it does to it is its own.

Such a process has one thread. It may call nothing that takes a lock which another thread may have held: computing, and the
system's files, and nothing else (no logging, no databases, no event loop).
"""

from __future__ import annotations

import gc
import os
import select
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tidegate.clock import monotonic_s

if TYPE_CHECKING:
    from collections.abc import Callable

NICENESS = 10  # what it does can wait
STANDARD_FILES = 3  # input, output, errors
TOLD_BYTES = 1 << 16  # that are read at a time


class Forked:
    """A process at work: what `work` returns, it tells. Raise OSError where no process can be had."""

    def __init__(self, work: Callable[[], bytes]) -> None:
        self._told = bytearray()
        self._status = 0
        self._ended = False
        self._from, tells = os.pipe()
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            self.pid = os.fork()
            if self.pid == 0:
                _be_child(work, tells)
        except OSError:
            os.close(self._from)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
            os.close(tells)
        os.set_blocking(self._from, False)

    @property
    def done(self) -> bool:
        """Whether it has come to its end."""
        self._read()
        return self._ended

    def kill(self) -> None:
        """End it as it is."""
        if not self._ended:
            os.kill(self.pid, signal.SIGKILL)

    def result(self, patience_s: float) -> tuple[bytes, str]:
        """Wait for its end, and after so long end it; return what it told (b"" where it came to no good end), and how it ended."""
        until = monotonic_s() + patience_s
        heard = select.poll()
        if not self._ended:
            heard.register(self._from, select.POLLIN)
        while not self.done:
            left_s = until - monotonic_s()
            if left_s <= 0:
                self.kill()
                left_s = 1.0  # until that is done
            heard.poll(left_s * 1000)
        if os.WIFSIGNALED(self._status):
            return b"", signal.Signals(os.WTERMSIG(self._status)).name
        code = os.waitstatus_to_exitcode(self._status)
        return bytes(self._told) if code == 0 else b"", f"status {code}"

    def _read(self) -> None:
        """Read what it tells, as far as it is there; behind the last of it, take note of its end."""
        with suppress(BlockingIOError):
            while not self._ended:
                told = os.read(self._from, TOLD_BYTES)
                self._told += told
                if not told:
                    os.close(self._from)
                    self._ended = True
                    with suppress(ChildProcessError):  # the system's own way where SIGCHLD is ignored
                        _, self._status = os.waitpid(self.pid, 0)


def _be_child(work: Callable[[], bytes], tells: int) -> NoReturn:
    """Do the work and leave, whatever happens."""
    status = 1
    try:
        gc.disable()  # it would write to all memory there is
        _let_go_of_files(but=tells)
        _be_deaf()
        with suppress(OSError):  # some are not allowed to be nice
            os.nice(NICENESS)
        told = work()
        while told:
            told = told[os.write(tells, told) :]
        status = 0
    finally:
        os._exit(status)


def _let_go_of_files(but: int) -> None:
    """Close what the parent has open: a connection ends, and a lock is free, when the last who has it lets go."""
    for open_file in list(Path("/dev/fd").iterdir()):
        handle = int(open_file.name)
        if handle >= STANDARD_FILES and handle != but:
            with suppress(OSError):  # that of the list itself
                os.close(handle)


def _be_deaf() -> None:
    """Leave to the parent what is said to all processes of a terminal or a service; only a kill is heard."""
    signal.set_wakeup_fd(-1)
    for name in ("INT", "TERM", "HUP", "QUIT", "USR1", "USR2"):
        signal.signal(signal.Signals[f"SIG{name}"], signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
