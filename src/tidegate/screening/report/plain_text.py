"""What strangers wrote, made fit for a page: one line of bounded length, without what would turn or overprint its neighbours."""

from __future__ import annotations

import unicodedata

_CUT = "…"
_MARKS_MAX = 2  # accents on one letter; more of them climb into the lines above
# controls; formats, among them what reorders the text after it; surrogates, private letters, letters that do not exist
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
_JOINERS = frozenset("\u200c\u200d")  # formats that some scripts need to be read


def line(text: str, chars_max: int) -> str:
    r"""Return a text as one line of at most so many characters; what was cut off is shown by an ellipsis.

    >>> line("two\nlines", 40), line("a" * 50, 10), line("\u202egnp.exe", 40)
    ('two lines', 'aaaaaaaaa…', 'gnp.exe')
    """
    kept: list[str] = []
    marks = 0
    for char in text[: 8 * chars_max]:  # enough to look at, however long the text is
        kind = unicodedata.category(char)
        if char.isspace() or kind in ("Zl", "Zp"):
            kept.append(" ")
            continue
        if kind in _UNSEEN and char not in _JOINERS:
            continue
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if marks <= _MARKS_MAX:
            kept.append(char)
    shown = " ".join("".join(kept).split())
    cut = len(shown) > chars_max or len(text) > 8 * chars_max
    return shown[: chars_max - 1].rstrip() + _CUT if cut else shown
