"""The server's log: one JSON object a line, to standard error. Nothing in it names a person.

What is written are words of ours, numbers, names of rules and types of errors. The text of an exception is left out, as
are the values in its frames: they may quote an event. Where it happened is said by file and line.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from types import TracebackType
    from typing import TextIO

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_FRAMES_MAX = 20
_QUIET = (
    "uvicorn.error",
    "asyncio",
    "alembic",
    "httpx",
    "httpcore",
)  # told at warnings only: not written by us


class JsonLines(logging.Formatter):
    """Writes records as JSON: `at`, `level`, `logger`, `message`, what was given as `extra`, and of errors where."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        data: dict[str, Any] = {
            "at": format_rfc3339(int(record.created * 1000)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if record.name.startswith("tidegate") else _theirs(record),
        }
        data |= {name: value for name, value in vars(record).items() if name not in _USUAL}
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            data |= {"error": kind.__name__, "where": _frames(trace)}
        return msgspec.json.encode(data, enc_hook=str).decode()


def set_up(level: str, stream: TextIO | None = None) -> None:
    """Send the log of this process to a stream (standard error), from a level on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def _theirs(record: logging.LogRecord) -> str:
    """Return the message of another package as it was written, without what was put into it."""
    return str(record.msg).partition("\n")[0]


def _frames(trace: TracebackType | None) -> list[str]:
    found = traceback.extract_tb(trace)[-_FRAMES_MAX:]
    return [f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}" for frame in found]
