"""Screenings of pools: a list uploaded, worked off in the background, its results read; who saw what is noted."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.acting import Key
from tidegate.service.problem import Problem
from tidegate.service.routes.keys import custody_of
from tidegate.service.screenings.intake import FORMS, Statement, Wanted, entered, require_same, taken_in
from tidegate.service.screenings.screening import DONE, FAILED, Screening
from tidegate.service.screenings.screenings import PART, Screenings, subject_of
from tidegate.service.shapes import screenings as shapes
from tidegate.service.shapes.words import LIMIT, Cursor, Limit, PathId, problems
from tidegate.service.state import Service

router = APIRouter(prefix="/v1/screenings", tags=["screenings"])

Analyst = Annotated[Grant, Depends(needs("analyst"))]
Admin = Annotated[Grant, Depends(needs("admin"))]
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "json": "application/json",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LIST = "number,remark,registered at,last active\n+4915123456781,a customer,2023-05-01,2026-02-20\n"


@router.post(
    "",
    status_code=202,
    summary="Have a pool of accounts screened",
    response_model=shapes.ScreeningRow,
    responses=problems(403, 409)
    | {413: {"description": "the list is too large"}, 415: {"description": "no list"}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                form: {"schema": {"type": "string", "format": "binary"}}
                | ({"example": LIST} if kind == "csv" else {})
                for form, kind in FORMS.items()
            },
        }
    },
)
async def start(
    request: Request,
    response: Response,
    grant: Analyst,
    wanted: Annotated[Wanted, Depends()],
    key: Key = None,
) -> dict[str, Any]:
    """Take in a list, XLSX or CSV, as the body of the request, and screen it in the background.

    Evidence is what the list brings along and what this server's journal holds by now. The answer comes once the list is
    durable; `GET` tells how far it is, `notify` has a mail sent when it is over.
    """
    part = part_of(request)
    if wanted.notify is not None and part.post is None:
        raise Problem(
            422, "no-mail", "this server sends no mail", field="notify", hint="see TIDEGATE_SMTP_URL"
        )
    if wanted.terms.providers and not part.settings.screening_providers:
        raise Problem(
            422,
            "no-providers",
            "this server asks no providers",
            field="providers",
            hint="see TIDEGATE_SCREENING_PROVIDERS",
        )
    digest = None if key is None else hashlib.sha256(f"{grant.key_id}\x1f{key}".encode()).hexdigest()
    upload = await taken_in(request, part)
    known = None if digest is None else await asyncio.to_thread(part.book.of_request, digest)
    if known is None:
        known = await entered(request, part, upload, wanted, grant, digest)
    if known.id != upload.id:
        upload.drop()
        require_same(known, upload, wanted)
    response.headers["Location"] = f"/v1/screenings/{known.id}"
    return shapes.screening_row(known)


@router.get("", summary="The screenings", response_model=shapes.ScreeningRows, responses=problems(403))
def screenings(
    request: Request,
    _: Analyst,
    state: shapes.State | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> dict[str, Any]:
    """List screenings, the newest first: how far they are, not what they came to."""
    found, following = part_of(request).book.listed(state, after=cursor, rows=limit)
    return {"screenings": [shapes.screening_row(one) for one in found], "next": following}


@router.get(
    "/{screening_id}",
    summary="A screening: how far it is, what it came to",
    response_model=shapes.ScreeningShown,
    responses=problems(403, 404),
)
def screening(screening_id: PathId, request: Request, grant: Analyst) -> dict[str, Any]:
    """Return a screening. Once it is over, reading what came of it is noted in the audit log."""
    part = part_of(request)
    found = found_in(part, screening_id)
    if found.state in (DONE, FAILED):
        part.note(grant.actor, "read", found.id, after={"what": "summary"})
    return shapes.screening_shown(found)


@router.get(
    "/{screening_id}/files",
    summary="The files that a screening gave",
    response_model=shapes.FilesShown,
    responses=problems(403, 404),
)
def files(screening_id: PathId, request: Request, grant: Analyst) -> dict[str, Any]:
    """List the files with their sizes and digests; noted in the audit log."""
    part = part_of(request)
    found = found_in(part, screening_id)
    if found.state in (DONE, FAILED):
        part.note(grant.actor, "read", found.id, after={"what": "files"})
    return {"files": shapes.files_shown(found)}


@router.get(
    "/{screening_id}/files/{name}",
    summary="A file that a screening gave",
    response_class=StreamingResponse,
    responses=problems(403, 404)
    | {
        200: {
            "description": "its content",
            "content": {
                form.partition(";")[0]: {"schema": {"type": "object"}, "example": {"accounts": 2}}
                if kind == "json"
                else {
                    "schema": {"type": "string", "format": "binary"},
                    "example": "number,remark,score\n" if kind == "csv" else "",
                }
                for kind, form in MEDIA.items()
            },
        }
    },
)
def file(screening_id: PathId, name: PathId, request: Request, grant: Analyst) -> StreamingResponse:
    """Return the content of a file; noted in the audit log before the first byte leaves."""
    part = part_of(request)
    found = found_in(part, screening_id)
    content = part.content_of(found, name)
    if content is None:
        raise Problem(
            404,
            "not-found",
            "it gave no file of this name",
            field="name",
            hint=f"see /v1/screenings/{found.id}/files",
        )
    about, pieces = content
    part.note(grant.actor, "download", found.id, after={"file": about.name})
    headers = {
        "Content-Length": str(about.bytes),
        "Content-Disposition": f'attachment; filename="screening-{found.id}-{about.name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(pieces, headers=headers, media_type=MEDIA[about.name.rpartition(".")[2]])


@router.get(
    "/{screening_id}/accesses",
    summary="Who did and saw what of a screening",
    response_model=shapes.AccessesShown,
    responses=problems(403, 404),
)
def accesses(
    screening_id: PathId,
    request: Request,
    _: Admin,
    after: Annotated[int, Query(ge=0, le=2**62, description="entries behind this number")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Return the entries of the audit log about a screening, in order; go on with `next_after`."""
    found = found_in(part_of(request), screening_id)
    entries = custody_of(request).audit.entries(after=after, limit=limit, subject=subject_of(found.id))
    shown = []
    for entry in entries:
        data = entry.data()
        shown.append(
            {name: data[name] for name in ("seq", "at", "actor", "action")}
            | {"reason": data.get("reason", ""), "what": data.get("after")}
        )
    return {"accesses": shown, "next_after": entries[-1].seq if entries else after}


@router.post(
    "/{screening_id}/cancel",
    summary="End a screening before it is done",
    response_model=shapes.ScreeningShown,
    responses=problems(403, 404, 409),
)
def cancel(screening_id: PathId, request: Request, grant: Analyst) -> dict[str, Any]:
    """End it, and remove its list and whatever it had come to so far."""
    part = part_of(request)
    found = found_in(part, screening_id)
    if not part.cancel(screening_id):
        raise Problem(409, "conflict", f"it is over: it is {found_in(part, screening_id).state}")
    part.note(grant.actor, "cancel", found.id)
    return shapes.screening_shown(found_in(part, screening_id))


@router.delete("/{screening_id}", status_code=204, summary="Erase a screening", responses=problems(403, 404))
def erase(
    screening_id: PathId,
    request: Request,
    grant: Admin,
    reason: Annotated[
        Statement, Query(description="why, for the audit log", examples=["retention of six months is over"])
    ],
) -> Response:
    """Erase list, files and summary for good, also of one that is not over. That there was one, when, and what for stays."""
    part = part_of(request)
    found = found_in(part, screening_id)
    part.note(grant.actor, "erase", found.id, reason=reason)
    part.erase(screening_id)
    return Response(status_code=204)


def part_of(request: Request) -> Screenings:
    """Return the part of the server that screens."""
    service: Service = request.app.state.service
    return service.part(PART, Screenings)


def found_in(part: Screenings, screening_id: str) -> Screening:
    """Return a screening; raise Problem where there is none."""
    found = part.book.found(screening_id)
    if found is None:
        raise Problem(404, "not-found", "there is no screening with this id", field="screening_id")
    return found
