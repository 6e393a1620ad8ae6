"""Bodies that came packed: gzip and zstd, never unpacked beyond what a body may have."""

from __future__ import annotations

import io
import zlib

import pyarrow as pa

from tidegate.service.problem import Problem

_GZIP_WBITS = 31
_CODINGS = (b"gzip", b"x-gzip", b"zstd")


def unpacked(body: bytes, coding: bytes, limit: int) -> bytes:
    """Return the content of a packed body; raise Problem where it is damaged, too large, or packed otherwise."""
    coding = coding.strip().lower()
    if coding not in _CODINGS:
        raise Problem(
            415,
            "unsupported-encoding",
            f"`{coding.decode('latin-1')[:100]}` is not unpacked here",
            field="Content-Encoding",
            hint="`gzip`, `zstd` or none",
        )
    try:
        content = _unzstd(body, limit) if coding == b"zstd" else _gunzip(body, limit)
    except (zlib.error, EOFError, OSError):
        raise Problem(400, "damaged-body", f"the {coding.decode()} data is damaged", field="body") from None
    if len(content) > limit:
        raise Problem(
            413,
            "too-large",
            f"the body has more than {limit} bytes when unpacked",
            field="body",
            hint="send smaller batches",
        )
    return content


def _gunzip(body: bytes, limit: int) -> bytes:
    """Return the content of all members, at most one byte more than the limit."""
    parts: list[bytes] = []
    left = limit + 1
    while body and left:
        member = zlib.decompressobj(wbits=_GZIP_WBITS)
        part = member.decompress(body, left)
        parts.append(part)
        left -= len(part)
        if not member.eof:
            if left:
                raise EOFError
            break
        body = member.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _unzstd(body: bytes, limit: int) -> bytes:
    with pa.CompressedInputStream(pa.PythonFile(io.BytesIO(body), mode="r"), "zstd") as stream:
        content: bytes = stream.read(limit + 1)
    return content
