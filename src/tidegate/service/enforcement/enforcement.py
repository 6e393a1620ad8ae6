"""Announcing and delivering as one thread beside the server: nothing that waits for a receiver waits in a decision."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from tidegate.errors import TidegateError
from tidegate.service.enforcement.addresses import Addresses
from tidegate.service.enforcement.announcer import Announcer
from tidegate.service.enforcement.backoff import Backoff
from tidegate.service.enforcement.dispatcher import Dispatcher
from tidegate.service.enforcement.sender import Sender
from tidegate.service.enforcement.webhook_book import WebhookBook

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from tidegate.service.access.custody import Custody

PART = "enforcement"  # its name among the parts of a service
TICK_S = 0.5  # how often ends by time and waiting deliveries are looked at
TIDY_S = 3600.0
PAUSE_S = 5.0  # after a failure of the database
STOP_S = 10.0
_log = logging.getLogger("tidegate.enforcement")


class Enforcement:
    """`live` False is shadow mode: nothing is announced, nothing is sent. `allow` lists networks, see `Addresses`."""

    def __init__(
        self,
        custody: Custody,
        *,
        source: str = "/tidegate",
        allow: str = "",
        live: bool = True,
        event_time: Callable[[], int | None] = lambda: None,
        verify: ssl.SSLContext | bool = True,
        backoff: Backoff | None = None,
    ) -> None:
        self.source = source
        self.live = live
        self.database = custody.database
        self._custody = custody
        self._backoff = backoff
        self._verify = verify
        self._addresses = Addresses.parse(allow)
        self.announcer = Announcer(custody.database, custody.now, event_time=event_time, live=live)
        self.webhooks = WebhookBook(custody, self._addresses)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._stopping = False

    async def start(self) -> None:
        """Begin: first with what an earlier process left undone."""
        self._thread = threading.Thread(target=self._main, name="enforcement", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that something was taken in; from any thread."""
        loop, event = self._loop, self._wake
        if loop is not None and event is not None:
            with contextlib.suppress(RuntimeError):  # it has just ended
                loop.call_soon_threadsafe(event.set)

    async def stop(self) -> None:
        """End; what is under way is given up and goes out again at the next start."""
        self._stopping = True
        self.wake()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, STOP_S)
            self._thread = None

    def _main(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
        sender = Sender(self._addresses, self.source, self._custody.now, verify=self._verify)
        dispatcher = Dispatcher(
            self.database,
            self.webhooks,
            sender,
            self._custody.now,
            random.random,
            self._backoff,
            self._wake.set,
        )
        tidied = -TIDY_S
        try:
            while not self._stopping:
                pause = TICK_S
                try:
                    self._custody.ring.refresh()  # another process may have rotated the keys
                    self.announcer.step()
                    dispatcher.start_due()
                    if self._loop.time() - tidied >= TIDY_S:
                        dispatcher.tidy()
                        tidied = self._loop.time()
                except (SQLAlchemyError, TidegateError, OSError) as error:
                    _log.warning("enforcement waits", extra={"error": type(error).__name__})
                    pause = PAUSE_S
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), pause)
                self._wake.clear()
        finally:
            await sender.close()
