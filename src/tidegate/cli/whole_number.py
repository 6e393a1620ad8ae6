"""Whole numbers as options: digits and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from cyclopts import CoercionError, Parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cyclopts import Token

_DIGITS = re.compile(r"[+-]?[0-9]+(_[0-9]+)*", re.ASCII)


def read_whole_number(_: type, tokens: Sequence[Token]) -> int:
    """Return the number; the parser's own way rounds `1.5` to 2."""
    (token,) = tokens
    if not _DIGITS.fullmatch(token.value):
        raise CoercionError(token=token, target_type=int)
    try:
        return int(token.value)
    except ValueError:  # thousands of digits
        raise CoercionError(token=token, target_type=int) from None


WholeNumber = Annotated[int, Parameter(converter=read_whole_number, n_tokens=1)]
