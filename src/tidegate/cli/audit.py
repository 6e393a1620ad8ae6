"""`tidegate audit`: who did what, and whether the log of it is what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App
from cyclopts import Parameter as Option

from tidegate.cli.books import custody_of
from tidegate.cli.terminal import console, counted, errors, print_json
from tidegate.cli.whole_number import WholeNumber
from tidegate.errors import UsageError

DATA = Path("tidegate-data")
FAILED = 1

EXAMPLES = """\
Examples:

- `tidegate audit verify --data tidegate-data`
- `tidegate audit show --after 100`
- `tidegate audit head`
"""

app = App(
    name="audit",
    help="Look at the audit log, and verify that it is what was written.",
    help_epilogue=EXAMPLES,
    result_action="return_value",
)


@app.command(help_epilogue="")
def verify(
    *,
    data: Path = DATA,
    head: str | None = None,
    json: Annotated[bool, Option(negative="")] = False,
) -> int:
    """Walk the whole log: any entry changed, removed, put elsewhere or cut off at the end is named. Exit 1 then.

    Example: `tidegate audit verify --data tidegate-data --head 1042:9f0c...`

    Parameters
    ----------
    data
        The data folder.
    head
        An end of the log that was written down elsewhere (`tidegate audit head`): it has to be in it.
    json
        Print as JSON.
    """
    from tidegate.service.access.audit_check import PROBLEMS_MAX, check_audit
    from tidegate.service.access.audit_head import Head

    try:
        noted = None if head is None else Head.parse(head)
    except ValueError:
        raise UsageError(f"`{head}` is no end of a log", place="--head", hint="NUMBER:HASH") from None
    with custody_of(data) as custody:
        found = check_audit(custody.audit, noted)
    if json:
        print_json(found.data())
    elif found.sound:
        erased = f", of {found.erased:,} only the chain" if found.erased else ""
        console.print(
            f"sound: {counted(found.entries, 'record')}{erased}; it ends at {found.head}", markup=False
        )
    else:
        for problem in found.problems[:PROBLEMS_MAX]:
            errors.print(problem, markup=False, soft_wrap=True)
        errors.print(f"the audit log is not what was written: {counted(len(found.problems), 'finding')}")
    return 0 if found.sound else FAILED


@app.command(help_epilogue="")
def show(
    *,
    data: Path = DATA,
    after: WholeNumber = 0,
    limit: WholeNumber = 100,
    account: str | None = None,
    json: Annotated[bool, Option(negative="")] = False,
) -> int:
    """Show entries in order: when, who, what, about whom, why.

    Example: `tidegate audit show --account a1 --json`

    Parameters
    ----------
    data
        The data folder.
    after
        Show those behind this number.
    limit
        So many at most.
    account
        Only what was done about this account.
    json
        Print as JSON, with how things were before and after.
    """
    if limit < 1:
        raise UsageError(f"a list of `{limit}` entries", place="--limit", hint="give at least 1")
    with custody_of(data) as custody:
        entries = [e.data() for e in custody.audit.entries(after=after, limit=limit, subject=account)]
    if json:
        print_json(entries)
        return 0
    for entry in entries:
        console.print(_line(entry), markup=False, soft_wrap=True)
    return 0


@app.command(help_epilogue="")
def head(*, data: Path = DATA, json: Annotated[bool, Option(negative="")] = False) -> int:
    """Print the end of the log, to be kept where nobody who can write to this machine can reach it.

    Example: `tidegate audit head --data tidegate-data`

    Parameters
    ----------
    data
        The data folder.
    json
        Print as JSON.
    """
    with custody_of(data) as custody:
        end = custody.audit.head.read()
    if json:
        print_json({"head": None if end is None else str(end)})
        return FAILED if end is None else 0
    console.print("the log has no end noted" if end is None else str(end), markup=False, soft_wrap=True)
    return FAILED if end is None else 0


def _line(entry: dict[str, Any]) -> str:
    said = f"{entry['seq']:>6}  {entry['at']}  {entry['actor']}  {entry['action']}"
    if "erased" in entry:
        return f"{said}  (erased)"
    about = f"  {entry['subject']}" if entry["subject"] else ""
    return f"{said}{about}" + (f"  because: {entry['reason']}" if entry["reason"] else "")
