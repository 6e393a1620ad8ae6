"""The code's own properties: layers, sizes, names, docstrings, and nothing of the machine it was written on."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "tidegate"
MODULES = sorted(path for path in SRC.rglob("*.py"))

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
REASON = "reason for length:"
VAGUE = {"utils", "util", "helpers", "helper", "common", "core", "manager", "managers", "misc"}

# functions that may be longer than a screen, each with its reason
LONG_FUNCTIONS: dict[str, str] = {
    "windows/program.py:Program._compare_both": "a switch: one branch per comparison, each a loop the compiler vectorises",
    "windows/row_program.py:RowProgram.run": "a switch: one case per instruction, which the compiler makes one jump of",
    "ledger/migrations/versions/v0001_first_tables.py:upgrade": "tables one after the other, written once",
    "ledger/migrations/versions/v0002_access_enforcement.py:upgrade": "tables one after the other, written once",
}

# spelled in parts: this file is tracked too
FOREIGN = re.compile(
    "|".join(
        [
            r"(?<![\w.])/" + r"work/",
            r"(?<![\w.])/" + r"root/",
            r"(?<![\w.])/" + r"home/\w",
            r"(?<![\w.])/" + r"Users/\w",
            "pypi" + r"\.org",
            "python" + r"hosted\.org",
            "registry" + r"\.npmjs",
            "deb" + r"\.debian\.org",
        ]
    )
)


def name_of(path: Path) -> str:
    return path.relative_to(SRC).as_posix()


def functions_of(tree: ast.AST, prefix: str = "") -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """All functions below a node with their dotted names."""
    found = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append((prefix + node.name, node))
        inner = f"{prefix}{node.name}." if hasattr(node, "name") and hasattr(node, "body") else prefix
        found += functions_of(node, inner)
    return found


def length_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, the docstring left out."""
    length = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        length -= first.end_lineno - first.lineno + 1
    return length


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: there is no list of tracked files")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_rooms_import_only_from_below_and_the_judging_part_knows_no_clock_or_network():
    lint = Path(sys.executable).parent / "lint-imports"
    run = subprocess.run(
        [lint, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_is(path: Path):
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text)), "no docstring"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_file_is_short_or_says_why_not(path: Path):
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > FILE_LINES_MAX:
        assert any(REASON in line for line in lines[:5]), f"{len(lines)} lines and no `{REASON}` at the top"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_function_fits_a_screen(path: Path):
    for name, function in functions_of(ast.parse(path.read_text(encoding="utf-8"))):
        where = f"{name_of(path)}:{name}"
        if where not in LONG_FUNCTIONS:
            assert length_of(function) <= FUNCTION_LINES_MAX, where


def test_every_exception_for_long_functions_is_still_needed():
    long = {
        f"{name_of(path)}:{name}"
        for path in MODULES
        for name, function in functions_of(ast.parse(path.read_text(encoding="utf-8")))
        if length_of(function) > FUNCTION_LINES_MAX
    }
    assert set(LONG_FUNCTIONS) <= long


def test_no_module_has_a_vague_name():
    vague = [name_of(path) for path in MODULES if VAGUE & set(path.relative_to(SRC).with_suffix("").parts)]
    assert vague == []


def test_no_tracked_file_names_a_machine_path_or_a_registry_host():
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in FOREIGN.finditer(text)]
    assert found == []


def test_nothing_generated_is_tracked():
    generated = {".so", ".pyd", ".c", ".cpp", ".pyc", ".o"}
    assert [path.name for path in tracked_files() if path.suffix in generated] == []


def test_the_lock_pins_every_package_by_hash():
    for lock in (ROOT / "locks").glob("*.txt"):
        pins = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())
        assert all(re.match(r"[a-z0-9._-]+==\S+", pin) and "--hash=sha256:" in pin for pin in pins), lock.name
