"""How an event type is wired to a kernel: the vocabulary every kernel's `route()` shares.

A *flag* says when something about an event holds: always, never, or when a boolean column is 1.0.
A column that is not known (NaN) counts as the flag's `when_unknown`; null (-inf) counts as false.
"""

from typing import Final, TypeAlias

ALWAYS: Final = -2
NEVER: Final = -1
NO_COLUMN: Final = -1

Flag: TypeAlias = int | tuple[int, bool]
"""`ALWAYS`, `NEVER`, or `(column, when_unknown)`."""


def flag_code(flag: Flag) -> tuple[int, int]:
    """Give `(code, unknown)`: code is ALWAYS, NEVER or a column >= 0; unknown is 1 when NaN sets the flag.

    >>> flag_code(ALWAYS), flag_code((7, True))
    ((-2, 0), (7, 1))
    """
    if isinstance(flag, tuple):
        column, when_unknown = flag
        assert column >= 0, f"a flag's column is not negative: {column}"
        return int(column), int(when_unknown)
    assert flag in (ALWAYS, NEVER), f"a flag is ALWAYS, NEVER or (column, when_unknown): {flag}"
    return int(flag), 0
