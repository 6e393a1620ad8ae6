"""The files of a screening: a list per tier, a workbook, every account with every reason, a summary, what was left out."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.errors import FileError
from tidegate.screening.account_results import account_results
from tidegate.screening.drift_outputs import write_changes
from tidegate.screening.modes import mandatory_of
from tidegate.screening.outlook import chance_of_control, target
from tidegate.screening.pool_findings import share
from tidegate.screening.report import REPORT, write_report
from tidegate.screening.safe_cells import CsvList, write_csv
from tidegate.screening.tiers import TIERS
from tidegate.screening.workbook import Workbook
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate.screening.account_results import AccountResult
    from tidegate.screening.screen import Screening

HEAD = ("number", "remark", "score", "risk types", "labels", "reasons", "not known", "advice")
FILES = {"secure": "secure.csv", "low": "low_risk.csv", "high": "high_risk.csv"}
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
            f"cannot write: {(error.strerror or str(error)).lower()}",
            place=str(out),
            hint="check the folder and the disk",
        ) from None


def _write(screening: Screening, out: Path, stage: Callable[[str, int, int | None], None]) -> dict[str, Any]:
    total = len(screening.evidence)
    tally = Tally()
    with ExitStack() as opened:
        lists = {tier: opened.enter_context(CsvList.create(out / name, HEAD)) for tier, name in FILES.items()}
        lines = opened.enter_context((out / "result.ndjson").open("wb"))
        book = opened.enter_context(Workbook(out / "screening.xlsx", HEAD))
        for done, result in enumerate(account_results(screening)):
            if done % _STEP == 0:
                stage("writing results", done, total)
            cells = _cells(result)
            lists[result.tier].add(cells)
            book.add(result.tier, cells)
            lines.write(_ENCODER.encode(result.data()) + b"\n")
            tally.take(result)
        stage("writing the workbook", total, None)  # 100 % is shown when everything is there
        summary = _summary(screening, tally) | write_changes(screening, out)
        book.finish(summary)
    stage("writing the report", total, None)
    without = write_report(screening, summary, out)
    summary["report"] = {"file": None if without else REPORT, "why_not": without}
    _write_rejected(screening, out)
    (out / "summary.json").write_bytes(msgspec.json.format(_ENCODER.encode(summary), indent=2) + b"\n")
    return summary


def _cells(result: AccountResult) -> list[object]:
    return [
        result.member.number.e164, result.member.remark, result.score, ", ".join(result.risks), ", ".join(result.labels),
        "; ".join(result.reasons), ", ".join(name.partition(".")[2] for name in result.unknown), result.advice,
    ]  # fmt: skip


class Tally:
    """Counts over accounts."""

    def __init__(self) -> None:
        self.tiers: Counter[str] = Counter()
        self.risks: Counter[str] = Counter()
        self.labels: Counter[str] = Counter()
        self.checks: Counter[tuple[str, str]] = Counter()
        self.secure_unseen = 0

    def take(self, result: AccountResult) -> None:
        """Count an account."""
        self.tiers[result.tier] += 1
        self.risks.update(result.risks)
        self.labels.update(result.labels)
        self.checks.update([(check["check"], check["verdict"]) for check in result.checks])
        if result.tier == TIERS[0] and len(result.unknown) == len(result.checks):
            self.secure_unseen += 1


def _summary(screening: Screening, tally: Tally) -> dict[str, Any]:
    pool, total = screening.pool, len(screening.evidence)
    main = [m.number.e164 for m in pool.members.values() if m.facts.get("main_account") is True]
    exposed = [found.data() for found in screening.about_pool if found.holds and found.exposes]
    return {
        "screened_at": format_rfc3339(screening.at_ms),
        "screened_at_is": screening.at_source,
        "rows": pool.rows,
        "accounts": total,
        "duplicates": sum(len(member.duplicates) for member in pool.members.values()),
        "rejected_rows": sum(fault.fatal for fault in pool.faults),
        "unreadable_cells": sum(not fault.fatal for fault in pool.faults),
        "events": screening.events,
        "rejected_events": len(screening.rejected_events),
        "evidence": {"providers": screening.consulted.providers},
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
