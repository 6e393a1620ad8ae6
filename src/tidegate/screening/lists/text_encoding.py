"""In which encoding a text file was saved."""

from __future__ import annotations

import codecs
import re

from tidegate.errors import FileError
from tidegate.screening.lists.headings import fact_of

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# those in which spreadsheets of the world save text that is not Unicode
_USUAL = ["cp1252", "gb18030", "big5", "shift_jis", "euc_kr", "cp1251", "cp1256", "cp1254", "tis_620"]
_SAMPLE = 200_000  # bytes that are enough to tell


def decoded(content: bytes, *, place: str) -> tuple[str, str]:
    """Return the text, and what is to be said of its encoding ("": nothing). Raise FileError where it is no text.

    A byte order mark decides; then UTF-8, which other encodings hardly ever happen to be; then what the letters look like, and which
    reading has headings that we know.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding), ""
            except UnicodeDecodeError:
                break
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(content, place)
    if "\0" in text[:_SAMPLE]:
        raise FileError("it is no text", place=place, hint="save the list as .csv or .xlsx")
    return text, ""


def _guessed(content: bytes, place: str) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    found = [match.encoding for match in from_bytes(content[:_SAMPLE], cp_isolation=_USUAL)]
    if not found or b"\0" in content[:_SAMPLE]:
        raise FileError("it is no text, or of an unknown encoding", place=place, hint="save it as CSV UTF-8")
    first_line = content[:_SAMPLE].split(b"\n", 1)[0]
    encoding = next((one for one in found if _has_heading(first_line.decode(one, "replace"))), found[0])
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileError(
            f"byte {error.start} is not of the encoding {encoding} that the beginning seems to have",
            place=place,
            hint="save it as CSV UTF-8",
        ) from None
    return text, f"read as {encoding}, which is a guess; save it as CSV UTF-8 to be sure"


def _has_heading(line: str) -> bool:
    return any(fact_of(part) for part in re.split(r"[,;\t|]", line))
