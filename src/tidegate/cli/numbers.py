"""`tidegate numbers`: lists of phone numbers checked, cleaned of duplicates, compared, counted, filtered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App
from cyclopts import Parameter as Option
from rich.table import Table

from tidegate.cli.kept_input import require_kept
from tidegate.cli.terminal import console, counted, errors, print_json, step_progress
from tidegate.errors import UsageError
from tidegate.events.suggestions import meant
from tidegate.screening.lists.reading_options import columns_of, country_of

if TYPE_CHECKING:
    from tidegate.screening.lists.pool import Pool
    from tidegate.screening.lists.pool_members import Member

FAULTS_SHOWN = 20
SEGMENTS_SHOWN = 40
OK, PARTLY = 0, 3

EXAMPLES = """\
Examples:

- `tidegate numbers check pool.xlsx --country DE`
- `tidegate numbers dedupe pool.xlsx --out unique.csv`
- `tidegate numbers compare january.csv february.xlsx --out changes/`
"""

app = App(
    name="numbers",
    help="""Lists of phone numbers, XLSX or CSV: check them, remove duplicates, compare, count, filter.

    Delimiter, encoding and headings are found out, in many languages. Numbers are read as E.164, or as of `--country`. Rows that
    cannot be read are named, the rest goes on (exit status 3).
    """,
    help_epilogue=EXAMPLES,
)
Json = Annotated[bool, Option(negative="")]
Columns = Annotated[list[str] | None, Option(negative="", name="--column")]


_PARTS = ("both", "only_first", "only_second")


@app.command(help_epilogue="")
def check(
    file: Path,
    /,
    *,
    out: Path | None = None,
    country: str | None = None,
    column: Columns = None,
    json: Json = False,
) -> int:
    """Say which numbers are valid, of which country and kind; write them with what their plans tell to `--out`.

    Examples:
    - `tidegate numbers check pool.xlsx`
    - `tidegate numbers check pool.csv --country DE --out checked.csv`

    Parameters
    ----------
    file
        The list.
    out
        CSV to write: number, validity, country, kind, carrier, time zone, remark, warning.
    country
        Country of numbers without a country code, such as DE.
    column
        Where a fact stands, by heading or letter: `--column number=B`. May be given more than once.
    json
        Print as JSON.
    """
    from tidegate.screening.numbers.number_lists import PLAN_FACTS, segments
    from tidegate.screening.outputs.safe_cells import write_csv

    require_kept([file], [out] if out is not None else [])
    pool = _read(file, country, column, quiet=json)
    if out is not None:
        head = (*PLAN_FACTS, "remark", "warning", "duplicates")
        write_csv(out, head, (_checked(member) for member in pool.members.values()))
    shares = segments(pool, ("country", "kind"))
    valid = sum(member.number.valid for member in pool.members.values())
    if json:
        print_json(_summary(pool) | {"valid": valid, "segments": [[*key, count] for key, count in shares]})
    else:
        _say(pool)
        console.print(f"{counted(valid, 'number')} valid by the numbering plans, of {len(pool.members):,}")
        _print_segments(("country", "kind"), shares)
    return PARTLY if any(fault.fatal for fault in pool.faults) else OK


@app.command(help_epilogue="")
def dedupe(
    file: Path, /, *, out: Path, country: str | None = None, column: Columns = None, json: Json = False
) -> int:
    """Write each number once, with the remarks of all its rows.

    Example: `tidegate numbers dedupe pool.xlsx --out unique.csv`

    Parameters
    ----------
    file
        The list.
    out
        CSV to write: number, remark, further facts of the list, number of rows.
    country
        Country of numbers without a country code, such as DE.
    column
        Where a fact stands, by heading or letter: `--column number=B`. May be given more than once.
    json
        Print as JSON.
    """
    require_kept([file], [out])
    pool = _read(file, country, column, quiet=json)
    count = _write(out, pool, pool.members.values())
    if json:
        print_json(_summary(pool) | {"written": count})
    else:
        _say(pool)
        console.print(f"{counted(pool.rows, 'row')}, {counted(count, 'number')} written to {out}")
    return PARTLY if any(fault.fatal for fault in pool.faults) else OK


@app.command(help_epilogue="")
def compare(
    first: Path,
    second: Path,
    /,
    *,
    out: Path | None = None,
    country: str | None = None,
    column: Columns = None,
    json: Json = False,
) -> int:
    """Say which numbers stand in both lists, and which in one alone.

    Example: `tidegate numbers compare january.csv february.xlsx --out changes/`

    Parameters
    ----------
    first
        A list.
    second
        Another.
    out
        Folder for both.csv, only_first.csv and only_second.csv, each with the remarks of its list.
    country
        Country of numbers without a country code, such as DE.
    column
        Where a fact stands, by heading or letter: `--column number=B`. May be given more than once.
    json
        Print as JSON.
    """
    from tidegate.screening.numbers.number_lists import compare as compared

    if out is not None:
        require_kept([first, second], [out / f"{name}.csv" for name in _PARTS])
    a, b = (_read(file, country, column, quiet=json) for file in (first, second))
    found = compared(a, b)
    parts = dict(zip(_PARTS, ((found.both, a), (found.only_first, a), (found.only_second, b)), strict=True))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, (numbers, pool) in parts.items():
            _write(out / f"{name}.csv", pool, (pool.members[number] for number in numbers))
    if json:
        print_json(
            {name: len(numbers) for name, (numbers, _) in parts.items()}
            | {"first": _summary(a), "second": _summary(b)}
        )
    else:
        for file, pool in ((first, a), (second, b)):
            console.print(f"{file}: {counted(len(pool.members), 'number')}", highlight=False)
            _say(pool)
        for name, (numbers, _) in parts.items():
            console.print(f"{name.replace('_', ' ')}: {counted(len(numbers), 'number')}")
    return PARTLY if any(fault.fatal for pool in (a, b) for fault in pool.faults) else OK


@app.command(help_epilogue="")
def segments(
    file: Path,
    /,
    *,
    by: str = "country,kind,carrier",
    country: str | None = None,
    column: Columns = None,
    json: Json = False,
) -> int:
    """Count the numbers of a list by what is known of them.

    Example: `tidegate numbers segments pool.csv --by country,kind`

    Parameters
    ----------
    file
        The list.
    by
        Facts, with commas: of the numbering plan (country, kind, carrier, zone, valid) or of the list (has_avatar, ...).
    country
        Country of numbers without a country code, such as DE.
    column
        Where a fact stands, by heading or letter: `--column number=B`. May be given more than once.
    json
        Print as JSON.
    """
    from tidegate.screening.numbers.number_lists import segments as counted_by

    names = _facts(by, "--by")
    if not names:
        raise UsageError("no facts are named", place="--by", hint="such as `country,kind`")
    pool = _read(file, country, column, quiet=json)
    found = counted_by(pool, names)
    if json:
        print_json(_summary(pool) | {"by": names, "segments": [[*key, count] for key, count in found]})
    else:
        _say(pool)
        _print_segments(names, found)
    return PARTLY if any(fault.fatal for fault in pool.faults) else OK


@app.command(name="filter", help_epilogue="")
def filter_(
    file: Path,
    /,
    *,
    where: Annotated[list[str], Option(negative="")],
    out: Path,
    complete: str = "",
    country: str | None = None,
    column: Columns = None,
    json: Json = False,
) -> int:
    """Write the accounts of which all conditions are known to hold; what is not known holds nothing.

    Examples:
    - `tidegate numbers filter pool.csv --where country=DE --where kind=mobile --out german.csv`
    - `tidegate numbers filter pool.xlsx --where "registered_at<2026-01-01" --where warnings=0 --out old.csv`

    Parameters
    ----------
    file
        The list.
    where
        A condition: fact, `=`, `!=`, `<`, `<=`, `>` or `>=`, value. May be given more than once: all must hold.
    out
        CSV to write.
    complete
        Facts, with commas, that must be known at all.
    country
        Country of numbers without a country code, such as DE.
    column
        Where a fact stands, by heading or letter: `--column number=B`. May be given more than once.
    json
        Print as JSON.
    """
    from tidegate.screening.numbers.number_lists import chosen, condition

    conditions = [condition(text) for text in where]
    needed = _facts(complete, "--complete")
    require_kept([file], [out])
    pool = _read(file, country, column, quiet=json)
    count = _write(out, pool, chosen(pool, conditions, complete=needed))
    if json:
        print_json(_summary(pool) | {"written": count})
    else:
        _say(pool)
        console.print(f"{counted(count, 'number')} of {len(pool.members):,} written to {out}")
    return PARTLY if any(fault.fatal for fault in pool.faults) else OK


# shared ---------------------------------------------------------------------------------------------------------
def _read(file: Path, country: str | None, column: Sequence[str] | None, *, quiet: bool) -> Pool:
    from tidegate.screening.lists.pool import Reading, read_pool

    with step_progress(f"reading {file.name}", quiet=quiet, unit="rows") as progress:
        return read_pool(
            file, Reading(country_of(country), columns_of(column), rows_max=None), progress=progress
        )


def _facts(listed: str, option: str) -> list[str]:
    """Return the facts that an option names, with commas; raise UsageError where there is no such fact."""
    from tidegate.screening.numbers.number_lists import ALL_FACTS

    names = [name.strip() for name in listed.split(",") if name.strip()]
    for name in names:
        if name not in ALL_FACTS:
            raise UsageError(
                f"there is no fact `{name}`",
                place=option,
                hint=f"{meant(name, ALL_FACTS)}one of {', '.join(ALL_FACTS)}",
            )
    return names


def _checked(member: Member) -> list[object]:
    from tidegate.screening.numbers.number_lists import PLAN_FACTS, fact

    return [
        *(fact(member, name) for name in PLAN_FACTS),
        member.remark,
        member.number.warning,
        len(member.duplicates),
    ]


def _write(out: Path, pool: Pool, members: Iterable[Member]) -> int:
    """Write accounts with all that their list says of them."""
    from tidegate.screening.outputs.safe_cells import write_csv

    names = [
        name for name in (pool.columns.places if pool.columns else {}) if name not in ("number", "remark")
    ]
    return write_csv(
        out,
        ["number", "remark", *names, "rows"],
        (
            [m.number.e164, m.remark, *(_shown(name, m) for name in names), 1 + len(m.duplicates)]
            for m in members
        ),
    )


def _shown(name: str, member: Member) -> object:
    from tidegate.windows.timestamps import format_rfc3339

    value = member.facts.get(name)
    return format_rfc3339(value) if name.endswith("_at") and isinstance(value, int) else value


def _summary(pool: Pool) -> dict[str, Any]:
    return {
        "rows": pool.rows,
        "numbers": len(pool.members),
        "duplicates": sum(len(member.duplicates) for member in pool.members.values()),
        "faults": [str(fault) for fault in pool.faults],
        "warnings": [str(warning) for warning in pool.warnings],
        "remarks": pool.remarks,
    }


def _say(pool: Pool) -> None:
    """Say on the error stream what is wrong with a list, at most some lines of it."""
    for remark in pool.remarks:
        errors.print(remark, markup=False)
    for found, what in ((pool.faults, "fault"), (pool.warnings, "warning")):
        for one in found[:FAULTS_SHOWN]:
            errors.print(str(one), markup=False, soft_wrap=True)
        if len(found) > FAULTS_SHOWN:
            errors.print(f"… {counted(len(found) - FAULTS_SHOWN, f'more {what}')}", markup=False)


def _print_segments(names: Sequence[str], found: Sequence[tuple[Sequence[object], int]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name.replace("_", " "))
    table.add_column("numbers", justify="right")
    for key, count in found[:SEGMENTS_SHOWN]:
        table.add_row(*("not known" if value is None else str(value) for value in key), f"{count:,}")
    console.print(table)
    if len(found) > SEGMENTS_SHOWN:
        console.print(f"… {counted(len(found) - SEGMENTS_SHOWN, 'more segment')}")
