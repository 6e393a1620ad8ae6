"""Which name was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

COMPARED_CHARS_MAX = 64  # longer than any of our names; comparing is quadratic in the length


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name most like the one given, or None where none is close.

    >>> nearest("is_foward", ["is_reply", "is_forward"])
    'is_forward'
    """
    return _nearest(name, tuple(names)) if 0 < len(name) <= COMPARED_CHARS_MAX else None


def meant(name: str, names: Iterable[str]) -> str:
    """Return the question whether the nearest name was meant, to stand before a hint; "" where none is close.

    For words that people write into policies and commands: short ones, of which two letters may be swapped.

    >>> meant("strikt", ["strict"])
    'did you mean `strict`? '
    """
    near = get_close_matches(name, tuple(names), n=1)
    return f"did you mean `{near[0]}`? " if near else ""


@lru_cache(maxsize=1024)  # a faulty sender makes the same mistake in every event
def _nearest(name: str, names: tuple[str, ...]) -> str | None:
    plain = {_plain(option): option for option in names}
    found = get_close_matches(_plain(name), plain, n=1, cutoff=0.7)
    return plain[found[0]] if found else None


def _plain(name: str) -> str:
    """Return the name without what spelling habits differ in: `isForward`, `IS-FORWARD` and `is_forward` are one."""
    return "".join(character for character in name.lower() if character.isalnum())
