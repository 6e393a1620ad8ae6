"""Everything about an account, for the person behind it: as lines of JSON, so that it may be of any length.

{"part": "account", "data": {...}}        how it stands
{"part": "identifier", "data": {...}}     numbers, addresses, in plain text
{"part": "event", "data": {...}}          every event that names it, as it came in
{"part": "decision", "data": {...}}       what was decided about its own events
{"part": "measures", "data": {...}}       rows of the ledger, by table
{"part": "screening", "data": {...}}      a screening that it stood in, and what that came to
{"part": "audit", "data": {...}}          what people did about it, and why
{"part": "end", "data": {"lines": 42}}    without this line, it is not whole
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.journal.decision_log import LINES, frames_of
from tidegate.journal.forgetting import own_names
from tidegate.journal.frame import Kind
from tidegate.journal.other_names import mentions, might_mention
from tidegate.journal.segments import segments
from tidegate.service.access.erasure import rows_about
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tidegate.journal.folder import DataFolder
    from tidegate.service.access.custody import Custody

_PAGE = 1000


def export_account(
    custody: Custody,
    folder: DataFolder,
    account_id: str,
    account: dict[str, Any],
    screened: Callable[[str, Iterable[str]], Iterator[dict[str, Any]]] = lambda *_: iter(()),
) -> Iterator[bytes]:
    """Yield the lines; `account` is how it stands. The newest segment of the log is left out: begin one before.

    `screened` tells in which screenings an account stood, by its id and the numbers that nobody else had.
    """
    count = 0
    for part, data in _parts(custody, folder, account_id, account, screened):
        count += 1
        yield _line(part, data)
    yield _line("end", {"lines": count})


def _parts(
    custody: Custody,
    folder: DataFolder,
    account_id: str,
    account: dict[str, Any],
    screened: Callable[[str, Iterable[str]], Iterator[dict[str, Any]]],
) -> Iterator[tuple[str, Any]]:
    yield "account", account
    for one in custody.identifiers.of_account(account_id):
        times = {"first_at": format_rfc3339(one.first_at), "last_at": format_rfc3339(one.last_at)}
        yield "identifier", {"kind": one.kind, "value": one.value} | times
    yield from _journal(custody, folder, account_id)
    with custody.database.reading() as connection:
        yield from rows_about(connection, account_id)
    own, _ = own_names(folder, custody.cipher, account_id, custody.identifiers.own_numbers(account_id))
    yield from (("screening", told) for told in screened(account_id, own))
    after = 0
    while entries := custody.audit.entries(after=after, limit=_PAGE, subject=account_id):
        yield from (("audit", entry.data()) for entry in entries)
        after = entries[-1].seq


def _journal(custody: Custody, folder: DataFolder, account_id: str) -> Iterator[tuple[str, Any]]:
    names = {account_id.encode(): b""}
    for segment in segments(folder.journal)[:-1]:
        for frame in frames_of(segment.path):
            if frame.kind is not Kind.EVENTS:
                continue
            for line in _mentioning(frame.payload(custody.cipher), names):
                yield "event", json.loads(line)
    for segment in segments(folder.journal)[:-1]:
        path = (folder.decisions / segment.path.stem).with_suffix(LINES)
        for frame in frames_of(path) if path.exists() else ():
            for line in _mentioning(frame.payload(custody.cipher), names):
                decision = json.loads(line)
                if decision.get("account_id") == account_id:
                    yield "decision", decision


def _mentioning(payload: bytes, names: dict[bytes, bytes]) -> Iterator[bytes]:
    if might_mention(payload, names):
        yield from (
            line for line in payload.split(b"\n") if might_mention(line, names) and mentions(line, names)
        )


def _line(part: str, data: Any) -> bytes:  # noqa: ANN401  JSON
    return msgspec.json.encode({"part": part, "data": data}) + b"\n"
