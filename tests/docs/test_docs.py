"""What README.md and docs/ show is run: ```python blocks in order, and the `$` lines of ```console blocks.

All blocks of one page share a namespace and an empty folder; a block that begins with `# name.py` is also that file. A command must exit 0; lines below it are its expected
output, in which `...` stands for any text, also over several lines. Blocks in ```sh are instructions and not run.
"""

import os
import re
import subprocess
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"# (\w+\.py)\n")
COMMAND_SECONDS_MAX = 300


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, its text and the line its text begins at."""

    language: str
    text: str
    line: int


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[1], found[2], text.count("\n", 0, found.start()) + 2) for found in FENCE.finditer(text)
    ]


PAGES = [page for page in [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))] if blocks_of(page)]


def commands_of(block: Block) -> list[tuple[int, str, str]]:
    """(line, command, expected output) for every `$` line; a trailing backslash continues it."""
    found: list[tuple[int, str, str]] = []
    continued = False
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        if line.startswith("$ "):
            found.append((number, line[2:], ""))
        elif found:
            first, command, expected = found[-1]
            found[-1] = (
                (first, f"{command}\n{line}", expected)
                if continued
                else (first, command, expected + line + "\n")
            )
        continued = line.endswith("\\") and (line.startswith("$ ") or continued)
    return found


def lines_trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def matches(expected: str, printed: str) -> bool:
    """Whether the output is the expected one, `...` matching anything."""
    pattern = ".*?".join(re.escape(part) for part in lines_trimmed(expected).split("..."))
    return re.fullmatch(pattern, lines_trimmed(printed), re.DOTALL) is not None


def run_console(block: Block, page: Path, folder: Path) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "110",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }
    for line, command, expected in commands_of(block):
        run = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
        )
        where = f"{page.relative_to(ROOT)}:{line}: $ {command}"
        assert run.returncode == 0, f"{where}\nexit {run.returncode}\n{run.stdout}"
        if expected.strip():
            assert matches(expected, run.stdout), f"{where}\nprinted\n{run.stdout}\ninstead of\n{expected}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_shows_works(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    module = types.ModuleType("shown_in_docs")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    for block in blocks_of(page):
        if block.language == "console":
            run_console(block, page, tmp_path)
        else:
            named = FILE_NAME.match(block.text)
            if named:
                (tmp_path / named[1]).write_text(block.text, encoding="utf-8")
            code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
            exec(code, module.__dict__)  # noqa: S102  our own page


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\nb", "a  \nb\n\n", True),
        ("a ... c", "a b c", True),
        ("first\n...\nlast", "first\n1\n2\nlast", True),
        ("a.c", "abc", False),
        ("a", "a\nb", False),
    ],
)
def test_dots_match_any_output_and_everything_else_is_exact(expected: str, printed: str, same: bool):
    assert matches(expected, printed) is same


def test_a_console_block_gives_commands_with_their_output():
    block = Block("console", "$ one \\\n  more\nout\n$ two\n", 10)
    assert commands_of(block) == [(10, "one \\\n  more", "out\n"), (13, "two", "")]
