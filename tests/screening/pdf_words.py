"""The words of a PDF as its letters are coded in it: what a reader can select and copy, page by page."""

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\s*(.*?)endobj", re.DOTALL)
# a string may hold brackets in pairs, which are rarely nested deeper than this
_IN = rb"(?:\\.|[^\\()])*"
_STRING = rb"\((" + _IN + rb"(?:\(" + _IN + rb"(?:\(" + _IN + rb"\)" + _IN + rb")*\)" + _IN + rb")*)\)"
_SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|" + _STRING + rb"|<([0-9a-fA-F]+)>|T[jJ]|ET", re.DOTALL)
# texts that are said about the letters and not drawn
_ABOUT = re.compile(rb"/[A-Z][A-Za-z]+ ?(" + _STRING + rb"|<[0-9a-fA-F]*>)", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pages_of(pdf):
    """Return the text of each page, its runs of letters parted by spaces."""
    objects = dict(_OBJECT.findall(pdf))
    return [
        _text(_stream(objects[number]), _fonts(objects, body))
        for body in objects.values()
        if b"/Type/Page/" in body
        for number in re.findall(rb"/Contents (\d+) 0 R", body)
    ]


def _stream(body):
    start = re.search(rb"stream\r?\n", body).end()
    return zlib.decompressobj().decompress(body[start:])


def _fonts(objects, page):
    resources = objects[re.search(rb"/Resources (\d+) 0 R", page)[1]]
    fonts = re.search(rb"/Font<<(.*?)>>", resources, re.DOTALL)
    named = re.findall(rb"/(f\d+) (\d+) 0 R", fonts[1]) if fonts else []
    return {name: _letters(objects, objects[number]) for name, number in named}


def _letters(objects, font):
    told = _stream(objects[re.search(rb"/ToUnicode (\d+) 0 R", font)[1]])
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", told)
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _text(content, fonts):
    said, letters = [], {}
    for name, literal, coded in (found.groups() for found in _SHOWN.finditer(_ABOUT.sub(b"", content))):
        if name:
            letters = fonts[name]
        elif literal or coded:
            raw = bytes.fromhex(coded.decode()) if coded else _ESCAPE.sub(_byte, literal)
            codes = (int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2))
            said += [letters.get(code, "") for code in codes]
        else:
            said.append(" ")
    return " ".join("".join(said).replace("\u200b", "").split())


def _byte(found):
    escaped = found[1]
    return bytes([int(escaped, 8)]) if escaped[:1].isdigit() else _NAMED.get(escaped, escaped)
