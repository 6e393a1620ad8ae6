"""The heads of answers on the short way: status line and headers, as bytes."""

from __future__ import annotations

from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from tidegate.clock import now_ms

_STATUS = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: ".encode()
    for status in HTTPStatus
}
_END, _CLOSE = b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"


def response_head(status: int, form: bytes, length: int, headers: dict[str, str], *, close: bool) -> bytes:
    """Return the head of an answer with a body of `form`, `length` bytes long; `close`: the connection ends behind it."""
    more = "".join(f"\r\n{name}: {value}" for name, value in headers.items()).encode()
    end = _CLOSE if close else _END
    return b"%b%b\r\ncontent-length: %d%b%b%b" % (
        _STATUS[status],
        form,
        length,
        more,
        _date(now_ms() // 1000),
        end,
    )


@lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    """Return the header that says when an answer was made (RFC 9110, 6.6.1); `second` since the epoch."""
    return b"\r\ndate: " + formatdate(second, usegmt=True).encode()
