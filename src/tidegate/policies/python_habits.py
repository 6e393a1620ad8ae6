"""What authors write by habit of Python that no expression can do: what Python says of it, and what to write instead."""

from __future__ import annotations

import re
from typing import Final

_OURS = r"'?\w+'?"
_HABITS: Final = (
    (rf"object of type {_OURS} has no len\(\)", "`len(...)`", "write `tg.size(list)`"),
    (
        rf"argument of type {_OURS} is not (?:iterable|a container or iterable)",
        "`in`",
        "write `tg.contains(list, id)`, or `.isin(...)` for one of a few",
    ),
    (rf"{_OURS} object is not subscriptable", "`[...]`", "`tg.last_of(list)` is the last member of a list"),
    (
        rf"{_OURS} object is not iterable",
        "a loop over a value",
        "use `tg.size(list)`, `tg.contains(list, id)`, or a feature that counts",
    ),
    (r"type \w+ doesn't define __round__ method", "`round(...)`", "write `.floor()`"),
    (
        rf"int\(\) argument must be a string.*, not {_OURS}",
        "`int(...)`",
        "write `.floor()`: what is true counts as 1, what is false as 0",
    ),
    (
        rf"(?:float\(\) argument must be.*|must be real number), not {_OURS}",
        "a function of Python's",
        "use `+ - * /`, `.floor()`, `tg.least`, `tg.greatest`, `tg.when`",
    ),
    (
        r"unsupported operand type\(s\) for (\*\*|//|%|@|<<|>>|\^).*",
        "`{0}`",
        "use `+ - * /` and `.floor()`; for a power multiply",
    ),
)


def habit(said: str) -> tuple[str, str]:
    """Return problem and hint for what Python said of an expression; ("", "") where it is about something else."""
    for pattern, what, hint in _HABITS:
        found = re.match(pattern, said)
        if found:
            named = what.format(*found.groups())
            return f"{named} cannot be worked out while a policy is being written", hint
    return "", ""
