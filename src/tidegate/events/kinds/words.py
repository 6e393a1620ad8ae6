"""Fields that hold one text: free texts, ids, choices, fingerprints."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from tidegate.events.field import Complaint, Field
from tidegate.events.suggestions import nearest
from tidegate.events.wording import counted, named, quoted
from tidegate.expr.node import Kind

ID_CHARS_MAX = 256
EVENT_ID_CHARS_MAX = 128
TEXT_CHARS_MAX = 4096  # names, causes, hashes: no message text is ever stored
CONTROL = re.compile(r"[\x00-\x1f]")


class Text(Field):
    """A short text without further meaning to the engine: equal or not equal."""

    shape: ClassVar[str] = "text"
    kind = Kind.SYMBOL
    chars_min: ClassVar[int] = 0
    chars_max: ClassVar[int] = TEXT_CHARS_MAX

    def accepts(self) -> Any:
        return Annotated[str, Meta(min_length=self.chars_min, max_length=self.chars_max)]

    def complaint(self, value: object) -> Complaint | None:
        if not isinstance(value, str):
            hint = "write it in quotes" if isinstance(value, int | float) else "write a text in quotes"
            return Complaint(f"expected {self._article}, not {named(value)}", hint)
        if len(value) > self.chars_max:
            return Complaint(
                f"{counted(len(value))} characters are too many",
                f"at most {counted(self.chars_max)} are accepted",
            )
        return None

    def json_schema(self) -> dict[str, object]:
        bounds = {"minLength": self.chars_min} if self.chars_min else {}
        return {"type": "string", **bounds, "maxLength": self.chars_max}

    _article: ClassVar[str] = "a text"


class Id(Text):
    """An identifier: 1 to 256 characters, none of them a control character."""

    shape: ClassVar[str] = "id"
    chars_min: ClassVar[int] = 1
    chars_max: ClassVar[int] = ID_CHARS_MAX
    _article: ClassVar[str] = "an id as text"

    def complaint(self, value: object) -> Complaint | None:
        if value == "":
            return Complaint(
                "the id is empty", "leave the field out where it is not known, or write null for none"
            )
        if isinstance(value, str) and CONTROL.search(value):
            return Complaint(f"the id {quoted(value)} has a control character", "ids are printable text")
        return super().complaint(value)

    def json_schema(self) -> dict[str, object]:
        return {**super().json_schema(), "pattern": "^[^\\u0000-\\u001f]*$"}

    def ids(self, value: Any) -> tuple[str, ...]:
        return (value,)


class EventId(Id):
    """The id of the event itself: 1 to 128 characters."""

    chars_max: ClassVar[int] = EVENT_ID_CHARS_MAX


class Ref(Id):
    """The id of an entity that the engine keeps state for, such as an account."""

    def __init__(self, entity: str, about: str, *, unit: str = "") -> None:
        super().__init__(about, unit=unit, entity=entity)


class Choice(Field):
    """One of a few words."""

    shape: ClassVar[str] = "choice"
    kind = Kind.SYMBOL

    def __init__(self, *options: str, about: str) -> None:
        super().__init__(about, options=options)

    def accepts(self) -> Any:
        return Literal[self.options]

    def complaint(self, value: object) -> Complaint | None:
        if isinstance(value, str) and value in self.options:
            return None
        listed = ", ".join(f"`{option}`" for option in self.options)
        meant = nearest(value, self.options) if isinstance(value, str) else None
        hint = f"did you mean `{meant}`? allowed: {listed}" if meant else f"allowed: {listed}"
        return Complaint(f"{named(value)} is not one of the choices", hint)

    def json_schema(self) -> dict[str, object]:
        return {"enum": list(self.options)}


class Fingerprint(Field):
    """A 64-bit similarity hash (SimHash) as 16 hex digits; similarity of two = 1 - Hamming distance / 64."""

    shape: ClassVar[str] = "fingerprint"
    kind = Kind.SYMBOL
    settles: ClassVar[bool] = True
    digits: ClassVar[int] = 16

    def __init__(self, about: str, *, unit: str = "") -> None:
        super().__init__(about, unit=unit)
        self.domain = "fingerprint"  # a space of their own: words are kept for good, these come and go

    def accepts(self) -> Any:
        return Annotated[str, Meta(min_length=self.digits, max_length=self.digits)]

    def complaint(self, value: object) -> Complaint | None:
        hint = "write the 64-bit SimHash as 16 hex digits, such as `00ff13a27be09c44`"
        if not isinstance(value, str):
            return Complaint(f"expected a fingerprint, not {named(value)}", hint)
        if not _HEX.fullmatch(value):
            return Complaint(f"{quoted(value)} is not a fingerprint", hint)
        return None

    def all_settled(self, values: list[Any]) -> bool:
        return _HEX_DIGITS.fullmatch("".join(values)) is not None  # all are of one length already

    def settle(self, value: Any) -> Any:
        if not (value.isascii() and value.isalnum()):  # `int` would take signs, spaces and underscores too
            raise ValueError(value)
        int(value, 16)
        return value

    def json_schema(self) -> dict[str, object]:
        return {"type": "string", "pattern": "^[0-9a-fA-F]{16}$"}


_HEX_DIGITS = re.compile(r"[0-9a-fA-F]*", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{16}", re.ASCII)
