"""Contents become pages, by typst: nothing is downloaded, nothing of the contents is ever read as markup.

The contents are a JSON file that the template reads; no text of theirs is put into a source. PDF/A-2a and PDF/UA-1: it can be
archived and read aloud, and typst refuses letters that no font draws, so that none is lost in silence.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tidegate.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import typst

STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]
UNDRAWN = "□"  # stands for a letter that no font draws
_MAIN = "report.typ"
_ASCII_END = 0x7F
_REFUSED = re.compile(r'the text `"(.*?)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


def typeset(contents: Mapping[str, Any], *, at_ms: int) -> bytes:
    """Return the report as a PDF; `at_ms` is the moment it names as its making.

    The fonts that come with typst draw Latin, Greek, Cyrillic, Hebrew, Arabic and Devanagari: with these alone the same contents give
    the same bytes on any machine. Only where they do not suffice are the machine's fonts asked as well, and what these do not
    draw either becomes a box, which the report says. Raise ImportError where typst is not installed, FileError where it refuses.
    """
    import typst

    told, own = dict(contents), True
    blanked: set[str] = set()
    while True:
        try:
            made = _compiler(told, own=own).compile(
                format="pdf", pdf_standards=STANDARDS, timestamp=at_ms // 1000
            )
        except typst.TypstError as error:
            refused = _refused(error.diagnostic)
            if not refused or refused <= blanked:
                raise FileError(
                    f"typst does not set it: {error.message}",
                    place="report.pdf",
                    hint="this is a fault of ours: please tell us",
                ) from error
            if own:
                own = False
                continue
            blanked |= refused
            told = _blanked({**contents, "undrawn": True}, blanked)
        else:
            assert isinstance(made, bytes)
            return made


def pictures(contents: Mapping[str, Any], *, ppi: float) -> list[bytes]:
    """Return the pages as PNG pictures, drawn with typst's own fonts."""
    made = _compiler(contents, own=True).compile(format="png", ppi=ppi)
    assert made is not None
    return [made] if isinstance(made, bytes) else made


def _compiler(contents: Mapping[str, Any], *, own: bool) -> typst.Compiler:
    import typst

    told = json.dumps(contents, ensure_ascii=False, allow_nan=False).encode()
    sources: Any = {"main.typ" if n == _MAIN else n: text for n, text in _sources().items()}
    return typst.Compiler(sources | {"contents.json": told}, font_paths=_fonts(own=own))


@cache
def _sources() -> dict[str, bytes]:
    """Return the template: its files by name."""
    folder = files("tidegate.screening.report")
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.endswith(".typ")}


@cache
def _fonts(*, own: bool) -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=not own)


def _refused(diagnostic: str) -> set[str]:
    """Return the letters that could not be drawn; typst names them with what is joined to them, which may be ASCII."""
    named = "".join(_REFUSED.findall(diagnostic))
    letters = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), named)
    return {letter for letter in letters if ord(letter) > _ASCII_END}


def _blanked(contents: Mapping[str, Any], letters: set[str]) -> dict[str, Any]:
    text = json.dumps(contents, ensure_ascii=False)
    found: dict[str, Any] = json.loads(text.translate({ord(letter): UNDRAWN for letter in letters}))
    return found
