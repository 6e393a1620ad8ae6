"""Every link in the documentation leads somewhere: to a file that is there, and to a heading in it."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENTRANCE = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES = [*ENTRANCE, *sorted(ROOT.glob("docs/**/*.md"))]
FENCED = re.compile(r"^(```+).*?^\1$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.*)$", re.MULTILINE)
ELSEWHERE = re.compile(r"[a-z]+:")


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def anchor_of(heading: str) -> str:
    """The anchor that a heading gets where Markdown is shown: lower case, hyphens for spaces, no punctuation."""
    shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.replace("`", ""))
    return re.sub(r"[^\w\- ]", "", shown.strip().lower()).replace(" ", "-")


def anchors_of(page: Path) -> set[str]:
    found: set[str] = set()
    for heading in HEADING.findall(prose(page)):
        anchor = plain = anchor_of(heading)
        repeated = 0
        while anchor in found:  # the second of that name is counted
            repeated += 1
            anchor = f"{plain}-{repeated}"
        found.add(anchor)
    return found


def dead_links(page: Path) -> list[str]:
    dead = []
    for target in LINK.findall(prose(page)):
        if ELSEWHERE.match(target):
            continue
        name, _, anchor = unquote(target).partition("#")
        file = page.parent / name if name else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors_of(file)):
            dead.append(target)
    return dead


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page: Path):
    assert dead_links(page) == []


def test_every_page_of_docs_is_in_their_index():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for page in sorted((ROOT / "docs").glob("*.md")):
        assert page.name == "index.md" or f"]({page.name})" in index, page.name


def test_a_missing_file_and_a_missing_heading_are_dead_links(tmp_path: Path):
    (tmp_path / "other.md").write_text("# One `two`\n\n## Again\n\n## Again\n\n```text\n# no heading\n```\n")
    links = ["other.md", "other.md#one-two", "other.md#again-1", "#here", "https://example.org", "gone.md"]
    links += ["other.md#again-2", "other.md#no-heading", "#there"]
    page = tmp_path / "page.md"
    page.write_text("# Here\n\n" + "\n".join(f"[x]({link})" for link in links))
    assert dead_links(page) == ["gone.md", "other.md#again-2", "other.md#no-heading", "#there"]
