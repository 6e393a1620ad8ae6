"""An earlier screening, read from the files it wrote: they may have been changed, cut short or mixed up since, so all is checked."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, Literal

import msgspec

from tidegate.errors import FileError, reason
from tidegate.screening.outputs.outcome import Outcome
from tidegate.screening.since.drift import Questions
from tidegate.windows.timestamps import parse_rfc3339

Count = Annotated[int, msgspec.Meta(ge=0)]
Name = Annotated[str, msgspec.Meta(max_length=200)]
E164 = Annotated[str, msgspec.Meta(pattern=r"^\+[0-9]{5,15}$")]
Tier = Literal["secure", "low", "high"]
HISTORY_MAX = 24  # screenings a trend is drawn from: two years of monthly ones
LINE_MAX = 1 << 20  # bytes; a line of ours has some two thousand
SUMMARY_MAX = 4 << 20  # bytes
_HINT = "name the folder that an earlier `tidegate screen` wrote, as it was written"
OBSERVED_HEAD = ("number", "remark", "observed since", "decide on", "status", "signs", "what to do")


class Point(msgspec.Struct, frozen=True):
    """A screening of the past in the trend: when, of how many accounts, how many in which tier."""

    screened_at: str
    accounts: Count
    tiers: dict[Tier, Count]


class _Share(msgspec.Struct):
    accounts: Count


class _Check(msgspec.Struct):
    limit: float


class _PoolFinding(msgspec.Struct):
    row: Name
    holds: bool


class _Summary(msgspec.Struct):
    screened_at: str
    accounts: Count
    tiers: dict[Tier, _Share]
    checks: dict[Name, _Check]
    pool: list[_PoolFinding]
    figures: Name = ""
    history: Annotated[list[Point], msgspec.Meta(max_length=HISTORY_MAX)] = []
    erased: Count = 0  # accounts that were taken out of the results since


class _Line(msgspec.Struct):
    number: E164
    tier: Tier
    risk_types: tuple[Name, ...]
    reasons: tuple[Name, ...]
    unknown: tuple[Name, ...]


@dataclass(frozen=True)
class Earlier:
    """What an earlier screening found. `observed`: number -> since when it is watched, ms; `holding`: rows about the pool that held."""

    at_ms: int
    questions: Questions
    accounts: dict[str, Outcome]
    holding: frozenset[str]
    history: tuple[Point, ...] = ()
    observed: Mapping[str, int] = field(default_factory=dict)


def read_earlier(folder: Path) -> Earlier:
    """Return the screening that was written to a folder. Raise FileError, with the place, where that is none or does not fit together."""
    try:
        with (folder / "summary.json").open("rb") as file:
            summary = file.read(SUMMARY_MAX + 1)
        with (folder / "result.ndjson").open("rb") as lines:
            earlier = earlier_of(summary, _lines(lines), place=str(folder))
        watched = folder / "observed.csv"
        if not watched.exists():
            return earlier
        with watched.open(encoding="utf-8-sig", newline="") as rows:
            return with_observed(earlier, rows, place=str(watched))
    except OSError as error:
        raise FileError(
            f"cannot read: {reason(error)}", place=str(error.filename or folder), hint=_HINT
        ) from None
    except UnicodeDecodeError:
        raise FileError("this is no UTF-8", place=str(folder / "observed.csv"), hint=_HINT) from None


def earlier_of(summary: bytes, lines: Iterable[bytes], *, place: str) -> Earlier:
    """Return an earlier screening from its summary.json and the lines of its result.ndjson; raise FileError."""
    where = f"{place}/summary.json"
    if len(summary) > SUMMARY_MAX:
        raise FileError("this is too long for a summary", place=where, hint=_HINT)
    try:
        told = msgspec.json.decode(summary, type=_Summary)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise FileError(f"this is no summary of a screening: {error}", place=where, hint=_HINT) from None
    at_ms = _moment(told.screened_at, where)
    accounts = _accounts(lines, f"{place}/result.ndjson")
    if len(accounts) + told.erased != told.accounts:
        raise FileError(
            f"{len(accounts):,} accounts, where summary.json has {told.accounts:,}",
            place=f"{place}/result.ndjson",
            hint="both must be of one screening, and whole",
        )
    for point in told.history:
        _moment(point.screened_at, where)
    tiers = {tier: share.accounts for tier, share in told.tiers.items()}
    history = told.history or [Point(told.screened_at, told.accounts, tiers)]
    questions = Questions({check: found.limit for check, found in told.checks.items()}, told.figures)
    holding = frozenset(found.row for found in told.pool if found.holds)
    return Earlier(at_ms, questions, accounts, holding, tuple(history))


def with_observed(earlier: Earlier, rows: Iterable[str], *, place: str) -> Earlier:
    """Return an earlier screening with its observation list, the lines of observed.csv; raise FileError."""
    observed: dict[str, int] = {}
    reader = csv.reader(rows, strict=True)
    try:
        head = next(reader, [])
        if tuple(head) != OBSERVED_HEAD:
            raise FileError("this is no observation list: its heading is another", place=place, hint=_HINT)
        for cells in reader:
            where = f"{place}, line {reader.line_num}"
            if len(cells) != len(OBSERVED_HEAD):
                raise FileError(f"{len(cells)} cells, not {len(OBSERVED_HEAD)}", place=where, hint=_HINT)
            observed[cells[0]] = _observed_since(cells, earlier, where)
    except csv.Error as error:
        raise FileError(
            f"this is no CSV: {error}", place=f"{place}, line {reader.line_num}", hint=_HINT
        ) from None
    return Earlier(
        earlier.at_ms, earlier.questions, earlier.accounts, earlier.holding, earlier.history, observed
    )


def _observed_since(cells: Sequence[str], earlier: Earlier, where: str) -> int:
    outcome = earlier.accounts.get(cells[0])
    if outcome is None or outcome.tier == "high":
        raise FileError(
            f"`{cells[0][:40]}` was not to be observed in that screening",
            place=where,
            hint="take the row out",
        )
    since = _moment(cells[2], where)
    if since > earlier.at_ms:
        raise FileError(
            f"observed since `{cells[2]}`, after that screening", place=where, hint="mend the date"
        )
    return since


def _accounts(lines: Iterable[bytes], place: str) -> dict[str, Outcome]:
    decoder = msgspec.json.Decoder(_Line)
    known: dict[tuple[object, ...], Outcome] = {}  # many lines say the same
    accounts: dict[str, Outcome] = {}
    for count, line in enumerate(lines, 1):
        try:
            if len(line) > LINE_MAX:
                raise msgspec.DecodeError("it is too long")
            found = decoder.decode(line)
        except (msgspec.MsgspecError, RecursionError) as error:
            where = f"{place}, line {count:,}"
            raise FileError(f"this is no result of a screening: {error}", place=where, hint=_HINT) from None
        said = (found.tier, found.risk_types, found.reasons, found.unknown)
        outcome = known.get(said)
        if outcome is None:
            outcome = known[said] = Outcome(found.tier, *map(frozenset, said[1:]))
        accounts[found.number] = outcome
        if len(accounts) != count:
            where = f"{place}, line {count:,}"
            raise FileError(f"`{found.number}` is there twice", place=where, hint=_HINT)
    return accounts


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file, never more of one than can be right."""
    while line := file.readline(LINE_MAX + 1):
        yield line


def _moment(text: str, place: str) -> int:
    ms = parse_rfc3339(text)
    if ms < 0:
        raise FileError(f"`{text[:40]}` is no time", place=place, hint="written as 2026-03-02T09:00:00.000Z")
    return ms
