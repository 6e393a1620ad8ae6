"""Work for the judging thread: a batch of events on its way from a request to its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tidegate.errors import TidegateError
    from tidegate.events import Decoded

SLICE_BYTES = (
    256 * 1024
)  # of a large batch that are judged at a time, so that single events get through between

# per event, in order: its decision's line, what was wrong with it, or None for a blank line
Outcomes = list["bytes | TidegateError | None"]


@dataclass(slots=True, eq=False)
class Work:
    """Events as lines of JSON (`text`, each with its line feed), or decoded already (`decoded`, of `events` rows).

    `finish` is called once, on the loop, with the work; its `outcomes` are complete then, unless it `failed` as a whole or the
    deadline passed (`late`). `due` is a time of the loop's clock. `key` is who sent it.
    """

    text: bytes
    events: int
    finish: Callable[[Work], None]
    due: float = float("inf")
    begun: float = 0.0
    key: str = ""
    decoded: list[Decoded] | None = None
    outcomes: Outcomes = field(default_factory=list)
    failed: Exception | None = None
    late: bool = False
    answered: Outcomes | None = None  # those that were complete when the deadline passed
    cursor: int = 0

    @property
    def nbytes(self) -> int:
        """Bytes that it holds, about."""
        return len(self.text) or 256 * self.events

    @property
    def complete(self) -> bool:
        """Whether all of it was judged."""
        return self.cursor >= (len(self.text) if self.decoded is None else len(self.decoded))

    def next_slice(self) -> bytes:
        """Return the next lines to judge, about SLICE_BYTES of them, and move on behind them."""
        start, text = self.cursor, self.text
        if len(text) - start <= SLICE_BYTES:
            self.cursor = len(text)
            return text[start:] if start else text
        end = text.rfind(b"\n", start, start + SLICE_BYTES) + 1
        if end <= start:
            end = text.find(b"\n", start) + 1
        self.cursor = end
        return text[start:end]


@dataclass(slots=True)
class Call:
    """Something to do with the engine between two batches; `done` is called on the loop with the result or the error."""

    function: Callable[[Any], Any]
    done: Callable[[Any, Exception | None], None]
