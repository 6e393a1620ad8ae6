"""Forgetting an account: another name in the log, the decisions and the memory, and for what only it was seen with.

Names are as long as those they replace. So decisions keep their places, and checkpoints and indexes stay right. The order
matters, for a process may die in between: first the memory and a checkpoint of it, behind which recovery need not look;
then, one file at a time, what lies before it. An erasure that was interrupted is done again with the same names.

What only the account was seen with (address, number, device) goes by another name as well; what others were seen with stays:
it is theirs too. `extra` of its own events is emptied. Decisions stay what they were, about a name that says nothing.
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate.engine.decision import Decision
from tidegate.engine.names import WORDS
from tidegate.errors import JournalError, UsageError
from tidegate.events.texts import LENGTH_BITS
from tidegate.journal.decision_log import HAPPENED, LINES, frames_of
from tidegate.journal.folder import alone, write_whole
from tidegate.journal.frame import Frame, Kind, read_frame
from tidegate.journal.other_names import (
    NAMED,
    OBSERVED,
    emptied,
    is_word,
    mentions,
    might_mention,
    renamed,
    renamed_decisions,
    within,
    words_among,
)
from tidegate.journal.repair import DAMAGED
from tidegate.journal.segments import segments
from tidegate.signals.number_countries import nameless

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from tidegate.engine import Engine
    from tidegate.engine.names import Names
    from tidegate.journal.folder import DataFolder
    from tidegate.journal.frame import Cipher

# members of an event that say who somebody is, beside the account itself
PERSONAL = (
    "ip", "number", "device_id", "imei_hash", "board_serial_hash", "known_devices", "known_networks", "to", "remark",
)  # fmt: skip
_EXTRA = "extra"
_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_CANDIDATES = 64
_SHORT = 10  # bytes; shorter names may be in use already
_LENGTH_MASK = (1 << LENGTH_BITS) - 1
_happened = msgspec.msgpack.Decoder(list[tuple[int, Decision]])


@dataclass(frozen=True)
class Forgotten:
    """What was done: events of the account, frames written anew; `names` says what stands for what."""

    names: dict[str, str]
    events: int = 0
    frames: dict[str, int] = field(default_factory=dict)  # by kind of file

    def data(self) -> dict[str, Any]:
        """Return it as plain data, without the names that were replaced."""
        return {"names_replaced": len(self.names), "events": self.events, "frames": self.frames}


def names_for(
    folder: DataFolder, cipher: Cipher | None, account_id: str, pseudonym: str = "", also: Iterable[str] = ()
) -> tuple[dict[str, str], int]:
    """Return other names for an account and what only it was seen with, and the number of its events.

    `also` are names that books know it by, of which those count that no event of others has. Raise JournalError where the log
    cannot be read, UsageError where no name so short is free.
    """
    own, events = own_names(folder, cipher, account_id, also)
    names = {account_id: pseudonym} if pseudonym else {}
    for name in sorted({account_id, *own} - set(names)):
        names[name] = _free_name(folder, cipher, name, set(names.values()))
    return names, events


def own_names(
    folder: DataFolder, cipher: Cipher | None, account_id: str, also: Iterable[str] = ()
) -> tuple[set[str], int]:
    """Return what only an account was seen with (see `names_for`), and the number of its events. Raise JournalError."""
    own = set(also)
    events = 0
    for line in _lines_with(folder, cipher, {account_id.encode(): b""}):
        event = json.loads(line)
        if event.get("account_id") == account_id:
            events += 1
            own.update(_personal(event))
    own.discard(account_id)
    for line in (
        _lines_with(folder, cipher, dict.fromkeys([name.encode() for name in own], b"")) if own else ()
    ):
        event = json.loads(line)
        if event.get("account_id") != account_id:
            own.difference_update(_texts(event))
    return own, events


def words_of(
    folder: DataFolder, cipher: Cipher | None, names: Collection[str], *, since: int = 0
) -> frozenset[str]:
    """Return those of some names that stand in the log as a word, such as an operator: a word stays what it is. Raise JournalError.

    Segments before that with the serial `since` are left out, and the newest one, as it is still being written.
    """
    wanted = dict.fromkeys([name.encode() for name in names], b"")
    found: set[bytes] = set()
    for line in _lines_with(folder, cipher, wanted, since):
        found |= words_among(line, wanted.keys())
        if len(found) == len(wanted):  # the log may be long
            break
    return frozenset(word.decode() for word in found)


def rename_in_memory(engine: Engine, names: Mapping[str, str], words: Collection[str] = ()) -> None:
    """Give the names in an engine's memory other ones; what lies in its free room goes as well.

    A name that is not there, or has been replaced already, changes nothing. Words of the policy, and `words`, stay words.
    """
    _rename_interned(engine.plan.names, names, words)
    fields = {site: deadline.carry for deadline, site in engine.plan.deadlines}
    timers = engine.timers.state()  # deadlines to come carry what their decisions will name
    for entry in timers["heap"]:
        _, _, site, carried, armed_by = entry
        entry[3] = [
            one
            if one is None or (isinstance(one[0], str) and is_word(field.name, one[0]))
            else _walked(one, names)
            for field, one in zip(fields[site], carried, strict=True)
        ]
        entry[4] = names.get(armed_by, armed_by)
    engine.timers.restore(timers)


def _rename_interned(memory: Names, names: Mapping[str, str], words: Collection[str]) -> None:
    for domain, space in memory.spaces.items():
        kept = memory.pinned.get(domain, set())
        state = space.state()
        arena, place = state["arena"], state["place"]
        alive = place[place >= 0]
        edges = np.zeros(len(arena) + 1, np.int64)
        np.add.at(edges, alive >> LENGTH_BITS, 1)
        np.add.at(edges, (alive >> LENGTH_BITS) + (alive & _LENGTH_MASK), -1)
        arena[np.cumsum(edges[:-1]) == 0] = 0
        for old, new in names.items():
            number = space.get(old)
            if number in kept or (domain == WORDS and old in words):
                continue
            if number >= 0 and space.get(new) < 0:
                start = int(place[number]) >> LENGTH_BITS
                raw = np.frombuffer(new.encode(), np.uint8)
                arena[start : start + len(raw)] = raw
        space.restore(state)


def rewrite(
    folder: DataFolder,
    cipher: Cipher | None,
    names: Mapping[str, str],
    account_id: str,
    words: Collection[str] = (),
) -> dict[str, int]:
    """Write other names into all files but those of the newest segment; return how many frames were changed, by kind of file.

    `words` are names that stay where they may be words. What was given up as damaged goes: who is in it cannot be told.
    """
    kept = frozenset(word.encode() for word in words)
    for path in folder.journal.glob(f"*{DAMAGED}*"):
        path.unlink()
    raw = {old.encode(): new.encode() for old, new in names.items()}
    changed = {"events": 0, "decisions": 0, "happened": 0}
    for segment in segments(folder.journal)[:-1]:
        beside = folder.decisions / segment.path.stem
        with alone(folder.journal):
            changed["events"] += _rewrite_file(
                segment.path, cipher, Kind.EVENTS, lambda payload: _events(payload, raw, account_id)
            )
            changed["decisions"] += _rewrite_file(
                beside.with_suffix(LINES), cipher, Kind.DECISIONS, lambda payload: _lines(payload, raw, kept)
            )
            changed["happened"] += _rewrite_file(
                beside.with_suffix(HAPPENED),
                cipher,
                Kind.HAPPENED,
                lambda payload: _decisions(payload, names, words),
            )
    return changed


# files ---------------------------------------------------------------------------------------------------------------
def _rewrite_file(path: Path, cipher: Cipher | None, kind: Kind, change: Callable[[bytes], bytes]) -> int:
    """Write a file anew where frames of a kind change; one of decisions stays as long as it is. Return how many did."""
    if not path.exists():  # gone with the retention
        return 0
    data = path.read_bytes()
    parts: list[bytes] = []
    count = offset = 0
    while (frame := read_frame(data, offset)) is not None:
        if not isinstance(frame, Frame):
            raise JournalError(f"cannot be read: {frame.why}", place=f"{path.name}, byte {offset:,}")
        part = data[offset : frame.end]
        if frame.kind is kind:
            payload = frame.payload(cipher)
            other = change(payload)
            if other != payload:
                assert len(other) == len(payload), "names are as long as those they replace"
                count += 1
                part = frame.holding(other, cipher)
                assert kind is Kind.EVENTS or len(part) == frame.end - offset, (
                    "frames of decisions keep their places"
                )
        parts.append(part)
        offset = frame.end
    if count:
        write_whole(path, parts)
    return count


def _lines_with(
    folder: DataFolder, cipher: Cipher | None, names: Mapping[bytes, bytes], since: int = 0
) -> Iterator[bytes]:
    """Yield the events of the log that mention one of the names; those of the newest segment are still being written."""
    for segment in segments(folder.journal)[:-1]:
        if segment.serial < since:
            continue
        with suppress(FileNotFoundError):  # gone with the retention meanwhile
            yield from _lines_of(segment.path, cipher, names)


def _lines_of(path: Path, cipher: Cipher | None, names: Mapping[bytes, bytes]) -> Iterator[bytes]:
    for frame in frames_of(path):
        if frame.kind is not Kind.EVENTS:
            continue
        payload = frame.payload(cipher)
        if might_mention(payload, names):
            yield from (
                line for line in payload.split(b"\n") if might_mention(line, names) and mentions(line, names)
            )


# payloads ------------------------------------------------------------------------------------------------------------
def _events(payload: bytes, names: Mapping[bytes, bytes], account_id: str) -> bytes:
    if not might_mention(payload, names):
        return payload
    other = []
    for line in payload.split(b"\n"):
        changed = line
        if might_mention(line, names) and mentions(line, names):
            mine = json.loads(line).get("account_id") in (account_id, names[account_id.encode()].decode())
            changed = renamed(emptied(line, _EXTRA) if mine else line, names)
        other.append(changed)
    return b"\n".join(other)


def _lines(payload: bytes, names: Mapping[bytes, bytes], words: Collection[bytes]) -> bytes:
    return renamed_decisions(payload, names, words) if might_mention(payload, names) else payload


def _decisions(payload: bytes, names: Mapping[str, str], words: Collection[str]) -> bytes:
    if not any(name.encode() in payload for name in names):
        return payload
    other = msgspec.msgpack.encode(_decided(msgspec.msgpack.decode(payload), names, words))
    _happened.decode(other)
    return other


def _decided(value: Any, names: Mapping[str, str], words: Collection[str], key: str = "") -> Any:  # noqa: ANN401  what was packed
    """Return decisions with other names in the members that hold names; `key` is the one that a value stands under."""
    if isinstance(value, str):
        return value if key not in NAMED or (key in OBSERVED and value in words) else names.get(value, value)
    if isinstance(value, list):
        return [_decided(one, names, words, key) for one in value]
    if isinstance(value, dict):
        other = {name: _decided(one, names, words, name) for name, one in value.items()}
        observed = {
            value[name]: other[name] for name in OBSERVED & value.keys() if other[name] != value[name]
        }
        if observed and "reason" in other:
            other["reason"] = within(other["reason"], observed)
        return other
    return value


def _walked(value: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401  whatever was packed
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_walked(one, names) for one in value]
    if isinstance(value, dict):
        return {_walked(key, names): _walked(one, names) for key, one in value.items()}
    return value


def _personal(event: Mapping[str, Any]) -> Iterator[str]:
    for member in PERSONAL:
        value = event.get(member)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and one:
                yield one


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401  JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _texts(one)


def _free_name(folder: DataFolder, cipher: Cipher | None, old: str, taken: set[str]) -> str:
    """Return a name as long as an old one that nobody has; of a number it says the country. Raise UsageError where none is free."""
    size, begin = len(old.encode()), nameless(old)
    left = range(size - len(begin))
    made = {begin + "".join(secrets.choice(_ALPHABET) for _ in left) for _ in range(_CANDIDATES)} - taken
    if len(left) + 1 < _SHORT:
        used = dict.fromkeys([name.encode() for name in made], b"")
        for line in _lines_with(folder, cipher, used):
            made -= set(_texts(json.loads(line)))
    if not made:
        raise UsageError(
            f"no other name of {size} bytes is free", hint="ids of accounts had better be longer"
        )
    return min(made)
