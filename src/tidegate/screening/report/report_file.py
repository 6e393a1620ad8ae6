"""Writes the report beside the other files of a screening."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.errors import FileError
from tidegate.screening.report.about_pool import MAIN_SHOWN
from tidegate.screening.report.contents import contents_of
from tidegate.screening.report.typesetting import pictures, typeset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tidegate.screening.screen import Screening

REPORT = "report.pdf"
NO_TYPST = "no report.pdf: typst is not installed (pip install 'tidegate[screen]', then screen again)"


def write_report(screening: Screening, summary: Mapping[str, Any], out: Path) -> dict[str, Any]:
    """Write the report of a screening to a folder; raise OSError where the file cannot be written.

    Return what the summary says of it: `file`, None where there is none, `why_not`, and `names`: the numbers that stand in it.
    """
    file = out / REPORT
    file.unlink(missing_ok=True)
    contents = contents_of(screening, summary)
    try:
        made = typeset(contents, at_ms=screening.at_ms)
    except ImportError:
        return _none(NO_TYPST)
    except FileError as error:
        return _none(f"no report.pdf: {error.problem} ({error.hint})")
    file.write_bytes(made)
    worst = [row["number"] for row in contents["worst"]["rows"]]
    names = dict.fromkeys((*worst, *summary["main_account"]["numbers"][:MAIN_SHOWN]))
    return {"file": REPORT, "why_not": None, "names": list(names)}


def _none(why: str) -> dict[str, Any]:
    return {"file": None, "why_not": why, "names": []}


def draw_report(screening: Screening, summary: Mapping[str, Any], *, ppi: float) -> list[bytes]:
    """Return the pages of the report as PNG pictures, with so many pixels per inch. Raise ImportError where typst is not installed."""
    return pictures(contents_of(screening, summary), ppi=ppi)
