"""A pipe in place of a file: what is written to it is sealed at once, and stands open nowhere, not even in memory.

For the one file of a screening that is as large as all others together, many times over.
"""

from __future__ import annotations

import fcntl
import os
import select
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate.service.screenings.sealed_file import SealedWriter

PIPE_BYTES = 1 << 20
_LOOK_S = 0.05  # how soon the end is noticed


class SealedPipe:
    """Makes the pipe at `path` and hands on to `file` what others write to it; `finish` when they are done."""

    def __init__(self, path: Path, file: SealedWriter) -> None:
        self.path = path
        self.file = file
        os.mkfifo(path, 0o600)
        # for both ends, so that writers come and go without it ending
        self._handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        with suppress(OSError):  # a larger one is quicker, no more
            fcntl.fcntl(self._handle, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._ended = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._hand_on, name="sealing", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Hand on what is left and close the file. Raise what went wrong with it."""
        self._end()
        if self._failure is not None:
            self.file.abandon()
            raise self._failure
        self.file.close()

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._end()
        self.file.abandon()

    def _end(self) -> None:
        self._ended.set()
        self._thread.join()
        os.close(self._handle)

    def _hand_on(self) -> None:
        while True:
            last = self._ended.is_set()  # asked before looking: nothing is written any more once it is
            ready, _, _ = select.select([self._handle], [], [], 0 if last else _LOOK_S)
            if not ready:
                if last:
                    return
                continue
            content = os.read(self._handle, PIPE_BYTES)
            if self._failure is None:
                try:
                    self.file.write(content)
                except OSError as error:  # whoever writes must not wait for ever: what follows is thrown away
                    self._failure = error
