"""The pictures of the report in the docs: one for each page there is."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_page_of_the_report_on_the_example_pool_has_its_picture_in_the_docs(tmp_path):
    subprocess.run(
        [sys.executable, ROOT / "examples" / "report_pictures.py", tmp_path], check=True, timeout=300
    )
    drawn = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    shown = (ROOT / "docs" / "screening.md").read_text()
    assert sorted(drawn) == sorted(
        file.name for file in (ROOT / "docs" / "pictures").glob("screening-report-*.png")
    )
    assert all(f"(pictures/{name})" in shown for name in drawn), "run `make docs`"
    assert max(drawn.values()) < 150_000
