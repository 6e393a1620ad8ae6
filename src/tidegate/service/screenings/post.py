"""Sends the mails about screenings that are over, each until it is out or has failed too often."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from tidegate.errors import UsageError
from tidegate.service.access.secret_files import read_secret
from tidegate.service.enforcement.backoff import Backoff
from tidegate.service.screenings.letter import address_of, letter

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from tidegate.service.screenings.book import ScreeningBook
    from tidegate.service.screenings.screening import Screening

PLACE = "TIDEGATE_SMTP_URL"
PORTS = {"smtp": 587, "smtps": 465}  # RFC 6409, RFC 8314
TIMEOUT_S = 30.0
LOOK_S = 5.0
STOP_S = 10.0
PERMANENT = 500  # RFC 5321, 4.2.1: codes from here on
LOCAL = ("localhost", "127.0.0.1", "::1")
_log = logging.getLogger("tidegate.screenings")


@dataclass(frozen=True)
class MailServer:
    """Where mails go out. `tls`: from the first byte on; else it is turned on where the server offers it.

    With a user it must be: a password is not sent where others can read it. A server on this machine is spoken to as it is,
    unless `trusted` says whose certificates count.
    """

    host: str
    port: int
    tls: bool
    sender: str
    user: str | None = None
    password: str | None = None
    trusted: str | None = None  # a file of certificates; None: those of the machine

    @classmethod
    def of(cls, url: str, *, sender: str, password_file: str = "", trusted: str = "") -> MailServer | None:
        """Return the server that the settings name; None where they name none. Raise UsageError or FileError."""
        if not url:
            return None
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = 0
        if parts.scheme not in PORTS or not parts.hostname or port == 0 or parts.password is not None:
            hint = "smtp://USER@HOST:PORT or smtps://...; the password in a file: TIDEGATE_SMTP_PASSWORD_FILE"
            raise UsageError("this is no mail server", place=PLACE, hint=hint)
        sender = address_of(sender, place="TIDEGATE_SMTP_FROM")
        password = read_secret(Path(password_file)) if password_file else None
        user = unquote(parts.username) if parts.username else None
        if (user is None) != (password is None):
            raise UsageError("a user needs a password, and the other way round", place=PLACE)
        return cls(
            parts.hostname, port or PORTS[parts.scheme], parts.scheme == "smtps", sender, user, password, trusted or None
        )  # fmt: skip

    async def send(self, message: EmailMessage) -> None:
        """Send a mail; raise SMTPException or OSError where the server does not take it."""
        import aiosmtplib

        local = (
            self.host in LOCAL and self.trusted is None
        )  # there is nobody in between, and often no real certificate
        start_tls = False if local or self.tls else None if self.user is None else True
        await aiosmtplib.send(
            message,
            hostname=self.host,
            port=self.port,
            use_tls=self.tls,
            start_tls=start_tls,
            username=self.user,
            password=self.password,
            timeout=TIMEOUT_S,
            tls_context=ssl.create_default_context(cafile=self.trusted),
        )


class Post:
    """A thread that sends what is due."""

    def __init__(
        self,
        book: ScreeningBook,
        server: MailServer,
        now: Callable[[], int],
        *,
        public_url: str = "",
        backoff: Backoff | None = None,
    ) -> None:
        self._book = book
        self._server = server
        self._now = now
        self._public_url = public_url
        self._backoff = backoff or Backoff()
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin: with what an earlier process left unsent."""
        self._thread = threading.Thread(target=self._main, name="screening mails", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that a screening is over."""
        self._wake.set()

    def stop(self) -> None:
        """End; what was not sent goes out after the next start."""
        self._stopped.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(STOP_S)

    def step(self) -> bool:
        """Send one mail that is due; False where none is."""
        screening = self._book.mail_due()
        if screening is None:
            return False
        from aiosmtplib import SMTPException

        try:
            message = letter(screening, sender=self._server.sender, public_url=self._public_url)
            asyncio.run(self._server.send(message))
        except (SMTPException, OSError) as error:
            self._not_sent(screening, error)
        else:
            self._book.mailed(screening.id)
        return True

    def _not_sent(self, screening: Screening, error: Exception) -> None:
        wait = None
        if not _for_good(error):
            wait = self._backoff.wait_ms(screening.mail_attempts + 1, random.random)
        why = f"{self._server.host}:{self._server.port}: {str(error) or type(error).__name__}"
        self._book.not_mailed(screening.id, why, None if wait is None else self._now() + wait)
        _log.warning(
            "a mail did not go out", extra={"screening": screening.id, "error": type(error).__name__}
        )

    def _main(self) -> None:
        while not self._stopped.is_set():
            try:
                while not self._stopped.is_set() and self.step():
                    pass
            except Exception as error:  # noqa: BLE001  whatever it is, it is tried again
                _log.error("mails wait", extra={"error": type(error).__name__})
            self._wake.wait(LOOK_S)
            self._wake.clear()


def _for_good(error: Exception) -> bool:
    """Whether the server will not take mails to this address later either."""
    from aiosmtplib import SMTPRecipientsRefused

    return isinstance(error, SMTPRecipientsRefused) and all(one.code >= PERMANENT for one in error.recipients)
