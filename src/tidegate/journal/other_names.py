"""Writing other names into lines of JSON without changing their length, so that every place in a file stays where it is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"')
_SPACE = re.compile(r"[ \t\r\n]*")
_decoder = json.JSONDecoder()


def renamed(line: bytes, names: Mapping[bytes, bytes]) -> bytes:
    r"""Return a line in which every text that is one of `names` is another one, as long as it or shorter.

    A text that was written longer than it needs to be (`"a\u0031"`) is followed by spaces.

    >>> renamed(b'{"account_id":"a1","to":"a10","n":["a\\u0031"]}', {b"a1": b"~7"})
    b'{"account_id":"~7","to":"a10","n":["~7"     ]}'
    """
    return _TOKEN.sub(lambda found: _other(found[0], names), line)


def _other(token: bytes, names: Mapping[bytes, bytes]) -> bytes:
    new = names.get(_text(token))
    return token if new is None else b'"' + new + b'"' + b" " * (len(token) - len(new) - 2)


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
