"""Writes the report beside the other files of a screening."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.errors import FileError
from tidegate.screening.report.contents import contents_of
from tidegate.screening.report.typesetting import pictures, typeset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tidegate.screening.screen import Screening

REPORT = "report.pdf"
NO_TYPST = "no report.pdf: typst is not installed (pip install 'tidegate[screen]', then screen again)"


def write_report(screening: Screening, summary: Mapping[str, Any], out: Path) -> str | None:
    """Write the report of a screening to a folder; return None, or why there is none. Raise OSError where the file cannot be written."""
    file = out / REPORT
    file.unlink(missing_ok=True)
    try:
        made = typeset(contents_of(screening, summary), at_ms=screening.at_ms)
    except ImportError:
        return NO_TYPST
    except FileError as error:
        return f"no report.pdf: {error.problem} ({error.hint})"
    file.write_bytes(made)
    return None


def draw_report(screening: Screening, summary: Mapping[str, Any], *, ppi: float) -> list[bytes]:
    """Return the pages of the report as PNG pictures, with so many pixels per inch. Raise ImportError where typst is not installed."""
    return pictures(contents_of(screening, summary), ppi=ppi)
