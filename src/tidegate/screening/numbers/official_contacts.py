"""Whether a person one deals with is official staff: the exact name stands in a register, and what only looks like it is named as such.

For one's own people and customers, against impersonation (comp.staff-identity-check): a name is compared with a list that its owner
keeps; nobody else is asked.
"""

# ruff: noqa: RUF001  # letters that look alike are the point

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.errors import FileError, reason

if TYPE_CHECKING:
    from pathlib import Path

NAME_CHARS = 256
NAMES_MAX = 100_000
_FEW = 5  # letters; of shorter names every other one lies an edit away
# signs that are taken for a Latin letter, from the confusables of UTS #39 (Unicode Security Mechanisms), the common ones; and the
# digits that stand in for letters
_LOOKS_LIKE = {
    "a": "аα@4", "b": "ьЬ8", "c": "сϲ", "d": "ԁ", "e": "еє3", "g": "ԍ", "h": "һ", "i": "іιıl1|!ӏǀ", "j": "јϳ", "k": "кκ", "m": "м",
    "n": "пη", "o": "оοσ0օ", "p": "рρ", "q": "ԛ", "s": "ѕ5$", "t": "тτ7", "u": "υս", "v": "ѵν", "w": "ԝω", "x": "хχ", "y": "уγ",
    "z": "ᴢ2",
}  # fmt: skip
_SKELETON = {ord(sign): letter for letter, signs in _LOOKS_LIKE.items() for sign in signs}
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_SEPARATORS = frozenset("._- ")


@dataclass(frozen=True)
class Answer:
    """What is known of a name: official, or not; `like` is the official name that it looks like."""

    name: str
    official: bool
    like: str | None = None


def read_register(file: Path) -> tuple[str, ...]:
    """Return the official names of a file, one a line as it is written in the messenger; `#` begins a remark. Raise FileError."""
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise FileError(reason(error), place=str(file), hint="check the path") from None
    except UnicodeDecodeError:
        raise FileError("this is no UTF-8", place=str(file), hint="one name a line") from None
    names = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(names) > NAMES_MAX or any(len(name) > NAME_CHARS for name in names):
        raise FileError(
            f"a register has at most {NAMES_MAX:,} names of {NAME_CHARS} characters",
            place=str(file),
            hint="one name a line",
        )
    for name in names:
        if name != name.strip() or skeleton(name) == "":
            raise FileError(f"`{name}` is no name", place=str(file), hint="without spaces around it")
    return tuple(names)


def checked(name: str, register: Iterable[str]) -> Answer:
    """Return whether a name is official: to the letter, or not at all.

    >>> register = ("official",)
    >>> [checked(name, register).official for name in ("official", "0fficial", "official ", "Official")]
    [True, False, False, False]
    >>> checked("0fficial", register).like, checked("somebody", register).like
    ('official', None)
    """
    names = tuple(register)
    if name in names:
        return Answer(name, official=True)
    ours = skeleton(name[:NAME_CHARS])
    like = next((one for one in names if _alike(ours, skeleton(one))), None)
    return Answer(name, official=False, like=like)


def skeleton(name: str) -> str:
    """Return what the eye keeps of a name: without case, accents, separators and what is not seen, look-alikes as one letter.

    >>> skeleton("0ffici4l Tearn") == skeleton("official_team")
    True
    """
    text = unicodedata.normalize("NFKD", name).casefold().translate(_SKELETON)
    seen = "".join(
        c for c in text if not unicodedata.category(c).startswith(("M", "C", "Z")) and c not in _SEPARATORS
    )
    for pair, letter in _PAIRS:
        seen = seen.replace(pair, letter)
    return seen


def _alike(one: str, other: str) -> bool:
    """Whether two skeletons are the same but for one letter more, less, other, or changed places."""
    if one == other:
        return True
    if min(len(one), len(other)) < _FEW or abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    a, b = one[start:], other[start:]
    swapped = len(a) == len(b) > 1 and (a[1], a[0]) == (b[0], b[1]) and a[2:] == b[2:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or swapped
