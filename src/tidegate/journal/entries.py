"""What stands in the log: events, revisions of the policy, marks, and notes of what was lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate.errors import JournalError, ParameterError, PolicyError
from tidegate.events import EventBlock, decode_lines
from tidegate.events.json_columns import JsonColumns, LineDecoder
from tidegate.windows import COMPILED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate.policy import Policy
    from tidegate.policy.policy import Revision as Figure

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True)
class Revision:
    """A policy in force from an event time on: from the first event on that arrives when event time has reached `at`.

    `figures` are those that were revised, by name, `in_force` all of them: so it can be made again although the figures of the
    code have changed since. `by` is who put it in force: "start" where a process was started with it, else a name.
    `position` is the number of events before it in the log.
    """

    at: int
    name: str
    version: str
    digest: str
    figures: dict[str, Any]
    by: str = "start"
    position: int = 0
    note: dict[str, Any] = field(default_factory=dict)
    in_force: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, policy: Policy, at: int, *, by: str, position: int, note: dict[str, Any] | None = None
    ) -> Revision:
        """Return the revision that puts a policy in force."""
        figures = {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in policy.revisions.items()
        }
        given = (policy.name, policy.version, policy.digest, figures, by, position, note or {})
        return cls(at, *given, in_force=policy.figures())

    def policy(self, base: Policy) -> Policy:
        """Return the policy with the figures of this revision; raise JournalError where it is not the same policy."""
        plain = replace(base, revisions={})
        # the second takes long: it is worked out only where the first does not do
        for figures_of in (lambda: self.figures, lambda: self._other_figures(plain)):
            figures, revised = figures_of(), plain
            if figures:
                try:
                    revised = plain.revise(figures)
                except (
                    ParameterError,
                    PolicyError,
                ):  # the code does not know it any more, or within other bounds
                    continue
            if (revised.name, revised.version, revised.digest) == (self.name, self.version, self.digest):
                return revised
        raise JournalError(
            f"from event {self.position:,} on the log was judged by policy `{self.name} {self.version}` with figures"
            f" {self.digest[:15]}; this is `{plain.name} {plain.version}`, which cannot have them",
            hint="name that policy; or judge the events by this one, as those of a file: `tidegate replay DIR`",
        )

    def _other_figures(self, plain: Policy) -> dict[str, Figure]:
        """Return the figures in force that are not the policy's own."""
        own = plain.figures()
        return {name: value for name, value in self.in_force.items() if own.get(name) != value}

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "at": self.at,
            "name": self.name,
            "version": self.version,
            "digest": self.digest,
            "figures": self.figures,
            "by": self.by,
            "position": self.position,
            "note": self.note,
            "in_force": self.in_force,
        }


@dataclass(frozen=True)
class Mark:
    """A note in the log that changes no decision, such as a verdict answered before the decision was there."""

    name: str
    data: dict[str, Any]
    position: int = 0


@dataclass(frozen=True)
class Lost:
    """Events `position` to `position + count` could not be read any more and were given up, for the reason said."""

    position: int
    count: int
    why: str

    @property
    def end(self) -> int:
        """The position of the last of them."""
        return self.position + self.count


@dataclass(frozen=True)
class Events:
    """Events of the log; `position` is the number of the first one."""

    position: int
    block: EventBlock

    @property
    def end(self) -> int:
        """The position of the last one."""
        return self.position + len(self.block)


Entry = Events | Revision | Mark | Lost


def encode(data: object) -> bytes:
    """Return plain data as JSON."""
    return _encoder.encode(data)


def ndjson(block: EventBlock) -> bytes:
    """Return the events as lines, each with its line end; as they came in where they came as lines."""
    columns = block.columns
    if isinstance(columns, JsonColumns) and not len(block.single):
        spans = columns.spans[block.rows]
        if not len(spans):
            return b""
        start, end = int(spans[0, 0]), int(spans[-1, 1])
        whole = columns.text[start:end]
        together = bool((np.diff(block.rows) == 1).all()) and whole.count(b"\n") == len(spans) - 1
        if together:
            return whole + b"\n"
        return b"".join([columns.text[a:b] + b"\n" for a, b in spans.tolist()])
    return _encoder.encode_lines(list(block.records))


class EventReader:
    """Reads events back from the lines of the log."""

    def __init__(self) -> None:
        self._decoder = LineDecoder() if COMPILED else None

    def blocks(self, text: bytes, count: int, position: int) -> Iterator[Events]:
        """Yield the events of a frame; raise JournalError where they cannot be read or are not as many as it says."""
        block = self._block(text, count)
        if block is None:
            raise JournalError(
                f"the frame of event {position:,} holds something else than its {count} events",
                hint="the log was written by another version: read it with that",
            )
        yield Events(position, block)

    def _block(self, text: bytes, count: int) -> EventBlock | None:
        if not text.endswith(b"\n"):
            return None
        if self._decoder is None:
            decoded, end = decode_lines(text.split(b"\n")[:-1]), len(text)
        else:
            decoded, end, _ = self._decoder.decode(text, 0, rows=max(count, 1), file="", first_line=1)
        whole = len(decoded.block) == count and not decoded.rejected and end == len(text)
        return decoded.block if whole else None
