"""What is said between a server and the process that works on a screening: the order in, how far it is out.

The order holds keys: it comes over a pipe, never on a command line or in the environment, which others on the machine may read.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import msgspec

from tidegate.service.screenings.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTH_BYTES = 4


class Previous(msgspec.Struct, frozen=True):
    """The screening to compare with: its folder, and the key of its files."""

    folder: str
    key: bytes


class Order(msgspec.Struct, frozen=True):
    """A screening to be worked on.

    `folder` is its own, `scratch` where its files may stand open, `data` the folder whose journal is evidence (None: there is
    none). `position` is that of the last event that counts, `now_ms` the time of the upload. `key` opens the screening's files,
    `journal_keys` the journal. `providers` is the file of those who are asked (None: nobody is).
    """

    folder: str
    scratch: str
    data: str | None
    position: int
    now_ms: int
    rows_max: int
    terms: Terms
    purpose: str
    basis: str
    key: bytes
    journal_keys: dict[int, bytes]
    previous: Previous | None = None
    providers: str | None = None

    def __repr__(self) -> str:
        return f"Order({self.folder!r})"  # no keys in logs


class File(msgspec.Struct, frozen=True):
    """A file that a screening gave; size and digest are those of its content."""

    name: str
    bytes: int
    sha256: str


class Stage(msgspec.Struct, frozen=True, tag="stage"):
    """How far a step is: `done` of `total`, None where that is not known."""

    step: str
    what: str
    done: int
    total: int | None


class Kept(msgspec.Struct, frozen=True, tag="kept"):
    """A step is done, and what it came to is on the disk."""

    step: str


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """All is done."""

    summary: dict[str, Any]
    files: list[File]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """It cannot be done, and trying again would not help: what is wrong, where, and what to do."""

    problem: str
    place: str
    hint: str


class Broken(msgspec.Struct, frozen=True, tag="broken"):
    """A mistake: what, and where in the program; nothing of the list."""

    what: str


Message = Stage | Kept | Finished | Refused | Broken
_messages = msgspec.json.Decoder(Message)
_orders = msgspec.msgpack.Decoder(Order)


def send_order(order: Order, to: IO[bytes]) -> None:
    """Write an order to a pipe, which stays open."""
    content = msgspec.msgpack.encode(order)
    to.write(len(content).to_bytes(_LENGTH_BYTES, "big") + content)
    to.flush()


def read_order(source: IO[bytes]) -> Order:
    """Return the order that comes through a pipe."""
    size = int.from_bytes(source.read(_LENGTH_BYTES), "big")
    return _orders.decode(source.read(size))


def line_of(message: Message) -> bytes:
    """Return a message as a line."""
    return msgspec.json.encode(message) + b"\n"


def messages(lines: IO[bytes]) -> Iterator[Message]:
    """Yield what the other process says until it ends; a line that broke off with it is no message."""
    for line in lines:
        if line.endswith(b"\n"):
            yield _messages.decode(line)
