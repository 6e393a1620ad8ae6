"""Revisions of figures and of states of rules: proposed, previewed on the journal, approved by somebody else."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from tidegate.errors import ReviewError
from tidegate.ledger import revisions as book
from tidegate.review import revisions as review
from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.acting import Acting, Key, acting, asked, known, ledger_of
from tidegate.service.previewing import Previews
from tidegate.service.routes.parameters import policy_in_force
from tidegate.service.shapes import revisions as shapes
from tidegate.service.shapes.words import LIMIT, Because, Cursor, Limit, PathId, problems
from tidegate.service.state import Service

router = APIRouter(prefix="/v1", tags=["policy"])

Analyst = Annotated[Grant, Depends(needs("analyst"))]
Row = dict[str, Any]


@router.get(
    "/revisions",
    summary="Revisions, the newest first",
    dependencies=[Depends(needs("read"))],
    response_model=shapes.Revisions,
    responses=problems(),
)
async def revisions(
    request: Request,
    state: book.RevisionState | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> dict[str, Any]:
    """Return revisions by state."""
    service: Service = request.app.state.service
    digest = await _brought_in_line(service)
    page = await asked(service, lambda c: book.listed(c, state, after=cursor, rows=limit))
    return {"revisions": [shapes.revision(row, digest) for row in page.rows], "next": page.next}


@router.get(
    "/revisions/{revision_id}",
    summary="A revision with its preview",
    dependencies=[Depends(needs("read"))],
    response_model=shapes.Revision,
    responses=problems(404),
)
async def revision(request: Request, revision_id: PathId) -> dict[str, Any]:
    """Return a revision."""
    service: Service = request.app.state.service
    digest = await _brought_in_line(service)
    row = await asked(service, lambda c: book.found(c, revision_id))
    return shapes.revision(known(row, "revision", revision_id), digest)


@router.post(
    "/revisions",
    summary="Propose other figures or states of rules",
    status_code=201,
    response_model=shapes.Revision,
    responses=problems(403, 409),
)
async def propose(request: Request, body: shapes.Propose, grant: Analyst, key: Key = None) -> dict[str, Any]:
    """Propose a revision within the bounds; nothing changes before somebody else approves it."""
    async with acting(request, grant, body.reason, key) as turn:
        policy = await policy_in_force(turn.service)
        number = turn.act.number.replace("act-", "rev-")
        row = await turn.read(lambda c: book.found(c, number))
        if row is None:
            changed = review.revised(policy, body.figures, body.states)
            stamp, theirs = await turn.service.judging.call(
                lambda live: (live.engine.policy.stamp(), live.engine.remembered)
            )
            await asyncio.to_thread(review.require_memory, changed, stamp, theirs)
            row = review.propose(turn.act, policy, body.figures, body.states)
            await _write(turn, row, "revision.propose", new=True)
        return shapes.revision(await _row(turn, number), policy.digest)


@router.post(
    "/revisions/{revision_id}/preview",
    summary="What a revision would have changed",
    response_model=shapes.Revision,
    responses=problems(403, 404, 409),
)
async def preview(
    request: Request, revision_id: PathId, body: shapes.AskPreview, grant: Analyst
) -> dict[str, Any]:
    """Judge the last days of the journal by the figures in force and by those proposed; see `preview` in the answer.

    It may take a while: then `preview.state` is `running`, and asking for the revision shows when it is done.
    """
    async with acting(request, grant, "preview") as turn:
        row = await _row(turn, revision_id)
        policy = await policy_in_force(turn.service)
        proposed = review.revised(policy, row["figures"], row["states"])
        previews = _previews(request)
        newest = await turn.service.judging.call(lambda live: int(live.engine.newest))
    await previews.begin(revision_id, policy, proposed, newest, body.days, body.warm_up_days)
    after = await asked(turn.service, lambda c: book.found(c, revision_id))
    return shapes.revision(known(after, "revision", revision_id), policy.digest)


@router.post(
    "/revisions/{revision_id}/approve",
    summary="Put a revision in force",
    response_model=shapes.Revision,
    responses=problems(403, 404, 409),
)
async def approve(
    request: Request, revision_id: PathId, body: shapes.Approve, grant: Analyst
) -> dict[str, Any]:
    """Put a revision in force from an event time on: an entry of the journal, so that decisions stay reproducible.

    Whoever proposed it cannot approve it.
    """
    async with acting(request, grant, body.reason) as turn:
        service, act = turn.service, turn.act
        await _brought_in_line(service)
        row = await _row(turn, revision_id)
        policy = await policy_in_force(service)
        done = review.approve(act, row, policy, act.at if body.active_from is None else body.active_from)
        changed = review.revised(policy, row["figures"], row["states"])

        def enter(live: Any) -> tuple[int, int]:  # noqa: ANN401  the live engine
            waiting = live.revisions[1:]
            if waiting:
                raise ReviewError(
                    "another revision waits for its time", kind="conflict", hint="approve after it"
                )
            at = live.engine.newest if body.active_from is None else body.active_from
            return at, live.revise(changed, at, by=act.actor, note={"revision": revision_id})

        await asyncio.to_thread(service.judging.engine.prepare, changed)
        done["active_from"], done["position"] = await service.judging.call(enter)
        await _write(turn, {"id": revision_id} | done, "revision.approve")
        digest = (await policy_in_force(service)).digest
        return shapes.revision(await _row(turn, revision_id), digest)


@router.post(
    "/revisions/{revision_id}/refuse",
    summary="Refuse a revision, or withdraw your own",
    response_model=shapes.Revision,
    responses=problems(403, 404, 409),
)
async def refuse(request: Request, revision_id: PathId, body: Because, grant: Analyst) -> dict[str, Any]:
    """Close a proposal without putting it in force."""
    async with acting(request, grant, body.reason) as turn:
        digest = await _brought_in_line(turn.service)
        row = await _row(turn, revision_id)
        await _write(turn, {"id": revision_id} | review.refuse(turn.act, row), "revision.refuse")
        return shapes.revision(await _row(turn, revision_id), digest)


async def _write(turn: Acting, row: Row, what: str, *, new: bool = False) -> None:
    """Write to the book and the audit log."""
    ledger, custody, act = ledger_of(turn.service), turn.service.custody, turn.act

    def told(whole: Row) -> Row:
        return {name: whole.get(name) for name in ("id", "state", "figures", "states", "active_from")}

    def write() -> None:
        with ledger.reading() as reading:
            before = None if new else book.found(reading, row["id"])
        after = told((before or {}) | row)
        transaction = ledger.writing()
        if custody is not None:
            shown = None if before is None else told(before)
            transaction = custody.audit.recording(
                act.actor, what, reason=act.reason, before=shown, after=after
            )
        with transaction as connection:
            if new:
                book.enter(connection, row)
            else:
                changes = {name: value for name, value in row.items() if name != "id"}
                book.change(connection, row["id"], **changes)

    await asyncio.to_thread(write)


async def _brought_in_line(service: Service) -> str:
    """Note in the book what the journal says is in force, which a crash may have kept from it; return the fingerprint."""
    entered, digest = await service.judging.call(
        lambda live: ([(r.note.get("revision"), r) for r in live.revisions], live.engine.policy.digest)
    )
    ledger = ledger_of(service)

    def note() -> None:
        for number, entry in entered:
            with ledger.reading() as connection:
                row = book.found(connection, number) if isinstance(number, str) else None
            if row is not None and row["state"] == review.PROPOSED:
                values = {"active_from": entry.at, "position": entry.position, "decided_by": entry.by}
                with ledger.writing() as connection:
                    book.change(connection, row["id"], state=review.ACTIVE, **values)

    await asyncio.to_thread(note)
    return str(digest)


def _previews(request: Request) -> Previews:
    state = request.app.state
    if not hasattr(state, "previews"):
        state.previews = Previews(state.service)
    previews: Previews = state.previews
    return previews


async def _row(turn: Acting, revision_id: str) -> Row:
    return known(await turn.read(lambda c: book.found(c, revision_id)), "revision", revision_id)
