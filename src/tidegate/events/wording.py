"""How a value from an event is shown in a message: short, printable, never as a Python type."""

import json

SHOWN_CHARS_MAX = 60  # enough to recognise a value, too short to fill a log with an attacker's text


def quoted(text: str) -> str:
    r"""Return the text in backticks, cut to a readable length, control characters escaped.

    >>> quoted("a\nb")
    '`a\\nb`'
    """
    cut = text if len(text) <= SHOWN_CHARS_MAX else text[:SHOWN_CHARS_MAX] + "..."
    return "`" + "".join(c if c.isprintable() else _escaped(c) for c in cut) + "`"


def named(value: object) -> str:
    """Return what a JSON value is, with the value where it is short.

    >>> named("yes"), named(3.5), named(True), named([1])
    ('the text `yes`', 'the number `3.5`', '`true`', 'a list')
    """
    match value:
        case None:
            return "`null`"
        case bool():
            return "`true`" if value else "`false`"
        case int() | float():
            return f"the number {quoted(_digits(value))}"
        case str():
            return f"the text {quoted(value)}" if value else "an empty text"
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case bytes():
            return "binary data"
        case _:
            return quoted(str(value))


def counted(number: int) -> str:
    """Return the number with its thousands apart: `1,048,576`."""
    return f"{number:,}"


def _digits(value: float) -> str:
    if isinstance(value, int) and value.bit_length() > 256:  # noqa: PLR2004  printing it would cost quadratic time
        return "..."
    return str(getattr(value, "text", value))  # as it was written, where that is known


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if character.isascii() else f"\\u{ord(character):04x}"
