"""The workbook of a screening without some accounts: their rows are cut out of its sheets, which leaves these rows empty."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection

_SHEET = "xl/worksheets/"
_END = b"</row>"
_FIRST = re.compile(rb'<row [^>]*><c r="A\d+"[^>]*><is><t[^>]*')  # a row up to the text of its first cell


def workbook_without(content: bytes, numbers: Collection[str]) -> bytes:
    """Return a workbook that `screening.outputs` wrote without the rows of these numbers (E.164); the same bytes where it has none."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {info: book.read(info) for info in book.infolist()}
    others = {
        info: _without(part, numbers) if info.filename.startswith(_SHEET) else part
        for info, part in parts.items()
    }
    if others == parts:
        return content
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for info, part in others.items():
            book.writestr(zipfile.ZipInfo(info.filename, info.date_time), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


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
