"""The event types as the arrays that the reader of JSON lines works by."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.events.field import Field
from tidegate.events.instant import MS_END
from tidegate.events.kinds import Choice, Fingerprint, Flag, Integer, Moment, Real, Reals, Refs, Text, Texts
from tidegate.events.kinds.lists import ITEMS_MAX
from tidegate.events.registry import BY_CODE, TYPE_CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

OTHER, FLAG, WHOLE, REAL, TEXT, CHOICE, HEX16, MOMENT, TEXTS, NUMBERS = range(
    10
)  # as in `windows.json_lines`
_NO_BOUND = np.inf


@cache
def slots() -> tuple[dict[str, int], ...]:
    """Return, per event type code, the place of each field among the cells of an event: `event_id` and `ts` first."""
    return tuple({name: slot for slot, name in enumerate(event.fields())} for event in BY_CODE)


@cache
def envelope_slots(name: str) -> NDArray[np.int64]:
    """Return, per event type code, the place of a field that events of every type may have."""
    return np.array([own[name] for own in slots()], np.int64)


@cache
def kinds() -> tuple[dict[str, int], ...]:
    """Return, per event type code, the kind of each field's cell."""
    return tuple({name: _kind(field) for name, field in event.fields().items()} for event in BY_CODE)


@cache
def line_schema() -> dict[str, Any]:
    """Return the schema for `JsonLines`, which does not write to it."""
    names = {name for event in BY_CODE for name in event.fields()}
    options = {o for e in BY_CODE for f in e.fields().values() if isinstance(f, Choice) for o in f.options}
    words = sorted(names | set(TYPE_CODES) | options | {"type"})
    number = {word: n for n, word in enumerate(words)}
    lengths = [len(word.encode()) for word in words]
    return {
        "words": np.frombuffer("".join(words).encode(), np.uint8).copy(),
        "word_at": np.cumsum([0, *lengths[:-1]]).astype(np.int32),
        "word_length": np.array(lengths, np.int32),
        "table": _table(words),
        "type_word": number["type"],
        "code_of": np.array([TYPE_CODES.get(word, -1) for word in words], np.int32),
        "slot_of": np.array([[own.get(word, -1) for word in words] for own in slots()], np.int32),
        **_fields(number),
    }


def _table(words: Iterable[str]) -> np.ndarray:
    """Return an open addressing table of FNV-1a hashes: word + 1 in its place."""
    table = np.zeros(4096, np.int32)
    for number, word in enumerate(words):
        h = 2166136261
        for byte in word.encode():
            h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
        h ^= h >> 15
        while table[h & 4095]:
            h += 1
        table[h & 4095] = number + 1
    return table


def _fields(number: dict[str, int]) -> dict[str, np.ndarray]:
    """Return what each field of each type takes."""
    shape = (len(BY_CODE), max(len(event.fields()) for event in BY_CODE))
    made: dict[str, np.ndarray] = {
        "n_fields": np.array([len(event.fields()) for event in BY_CODE], np.int32),
        "kind": np.zeros(shape, np.int32),
        "least": np.zeros(shape, np.int64),
        "most": np.zeros(shape, np.int64),
        "low": np.full(shape, -_NO_BOUND),
        "high": np.full(shape, _NO_BOUND),
        "option_at": np.zeros(shape, np.int32),
        "option_count": np.zeros(shape, np.int32),
        "blank": np.full(shape, -1, np.int64),
    }
    options: list[int] = []
    for code, event in enumerate(BY_CODE):
        for slot, field in enumerate(event.fields().values()):
            at = (code, slot)
            made["kind"][at] = kind = _kind(field)
            if kind in (FLAG, WHOLE, REAL, MOMENT):
                made["blank"][at] = np.array(np.nan).view(np.int64)
            if isinstance(field, Choice):
                made["option_at"][at], made["option_count"][at] = len(options), len(field.options)
                options += [number[option] for option in field.options]
            for name, bound in _bounds(field).items():
                made[name][at] = bound
    return {**made, "options": np.array(options, np.int32)}


def _kind(field: Field) -> int:
    """Return the kind of a field; OTHER where its values need the patient way."""
    kinds: tuple[tuple[type[Field], int], ...] = (
        (Flag, FLAG),
        (Integer, WHOLE),
        (Real, REAL),
        (Text, TEXT),
        (Choice, CHOICE),
        (Fingerprint, HEX16),
        (Moment, MOMENT),
        (Texts, TEXTS),
        (Refs, TEXTS),
        (Reals, NUMBERS),
    )
    return next((kind for made, kind in kinds if isinstance(field, made)), OTHER)


def _bounds(field: Field) -> dict[str, float]:
    match field:
        case Integer():
            assert field.low is not None
            assert field.high is not None
            return {"least": int(field.low), "most": int(field.high)}
        case Real():
            return _range(field)
        case Text():
            return {"least": field.chars_min, "most": field.chars_max}
        case Moment():
            return {"least": 0, "most": MS_END * 10**field.digits // 1000 - 1, "high": field.digits}
        case Texts() | Refs():
            assert isinstance(field.member, Text)
            return {"least": field.member.chars_min, "most": field.member.chars_max}
        case Reals():
            assert isinstance(field.member, Real)
            fixed = field.length
            return {
                **_range(field.member),
                "least": fixed or 0,
                "most": ITEMS_MAX if fixed is None else fixed,
            }
        case _:
            return {}


def _range(field: Real) -> dict[str, float]:
    low = {} if field.low is None else {"low": field.low}
    return low if field.high is None else {**low, "high": field.high}
