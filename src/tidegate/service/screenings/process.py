"""A screening's process as the server has it: started with an order, listened to, ended."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from tidegate.service.screenings.order import Message, Order, messages, send_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MODULE = "tidegate.service.screenings.worker"
_OURS = "TIDEGATE_"
_HANDED_ON = frozenset({"TIDEGATE_KERNELS", "TIDEGATE_INTERPRETED"})


def handed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what the process knows of the environment: all but our own settings, which may be secrets."""
    return {
        name: value for name, value in environment.items() if not name.startswith(_OURS) or name in _HANDED_ON
    }


class Work(Protocol):
    """A screening that is being worked on."""

    def messages(self) -> Iterator[Message]:
        """Yield what is told, until the work ends, however it does."""
        ...

    def end(self) -> None:
        """End it at once, whatever it is doing; from any thread."""
        ...


class Process:
    """The work as a process of its own, without our secrets in its environment, and out of reach of the terminal's Ctrl-C."""

    def __init__(self, order: Order, module: str = MODULE) -> None:
        environment = handed_on(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what libraries say may hold what stands in the list
            start_new_session=True,
            env=environment,
        )
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            send_order(order, self._process.stdin)

    def messages(self) -> Iterator[Message]:
        """Yield what it tells until it ends."""
        assert self._process.stdout is not None
        assert self._process.stdin is not None
        with self._process.stdout:
            yield from messages(self._process.stdout)
        self._process.wait()
        with suppress(BrokenPipeError):
            self._process.stdin.close()

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()
