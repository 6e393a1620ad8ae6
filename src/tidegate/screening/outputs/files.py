"""The files of a screening: a list per tier, a workbook, every account with every reason, a summary, what was left out."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate.errors import FileError, reason
from tidegate.replay.side_threads import quick_switching
from tidegate.screening.modes import mandatory_of
from tidegate.screening.outlook import chance_of_control, target
from tidegate.screening.outputs.account_results import ResultLines, patterns_of
from tidegate.screening.outputs.safe_cells import CsvList, csv_cell, csv_row, write_csv
from tidegate.screening.outputs.workbook import Workbook
from tidegate.screening.pool_findings import share
from tidegate.screening.report import write_report
from tidegate.screening.side_by_side import Beside
from tidegate.screening.since.drift_outputs import write_changes
from tidegate.screening.tiers import SECURE, TIERS
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tidegate.screening.outputs.account_results import Pattern, Patterns
    from tidegate.screening.outputs.result_filter import Result
    from tidegate.screening.outputs.workbook_rows import Account
    from tidegate.screening.screen import Screening

HEAD = ("number", "remark", "score", "risk types", "labels", "reasons", "not known", "advice")
FILES = {"secure": "secure.csv", "low": "low_risk.csv", "high": "high_risk.csv"}
WRITTEN = (
    *FILES.values(), "screening.xlsx", "report.pdf", "result.ndjson", "summary.json", "rejected_rows.csv",
    "rejected_events.ndjson", "observed.csv", "drift.csv", "drift.json",
)  # fmt: skip
_STEP = 2000
_ENCODER = msgspec.json.Encoder()


def write_outputs(
    screening: Screening, out: Path, *, stage: Callable[[str, int, int | None], None] = lambda *_: None
) -> dict[str, Any]:
    """Write all files of a screening to a folder and return its summary. Raise FileError where that fails.

    The same screening gives the same bytes: no file has the time it was written in it.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        return _write(screening, out, stage)
    except OSError as error:
        raise FileError(
            f"cannot write: {reason(error)}",
            place=str(out),
            hint="check the folder and the disk",
        ) from None


def _write(screening: Screening, out: Path, stage: Callable[[str, int, int | None], None]) -> dict[str, Any]:
    total = len(screening.evidence)
    stage("writing results", 0, total)
    patterns = patterns_of(screening)
    texts = [cells_of(pattern) for pattern in patterns.distinct]
    summary = _summary(screening, Tally.of(screening, patterns)) | write_changes(screening, out)
    counts = {tier: found["accounts"] for tier, found in summary["tiers"].items()}

    def write_workbook(go_on: Callable[[], None]) -> None:
        accounts = partial(_accounts_in, screening, patterns, go_on)
        Workbook(HEAD, texts, counts).write(out / "screening.xlsx", summary, accounts)

    def report_written(_: Callable[[], None]) -> dict[str, Any]:
        return write_report(screening, summary, out)

    with quick_switching(), Beside(write_workbook) as workbook, Beside(report_written) as report:
        _write_results(screening, patterns, texts, out, stage)
        _write_rejected(screening, out)
        stage("writing the report", total, None)  # 100 % is shown when everything is there
        about_report = report.result()
        stage("writing the workbook", total, None)
        workbook.result()
    summary["report"] = about_report
    (out / "summary.json").write_bytes(msgspec.json.format(_ENCODER.encode(summary), indent=2) + b"\n")
    return summary


def _write_results(
    screening: Screening,
    patterns: Patterns,
    texts: Sequence[Sequence[object]],
    out: Path,
    stage: Callable[[str, int, int | None], None],
) -> None:
    """Write the lists of the tiers, and every account with every reason."""
    total, members = len(screening.evidence), screening.pool.members
    ends = [csv_row(cells) for cells in texts]
    lines = ResultLines(screening, patterns)
    with ExitStack() as opened:
        lists = [opened.enter_context(CsvList.create(out / FILES[tier], HEAD)) for tier in TIERS]
        result = opened.enter_context((out / "result.ndjson").open("wb"))
        for begin in range(0, total, _STEP):
            stage("writing results", begin, total)
            end = min(begin + _STEP, total)
            rows: list[list[str]] = [[] for _ in TIERS]
            for number, remark, which, tier in zip(
                members.numbers[begin:end], members.remarks(begin, end), patterns.which[begin:end].tolist(),
                screening.tiers.tier[begin:end].tolist(), strict=True,
            ):  # fmt: skip
                rows[tier].append(f"{number},{csv_cell(remark)},{ends[which]}")
            for file, found in zip(lists, rows, strict=True):
                file.add_written(found)
            result.writelines(lines.of(begin, end))


def _accounts_in(
    screening: Screening, patterns: Patterns, go_on: Callable[[], None], tier: str
) -> Iterator[Account]:
    """Yield the accounts of a tier in the order of the list."""
    members = screening.pool.members
    places = np.flatnonzero(screening.tiers.tier == TIERS.index(tier))
    for begin in range(0, len(places), _STEP):
        go_on()
        chosen = places[begin : begin + _STEP]
        there = chosen.tolist()
        numbers = [members.numbers[place] for place in there]
        yield from zip(numbers, members.remarks_at(there), patterns.which[chosen].tolist(), strict=True)


def cells_of(found: Pattern | Result) -> list[object]:
    """Return what stands in a list behind number and remark, as `HEAD` has it."""
    return [
        found.score, ", ".join(found.risk_types), ", ".join(found.labels), "; ".join(found.reasons),
        ", ".join(name.partition(".")[2] for name in found.unknown), found.advice,
    ]  # fmt: skip


@dataclass
class Tally:
    """Counts over accounts; labels and risk types that nobody has are not in it. `checks` are by id and verdict."""

    tiers: dict[str, int]
    risks: Counter[str]
    labels: Counter[str]
    checks: dict[tuple[str, str], int]
    secure_unseen: int

    @classmethod
    def of(cls, screening: Screening, patterns: Patterns) -> Tally:
        """Count the accounts of a screening."""
        accounts = np.bincount(patterns.which, minlength=len(patterns.distinct)).tolist()
        tally = cls(dict.fromkeys(TIERS, 0), Counter(), Counter(), {}, 0)
        for pattern, count in zip(patterns.distinct, accounts, strict=True):
            tally.tiers[pattern.tier] += count
            tally.risks.update(dict.fromkeys(pattern.risk_types, count))
            tally.labels.update(dict.fromkeys(pattern.labels, count))
            if pattern.tier == SECURE and len(pattern.unknown) == len(screening.checks):
                tally.secure_unseen += count
        for check in screening.checks:
            truth = screening.findings[check.id].truth
            for verdict, of_verdict in (
                ("true", truth == 1),
                ("false", truth == 0),
                ("unknown", np.isnan(truth)),
            ):
                tally.checks[check.id, verdict] = int(np.count_nonzero(of_verdict))
        return tally


def _summary(screening: Screening, tally: Tally) -> dict[str, Any]:
    pool, total = screening.pool, len(screening.evidence)
    said = zip(pool.members.numbers, pool.members.column("main_account"), strict=True)
    main = [number for number, is_main in said if is_main is True]
    exposed = [found.data() for found in screening.about_pool if found.holds and found.exposes]
    return {
        "screened_at": format_rfc3339(screening.at_ms),
        "screened_at_is": screening.at_source,
        **screening.stated.data(),
        "rows": pool.rows,
        "accounts": total,
        "duplicates": sum(map(len, pool.members.duplicates.values())),
        "rejected_rows": sum(fault.fatal for fault in pool.faults),
        "unreadable_cells": sum(not fault.fatal for fault in pool.faults),
        "events": screening.events,
        "rejected_events": len(screening.rejected_events),
        "evidence": {
            "providers": screening.consulted.providers,
            "answers": screening.evidence.freshness.data(),
            "weighed": [] if screening.evidence.choices is None else screening.evidence.choices.counts(),
        },
        "tiers": {
            tier: {"accounts": tally.tiers[tier], "share": share(tally.tiers[tier], total)} for tier in TIERS
        },
        "secure_but_nothing_known": tally.secure_unseen,
        "risk_types": {
            risk: {"accounts": tally.risks[risk], "share": share(tally.risks[risk], total)}
            for risk in screening.goals
        },
        "labels": {label: tally.labels[label] for label in sorted(tally.labels)},
        "checks": {
            check.id: {
                verdict: tally.checks[check.id, verdict] for verdict in ("true", "false", "unknown")
            } | {"limit": check.limit.default, "unit": check.unit}
            for check in screening.checks
        },
        "asked": {
            "mode": screening.mode, "risks_in_order": list(screening.goals), "mandatory_checks": mandatory_of(screening.checks),
        },
        "target": target({tier: tally.tiers[tier] for tier in TIERS}),
        "pool": [found.data() for found in screening.about_pool],
        "main_account": {
            "numbers": main, "exposed": bool(exposed),
            "may_happen": [f["main_account"] for f in exposed],
            "chance_of_control": chance_of_control(screening.tiers),
        },
        "remarks": pool.remarks,
    }  # fmt: skip


def _write_rejected(screening: Screening, out: Path) -> None:
    """Write what could not be taken: rows and cells of the list, lines of event files. Without any, no file is left."""
    rows = out / "rejected_rows.csv"
    faults = screening.pool.faults
    rows.unlink(missing_ok=True)
    if faults:
        write_csv(
            rows,
            ("row", "column", "problem", "what to do", "row left out"),
            ([f.row, f.column, f.problem, f.hint, f.fatal] for f in faults),
        )
    events = out / "rejected_events.ndjson"
    events.unlink(missing_ok=True)
    if screening.rejected_events:
        with events.open("wb") as file:
            for one in screening.rejected_events:
                file.write(
                    _ENCODER.encode(
                        {"file": one.file, "line": one.line, "error": str(one.error), "input": one.input}
                    )
                    + b"\n"
                )
