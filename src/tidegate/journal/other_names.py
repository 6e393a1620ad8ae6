"""Writing other names into lines of JSON without changing their length, so that every place in a file stays where it is.

Names are what others choose, and may be words of ours: of an account called `type`, or a device called `allow`, no line loses its
fields and verdicts. So a text is taken for a name only where names stand.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tidegate.events import REGISTRY
from tidegate.events.kinds import Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"')
_PLACED = re.compile(rb'("(?:[^"\\]|\\.)*")(?=([ \t\r\n]*:)?)')  # a text, and whether it is a key
_KEYS = frozenset(name.encode() for event in REGISTRY.values() for name in event.fields()) | {b"type"}
# a key -> the words that may stand there
_CHOICES = {b"type": frozenset(name.encode() for name in REGISTRY)}
for _event in REGISTRY.values():
    for _name, _field in _event.fields().items():
        if isinstance(_field, Choice):
            _words = frozenset(option.encode() for option in _field.options)
            _CHOICES[_name.encode()] = _CHOICES.get(_name.encode(), frozenset()) | _words
# members of a decision, as its line and the books have it, that hold names; all others are words of the policy and of ours
NAMED = frozenset(("event_id", "account_id", "id", "of", "observed", "limit"))
_NAMED = frozenset(name.encode() for name in NAMED)
_SPACE = re.compile(r"[ \t\r\n]*")
_decoder = json.JSONDecoder()


def renamed(line: bytes, names: Mapping[bytes, bytes]) -> bytes:
    r"""Return an event in which every text that is one of `names` is another one, as long as it or shorter.

    A text that was written longer than it needs to be (`"a\u0031"`) is followed by spaces. Names of fields, and what a field has
    a choice of, stay.

    >>> renamed(b'{"account_id":"a1","to":"a10","n":["a\\u0031"]}', {b"a1": b"~7"})
    b'{"account_id":"~7","to":"a10","n":["~7"     ]}'
    >>> renamed(b'{"type":"login_attempt","account_id":"type"}', {b"type": b"~7aX"})
    b'{"type":"login_attempt","account_id":"~7aX"}'
    """
    return _replaced(line, names, _is_word)


def renamed_decisions(lines: bytes, names: Mapping[bytes, bytes]) -> bytes:
    """Return lines of decisions with other names, as `renamed` does; they stand in some members only.

    >>> renamed_decisions(b'{"account_id":"allow","verdict":"allow"}', {b"allow": b"~7aXx"})
    b'{"account_id":"~7aXx","verdict":"allow"}'
    """
    return _replaced(lines, names, lambda key, _: key not in _NAMED)


def _is_word(key: bytes | None, text: bytes) -> bool:
    return text in _KEYS if key is None else text in _CHOICES.get(key, ())


def _replaced(
    line: bytes, names: Mapping[bytes, bytes], is_word: Callable[[bytes | None, bytes], bool]
) -> bytes:
    """Replace names but where `is_word` says, of the key a text stands under (None: it is a key) and the text, that it is none."""
    under = b""

    def other(found: re.Match[bytes]) -> bytes:
        nonlocal under
        token = found[1]
        text = _text(token)
        key = under
        if found[2] is not None:
            under = text
        new = names.get(text)
        if new is None or is_word(None if found[2] is not None else key, text):
            return token
        return b'"' + new + b'"' + b" " * (len(token) - len(new) - 2)

    return _PLACED.sub(other, line)


def _text(token: bytes) -> bytes:
    """Return what a text in quotes means, as UTF-8."""
    if b"\\" not in token:
        return token[1:-1]
    try:
        return str(json.loads(token)).encode()
    except (ValueError, UnicodeEncodeError):  # half a surrogate pair: no name of anybody
        return token[1:-1]


def mentions(line: bytes, names: Mapping[bytes, Any]) -> bool:
    """Return whether one of the texts in a line is one of the names."""
    return any(_text(token) in names for token in _TOKEN.findall(line))


def might_mention(payload: bytes, names: Mapping[bytes, Any]) -> bool:
    """Return whether it is worth looking closer: a name stands there, or something that could be one, written otherwise."""
    return b"\\" in payload or any(name in payload for name in names)


def emptied(line: bytes, member: str) -> bytes:
    """Return an object of JSON in which the value of a member is `{}`, followed by spaces.

    >>> emptied(b'{"a":1,"extra": {"email":"x"},"b":2}', "extra")
    b'{"a":1,"extra": {}           ,"b":2}'
    """
    text = line.decode()
    for key, start, end in _members(text):
        if key == member and text[start] == "{":
            size = len(text[start:end].encode())
            return text[:start].encode() + b"{}" + b" " * (size - 2) + text[end:].encode()
    return line


def _members(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the members of an object: key, and where its value begins and ends."""
    at = _skip(text, _skip(text, 0) + 1)
    while text[at] == '"':
        key, at = _decoder.raw_decode(text, at)
        start = _skip(text, _skip(text, at) + 1)
        _, end = _decoder.raw_decode(text, start)
        yield key, start, end
        at = _skip(text, _skip(text, end) + 1) if text[_skip(text, end)] == "," else _skip(text, end)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()
