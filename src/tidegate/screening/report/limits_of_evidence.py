"""How the result came about, what it cannot say, and what was left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tidegate.expr.literal import number_text
from tidegate.screening.report.plain_text import line
from tidegate.screening.report.wording import count, counted, share_of
from tidegate.screening.tiers import Figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.screening.dimensions import Check
    from tidegate.screening.screen import Screening

FAULTS_SHOWN = 10
CELL_CHARS = 110
_TICKED = re.compile("`([^`]*)`")
MOSTLY = 0.5  # unknown for more of the accounts than this, a check is named in a sentence of its own


def checks(screening: Screening, summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return per check how many accounts it found, cleared, and could not judge."""
    return [_check(check, summary["checks"][check.id], summary["accounts"]) for check in screening.checks]


def _check(check: Check, found: Mapping[str, Any], total: int) -> dict[str, Any]:
    whole = max(total, 1)
    return {
        "title": check.title, "id": check.id,
        "limit": _limit(check), "assumed": check.limit.assumed,
        "true": found["true"] / whole, "false": found["false"] / whole, "unknown": found["unknown"] / whole,
        "true_count": count(found["true"]), "unknown_share": share_of(found["unknown"], total),
    }  # fmt: skip


def _limit(check: Check) -> str:
    """Return from where on a check holds."""
    figure = number_text(check.limit.default)
    if check.op == ">=":
        return f"{figure} or more {check.unit}"
    return f"no {check.unit}" if check.limit.default == 1 else f"less than {figure} {check.unit}"


def sentences(screening: Screening, summary: Mapping[str, Any]) -> list[str]:
    """Return what a reader must know before acting on the result."""
    total, unseen = summary["accounts"], summary["secure_but_nothing_known"]
    said = [
        "What is not known is unknown. It is never guessed and never counts against anybody.",
        "Secure means no sign of risk, not proof.",
    ]
    if unseen:
        said.append(f"Of {counted(unseen, 'secure account')} nothing at all is known.")
    blind = [
        check.title.lower()
        for check in screening.checks
        if total and summary["checks"][check.id]["unknown"] / total > MOSTLY
    ]
    if blind:
        said.append(f"Unknown for more than half of the accounts: {'; '.join(blind)}.")
    if any(check.limit.assumed for check in screening.checks):
        said.append("Limits marked * are ours: the sources name no figure.")
    said.append(
        "The score joins the signs that hold; it orders accounts and is no measured probability. Low risk begins at"
        f" {Figures.low.default:.2f}, high risk at {Figures.high.default:.2f}; some findings are high risk by themselves."
    )
    said.append(
        "How often the checks are right was measured on labelled pools: docs/screening-accuracy.md of Tidegate."
    )
    said.append(
        "No message text was read or kept. Events after the time of the screening were not looked at."
    )
    return said


def left_out(screening: Screening, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return what could not be read, and what was passed over; the first rows of it by name."""
    pool = screening.pool
    faults = sorted(pool.faults, key=lambda fault: not fault.fatal)
    counts = [
        (summary["rejected_rows"], "row", "of the list left out"),
        (summary["unreadable_cells"], "cell", "that could not be read; the rows count without"),
        (summary["duplicates"], "row", "with a number that an earlier row has; joined with it"),
        (len(pool.warnings), "cell", "read with a doubt"),
        (summary["rejected_events"], "event", "that could not be read"),
    ]
    return {
        "counts": [f"{counted(number, noun)} {what}" for number, noun, what in counts if number],
        "remarks": [_quoted(remark, 3 * CELL_CHARS) for remark in pool.remarks],
        "rows": [
            {"row": count(f.row), "column": _quoted(f.column), "problem": _quoted(f.problem), "hint": _quoted(f.hint)}
            for f in faults[:FAULTS_SHOWN]
        ],
        "more": count(len(faults) - FAULTS_SHOWN) if len(faults) > FAULTS_SHOWN else "",
    }  # fmt: skip


def _quoted(text: str, chars_max: int = CELL_CHARS) -> str:
    """Return a message as one line, with the quotation marks of print in place of backticks."""
    return _TICKED.sub("\u201c\\1\u201d", line(text, chars_max))
