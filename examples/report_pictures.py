"""Draws the pages of the report on the example pool as pictures, those of docs/screening.md.

    python examples/report_pictures.py docs/pictures

The same bytes on every run.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image  # comes with matplotlib

from tidegate.replay.input_file import input_file
from tidegate.screening.lists.pool import Reading
from tidegate.screening.modes import checks_of, goals_of
from tidegate.screening.outputs.files import write_outputs
from tidegate.screening.report import draw_report
from tidegate.screening.screen import Asked, screen
from tidegate.screening.stated import Stated

HERE = Path(__file__).parent
PPI = 110
STATED = Stated(
    "monthly check of the customers we write to", "legitimate interest, assessment of 12 January 2026"
)
COLOURS = 128  # enough for the few of the report and the edges of its letters; a quarter of the bytes


def main(folder: Path) -> None:
    """Write a picture per page into a folder."""
    asked = Asked(
        checks_of(None, []), goals_of([]), Reading(), sources=(input_file(HERE / "pool_events.ndjson"),), stated=STATED,
    )  # fmt: skip
    found = screen(HERE / "pool.xlsx", asked)
    with TemporaryDirectory() as out:
        summary = write_outputs(found, Path(out))
    for number, picture in enumerate(draw_report(found, summary, ppi=PPI), 1):
        page = (
            Image.open(BytesIO(picture))
            .convert("RGB")
            .quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        )
        page.save(folder / f"screening-report-{number}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
