"""Accounts out of the results of a screening: by tier, risk type, label, and whether everything about them was known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tidegate.errors import FileError, UsageError
from tidegate.events.suggestions import nearest
from tidegate.screening.modes import RISKS
from tidegate.screening.tiers import TIERS


class Result(msgspec.Struct):
    """A line of result.ndjson, as far as lists need it."""

    number: str
    tier: str
    score: float
    risk_types: list[str]
    labels: list[str]
    checks: list[dict[str, Any]]
    unknown: list[str]
    advice: str
    remark: str | None = None

    @property
    def reasons(self) -> list[str]:
        """What the checks that hold say."""
        return [str(check["reason"]) for check in self.checks if check.get("reason")]


@dataclass(frozen=True)
class Wanted:
    """Which accounts: of any of the tiers, with any of the risk types and labels (none: whatever), all checks known if `complete`."""

    tiers: Collection[str] = field(default=())
    risks: Collection[str] = field(default=())
    labels: Collection[str] = field(default=())
    complete: bool = False

    def __post_init__(self) -> None:
        for given, known, what in ((self.tiers, TIERS, "tier"), (self.risks, RISKS, "risk")):
            for name in given:
                if name not in known:
                    meant = nearest(name, known)
                    hint = f"did you mean `{meant}`?" if meant else f"one of {', '.join(known)}"
                    raise UsageError(f"there is no {what} `{name}`", place=f"--{what}", hint=hint)

    def holds(self, result: Result) -> bool:
        """Whether an account is one of them."""
        return (
            (not self.tiers or result.tier in self.tiers)
            and (not self.risks or not set(self.risks).isdisjoint(result.risk_types))
            and (not self.labels or not set(self.labels).isdisjoint(result.labels))
            and not (self.complete and result.unknown)
        )


def chosen(lines: Iterable[bytes], wanted: Wanted, *, place: str) -> Iterator[Result]:
    """Yield the accounts that are wanted, in the order of the results. Raise FileError for a line that is no result."""
    decoder = msgspec.json.Decoder(Result)
    for number, line in enumerate(lines, 1):
        try:
            result = decoder.decode(line)
        except (msgspec.MsgspecError, RecursionError) as error:
            where = f"{place}, line {number:,}"
            raise FileError(
                f"this is no result of a screening: {error}", place=where, hint="name its folder"
            ) from None
        if wanted.holds(result):
            yield result
