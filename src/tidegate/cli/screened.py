"""`tidegate screened`: a list out of the results of a screening."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter as Option

from tidegate.cli.kept_input import require_kept
from tidegate.cli.terminal import console, counted, print_json
from tidegate.errors import FileError

OK = 0
Several = Annotated[list[str] | None, Option(negative="", consume_multiple=True)]


def screened(
    folder: Path,
    /,
    *,
    out: Path,
    tier: Several = None,
    risk: Several = None,
    label: Several = None,
    complete: Annotated[bool, Option(negative="")] = False,
    json: Annotated[bool, Option(negative="")] = False,
) -> int:
    """Write the accounts of a screening that are of a tier, carry a risk type or a label, or of which everything is known.

    Examples:
    - `tidegate screened out/ --tier high --risk stolen --out stolen.csv`
    - `tidegate screened out/ --tier secure --complete --out certain.csv`
    - `tidegate screened out/ --label observation --out watched.csv`

    Parameters
    ----------
    folder
        What `tidegate screen` wrote.
    out
        CSV to write, with the columns of the lists per tier.
    tier
        secure, low, high; several: any of them.
    risk
        stolen, non_compliant, fake, empty, unregistered; several: any of them.
    label
        Labels such as theft-suspect or observation; several: any of them.
    complete
        Only accounts of which every check is known.
    json
        Print as JSON.
    """
    from tidegate.screening.outputs.files import HEAD, cells_of
    from tidegate.screening.outputs.result_filter import Wanted, chosen
    from tidegate.screening.outputs.safe_cells import write_csv

    wanted = Wanted(tier or (), [name.replace("-", "_") for name in risk or ()], label or (), complete)
    file = folder / "result.ndjson"
    if not file.is_file():
        raise FileError("here is no result.ndjson", place=str(folder), hint="name the folder of a screening")
    require_kept([file], [out])
    with file.open("rb") as lines:
        found = chosen(lines, wanted, place=str(file))
        count = write_csv(out, HEAD, ([one.number, one.remark, *cells_of(one)] for one in found))
    if json:
        print_json({"written": count})
    else:
        console.print(f"{counted(count, 'account')} written to {out}")
    return OK
