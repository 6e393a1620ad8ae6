"""`tidegate policy`: look at policies, check and test them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from cyclopts import App
from cyclopts import Parameter as Option

from tidegate.cli.part_text import find_part, part_data, show_part
from tidegate.cli.policy_difference import difference
from tidegate.cli.policy_profile import policy_profile
from tidegate.cli.policy_text import policy_data, print_rules, rule_data, show_rule
from tidegate.cli.quota_text import quota_data, show_quota
from tidegate.cli.restriction_text import restriction_data, show_restriction
from tidegate.cli.terminal import console, counted, errors, print_json, step_progress
from tidegate.engine import Engine
from tidegate.errors import FileError, TidegateError
from tidegate.handbook.pages import pages, write_pages
from tidegate.handbook.words import figure_text
from tidegate.policies.loading import SHIPPED, compared_with, examples_of, load_policy, read_policy
from tidegate.policy import Quota
from tidegate.policy.checks import check as check_policy
from tidegate.policy.finding import Finding

EXAMPLES = """\
Examples:

- `tidegate policy list`
- `tidegate policy show msg.burst-over-12-in-60s-l1`
- `tidegate policy check ours.py`
"""

app = App(
    name="policy",
    help="Look at policies, check them, test them.",
    help_epilogue=EXAMPLES,
    result_action="return_value",
)

app.command(policy_profile, name="profile", help_epilogue="")


@app.command(name="list", help_epilogue="")
def list_(name: str | None = None, /, *, json: Annotated[bool, Option(negative="")] = False) -> int:
    """List policies, their rules, states and parameters.

    Examples:
    - `tidegate policy list`
    - `tidegate policy list ours.py --json`

    Parameters
    ----------
    name
        A shipped policy or a path; all shipped ones when left out.
    json
        Print as JSON.
    """
    policies = [load_policy(n) for n in ([name] if name else SHIPPED)]
    if json:
        print_json([policy_data(policy) for policy in policies])
        return 0
    for policy in policies:
        rules, figures = counted(len(policy.rules), "rule"), counted(len(policy.parameters), "parameter")
        quotas = f", {counted(len(policy.quotas), 'quota')}" if policy.quotas else ""
        console.print(f"{policy.name} {policy.version}: {rules}{quotas}, {figures}", markup=False)
        if policy.parameter_sets:
            console.print(f"parameter sets: {', '.join(policy.parameter_sets)}", markup=False)
        print_rules(policy)
    return 0


@app.command(help_epilogue="")
def show(
    rule: str, /, *, policy: str = "messenger", json: Annotated[bool, Option(negative="")] = False
) -> int:
    """Explain a rule or quota: what it counts, its figures and their sources, its modifiers, and what follows when it fires.

    So it does with what decisions name besides: a measure, a modifier.

    Examples:
    - `tidegate policy show msg.burst-over-12-in-60s-l1`
    - `tidegate policy show sanction.send-suspend-2h`

    Parameters
    ----------
    rule
        Id of the rule, quota, measure or modifier.
    policy
        A shipped policy or a path.
    json
        Print as JSON.
    """
    loaded = load_policy(policy)
    if loaded.restriction is not None and rule in loaded.restriction.ids:
        if json:
            print_json(restriction_data(loaded, loaded.restriction, rule))
        else:
            show_restriction(console, loaded, loaded.restriction, rule)
        return 0
    part = None if rule in {r.id for r in loaded.judged} else find_part(loaded, rule)
    if part is not None:
        if json:
            print_json(part_data(loaded, part))
        else:
            show_part(console, loaded, part)
        return 0
    found = loaded.rule(rule)
    if isinstance(found, Quota):
        if json:
            print_json(quota_data(loaded, found))
        else:
            show_quota(console, loaded, found)
    elif json:
        print_json(rule_data(loaded, found))
    else:
        show_rule(console, loaded, found)
    return 0


@app.command(help_epilogue="")
def check(path: str, /, *, json: Annotated[bool, Option(negative="")] = False) -> int:
    """Check a policy: does it load and compile, can every rule fire, has every figure a name.

    Exit status 1 when something is wrong. Example: `tidegate policy check ours.py`

    Parameters
    ----------
    path
        Path of a policy, or the name of a shipped one.
    json
        Print the findings as JSON.
    """
    rules, findings = _findings(path)
    mistakes = [finding for finding in findings if not finding.advice]
    if json:
        kinds = {"problems": mistakes, "advice": [finding for finding in findings if finding.advice]}
        listed = {
            kind: [{"place": f.place, "problem": f.problem, "hint": f.hint} for f in found]
            for kind, found in kinds.items()
        }
        print_json({"policy": path, "rules": rules, **listed})
        return 1 if mistakes else 0
    for finding in findings:
        errors.print(str(finding), markup=False, soft_wrap=True)
    if not mistakes:
        verdict = "no mistakes" if findings else "nothing wrong"
        console.print(f"{path}: {counted(rules, 'rule')}, {verdict}", markup=False, soft_wrap=True)
    return 1 if mistakes else 0


def _findings(path: str) -> tuple[int, list[Finding]]:
    """Return how many rules the policy has and what is wrong with it; one mistake may hide others."""
    try:
        policy = read_policy(path)
    except FileError:
        raise
    except TidegateError as error:
        return 0, [Finding(error.place or path, error.problem, error.hint)]
    found = check_policy(policy)
    try:
        Engine(policy)
    except TidegateError as error:
        found.append(Finding(error.place or path, error.problem, error.hint))
    return len(policy.rules), found


@app.command(help_epilogue="")
def test(path: Path, /, *, json: Annotated[bool, Option(negative="")] = False) -> int:  # noqa: PT028  no test, a command
    """Run the tests of a policy: the `test_*.py` files beside it, with pytest.

    Example: `tidegate policy test policies/ours`

    Parameters
    ----------
    path
        A policy file, or a folder.
    json
        Print as JSON; what pytest says goes to standard error.
    """
    if not path.exists():
        raise FileError(f"there is no `{path}`", hint="name a policy file or a folder with tests")
    tests = tests_of(path)
    if not tests:
        folder = path if path.is_dir() else path.parent
        raise FileError(
            f"no tests for `{path}`", hint=f"write `{folder / f'test_{path.stem}.py'}`; see docs/policies.md"
        )
    if find_spec("pytest") is None:
        raise FileError("pytest is not installed", hint="`pip install pytest`")
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(path.parent), *map(str, tests)]
    said = sys.stderr if json else None
    failed = subprocess.run(command, check=False, stdout=said).returncode  # noqa: S603  own interpreter, own files
    if json:
        print_json({"files": [str(test) for test in tests], "passed": not failed})
    return 1 if failed else 0


def tests_of(path: Path) -> list[Path]:
    """Return the test files of a policy: all in its folder, or those named after its file, beside it or in `tests`."""
    if path.is_dir():
        return sorted(path.rglob("test_*.py"))
    beside = (path.parent, path.parent / "tests")
    return sorted(test for folder in beside for test in folder.glob(f"test_{path.stem}*.py"))


@app.command(help_epilogue="")
def diff(a: str, b: str, /, *, json: Annotated[bool, Option(negative="")] = False) -> int:
    """Show what differs between two policies: rules, quotas, and figures in force.

    Examples:
    - `tidegate policy diff messenger ours.py`
    - `tidegate policy diff messenger strict`

    Parameters
    ----------
    a
        A policy by name or path.
    b
        The other one; or a file of figures or a parameter set of the first.
    json
        Print as JSON.
    """
    base = load_policy(a)
    found = difference(base, compared_with(base, b))
    if json:
        print_json(asdict(found))
        return 0
    for rule in found.only_a:
        console.print(f"- {rule}", style="red", markup=False)
    for rule in found.only_b:
        console.print(f"+ {rule}", style="green", markup=False)
    for rule, changes in found.changed.items():
        console.print(f"~ {rule}: {', '.join(changes)}", markup=False)
    for figure, (old, new) in found.figures.items():
        console.print(f"  {figure}: {figure_text(old)} -> {figure_text(new)}", markup=False)
    if not any(asdict(found).values()):
        console.print("no difference")
    return 0


@app.command(help_epilogue="")
def docs(
    folder: Path, /, *, policy: str = "messenger", json: Annotated[bool, Option(negative="")] = False
) -> int:
    """Write a page per rule, with its figures and examples, and indexes of rules, measures, modifiers and quotas.

    Examples are the files `examples/RULE.json` beside the policy; the decisions about them are judged anew.
    Pages of rules that are no more are removed. Example: `tidegate policy docs docs/rules`

    Parameters
    ----------
    folder
        Folder to write to.
    policy
        A shipped policy or a path.
    json
        Print the names of the pages as JSON.
    """
    loaded = load_policy(policy)
    total = 2 * len(loaded.judged)  # at most: one that fires, one that rests
    with step_progress("judging examples", total=total, quiet=json, unit="examples") as progress:
        made = pages(loaded, examples_of(policy), progress)
    write_pages(made, folder)
    if json:
        print_json(sorted(made))
    else:
        console.print(f"{counted(len(made), 'page')} written to {folder}/", soft_wrap=True)
    return 0
