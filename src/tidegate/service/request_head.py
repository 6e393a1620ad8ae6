"""What the head of a request has to hold before anybody looks at it (RFC 9112), and what is said of one that cannot be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httptools

from tidegate.service.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

_HOST = re.compile(rb"(\[[0-9A-Fa-fvV:.~!$&'()*+,;=_-]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(:[0-9]*)?")
_HOP = frozenset((b"upgrade", b"connection", b"http2-settings"))

# those that a request for decisions is read by, and the part of its `Head` that each becomes
HEADERS = {
    b"content-type": "content_type",
    b"content-encoding": "encoding",
    b"authorization": "authorization",
    b"prefer": "prefer",
}


@dataclass(slots=True)
class Head:
    """What a request for decisions says in its `HEADERS`, as it came; b"" where there was none."""

    content_type: bytes = b""
    encoding: bytes = b""
    authorization: bytes = b""
    prefer: bytes = b""


def check_head(headers: Iterable[tuple[bytes, bytes]], version: str) -> None:
    """Raise Problem where a request of this version of HTTP may not be answered; names of headers are in lower case.

    A request without a host, or with two, is refused as RFC 9112 (3.2) has it: whoever stands in front of the server
    may have read another one.
    """
    host: bytes | None = None
    for name, value in headers:
        if name == b"host":
            if host is not None:
                raise _bad_host("there are two headers `Host`")
            host = value
        elif name == b"transfer-encoding" and value.strip().lower() != b"chunked":
            detail = "a body is read as it is, or in chunks"
            raise Problem(501, "not-implemented", detail, field="Transfer-Encoding", hint="chunked")
    if host is None:
        if version != "1.0":
            raise _bad_host("the header `Host` is missing")
    elif _HOST.fullmatch(host) is None:
        raise _bad_host("the header `Host` names no host")


def without_upgrade(
    method: bytes, target: bytes, version: str, headers: Iterable[tuple[bytes, bytes]]
) -> bytes:
    """Return the head of a request as it would be had its sender not asked for another protocol."""
    tokens = {
        token.strip().lower()
        for name, value in headers
        if name == b"connection"
        for token in value.split(b",")
    }
    kept = [name + b": " + value for name, value in headers if name not in _HOP]
    kept += [b"connection: " + token for token in (b"close", b"keep-alive") if token in tokens]
    lines = [b"%b %b HTTP/%b" % (method, target, version.encode()), *kept]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _bad_host(detail: str) -> Problem:
    return Problem(400, "bad-request", detail, field="Host", hint="one, such as `Host: tidegate.example.org`")


def malformed(error: httptools.HttpParserError, data: bytes) -> Problem:
    """Return the problem of what the parser cannot read; `data` is the piece it was given."""
    if (
        isinstance(error, httptools.HttpParserInvalidMethodError) and data[:1].isalpha()
    ):  # neither TLS nor noise
        return Problem(501, "not-implemented", "what the request begins with is no method of HTTP")
    return Problem(400, "bad-request", "the request is not HTTP/1.1")


def head_too_large(limit: int) -> Problem:
    """Return the problem of a head with more bytes than the limit."""
    return Problem(431, "headers-too-large", f"the request line and headers have more than {limit} bytes")


def too_many_headers(limit: int) -> Problem:
    """Return the problem of a head with more headers than the limit."""
    return Problem(431, "headers-too-large", f"there are more than {limit} headers")


def too_slow(what: str, limit_s: float) -> Problem:
    """Return the problem of a part of a request that took longer than the limit, in s."""
    return Problem(408, "too-slow", f"{what} did not arrive within {limit_s:g} s")
