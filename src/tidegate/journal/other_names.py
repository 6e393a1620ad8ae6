"""Writing other names into lines of JSON without changing their length, so that every place in a file stays where it is.

Names are what others choose, and may be words of ours or of a platform: of an account called `type`, or a device called `allow`, no
line loses its fields and verdicts, and of one called like a country or an operator nobody else's event loses theirs. So a text is
taken for a name only where names stand; in `extra`, which is a platform's own, anywhere.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tidegate.events import REGISTRY
from tidegate.events.kinds import Choice, Text, Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"')
_PLACED = re.compile(rb'("(?:[^"\\]|\\.)*")(?=([ \t\r\n]*:)?)')  # a text, and whether it is a key
_KEYS = frozenset(name.encode() for event in REGISTRY.values() for name in event.fields()) | {b"type"}
_EXTRA = "extra"
_OF_PEOPLE = frozenset((b"remark", b"to", b"allowed_ips"))  # texts that say who somebody is, or where
_FIELDS = [(name.encode(), field) for event in REGISTRY.values() for name, field in event.fields().items()]
# a key -> the words that may stand there
_CHOICES = {b"type": frozenset(name.encode() for name in REGISTRY)}
for _name, _field in _FIELDS:
    if isinstance(_field, Choice):
        _words = frozenset(option.encode() for option in _field.options)
        _CHOICES[_name] = _CHOICES.get(_name, frozenset()) | _words
# keys under which all texts are words: a country, a model, a queue
_WORDS = frozenset(name for name, field in _FIELDS if type(field) in (Text, Texts)) - _OF_PEOPLE
# members of a decision, as its line and the books have it, that hold names; all others are words of the policy and of ours
NAMED = frozenset(("event_id", "account_id", "id", "of", "observed", "limit"))
OBSERVED = frozenset(("observed", "limit"))  # of them, those that may be a word as well
_NAMED = frozenset(name.encode() for name in NAMED)
_OBSERVED = frozenset(name.encode() for name in OBSERVED)
_REASON = b"reason"
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
    >>> renamed(b'{"ip_operator":"acme","account_id":"acme","extra":{"x":"acme"}}', {b"acme": b"~7aX"})
    b'{"ip_operator":"acme","account_id":"~7aX","extra":{"x":"~7aX"}}'
    """
    return _replaced(line, names, _words_of(line))


def renamed_decisions(
    lines: bytes, names: Mapping[bytes, bytes], words: Collection[bytes] = frozenset()
) -> bytes:
    """Return lines of decisions with other names, as `renamed` does; they stand in some members only.

    `words` are names that stand as words in the log (see `words_among`): they stay where either may have been observed. What is
    observed may be worded in the reason behind it.

    >>> renamed_decisions(b'{"observed":"a1","limit":3,"reason":"to a1"}', {b"a1": b"~7"})
    b'{"observed":"~7","limit":3,"reason":"to ~7"}'
    >>> renamed_decisions(b'{"account_id":"allow","verdict":"allow"}', {b"allow": b"~7aXx"})
    b'{"account_id":"~7aXx","verdict":"allow"}'
    """
    return b"\n".join(
        _renamed_decision(line, names, words) if might_mention(line, names) else line
        for line in lines.split(b"\n")
    )


def _renamed_decision(line: bytes, names: Mapping[bytes, bytes], words: Collection[bytes]) -> bytes:
    parts: list[bytes] = []
    observed: dict[str, str] = {}
    done = 0
    for key, text, start, end in _placed(line):
        new = names.get(text)
        if key == _REASON and observed:
            worded = within(text.decode(), observed)
            other, observed = json.dumps(worded, ensure_ascii=False).encode(), {}
        elif new is not None and key in _NAMED and not (key in _OBSERVED and text in words):
            other = b'"' + new + b'"'
            if key in _OBSERVED:  # they stand before the reason, which may word them
                observed[text.decode()] = new.decode()
        else:
            continue
        parts += [line[done:start], other, b" " * (end - start - len(other))]
        done = end
    return b"".join([*parts, line[done:]]) if parts else line


def within(sentence: str, names: Mapping[str, str]) -> str:
    """Return a sentence with other names where one stands by itself: `a1`, but not within `a10`.

    >>> within("a1 as a10", {"a1": "~7"})
    '~7 as a10'
    """
    return standing_alone(names).sub(lambda found: names[found[0]], sentence)


def standing_alone(names: Collection[str]) -> re.Pattern[str]:
    """Return what finds some names, at least one, where one stands by itself in a sentence."""
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{either})(?![\w-])")


def words_among(line: bytes, names: Collection[bytes]) -> set[bytes]:
    """Return those of `names` that stand as a word somewhere in an event."""
    is_word = _words_of(line)
    return {
        text
        for key, text, at, _ in _placed(line)
        if key is not None and text in names and is_word(key, text, at)
    }


def is_word(field: str, text: str) -> bool:
    """Return whether a text in a field of an event is a word, whoever is called so."""
    return _is_word(field.encode(), text.encode())


def _is_word(key: bytes, text: bytes) -> bool:
    return key in _WORDS or text in _CHOICES.get(key, ())


def _words_of(line: bytes) -> Callable[[bytes | None, bytes, int], bool]:
    """Return what tells whether a text of an event, at a place, is a word: of the key it stands under (None: it is a key)."""
    start, end = _extra_of(line)

    def tells(key: bytes | None, text: bytes, at: int) -> bool:
        if start <= at < end:
            return text in (_KEYS if key is None else _CHOICES.get(key, ()))
        return key is None or _is_word(key, text)

    return tells


def _extra_of(line: bytes) -> tuple[int, int]:
    """Return where the value of `extra` begins and ends, in bytes; nowhere where there is none."""
    if b"extra" not in line:
        return 0, 0
    text = line.decode()
    for key, start, end in _members(text):
        if key == _EXTRA:
            return len(text[:start].encode()), len(text[:end].encode())
    return 0, 0


def _replaced(
    line: bytes, names: Mapping[bytes, bytes], is_word: Callable[[bytes | None, bytes, int], bool]
) -> bytes:
    """Replace names but where `is_word` says, of what `_placed` yields, that it is none."""
    parts, done = [], 0
    for key, text, start, end in _placed(line):
        new = names.get(text)
        if new is not None and not is_word(key, text, start):
            parts += [line[done:start], b'"' + new + b'"' + b" " * (end - start - len(new) - 2)]
            done = end
    return b"".join([*parts, line[done:]]) if parts else line


def _placed(line: bytes) -> Iterator[tuple[bytes | None, bytes, int, int]]:
    """Yield the texts in lines of JSON: the key each stands under (None: it is a key), what it means, where it begins and ends."""
    under = b""
    for found in _PLACED.finditer(line):
        text = _text(found[1])
        if found[2] is None:
            yield under, text, found.start(1), found.end(1)
        else:
            under = text
            yield None, text, found.start(1), found.end(1)


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
    return b"\\" in payload or any(b'"%b"' % name in payload for name in names)


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
