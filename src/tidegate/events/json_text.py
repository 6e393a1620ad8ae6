"""Reading one line of JSON for the sake of a good message. The fast path never comes here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn, Self

from tidegate.errors import EventError
from tidegate.events.kinds.maps import DEPTH_MAX
from tidegate.events.wording import counted, quoted

LINE_BYTES_MAX = 1 << 20  # a line of the largest sensible event has some 100 kB

_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TRAILING_COMMA = re.compile(r",\s*[}\]]")
_NAMES = re.compile(r'[{,]\s*"([a-z_][a-z0-9_]{0,63})"\s*:')
_LOOKBACK_CHARS = 2000  # names are looked for only so far before the fault
_CAUSES = {
    "Expecting property name enclosed in double quotes": "a name in double quotes is expected",
    "Expecting ':' delimiter": "a `:` is expected",
    "Expecting ',' delimiter": "a `,` is expected",
    "Expecting value": "a value is expected",
    "Invalid control character": "a control character stands in a text",
    "Invalid \\escape": "a backslash stands before a character that needs none",
    "Invalid \\escape: ": "a backslash stands before a character that needs none",
    "Invalid \\uXXXX escape": "`\\u` needs four hex digits",
    "Extra data": "text follows after the end of the object",
}
_HINTS_BY_START = {
    ("'",): "JSON texts and names stand in double quotes",
    ("True", "False", "None", "undefined"): "JSON writes `true`, `false` and `null`",
    ("//", "/*", "#"): "JSON has no comments",
    ("+", ".", *"0123456789"): "JSON numbers have no leading `+`, `.` or `0`",
}
_HINTS_BY_CAUSE = {
    "Expecting property name enclosed in double quotes": "names stand in double quotes; one comma between two fields",
    "Expecting ':' delimiter": "write `:` between name and value",
    "Expecting ',' delimiter": "write `,` between two fields",
    "Invalid control character": "escape it: a line break is `\\n`, a tab `\\t`",
    "Invalid \\escape": "write a backslash itself as `\\\\`",
    "Invalid \\escape: ": "write a backslash itself as `\\\\`",
    "Invalid \\uXXXX escape": "write the character itself in UTF-8",
}


class Written(float):
    """A number with a fraction, together with how it was written."""

    text: str

    def __new__(cls, text: str) -> Self:
        """Read the number."""
        made = super().__new__(cls, text)
        made.text = text
        return made


def read_object(line: bytes) -> dict[str, Any]:
    """Return the JSON object on a line, or raise EventError that says what is wrong with the text."""
    if len(line) > LINE_BYTES_MAX:
        raise too_long(len(line))
    text = _decoded(line)
    if _depth(line) > DEPTH_MAX + 1:
        raise EventError(f"nested more than {DEPTH_MAX} levels deep", hint="flatten the value")
    value = _parsed(text)
    if not isinstance(value, dict):
        kind = {list: "a list", str: "a text", bool: "`true` or `false`", type(None): "`null`"}.get(
            type(value), "a number"
        )
        raise EventError(
            f"expected an object, not {kind}",
            hint='write one event per line: `{"event_id": ..., "type": ...}`',
        )
    return value


def too_long(length: int) -> EventError:
    """Return the error of a line beyond the limit."""
    return EventError(
        f"the line has {counted(length)} bytes, more than {counted(LINE_BYTES_MAX)}",
        hint="write one event per line, each ended by a newline",
    )


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise EventError(
            f"byte {error.start + 1} (`0x{line[error.start]:02x}`) is not UTF-8",
            hint="write the file in UTF-8",
            field=_field_before(line[: error.start].decode()),
        ) from None


def _parsed(text: str) -> object:
    if text.lstrip().startswith("\ufeff"):
        raise EventError(
            "a byte order mark stands before the object", hint="it may stand only at the start of a file"
        )
    try:
        return json.loads(
            text, parse_float=Written, parse_constant=_no_number(text), object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        raise _syntax_error(error, text) from None
    except ValueError:  # whole numbers of thousands of digits
        raise EventError("a number has too many digits", hint="whole numbers are exact up to 2**53") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object, unless a name comes twice in it or a text holds half a character."""
    seen: set[str] = set()
    for name, value in pairs:
        texts = [name, value, *value] if isinstance(value, list) else [name, value]
        if any(isinstance(text, str) and _SURROGATE.search(text) for text in texts):
            raise EventError(
                f"{quoted(name)} has half of a surrogate pair",
                hint="write the character itself in UTF-8, or both halves of its `\\u` escape",
            )
        if name in seen:
            raise EventError("stands twice in its object", hint="write it once", field=quoted(name)[1:-1])
        seen.add(name)
    return dict(pairs)


def _no_number(text: str) -> Callable[[str], NoReturn]:
    def refuse(name: str) -> NoReturn:
        found = re.search(rf'"([^"]+)"\s*:[^"]*{name}', text)
        raise EventError(
            f"{quoted(name)} is not a JSON number",
            hint="leave the field out where it is not known",
            field=found[1] if found and found[1].isidentifier() else "",
        )

    return refuse


def _syntax_error(error: json.JSONDecodeError, text: str) -> EventError:
    comma = _TRAILING_COMMA.search(text, len(text[: error.pos].rstrip(", \t\r")))
    if comma is not None and comma.start() <= error.pos:  # told differently by different versions of Python
        at, cause, hint = comma.start(), "a comma stands before a closing bracket", "remove the comma"
    elif not text[error.pos :].strip() or error.msg.startswith("Unterminated"):
        return EventError(
            f"the line ends within the JSON object, at character {counted(len(text))}",
            hint="write each event completely on one line",
            field=_field_before(text),
        )
    else:
        at, cause, hint = (
            error.pos,
            _CAUSES.get(error.msg.removesuffix(" at"), "the text is malformed"),
            _hint(error, text),
        )
    return EventError(
        f"not JSON: {cause}, at character {counted(at + 1)}: {quoted(text[at : at + 20])}",
        hint=hint,
        field="" if error.msg == "Extra data" else _field_before(text[:at]),
    )


def _hint(error: json.JSONDecodeError, text: str) -> str:
    rest = text[error.pos :]
    for starts, hint in _HINTS_BY_START.items():
        if rest.startswith(starts):
            return hint
    if error.msg == "Extra data":
        return (
            "write each event on a line of its own" if rest[0] in "{," else "remove what follows the object"
        )
    return _HINTS_BY_CAUSE.get(error.msg.removesuffix(" at"), "write one JSON object per line, RFC 8259")


def _field_before(text: str) -> str:
    """Return the name of the field in whose value the text breaks off, "" where that cannot be told."""
    names = _NAMES.findall(text[-_LOOKBACK_CHARS:])
    return names[-1] if names else ""


def _depth(line: bytes) -> int:
    """Return how deep objects and lists are nested, whether or not the text is right."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", line)):
        depth += 1 if bracket in b"{[" else -1
        deepest = max(deepest, depth)
    return deepest
