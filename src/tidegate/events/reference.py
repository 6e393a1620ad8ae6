"""The reference page of events, made from their declarations.

python -m tidegate.events.reference > docs/reference/events.md
"""

from __future__ import annotations

import sys

from tidegate.events.event import REQUIRED, Event
from tidegate.events.field import Field
from tidegate.events.json_text import LINE_BYTES_MAX
from tidegate.events.kinds.lists import ITEMS_MAX
from tidegate.events.kinds.maps import DEPTH_MAX, ENTRIES_MAX
from tidegate.events.kinds.words import EVENT_ID_CHARS_MAX, ID_CHARS_MAX, TEXT_CHARS_MAX
from tidegate.events.registry import REGISTRY
from tidegate.events.wording import counted

_INTRODUCTION = f"""\
# Events

One JSON object per event, one event per line; in Parquet and Arrow files the same fields are columns.

    {{"event_id": "e-000017", "type": "message_sent", "ts": "2026-03-02T09:30:00.250Z", "account_id": "a1",
     "recipient_id": "b7", "is_forward": false, "link_hashes": []}}

`event_id`, `type` and `ts` are required. Any other field may be missing, which means *not known*; `null` means *known: none on
record*. In a column a null means that the field is missing. A field that is not listed here is refused; facts of your own go
into the object `extra`.

| kind | what is accepted |
|---|---|
| text | up to {counted(TEXT_CHARS_MAX)} characters |
| id | 1 to {ID_CHARS_MAX} characters (`event_id`: {EVENT_ID_CHARS_MAX}), none of them a control character |
| choice | one of the words listed |
| fingerprint | a 64-bit SimHash as 16 hex digits |
| true/false | `true` or `false` |
| integer | a whole number within the bounds, at most 2^53, written without point and exponent |
| number | a finite number within the bounds |
| decimal | kept exactly, at most 38 digits: a number, or a text such as `"12.50"` |
| moment | RFC 3339 with an offset, up to nine digits of a second, or whole milliseconds since the Unix epoch (where the unit is \
us: microseconds); 1970 to 2109 |
| date | `YYYY-MM-DD` |
| list | up to {counted(ITEMS_MAX)} values, none of them `null` |
| map | an object with up to {counted(ENTRIES_MAX)} entries, none of them `null` |
| object | an object of any content, at most {DEPTH_MAX} levels deep |

A line has at most {counted(LINE_BYTES_MAX)} bytes of UTF-8. A name may stand once in an object.
"""


def reference() -> str:
    """Return the page as Markdown."""
    shared = [(name, field) for name, field in Event.fields().items() if name != "extra"]
    parts = [_INTRODUCTION, "## On every event\n", _table([*shared, ("extra", Event.extra)])]
    for event in REGISTRY.values():
        parts += [f"## `{event.type_name}`\n", f"{event.about()}\n"]
        if event.declared:
            parts.append(_table([(name, event.fields()[name]) for name in event.declared]))
    return "\n".join(parts)


def _table(fields: list[tuple[str, Field]]) -> str:
    lines = ["| field | kind | unit | |", "|---|---|---|---|"]
    lines += [
        f"| `{name}` | {_kind(name, field)} | {_cell(field.unit)} | {_cell(field.about)} |"
        for name, field in fields
    ]
    return "\n".join(lines) + "\n"


def _kind(name: str, field: Field) -> str:
    kind = f"{field.shape}, required" if name in REQUIRED else field.shape
    if field.entity:
        kind = f"{kind} ({field.entity.replace('_', ' ')})"
    if field.options:
        return ", ".join(f"`{option}`" for option in field.options)
    schema = field.json_schema()
    low, high = schema.get("minimum"), schema.get("maximum")
    bounds = [f"from {low}" if low is not None else "", f"to {high}" if high not in (None, 2**53) else ""]
    return " ".join([kind, *filter(None, bounds)])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(reference())
