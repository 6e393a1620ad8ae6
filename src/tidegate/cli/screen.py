"""`tidegate screen`: a pool of accounts sorted into secure, low risk and high risk, with reasons."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter as Option
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tidegate.cli.kept_input import require_kept
from tidegate.cli.log_cipher import cipher_of
from tidegate.cli.terminal import console, counted, errors, print_json
from tidegate.cli.whole_number import WholeNumber
from tidegate.errors import FileError, UsageError
from tidegate.screening.lists.reading_options import columns_of, country_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidegate.replay.input_file import Source
    from tidegate.screening.lists.pool import Fault
    from tidegate.screening.providers import Provider
    from tidegate.screening.since.earlier import Earlier

OK, PARTLY = 0, 3
_NUMBER = re.compile(r"\+[\d ()./-]{5,30}", re.ASCII)
FAULTS_SHOWN = 20
Several = Annotated[list[str] | None, Option(negative="", consume_multiple=True)]


def screen(
    pool: Path,
    /,
    *,
    out: Path,
    data: Path | None = None,
    events: Several = None,
    providers: Path | None = None,
    dimensions: Several = None,
    mode: str | None = None,
    first: Several = None,
    at: str | None = None,
    purpose: str | None = None,
    basis: str | None = None,
    previous: Path | None = None,
    country: str | None = None,
    column: Annotated[list[str] | None, Option(negative="")] = None,
    list_date: str | None = None,
    answer_days: float | None = None,
    limit: WholeNumber = 100_000,
    json: Annotated[bool, Option(negative="")] = False,
) -> int:
    """Sort a pool of accounts, XLSX or CSV, into secure, low risk and high risk, with the reasons and what to do.

    Evidence is what the list brings along, and what events tell. What is not known is unknown, and never counts against an
    account. Writes secure.csv, low_risk.csv, high_risk.csv, screening.xlsx, report.pdf, result.ndjson, summary.json, and rejected_rows.csv where
    rows could not be read (exit status 3, as where a provider did not answer).

    Examples:
    - `tidegate screen pool.xlsx --out out/`
    - `tidegate screen pool.csv --out out/ --events logins.ndjson messages.parquet --at 2026-03-02T09:00:00Z`
    - `tidegate screen pool.csv --out out/ --data tidegate-data --dimensions stolen non_compliant`
    - `tidegate screen pool.csv --out out/ --country DE --column number=B --first stolen`
    - `tidegate screen march.csv --out march/ --previous february/`
    - `tidegate screen +4915123456781 --out mine/ --data tidegate-data --mode self`
    - `tidegate screen pool.csv --out out/ --providers providers.toml`
    - `tidegate screen pool.csv --out out/ --purpose "monthly check" --basis "Art. 6(1)(f) GDPR"`

    Parameters
    ----------
    pool
        The list: a row an account, its number and what is known of it. Or a single number, such as +4915123456781.
    out
        Folder to write to.
    data
        The data folder of a live system: its events are evidence.
    events
        Files of events: .ndjson, .jsonl (also .gz, .zst), .parquet, .arrow.
    providers
        A TOML file that names who else is asked what list and events do not tell; without it nobody is.
    dimensions
        What to check, in place of everything: stolen, fake, non_compliant, validity, mandatory, optional, or ids of checks.
    mode
        A named set: standard (the mandatory checks), fine (all), self (all, of one's own account alone), custom (see `--dimensions`).
    first
        Risks to look at first: stolen, non_compliant, fake, empty, unregistered.
    at
        Time of the screening; else the newest time of the events, without events the time of day.
    purpose
        What it is done for, and
    basis
        what allows it, such as the article of a law: both stand in report, workbook and summary. Write no names into them.
    previous
        Folder that an earlier screening wrote: says what changed since, and carries its observation list on.
    country
        Country of numbers without a country code, such as DE.
    column
        Where a fact stands, by heading or letter: `--column number=B`. May be given more than once.
    list_date
        As of when the list is; else as of the screening. One that is older than answers may be gives way to what is told later.
    answer_days
        How many days an answer of the platform counts: 31 where nothing is said.
    limit
        Rows that a list may have.
    json
        Print the summary as JSON.
    """
    from tidegate.screening.evidence.freshness import answer_days_of
    from tidegate.screening.lists.pool import Reading
    from tidegate.screening.modes import checks_of, goals_of
    from tidegate.screening.outputs.files import WRITTEN, write_outputs
    from tidegate.screening.screen import Asked
    from tidegate.screening.screen import screen as screened
    from tidegate.screening.stated import stated

    if limit < 1:
        raise UsageError(f"a limit of `{limit}` rows", place="--limit", hint="give at least 1")
    require_kept([pool, *map(Path, events or ())], [out / name for name in WRITTEN])
    asked = Asked(
        checks_of(mode, _split(dimensions)),
        goals_of(_split(first)),
        Reading(country_of(country), columns_of(column), rows_max=limit),
        _sources(events, data),
        _moment(at, "--at"),
        _earlier(previous, out),
        mode=mode,
        answer_days=answer_days_of(answer_days),
        list_at_ms=_moment(list_date, "--list-date"),
        stated=stated(purpose, basis),
    )
    with (
        list_of(pool) as file,
        _opened(providers) as consulted,
        stage_progress(quiet=json) as stage,
    ):
        found = screened(file, replace(asked, providers=consulted), stage=stage)
        summary = write_outputs(found, out, stage=stage)
    if json:
        print_json(summary)
    else:
        _print_faults(found.pool.faults)
        _print(summary)
        console.print(f"written to {out}/", style="dim")
    partly = summary["rejected_rows"] or summary["rejected_events"] or found.consulted.incomplete
    return PARTLY if partly else OK


@contextmanager
def list_of(pool: Path) -> Iterator[Path]:
    """Give the file of a list; a single number in place of a file becomes a list of one (num.one-stop-realtime)."""
    if _NUMBER.fullmatch(str(pool)) is None or pool.exists():
        yield pool
        return
    with tempfile.TemporaryDirectory(prefix="tidegate-") as folder:
        file = Path(folder) / "number.csv"
        file.write_text(f"number\n{pool}\n", encoding="utf-8")
        yield file


@contextmanager
def stage_progress(*, quiet: bool) -> Iterator[Callable[[str, int, int | None], None]]:
    """Show which stage is at work and how much of it is done. Only on a terminal."""
    if quiet or not errors.is_terminal:
        yield lambda _what, _done, _total: None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.completed:>13,}"), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("reading the list", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def _split(given: list[str] | None) -> list[str]:
    return [part.strip() for text in given or () for part in text.split(",") if part.strip()]


def _sources(events: list[str] | None, data: Path | None) -> tuple[Source, ...]:
    from tidegate.replay.input_file import InputFile, input_file

    found: list[Source] = [input_file(name) for name in events or ()]
    if data is not None:
        if not (data / "journal").is_dir():
            raise FileError(
                "this is no data folder", place=str(data), hint="name the folder of `tidegate serve --data`"
            )
        found.append(InputFile(str(data), data, "log", "", cipher_of(data)))
    return tuple(found)


@contextmanager
def _opened(file: Path | None) -> Iterator[tuple[Provider, ...]]:
    if file is None:
        yield ()
        return
    from tidegate.screening.providers.opening import opened

    with opened(file) as found:
        yield found


def _earlier(folder: Path | None, out: Path) -> Earlier | None:
    from tidegate.screening.since.earlier import read_earlier

    if folder is None:
        return None
    if folder.resolve() == out.resolve():
        raise UsageError(
            f"`{folder}` is written to, and would be lost",
            place="--previous",
            hint="give another folder to `--out`",
        )
    return read_earlier(folder)


def _moment(text: str | None, place: str) -> int | None:
    from tidegate.screening.lists.facts import moment

    if text is None:
        return None
    try:
        return moment(text)
    except (ValueError, OverflowError):
        raise UsageError(
            f"`{text}` is no time", place=place, hint="write it as 2026-03-02 or 2026-03-02T09:00:00Z"
        ) from None


def _print_providers(providers: list[dict[str, Any]]) -> None:
    """Say what came of asking; on the side of errors where something was not answered."""
    for one in providers:
        text = f"{one['name']}: {one['answered']:,} answered, {one['from_cache']:,} kept from before, {one['unknown']:,} not known to it"
        console.print(text, markup=False, soft_wrap=True)
        missing = one["failed"] + one["not_asked"]
        if missing:
            why = "; ".join(one["why"])
            errors.print(
                f"{one['name']}: no answer about {counted(missing, 'account')}: {why}",
                markup=False,
                soft_wrap=True,
            )


def _print_faults(faults: list[Fault]) -> None:
    for fault in faults[:FAULTS_SHOWN]:
        errors.print(str(fault), markup=False, soft_wrap=True)
    if len(faults) > FAULTS_SHOWN:
        more = counted(len(faults) - FAULTS_SHOWN, "more fault")
        errors.print(f"… {more}, all in rejected_rows.csv", markup=False)


def _print(summary: dict[str, Any]) -> None:
    head = f"{counted(summary['accounts'], 'account')} screened as of {summary['screened_at']}"
    console.print(f"{head}, {counted(summary['events'], 'event')} read", soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("accounts", justify="right")
    table.add_column("share", justify="right")
    for part in ("tiers", "risk_types"):
        for name, found in summary[part].items():
            shown = f"{name} risk" if name in ("low", "high") else name.replace("_", "-")
            table.add_row(shown, f"{found['accounts']:,}", f"{found['share']:.1%}")
        if part == "tiers":
            table.add_section()
    console.print(table)
    if summary["since"] is not None:
        _print_since(summary["since"])
    if summary["secure_but_nothing_known"]:
        unseen = counted(summary["secure_but_nothing_known"], "secure account")
        console.print(
            f"of {unseen} nothing is known: secure means no sign of risk, not proof", soft_wrap=True
        )
    for found in summary["pool"]:
        if found["holds"]:
            console.print(
                f"the pool: {found['what']}: {found['observed']:g}; limit {found['limit']:g}", soft_wrap=True
            )
    _print_providers(summary["evidence"]["providers"])
    if summary["report"]["why_not"]:
        errors.print(summary["report"]["why_not"], markup=False, soft_wrap=True)


def _print_since(since: dict[str, Any]) -> None:
    from tidegate.screening.since.drift import WHYS

    changed = [f"{since[why.replace(' ', '_')]:,} {why}" for why in WHYS if since[why.replace(" ", "_")]]
    console.print(f"since {since['screened_at'][:10]}: {', '.join(changed) or 'no change'}", soft_wrap=True)
    if not since["asked_alike"]:
        console.print("the two did not ask the same: drift.json says what is compared", soft_wrap=True)
    if since["overdue"]:
        console.print(f"{since['days']:g} days lie between: a pool is screened once a month", soft_wrap=True)
