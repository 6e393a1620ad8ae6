"""What the rows about screening pools, numbers and compliance became: out of the sources, else out of `screening_rows.toml`."""

import tomllib
from dataclasses import dataclass

from tests.docs import coverage

from tidegate.screening import outlook, pool_findings, tiers
from tidegate.screening.dimensions import CHECKS, fake, non_compliant, stolen, validity
from tidegate.screening.since import drift_outputs, observation

AREAS = ("screen.", "sops.", "num.", "comp.")
PRACTICE = coverage.ROOT / "docs" / "screening-practice.md"
LISTED = coverage.HERE / "screening_rows.toml"
SHEETS = (stolen, fake, non_compliant, validity, tiers, pool_findings, observation, drift_outputs, outlook)
STATES = ("built", "for the organisation", "a claim", "open", "not for a defender")


@dataclass(frozen=True)
class Became:
    """What a row became, in which state it is, and which files show it."""

    state: str
    what: str
    files: tuple = ()
    tests: tuple = ()


def rows():
    return [row for row in coverage.all_rows() if row.id.startswith(AREAS)]


def listed():
    return tomllib.loads(LISTED.read_text("utf-8"))


def out_of_sources():
    """Row id -> what it is: a check, a label, a finding about the pool, a figure."""
    found = {}
    for sheet in SHEETS:
        for figure in vars(sheet.Figures).values():
            if hasattr(figure, "source"):
                found[figure.source] = "figure"
    found |= dict.fromkeys(findings_about_pools(), "finding about the pool")
    found |= {"screen.fake-type-zombie": "label `fake-zombie`", "screen.fake-type-bot": "label `fake-bot`"}
    return found | {check.id: "check" for check in CHECKS} | {"screen.risk-tiers": "tiers"}


def findings_about_pools():
    text = (coverage.SRC / "screening" / "pool_findings.py").read_text("utf-8")
    return set(coverage.ROW_ID.findall(text.partition("def pool_findings")[2]))


def became():
    """Row id -> what became of it."""
    sources, given = out_of_sources(), listed()
    files, tests = coverage.named_in(coverage.SRC), coverage.named_in(coverage.TESTS)
    found = {}
    for row in rows():
        more = given["became"].get(row.id)
        what = more["is"] if more else sources.get(row.id)
        shown = tests.get(row.id, set()) | set(more.get("tests", ()) if more else ())
        if row.reading == "none":
            found[row.id] = Became("not for a defender", "")
        elif what:
            found[row.id] = Became("built", what, tuple(sorted(files.get(row.id, ()))), tuple(sorted(shown)))
        elif row.id in given["organisation"]:
            found[row.id] = Became("for the organisation", given["organisation"][row.id])
        elif row.id in given["open"]:
            found[row.id] = Became("open", given["open"][row.id])
        elif row.kind == "statistic":
            found[row.id] = Became(
                "a claim", "[what to hold of it](screening-practice.md#figures-that-go-round)"
            )
    return found


def section():
    """The part of the page about these rows, as Markdown."""
    found = became()
    counts = [f"{sum(one.state == state for one in found.values())} {state}" for state in STATES]
    lines = ["| row | kind | became | in | shown by |", "|---|---|---|---|---|"]
    for row in rows():
        one = found[row.id]
        what = one.what if one.state == "built" else f"*{one.state}*{': ' if one.what else ''}{one.what}"
        shown = [coverage.shown(files) for files in (one.files, one.tests)]
        lines.append(f"| `{row.id}` | {row.kind} | {what} | {shown[0]} | {shown[1]} |")
    about = f"{len(found)} rows: {', '.join(counts)}. Where nothing is named in the sources, the row is a way of using what is there."
    return ["## Screening of pools, numbers, compliance", about, "\n".join(lines)]
