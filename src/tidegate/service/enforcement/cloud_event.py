"""An announcement in its envelope: CloudEvents 1.0, structured, JSON.

`id` is made from the measure and the place of its change in the journal: whoever gets one twice sees that it is the same.
`sequence` is the number to go on from with the pull cursor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from tidegate.windows.timestamps import format_rfc3339

Kind = Literal["opened", "changed", "lifted", "ended"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TYPE = "tidegate.measure."
MEDIA_TYPE = "application/cloudevents+json"
SEQUENCE_DIGITS = 20  # so that texts sort as numbers do


@dataclass(frozen=True)
class Announcement:
    """A measure was opened, changed (prolonged, shortened, confirmed), lifted by somebody, or ended by its time.

    `ts` is event time in ms; `position` and `ordinal` its place in the journal (an end: its time, and -1).
    """

    seq: int
    measure_id: str
    account_id: str | None
    kind: Kind
    ts: int
    data: dict[str, Any]
    position: int
    ordinal: int

    def event(self, source: str) -> dict[str, Any]:
        """Return it in its envelope."""
        subject = {} if self.account_id is None else {"subject": self.account_id}
        return {
            "specversion": "1.0",
            "id": f"{self.measure_id}.{self.position}.{self.ordinal}",
            "source": source,
            "type": TYPE + self.kind,
            **subject,
            "time": format_rfc3339(self.ts),
            "datacontenttype": "application/json",
            "sequence": f"{self.seq:0{SEQUENCE_DIGITS}}",
            "data": self.data,
        }
