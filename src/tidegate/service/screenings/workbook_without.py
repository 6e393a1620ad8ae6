"""The workbook of a screening without some accounts: their rows are cut out of its sheets, which leaves these rows empty."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Collection, Iterator
from typing import IO

_SHEET = "xl/worksheets/"
_END = b"</row>"
_FIRST = re.compile(rb'<row [^>]*><c r="A\d+"[^>]*><is><t[^>]*')  # a row up to the text of its first cell
_CHUNK = 1 << 20


def workbook_without(content: bytes, numbers: Collection[str]) -> bytes:
    """Return a workbook that `screening.outputs` wrote without the rows of these numbers (E.164).

    A sheet is read piece by piece: that of a million accounts would not fit beside a server.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(out, "w") as other:
        for info in book.infolist():
            made = zipfile.ZipInfo(info.filename, info.date_time)
            made.compress_type = zipfile.ZIP_DEFLATED
            with book.open(info) as part, other.open(made, "w", force_zip64=info.file_size > _CHUNK) as rest:
                if not info.filename.startswith(_SHEET):
                    shutil.copyfileobj(part, rest)
                    continue
                for piece in _pieces(part):
                    rest.write(_without(piece, numbers))
    return out.getvalue()


def _pieces(part: IO[bytes]) -> Iterator[bytes]:
    """Yield a sheet in pieces that end with a row; the last is what comes behind all rows."""
    held = b""
    while chunk := part.read(_CHUNK):
        whole, end, held = (held + chunk).rpartition(_END)
        if end:
            yield whole + end
    yield held


def _without(sheet: bytes, numbers: Collection[str]) -> bytes:
    for number in numbers:
        cell, at = f">{number}</t></is></c>".encode(), 0
        while (at := sheet.find(cell, at)) >= 0:
            begin = sheet.rfind(b"<row ", 0, at)
            if _FIRST.fullmatch(sheet, begin, at) is None:  # the remark of another account
                at += len(cell)
                continue
            sheet = sheet[:begin] + sheet[sheet.index(_END, at) + len(_END) :]
            at = begin
    return sheet
