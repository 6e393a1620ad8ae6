"""Heads of requests for decisions that were read before: a client sends the same ones again and again, and the same bytes mean the same.

What is known is only what the parser has read, as a whole request of one piece whose body was as long as its head said, and whose
sender was admitted. Who sends it again is asked for the key again; nothing but the reading is left out.

Where a head ends is told here by its first empty line; the parser passes over empty lines before a request. So that both read
the same, only what begins with the method is known, and only where what follows the empty line is the body that the parser read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.service.request_head import Head

_BEGIN, _END = b"POST ", b"\r\n\r\n"
LONGEST = 1024  # bytes of a head that is worth knowing
HEADS_MAX = 512  # that are known at a time: half a megabyte


class KnownHeads:
    """The heads that one server knows."""

    def __init__(self) -> None:
        # a head -> the headers that matter, and the bytes of the body
        self._known: dict[bytes, tuple[Head, int]] = {}

    def find(self, data: bytes) -> tuple[Head, bytes] | None:
        """Return the head and body of what is one whole request with a known head, else None."""
        end = data.find(_END, 0, LONGEST) + len(_END)
        known = self._known.get(data[:end])
        if known is None or len(data) - end != known[1]:
            return None
        return known[0], data[end:]

    def learn(self, data: bytes, head: Head, body: bytes) -> None:
        """Know the head of `data`, where that is one request whose head the parser read as `head`, and all that follows is `body`."""
        end = data.find(_END, 0, LONGEST) + len(_END)
        if end < len(_END) or not data.startswith(_BEGIN) or data[end:] != body:
            return
        if len(self._known) >= HEADS_MAX:
            self._known.clear()
        self._known[data[:end]] = head, len(body)
