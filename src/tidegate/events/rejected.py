"""An input line that was not accepted, with the reason."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.errors import TidegateError

INPUT_CHARS_MAX = 1000  # of the original text; enough to find and repair it


@dataclass(frozen=True, slots=True)
class Rejected:
    """One line (or row) that was not accepted.

    `line` counts from 1; rows of columnar files count likewise. `input` is the original text, cut to 1000 characters,
    with undecodable bytes escaped.
    """

    file: str
    line: int
    error: TidegateError
    input: str

    def to_record(self) -> dict[str, object]:
        """Return it as a line of `rejected.ndjson`."""
        return {"file": self.file, "line": self.line, "error": str(self.error), "input": self.input}


def place_of(file: str, line: int) -> str:
    """Return the place of a line for a message: `events.ndjson:17`, or `line 17` where there is no file."""
    return f"{file}:{line}" if file else f"line {line}"


def shown_input(line: bytes) -> str:
    """Return the text of a line for the record of its rejection."""
    return line[: 4 * INPUT_CHARS_MAX].decode("utf-8", "backslashreplace")[:INPUT_CHARS_MAX]
