"""A screening: a pool and what is known of it in, tiers with reasons out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.clock import now_ms
from tidegate.errors import TidegateError, UsageError
from tidegate.events import Rejected
from tidegate.replay.input_file import InputFile
from tidegate.replay.side_threads import cores, quick_switching
from tidegate.screening.evidence.consulting import Consulted, consult
from tidegate.screening.evidence.event_history import History
from tidegate.screening.evidence.event_reading import Told, told_by
from tidegate.screening.evidence.freshness import DAY_MS, Figures, Freshness
from tidegate.screening.evidence.gathering import Evidence, gather
from tidegate.screening.figures import digest
from tidegate.screening.lists.pool import Pool, Reading, read_pool
from tidegate.screening.modes import require_one
from tidegate.screening.outputs.outcome import Outcomes, outcomes
from tidegate.screening.pool_findings import PoolFinding, pool_findings
from tidegate.screening.side_by_side import Beside
from tidegate.screening.since.drift import Questions
from tidegate.screening.since.observation import OBSERVATION, Observation, observation
from tidegate.screening.stated import NOT_STATED, Stated
from tidegate.screening.tiers import Tiering, tiering
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from tidegate.replay.input_file import Source
    from tidegate.screening.dimensions import Check, Findings
    from tidegate.screening.providers import Provider
    from tidegate.screening.since.earlier import Earlier

Stage = Callable[[str, int, int | None], None]  # what is under way, how much of it is done, of how much


@dataclass(frozen=True)
class Screening:
    """What was screened, with which checks, at which time, and what was found."""

    pool: Pool
    checks: tuple[Check, ...]
    evidence: Evidence
    findings: Findings
    tiers: Tiering
    about_pool: list[PoolFinding]
    goals: tuple[str, ...]
    outcomes: Outcomes
    observation: Observation
    at_ms: int
    at_source: str  # "given", "newest event" or "clock"
    events: int = 0
    rejected_events: list[Rejected] = field(default_factory=list)
    earlier: Earlier | None = None  # the screening before, to compare with
    consulted: Consulted = field(default_factory=Consulted)
    sources: tuple[str, ...] = ()  # what events were read from, called without its folder
    mode: str | None = None
    stated: Stated = NOT_STATED

    @property
    def questions(self) -> Questions:
        """What was asked, for comparison with other screenings."""
        days = self.evidence.freshness.data()["days"]
        return Questions({check.id: check.limit.default for check in self.checks}, digest(answer_days=days))


@dataclass(frozen=True)
class Asked:
    """What to screen, with what, for what."""

    checks: tuple[Check, ...]
    goals: tuple[str, ...]
    reading: Reading
    sources: tuple[Source, ...] = ()
    at_ms: int | None = None
    earlier: Earlier | None = None
    providers: tuple[Provider, ...] = ()  # who is asked what list and events do not tell, in this order
    mode: str | None = None  # the named set that the checks are; None: no name was given
    answer_days: float = Figures.answer_days.default  # how old an answer of the platform may be
    list_at_ms: int | None = None  # as of when the list is; None: as of the screening
    stated: Stated = NOT_STATED  # what it is done for, and what allows it


@dataclass(frozen=True)
class Known:
    """What is known of a pool, as of when, and where it comes from."""

    evidence: Evidence
    at_ms: int
    at_source: str  # "given", "newest event" or "clock"
    events: int
    rejected_events: list[Rejected]
    consulted: Consulted = field(default_factory=Consulted)


def screen(file: Path, asked: Asked, *, stage: Stage = lambda *_: None) -> Screening:
    """Return the screening of a pool; `stage` is told what is done, how much of how much (None: not known).

    Raise FileError where the list or a file of events cannot be read. It is the three steps below, one after the other, of which
    each can be kept and gone on from; but for the list and the events, which are read side by side where there are two cores.
    """
    if cores() > 1 and asked.sources:
        pool, told = _side_by_side(file, asked, stage)
    else:
        pool = pool_of(file, asked, stage=stage)
        told = told_by(asked.sources, asked.at_ms, stage)
    known = _known(pool, told, asked, stage, now_ms)
    del told  # what events tell is not asked any more, and is large
    return judged(pool, known, asked, stage=stage)


def pool_of(file: Path, asked: Asked, *, stage: Stage = lambda *_: None) -> Pool:
    """Return the accounts of a list. Raise FileError where it cannot be read."""
    return read_pool(file, asked.reading, progress=lambda rows: stage("reading the list", rows, None))


def known_of(
    pool: Pool, asked: Asked, *, stage: Stage = lambda *_: None, clock: Callable[[], int] = now_ms
) -> Known:
    """Return what is known of a pool; `clock` tells the time, in ms, where nothing else does.

    Raise FileError where a file of events cannot be read, or answers of providers cannot be kept.
    """
    return _known(pool, told_by(asked.sources, asked.at_ms, stage), asked, stage, clock)


def judged(pool: Pool, known: Known, asked: Asked, *, stage: Stage = lambda *_: None) -> Screening:
    """Return what the checks say of a pool by what is known of it. Raise UsageError where the earlier screening is a later one."""
    if asked.earlier is not None and asked.earlier.at_ms > known.at_ms:
        raise UsageError(
            f"the screening before is of {format_rfc3339(asked.earlier.at_ms)}, after this one of {format_rfc3339(known.at_ms)}",
            place="--previous",
            hint="name an earlier one, or say the time of this one: `--at`",
        )
    require_one(asked.mode, len(pool.members))
    findings: Findings = {}
    for done, check in enumerate(asked.checks):
        stage(f"{check.risk.replace('_', '-')} accounts", done, len(asked.checks))
        findings[check.id] = check.judge(known.evidence, findings)
    stage("tiers", len(asked.checks), None)
    tiers = tiering(asked.checks, known.evidence, findings)
    found = outcomes(asked.checks, findings, tiers)
    watched = observation(
        known.evidence.numbers, found, known.at_ms, asked.earlier, known.evidence["reported_at"]
    )
    tiers.labels[OBSERVATION] = watched.watched(len(found))
    about_pool = pool_findings(known.evidence, findings, tiers)
    return Screening(
        pool, asked.checks, known.evidence, findings, tiers, about_pool, asked.goals, found, watched, known.at_ms, known.at_source,
        known.events, known.rejected_events, asked.earlier, known.consulted,
        tuple(_called(one) for one in asked.sources), asked.mode, asked.stated,
    )  # fmt: skip


def _side_by_side(file: Path, asked: Asked, stage: Stage) -> tuple[Pool, Told]:
    """Return the list, read in a thread, and what events tell. What is wrong with the list is said first, as soon as it is known."""
    read = 0

    def read_list(go_on: Callable[[], None]) -> Pool:
        def progress(rows: int) -> None:
            nonlocal read
            go_on()
            read = rows

        return read_pool(file, asked.reading, progress=progress)

    with quick_switching(), Beside(read_list) as listed:

        def both(what: str, done: int, total: int | None) -> None:
            if listed.is_under_way:
                stage("reading the list", read, None)
            else:
                listed.result()
                stage(what, done, total)

        try:
            told = told_by(asked.sources, asked.at_ms, both)
        except TidegateError:
            listed.result()
            raise
        return listed.result(), told


def _known(pool: Pool, told: Told, asked: Asked, stage: Stage, clock: Callable[[], int]) -> Known:
    history = told.history
    at_ms, source = _time(asked.at_ms, history, clock)
    stage("gathering evidence", 0, None)
    evidence = gather(pool, history, Freshness(at_ms, int(asked.answer_days * DAY_MS), asked.list_at_ms))
    consulted = consult(asked.providers, asked.checks, evidence, stage)
    return Known(evidence, at_ms, source, history.events, told.rejected, consulted)


def _called(source: Source) -> str:
    """Return the name of a source; where it lies is nobody's business who reads the result."""
    if isinstance(source, InputFile) and source.form == "log":
        return "the data folder of a live system"
    return Path(source).name


def _time(given: int | None, history: History, clock: Callable[[], int]) -> tuple[int, str]:
    if given is not None:
        return given, "given"
    if history.newest_ms is not None:
        return history.newest_ms, "newest event"
    return clock(), "clock"
