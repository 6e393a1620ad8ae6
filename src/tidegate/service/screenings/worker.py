"""The process that works on one screening: `python -m tidegate.service.screenings.worker`, the order on its standard input.

It gives way to everything else on the machine, says on standard output how far it is, and ends when the server does.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tidegate.clock import monotonic_s
from tidegate.errors import TidegateError
from tidegate.service.access.sealing import SealError
from tidegate.service.screenings.folder import ScreeningFolder, clear_scratch
from tidegate.service.screenings.order import Broken, Message, Order, Refused, Stage, line_of, read_order

if TYPE_CHECKING:
    from collections.abc import Callable

NICE = 10  # judging comes first
TELL_S = 0.5  # between two words about the same stage
_ORPHANED = 3  # exit status: the server is gone


def main() -> int:
    """Read an order, carry it out."""
    os.nice(NICE)
    said = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything else prints is no message
    order = read_order(sys.stdin.buffer)
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    work(order, Teller(said))
    return 0


def work(order: Order, tell: Callable[[Message], None]) -> None:
    """Carry out an order and tell how it ended."""
    scratch = Path(order.scratch)
    folder = ScreeningFolder(Path(order.folder))
    try:
        with folder.locked():
            clear_scratch(scratch)
            scratch.mkdir(mode=0o700)
            try:
                tempfile.tempdir = str(scratch)  # what libraries put aside holds numbers too
                from tidegate.service.screenings.steps import Steps

                tell(Steps(order, tell).run())
            finally:
                tempfile.tempdir = None
                shutil.rmtree(scratch, ignore_errors=True)
    except SealError as error:
        tell(Broken(f"{error.place}: {error.problem}"))  # the keys may have been renewed: it is tried again
    except TidegateError as error:
        place = error.place.replace(f"{scratch}{os.sep}", "")
        tell(Refused(error.problem, place, error.hint))
    except OSError as error:
        tell(Broken((error.strerror or type(error).__name__).lower()))  # a full disk may have room again
    except Exception as error:  # noqa: BLE001  told to the server, which tries again
        tell(Broken(_where(error)))


class Teller:
    """Writes messages, of a stage only the first and then not more than two a second."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._stage = ("", "")
        self._told_at = 0.0

    def __call__(self, message: Message) -> None:
        """Write it, or leave it out."""
        if isinstance(message, Stage):
            now, stage = monotonic_s(), (message.step, message.what)
            if stage == self._stage and now - self._told_at < TELL_S:
                return
            self._stage, self._told_at = stage, now
        self._out.write(line_of(message))
        self._out.flush()


def _end_with_the_server() -> None:
    """Wait until the pipe closes: then nobody is there any more who would want to know."""
    with suppress(OSError):
        os.read(sys.stdin.fileno(), 1)
    os._exit(_ORPHANED)


def _where(error: Exception) -> str:
    """Return the kind of a mistake and the place in the program; its text may hold what stands in the list."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


if __name__ == "__main__":
    sys.exit(main())
