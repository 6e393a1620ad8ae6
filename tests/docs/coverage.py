"""Which rows of the catalogue are built, where, and which tests name them: made from the policy, the sources and the tests.

`python -m tests.docs.coverage > docs/coverage.md` prints the page, and takes rows that are built off the list of open ones.
"""

import csv
import re
import sys
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from tidegate.handbook.words import bounds_text, figures_of, measures_of, page_of, value_text
from tidegate.policies.loading import examples_of
from tidegate.policies.messenger import policy

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SRC, TESTS = ROOT / "src" / "tidegate", ROOT / "tests"
OPEN = HERE / "open_rows.toml"
KINDS = ("rule", "quota", "modifier", "weight", "feature", "signal", "score", "sanction", "process")
PROCESS_AREAS = ("reports", "sanctions", "appeals", "client", "registration")
SCREENING = (
    "screen.",
    "sops.",
    "num.",
    "comp.",
)  # pools of accounts and compliance: in `screening_coverage.py`
ROW_ID = re.compile(r"[a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*")
_OPEN = "Rows that could be built and are not, and those that are built in part."
EXAMPLES_TEST = "handbook/test_pages.py"  # judges the examples
_ABOUT = """\
Every row of the risk catalogue that a policy is made of: what it became, where, and which tests name it. Made by `make docs`; a test
fails where a row that can be built has neither code nor test and is not listed as open."""
BECAME = {"rule": {"rule"}, "quota": {"quota"}, "modifier": {"modifier", "rule"}, "sanction": {"measure"}}
GENERATED = ("harvest.py", "coverage.py", "screening_coverage.py", "test_coverage.py")


@dataclass(frozen=True)
class Row:
    """A row of the catalogue: its id, what kind of thing it states, its area, and whether a defender may build it."""

    id: str
    kind: str
    area: str
    reading: str

    @property
    def counts(self):
        """Whether it is one of those that a policy is made of."""
        return (
            not self.id.startswith(SCREENING)
            and self.kind in KINDS
            and (self.kind != "process" or self.area in PROCESS_AREAS)
        )

    @property
    def buildable(self):
        return self.reading != "none"


@dataclass(frozen=True)
class Built:
    """What a row became, where its page is, which files name it, and which tests."""

    what: str
    page: str
    files: tuple
    tests: tuple
    tests_of_rules: tuple  # those that name no more than a rule it is part of

    @property
    def tested(self):
        return bool(self.tests or self.tests_of_rules)


def all_rows():
    with (HERE / "rows.csv").open(encoding="utf-8", newline="") as lines:
        return [Row(**row) for row in csv.DictReader(lines)]


def open_rows():
    """Rows that are left open -> why."""
    return tomllib.loads(OPEN.read_text("utf-8"))["open"]


def other_forms():
    """Rows of rules, quotas, modifiers and sanctions that became something else -> what, and why."""
    return tomllib.loads(OPEN.read_text("utf-8")).get("other", {})


def named_in(folder, pattern="*.py"):
    """Row id -> the files below a folder that name it, the shortest paths first."""
    found = defaultdict(set)
    ids = {row.id for row in all_rows()}
    for path in sorted(folder.rglob(pattern)):
        if path.name not in GENERATED:
            for row in ids & set(ROW_ID.findall(path.read_text("utf-8"))):
                found[row].add(path.relative_to(folder).as_posix())
    return found


def made_of():
    """Row id -> (what it became, its page below docs/rules)."""
    found = {}
    for name, figure in policy.parameters.items():
        for source in ROW_ID.findall(figure.source):
            found.setdefault(source, (f"figure `{name}`", "index.md"))
    found |= {sanction.id: ("measure", "sanctions.md") for sanction in policy.sanctions}
    for rule in (*policy.rules, *filter(None, [policy.restriction])):
        found |= {measure.sanction.id: ("measure", "sanctions.md") for measure in measures_of(rule)}
    found |= {m.id: ("modifier", "modifiers.md") for rule in policy.rules for m in rule.modifiers}
    found |= {q.id: ("quota", page_of(policy, q)) for q in policy.quotas}
    found |= {rule.id: ("rule", page_of(policy, rule)) for rule in policy.rules}
    if policy.restriction is not None:
        found |= dict.fromkeys(policy.restriction.ids, ("rule", "index.md"))
    return found


def parts_of():
    """Row id of a part (a measure, a modifier, a weight) -> the rules that it is part of."""
    found = defaultdict(set)
    for rule in policy.rules:
        for part in (*(m.sanction for m in measures_of(rule)), *rule.modifiers):
            found[part.id].add(rule.id)
        for figure in figures_of(rule):
            for source in ROW_ID.findall(figure.source):
                found[source].add(rule.id)
    return found


def coverage():
    """Row id -> what became of it; rows that nothing names are left out."""
    made, files, tests, parts = made_of(), named_in(SRC), named_in(TESTS), parts_of()
    found = {}
    for row in made.keys() | files.keys():
        own = tests.get(row, set())
        if not own and (examples_of(policy.name) / f"{row}.json").exists():
            own = {
                EXAMPLES_TEST
            }  # ids of tests may be put together; what they judged is an example all the same
        rules = {test for rule in parts.get(row, ()) for test in tests.get(rule, ())}
        found[row] = Built(
            *made.get(row, ("named", "")),
            tuple(sorted(files[row])),
            tuple(sorted(own)),
            tuple(sorted(rules - own)),
        )
    return found


def form_fits(row, built):
    """Whether a row became a thing of its kind, or the list of other forms says why not."""
    return row.kind not in BECAME or built.what in BECAME[row.kind] or row.id in other_forms()


def done():
    """Ids of the rows that are built as what they are, and tested."""
    found = coverage()
    return {
        row.id
        for row in all_rows()
        if row.id in found and found[row.id].tested and form_fits(row, found[row.id])
    }


def why_open(row, listed):
    if row.reading == "none":
        return "not for a defender to build"
    return listed.get(row.id, "")


def cell(text):
    return text.replace("|", "\\|")


def page():
    """The page as Markdown."""
    from tests.docs.screening_coverage import section

    built, listed = coverage(), open_rows()
    rows = [row for row in all_rows() if row.counts]
    parts = [
        "# Coverage of the catalogue",
        _ABOUT,
        summary(rows, built),
    ]
    areas = defaultdict(list)
    for row in rows:
        areas[row.area].append(row)
    for area in sorted(areas):
        lines = [line(row, built[row.id]) for row in areas[area] if row.id in built]
        if lines:
            table = ["| row | kind | built as | in | tests |", "|---|---|---|---|---|", *lines]
            parts += [f"## {area}", "\n".join(table)]
    unfinished = [row for row in rows if row.buildable and (row.id not in built or row.id in listed)]
    later = [row for row in rows if not row.buildable and row.id not in built]
    parts += ["## Left open", _OPEN, reasons(unfinished, listed)]
    parts += ["## Not for a defender", reasons(later, listed)]
    parts += section()
    parts += [
        "## Readings",
        "Where a row or its sources are contradictory or silent, the reading that was chosen.",
        readings(),
        "## Figures of our own choice",
        "Where the sources give no figure. Each can be revised within its bounds.",
        assumed(),
    ]
    return "\n\n".join(parts) + "\n"


def reasons(rows, listed):
    lines = [f"| `{row.id}` | {row.kind} | {why_open(row, listed)} |" for row in rows]
    return "\n".join(["| row | kind | why |", "|---|---|---|", *lines])


def summary(rows, built):
    counts = Counter(
        (row.kind, "built" if row.id in built else "open" if row.buildable else "later") for row in rows
    )
    lines = ["| kind | rows | built | left open | not for a defender |", "|---|---:|---:|---:|---:|"]
    for kind in KINDS:
        done, left, later = (counts[kind, state] for state in ("built", "open", "later"))
        lines.append(f"| {kind} | {done + left + later} | {done} | {left} | {later} |")
    return "\n".join(lines)


def line(row, built):
    what = f"[{built.what}](rules/{built.page})" if built.page else built.what
    tests = shown(built.tests) or (
        f"by its rules: {shown(built.tests_of_rules)}" if built.tests_of_rules else "**none**"
    )
    return f"| `{row.id}` | {row.kind} | {what} | {shown(built.files)} | {tests} |"


def shown(files):
    """The files by their names, at most three."""
    names = [f"`{name.rsplit('/', 1)[-1]}`" for name in files if "/examples/" not in name]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def readings():
    noted = [(one, f"rules/{page_of(policy, one)}") for one in policy.judged if one.note]
    lines = [
        f"| [`{one.id}`]({page}) | {cell(one.note)} |" for one, page in sorted(noted, key=lambda n: n[0].id)
    ]
    return "\n".join(["| row | reading |", "|---|---|", *lines])


def assumed():
    """The figures that no source gives."""
    lines = [
        f"| `{name}` | {value_text(policy, figure)} | {bounds_text(figure)} | {cell(figure.why)} | `{figure.source}` |"
        for name, figure in sorted(policy.parameters.items())
        if figure.assumed
    ]
    return "\n".join(["| figure | value | bounds | why | for |", "|---|---|---|---|---|", *lines])


def without_done(text, done):
    """The list of open rows without those that are built and tested."""
    opened, other, forms = text.partition("[other]")
    kept = [line for line in opened.splitlines() if line.split(" = ")[0].strip('"') not in done]
    return "\n".join(kept) + "\n" + other + forms


if __name__ == "__main__":
    OPEN.write_text(without_done(OPEN.read_text("utf-8"), done()), encoding="utf-8")
    sys.stdout.write(page())
