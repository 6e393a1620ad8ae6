"""`tidegate keys`, the part about the keys that seal what is at rest: look, renew, seal again, retire, change the master key."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter as Option
from rich.table import Table

from tidegate.cli.books import acting, custody_of
from tidegate.cli.terminal import console, counted, print_json, step_progress
from tidegate.cli.whole_number import WholeNumber
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidegate.service.access.custody import Custody

DATA = Path("tidegate-data")
Json = Annotated[bool, Option(negative="")]


def at_rest(*, data: Path = DATA, json: Json = False) -> int:
    """List the keys that seal what is at rest, and how much is sealed with each. It reads the whole folder.

    Example: `tidegate keys at-rest --data tidegate-data`

    Parameters
    ----------
    data
        The data folder.
    json
        Print as JSON.
    """
    from tidegate.service.access.rotation import Sealed, in_use

    with custody_of(data) as custody:
        with _progress(custody, "reading", quiet=json) as done:
            used = in_use(custody, done)
        ring = custody.ring
        rows = [
            {"key": k.id, "made_at": format_rfc3339(k.made_at), "active": k.id == ring.active.id}
            | used.get(k.id, Sealed()).data()
            for k in ring.keys
        ]
    if json:
        print_json(rows)
        return 0
    table = Table(box=None, pad_edge=False)
    for column in ("key", "made", "state", "frames", "rows"):
        table.add_column(column, no_wrap=True, justify="left" if column in ("made", "state") else "right")
    for row in rows:
        idle = not row["frames"] and not row["rows"]
        state = "active" if row["active"] else "may be retired" if idle else "needed"
        frames, entries = f"{row['frames']:,}", f"{row['rows']:,}"
        table.add_row(str(row["key"]), str(row["made_at"])[:10], state, frames, entries)
    console.print(table)
    return 0


def rotate(*, data: Path = DATA, reason: str = "", json: Json = False) -> int:
    """Make a new key for what is at rest, and seal identifiers, audit log and webhook secrets again with it.

    A server under way takes it up by itself. What the files of the journal hold stays sealed with the keys of its time, which
    stay on the ring, until `tidegate keys reseal`.

    Example: `tidegate keys rotate --reason "yearly"`

    Parameters
    ----------
    data
        The data folder.
    reason
        Why, for the audit log.
    json
        Print as JSON.
    """
    from tidegate.service.access.rotation import rotate as make_new

    with custody_of(data) as custody:
        rotated = make_new(custody, actor=acting(), reason=reason)
    if json:
        print_json(rotated.data())
        return 0
    sealed = f"{counted(rotated.identifiers, 'identifier')}, {counted(rotated.audit, 'record')}"
    console.print(f"key {rotated.key_id} seals from now on; sealed again: {sealed}", markup=False)
    return 0


def reseal(*, data: Path = DATA, reason: str = "", quiet: bool = False, json: Json = False) -> int:
    """Seal everything again with the newest key: journal, decisions, checkpoints, books. The server has to be stopped.

    It needs room for one file more. Interrupted, run it again: what is done stays done.

    Example: `tidegate keys reseal --reason "yearly"`

    Parameters
    ----------
    data
        The data folder.
    reason
        Why, for the audit log.
    quiet
        Show no progress.
    json
        Print as JSON.
    """
    from tidegate.service.access.rotation import reseal as seal_again

    with custody_of(data) as custody, _progress(custody, "sealing", quiet=quiet or json) as done:
        books, files = seal_again(custody, actor=acting(), reason=reason, progress=done)
    if json:
        print_json(books.data() | {"files": files.files, "frames": files.frames})
        return 0
    told = f"{counted(files.frames, 'frame')} of {counted(files.files, 'file')}"
    console.print(f"sealed with key {books.key_id}: {told}", markup=False)
    return 0


def retire(
    key: WholeNumber,
    /,
    *,
    data: Path = DATA,
    reason: str = "",
    quiet: bool = False,
    json: Annotated[bool, Option(negative="")] = False,
) -> int:
    """Remove a key of what is at rest for good. Refused while anything is sealed with it. The server has to be stopped.

    Backups that are sealed with it open only with the `keys/ring.json` of their own time.

    Example: `tidegate keys retire 1 --reason "yearly"`

    Parameters
    ----------
    key
        Its number, as `tidegate keys at-rest` shows it.
    data
        The data folder.
    reason
        Why, for the audit log.
    quiet
        Show no progress.
    json
        Print as JSON.
    """
    from tidegate.service.access.rotation import retire as remove

    with custody_of(data) as custody, _progress(custody, "looking for it", quiet=quiet or json) as done:
        remove(custody, key, actor=acting(), reason=reason, progress=done)
    if json:
        print_json({"key": key, "state": "retired"})
        return 0
    console.print(f"key {key} is retired", markup=False)
    return 0


def change_master(
    *, data: Path = DATA, reason: str = "", json: Annotated[bool, Option(negative="")] = False
) -> int:
    """Seal the keys with another master key. The server has to be stopped.

    The new one comes from `TIDEGATE_NEW_MASTER_KEY` or the file `TIDEGATE_NEW_MASTER_KEY_FILE`. Without them a random one
    takes the place of the one in the data folder.

    Example: `tidegate keys change-master --reason "moved out of the folder"`

    Parameters
    ----------
    data
        The data folder.
    reason
        Why, for the audit log.
    json
        Print as JSON.
    """
    from tidegate.service.access.master_change import change_master as change
    from tidegate.service.access.secret_files import VARIABLE, VARIABLE_FILE

    with custody_of(data) as custody:
        inside = change(custody, actor=acting(), reason=reason)
    if json:
        print_json({"in_folder": inside})
        return 0
    where = "it lies in the folder" if inside else f"from now on {VARIABLE} or {VARIABLE_FILE} has to name it"
    console.print(f"the master key is another one; {where}", markup=False, soft_wrap=True)
    return 0


@contextmanager
def _progress(custody: Custody, what: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show how many bytes of the folder's files are done."""
    from tidegate.journal.folder import DataFolder
    from tidegate.journal.resealing import sealed_files

    total = sum(path.stat().st_size for path in sealed_files(DataFolder(custody.folder)))
    with step_progress(what, total=total, quiet=quiet, unit="bytes") as done:
        yield done
