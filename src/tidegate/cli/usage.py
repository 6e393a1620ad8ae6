"""What is wrong with a command line, in the words of all other errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args, get_origin

from cyclopts.exceptions import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from tidegate.errors import UsageError
from tidegate.events.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable


def usage_error(error: CycloptsError) -> UsageError:
    """Return the parser's complaint as one of ours."""
    command = " ".join(("tidegate", *(error.command_chain or ())))
    look = f"see `{command} --help`"
    if isinstance(error, UnknownCommandError):
        token = error.unused_tokens[0] if error.unused_tokens else ""
        known = [name for name in (error.app or ()) if not name.startswith("-")]
        return UsageError(f"there is no command `{token}`", hint=_meant(token, known) or look)
    if isinstance(error, UnknownOptionError):
        options = [name for argument in error.argument_collection for name in argument.names]
        return unknown_option(error.token.keyword or error.token.value, options, command)
    if isinstance(error, CoercionError) and error.token is not None:
        return _unreadable(error, look)
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        name = error.keyword or error.argument.name
        positional = error.argument.index is not None and not error.keyword
        missing = f"`{name.lstrip('-').upper()}`" if positional else f"a value for `{name}`"
        return UsageError(f"{missing} is missing", place=command, hint=look)
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        return UsageError(f"`{error.unused_tokens[0]}` is one too many", place=command, hint=look)
    said = str(error).strip().rstrip(".").replace('"', "`")
    return UsageError(said[:1].lower() + said[1:], place=command, hint=look)


def unknown_option(given: str, options: Iterable[str], command: str) -> UsageError:
    """Return the complaint about an option that a command does not have."""
    name = given.split("=", 1)[0]
    return UsageError(f"there is no option `{name}`", hint=_meant(name, options) or f"see `{command} --help`")


def _unreadable(error: CoercionError, look: str) -> UsageError:
    token = error.token
    assert token is not None
    place = token.keyword or (error.argument.name if error.argument else "")
    if get_origin(error.target_type) is not None:
        choices = [str(choice) for choice in get_args(error.target_type)]
        listed = f"it is one of: {', '.join(choices)}"
        meant = _meant(token.value, choices)
        return UsageError(
            f"there is no `{token.value}`", place=place, hint=f"{meant} {listed}" if meant else listed
        )
    wanted = {int: "a whole number", float: "a number", bool: "true or false"}
    kind = wanted.get(error.target_type or object, "what it can be")
    return UsageError(f"`{token.value}` is not {kind}", place=place, hint=look)


def _meant(name: str, names: Iterable[str]) -> str:
    near = nearest(name, names)
    return f"did you mean `{near}`?" if near else ""
