"""How accurate `tidegate screen` is on a pool of which the truth is known: prints docs/screening-accuracy.md.

    python examples/screening_accuracy.py ../shared/data > docs/screening-accuracy.md

labelled_pool.py makes the pool of real streams, numbers and bots. Only the half of the accounts that is set aside for it is counted;
`--half dev` shows the other one. With `--picture` the picture of the page is drawn too.
"""
# ruff: noqa: T201  # a script, run by path; it prints

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent))
from accuracy_page import MOST, page
from accuracy_picture import draw
from labelled_pool import SEED, write_pool
from pool_assumptions import Assumed
from screened_pool import LEVELS, Judged, screened

ALL_TOLD = "everything told"
WORLDS: dict[str, tuple[Assumed, int]] = {
    "as above": (Assumed(), SEED),
    "another seed": (Assumed(), SEED + 1),
    "and another": (Assumed(), SEED + 2),
    "nine of ten honest accounts have a picture, and nine a text; of fakes half and half": (
        Assumed(avatar=0.9, signature=0.9, fake_avatar=0.5, fake_signature=0.5), SEED,
    ),
    "picture and text as in the census; fakes have neither": (Assumed(fake_avatar=0, fake_signature=0), SEED),
    "regions are countries, not cities": (Assumed(region_is_city=0), SEED),
    "every takeover within the 30 days of the trail": (Assumed(takeover_days=30), SEED),
    "people of CollegeMsg as old as telecom numbers: few are young": (Assumed(college_ages=0), SEED),
    "CollegeMsg on its last day: most of its people silent": (Assumed(college_day=193), SEED),
}  # fmt: skip


def measured(data: Path, folder: Path, half: str) -> tuple[dict[str, list[Judged]], dict[str, list[Judged]]]:
    """Make and screen all pools; return the accounts by level of evidence, and by world with all evidence."""
    worlds, levels = {}, {}
    for at, (name, (assumed, seed)) in enumerate(WORLDS.items()):
        write_pool(data, folder / str(at), assumed, seed)
        worlds[name] = screened(folder / str(at), MOST, half)
    levels = {level: screened(folder / "0", level, half) for level in LEVELS}
    write_pool(data, folder / "told", Assumed().everything_told())
    levels[ALL_TOLD] = screened(folder / "told", MOST, half)
    return levels, worlds


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with the four data sets")
    parser.add_argument("--half", choices=("test", "dev"), default="test", help="which accounts to count")
    parser.add_argument("--picture", type=Path, help="PNG to draw")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        levels, worlds = measured(given.data, Path(folder), given.half)
    if given.picture:
        draw(levels, given.picture)
    print(page(levels, worlds), end="")


if __name__ == "__main__":
    main()
