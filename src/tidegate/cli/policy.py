"""`tidegate policy`: look at policies, check and test them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App
from cyclopts import Parameter as Option
from rich.table import Table

from tidegate.cli.policy_text import rule_data, show_rule
from tidegate.cli.screen import console, errors, print_json
from tidegate.engine import Engine
from tidegate.errors import FileError, TidegateError
from tidegate.policies.loading import SHIPPED, load_policy
from tidegate.policy.checks import check as findings_of
from tidegate.policy.parameter import Parameter

app = App(
    name="policy",
    help="""Look at policies, check them, test them.

    Examples:

    - `tidegate policy list`
    - `tidegate policy show msg.burst-over-12-in-60s-l1`
    - `tidegate policy check ours.py`
    """,
    result_action="return_value",
)


@app.command(name="list")
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
        print_json(
            [
                {
                    **p.stamp(),
                    "rules": [rule_data(p, r) for r in p.rules],
                    "figures": p.figures(),
                    "parameter_sets": {k: dict(v) for k, v in p.parameter_sets.items()},
                }
                for p in policies
            ]
        )
        return 0
    for policy in policies:
        console.print(
            f"[bold]{policy.name}[/] {policy.version}: {len(policy.rules)} rules, {len(policy.parameters)} parameters"
        )
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("rule", "state", "area", "limit", "p", "consequence"):
            table.add_column(column, overflow="fold")
        for rule in policy.rules:
            limit = rule.comparison.right
            shown = (
                f"{rule.comparison.op} {limit.default:g} {limit.unit}" if isinstance(limit, Parameter) else ""
            )
            effects = [m.sanction.id for m in rule.measures] + [f"label {x.name}" for x in rule.labels]
            effects += [f"case {c.queue}" for c in rule.cases]
            table.add_row(
                rule.id,
                rule.state,
                policy.area_of(rule),
                shown,
                f"{rule.prior.probability:g}" if rule.prior else "",
                ", ".join(effects),
            )
        console.print(table)
    return 0


@app.command
def show(
    rule: str, /, *, policy: str = "messenger", json: Annotated[bool, Option(negative="")] = False
) -> int:
    """Explain a rule: what it counts, its figures and their sources, its modifiers, and what follows when it fires.

    Example: `tidegate policy show msg.burst-over-12-in-60s-l1`

    Parameters
    ----------
    rule
        Id of the rule.
    policy
        A shipped policy or a path.
    json
        Print as JSON.
    """
    loaded = load_policy(policy)
    found = loaded.rule(rule)
    if json:
        print_json(rule_data(loaded, found))
    else:
        show_rule(console, loaded, found)
    return 0


@app.command
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
    problems: list[dict[str, str]] = []
    rules = 0
    try:
        policy = load_policy(path)
        rules = len(policy.rules)
        problems = [{"place": f.place, "problem": f.problem, "hint": f.hint} for f in findings_of(policy)]
        Engine(policy)
    except TidegateError as error:
        if isinstance(error, FileError):
            raise
        problems.append({"place": error.place or path, "problem": error.problem, "hint": error.hint})
    if json:
        print_json({"policy": path, "rules": rules, "problems": problems})
    elif problems:
        for p in problems:
            errors.print(f"{p['place']}: {p['problem']}\n  hint: {p['hint']}", markup=False, soft_wrap=True)
    else:
        console.print(f"{path}: {rules} rules, nothing wrong")
    return 1 if problems else 0


@app.command
def test(path: Path, /) -> int:
    """Run the tests of a policy: the `test_*.py` files beside it, with pytest.

    Example: `tidegate policy test policies/ours`

    Parameters
    ----------
    path
        A policy file, or a folder.
    """
    if not path.exists():
        raise FileError(f"there is no `{path}`", hint="name a policy file or a folder with tests")
    folder = path if path.is_dir() else path.parent
    stem = "*" if path.is_dir() else f"*{path.stem}*"
    tests = sorted(str(p) for p in folder.rglob(f"test_{stem}.py"))
    if not tests:
        raise FileError(
            f"no tests for `{path}`", hint=f"write `{folder}/test_{path.stem}.py`; see docs/policies.md"
        )
    try:
        import pytest  # noqa: F401  only authors need it
    except ImportError:
        raise FileError("pytest is not installed", hint="`pip install pytest`") from None
    return subprocess.run([sys.executable, "-m", "pytest", "-q", *tests], check=False).returncode  # noqa: S603  own interpreter


@app.command
def diff(a: str, b: str, /, *, json: Annotated[bool, Option(negative="")] = False) -> int:
    """Show what differs between two policies: rules, and figures in force.

    Example: `tidegate policy diff messenger ours.py`

    Parameters
    ----------
    a
        A policy by name or path.
    b
        The other one.
    json
        Print as JSON.
    """
    first, second = load_policy(a), load_policy(b)
    rules = [{r.id: rule_data(p, r) for r in p.rules} for p in (first, second)]
    figures = [p.figures() for p in (first, second)]
    found = {
        "only_a": sorted(rules[0].keys() - rules[1].keys()),
        "only_b": sorted(rules[1].keys() - rules[0].keys()),
        "changed": {
            rule: {k: [rules[0][rule].get(k), rules[1][rule].get(k)] for k in rules[0][rule] if rules[0][rule].get(k) != rules[1][rule].get(k)}
            for rule in sorted(rules[0].keys() & rules[1].keys())
            if rules[0][rule] != rules[1][rule]
        },
        "figures": {k: [figures[0].get(k), figures[1].get(k)] for k in sorted(figures[0].keys() | figures[1].keys()) if figures[0].get(k) != figures[1].get(k)},
    }  # fmt: skip
    if json:
        print_json(found)
        return 0
    for rule in found["only_a"]:
        console.print(f"- {rule}", style="red")
    for rule in found["only_b"]:
        console.print(f"+ {rule}", style="green")
    for rule, changes in found["changed"].items():
        console.print(f"~ {rule}: {', '.join(changes)}")
    for figure, (old, new) in found["figures"].items():
        console.print(f"  {figure}: {old} -> {new}", markup=False)
    if not any(found.values()):
        console.print("no difference")
    return 0
