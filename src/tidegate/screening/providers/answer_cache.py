"""Answers kept for some days, so that nobody is asked, and paid, twice. The file names no number and tells nothing to others.

Numbers are found by a keyed digest, answers are sealed; both keys come from the provider's secret. Who changes the secret, or
what is asked for, begins anew.
"""

from __future__ import annotations

import hmac
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tidegate.errors import FileError
from tidegate.screening.providers.calling import Clock
from tidegate.screening.providers.provider import Answer, Provider, Told, Unanswered

if TYPE_CHECKING:
    from types import TracebackType

DAY_MS = 86_400_000
_KEY_BYTES = 32
_DIGEST_BYTES = 16
_NONCE_BYTES = 12
_TABLE = """CREATE TABLE IF NOT EXISTS answers (
  provider TEXT NOT NULL, number BLOB NOT NULL, at INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (provider, number)
) WITHOUT ROWID"""


class AnswerCache:
    """The file, for one thread. Raises FileError where it cannot be opened or written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._connection.execute("PRAGMA secure_delete=ON")
            self._connection.execute(_TABLE)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def forget(self, provider: str, before_ms: int) -> None:
        """Delete answers that are older."""
        self._do("DELETE FROM answers WHERE provider = ? AND at <= ?", (provider, before_ms))

    def get(self, provider: str, number: bytes) -> tuple[int, bytes] | None:
        """Return when something was told of a number, and what, sealed."""
        found: tuple[int, bytes] | None = self._do(
            "SELECT at, sealed FROM answers WHERE provider = ? AND number = ?", (provider, number)
        ).fetchone()
        return found

    def put(self, provider: str, number: bytes, at_ms: int, sealed: bytes) -> None:
        """Keep an answer, in place of an older one."""
        self._do("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", (provider, number, at_ms, sealed))

    def begin(self) -> None:
        """Begin a transaction, if none is under way."""
        if not self._connection.in_transaction:
            self._do("BEGIN IMMEDIATE", ())

    def commit(self) -> None:
        """End the transaction under way, if there is one."""
        if self._connection.in_transaction:
            self._do("COMMIT", ())

    def _do(self, statement: str, values: Sequence[object]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise self._unusable(error) from None

    def _unusable(self, error: Exception) -> FileError:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return FileError(
            f"answers cannot be kept there: {why.lower()}",
            place=str(self.path),
            hint="name another file as `cache`, or none",
        )


@dataclass
class Kept:
    """A provider whose answers are kept for `keep_days`. `secret` is the provider's own."""

    provider: Provider
    cache: AnswerCache
    secret: str = field(repr=False)
    keep_days: float
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        about = f"tidegate answers\0{self.kind}\0{self.name}\0{','.join(sorted(self.tells))}"
        keys = HKDF(SHA256(), 2 * _KEY_BYTES, salt=None, info=about.encode()).derive(self.secret.encode())
        self._index_key, self._seal = keys[:_KEY_BYTES], AESGCM(keys[_KEY_BYTES:])

    @property
    def name(self) -> str:
        """That of the provider."""
        return self.provider.name

    @property
    def kind(self) -> str:
        """That of the provider."""
        return self.provider.kind

    @property
    def basis(self) -> str:
        """That of the provider."""
        return self.provider.basis

    @property
    def tells(self) -> frozenset[str]:
        """Those of the provider."""
        return self.provider.tells

    def ask(self, numbers: Sequence[str]) -> Iterator[Answer | Unanswered]:
        """Yield what is kept, then what the provider says of the others, which is kept from now on."""
        oldest = self.clock.now_ms() - int(self.keep_days * DAY_MS)
        self.cache.forget(self.name, oldest)
        missing = []
        for number in numbers:
            kept = self._kept(number)
            if kept is None:
                missing.append(number)
            else:
                yield kept
        try:
            for answer in self.provider.ask(missing) if missing else ():
                if isinstance(answer, Answer):
                    self._keep(answer)
                yield answer
        finally:
            self.cache.commit()  # also where the reader stops early: what was paid for is kept

    def _kept(self, number: str) -> Answer | None:
        digest = self._digest(number)
        found = self.cache.get(self.name, digest)
        if found is None:
            return None
        at_ms, sealed = found
        try:
            text = self._seal.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], digest + b"%d" % at_ms)
            facts = msgspec.json.decode(text, type=dict[str, Told])
        except (InvalidTag, ValueError, msgspec.MsgspecError):
            return None  # of another secret, or damaged: asked again, and written over
        return Answer(number, facts, at_ms, self.name, cached=True)

    def _keep(self, answer: Answer) -> None:
        digest, nonce = self._digest(answer.number), os.urandom(_NONCE_BYTES)
        sealed = self._seal.encrypt(nonce, msgspec.json.encode(answer.facts), digest + b"%d" % answer.at_ms)
        self.cache.begin()
        self.cache.put(self.name, digest, answer.at_ms, nonce + sealed)

    def _digest(self, number: str) -> bytes:
        return hmac.digest(self._index_key, number.encode(), "sha256")[:_DIGEST_BYTES]
