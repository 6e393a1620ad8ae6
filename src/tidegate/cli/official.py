"""`tidegate official`: whether a person one deals with is official staff."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter as Option

from tidegate.cli.terminal import console, print_json

OK, NOT_OFFICIAL = 0, 1


def official(name: str, /, *, register: Path, json: Annotated[bool, Option(negative="")] = False) -> int:
    """Say whether a user name is one of the official ones, to the letter; exit status 1 where it is not.

    Names that only look like an official one (another letter, a digit for a letter, letters of another alphabet, a space more) are
    called so.

    Example: `tidegate official acme_support --register official.txt`

    Parameters
    ----------
    name
        The user name, exactly as the messenger shows it.
    register
        File of the official names, one a line.
    json
        Print as JSON.
    """
    from tidegate.screening.numbers.official_contacts import checked, read_register

    answer = checked(name, read_register(register))
    if json:
        print_json(asdict(answer))
    elif answer.official:
        console.print(f"`{name}` is official", markup=False)
    elif answer.like is None:
        console.print(f"`{name}` is not official", markup=False)
    else:
        console.print(
            f"`{name}` is not official: it only looks like `{answer.like}`", markup=False, soft_wrap=True
        )
    return OK if answer.official else NOT_OFFICIAL
