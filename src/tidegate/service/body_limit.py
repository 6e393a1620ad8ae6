"""How large the body of a request may be that is read whole: before anybody is asked for a key, so that strangers fill no memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import HTTPException

from tidegate.service.decision_route import PATH

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope

FORM_BYTES = 1024 * 1024  # the largest form, 1,000 points of a standing, has 67 KB
_ELSEWHERE = (
    PATH,
    "/v1/screenings",
)  # batches and lists are read piece by piece, and have limits of their own


def bounded(scope: Scope, receive: Receive) -> Receive:
    """Return how to receive a body; it raises HTTPException 413 where the body is too large, or says that it will be."""
    if scope["path"] in _ELSEWHERE:
        return receive
    declared = dict(scope["headers"]).get(b"content-length", b"")
    size = int(declared) if declared.isdigit() else 0
    received = 0

    async def counted() -> Message:
        nonlocal received
        if size > FORM_BYTES:
            raise too_large()
        message = await receive()
        received += len(message.get("body", b""))
        if received > FORM_BYTES:
            raise too_large()
        return message

    return counted


def too_large() -> HTTPException:
    """Return the refusal, in the words that FastAPI hands on."""
    return HTTPException(413, f"the body has more than {FORM_BYTES} bytes")
