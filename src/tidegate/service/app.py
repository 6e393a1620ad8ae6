"""The management API: everything but the decisions themselves, which take a shorter way (`protocol`)."""

from __future__ import annotations

import logging
from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from tidegate.clock import monotonic_s
from tidegate.errors import TidegateError
from tidegate.service.access.roles import OPEN_PATHS
from tidegate.service.body_limit import bounded
from tidegate.service.events_endpoint import events_endpoint
from tidegate.service.judging import not_ready
from tidegate.service.openapi import document
from tidegate.service.path_ids import keep_slashes
from tidegate.service.problem import MEDIA_TYPE, Problem, of_error
from tidegate.service.query import only_known
from tidegate.service.routes import all_routers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tidegate.service.state import Service

TITLE = "Tidegate"
RETRY_S = 10  # a database or a disk that is made room on is not back within a second
# what a database raises that is gone, or has no room
DOWN = (OperationalError, InterfaceError, DisconnectionError, PoolTimeout)
_log = logging.getLogger("tidegate.ledger")
_KINDS = {
    400: "bad-request",
    401: "not-authenticated",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid-request",
    429: "too-many-requests",
    503: "not-ready",
}


def create_app(service: Service) -> FastAPI:
    """Return the ASGI app of a server: its parts in `app.state.service`."""
    app = FastAPI(
        title=TITLE,
        version=version("tidegate"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(only_known)],
        exception_handlers={
            Problem: _problem,
            TidegateError: _user_error,
            RequestValidationError: _invalid,
            HTTPException: _http_error,
            **dict.fromkeys(DOWN, _no_books),
            Exception: _unexpected,
        },
    )
    app.state.service = service
    for router in all_routers():
        app.include_router(router)
    app.router.routes.append(events_endpoint(service))
    app.openapi = partial(document, app)  # type: ignore[method-assign]  # FastAPI's own way to say more
    app.add_middleware(Front, service=service)
    return app


class Front:
    """Counts requests, and answers 503 to all but questions of health as long as the parts of the server are not there."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # wherever there is a GET; the protocol leaves the body out
            scope = {**scope, "method": "GET"}
        readable = keep_slashes(scope)
        begun = monotonic_s()
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        if not readable:
            detail = "an escape in the address is not UTF-8"
            await answer(Problem(400, "bad-request", detail, field="path"))(scope, receive, noted)
        elif self.service.ready or scope["path"] in OPEN_PATHS:
            await self.app(scope, bounded(scope, receive), noted)
        else:
            await answer(not_ready(self.service.judging.stage))(scope, receive, noted)
        route = getattr(scope.get("route"), "path", "other")
        self.service.metrics.request(route, status, monotonic_s() - begun)


def answer(problem: Problem) -> Response:
    """Return a problem as a response."""
    return Response(problem.body(), problem.status, problem.headers(), MEDIA_TYPE)


async def _problem(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, Problem)
    return answer(error)


async def _user_error(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, TidegateError)
    return answer(of_error(error))


async def _invalid(request: Request, error: Exception) -> Response:
    """Say which field of the request is wrong, the first one first."""
    assert isinstance(error, RequestValidationError)
    faults = [_fault(found) for found in error.errors()]
    first = faults[0]
    if first["field"] == "body" and isinstance(error.body, bytes):  # FastAPI reads nothing but JSON
        given = request.headers.get("content-type", "")[:100]
        detail = f"`{given}` is not read here" if given else "the request does not say what it holds"
        kind = _KINDS[415]
        return answer(Problem(415, kind, detail, field="Content-Type", hint="application/json"))
    problem = Problem(
        422,
        "invalid-request",
        f"{first['field']}: {first['detail']}",
        field=first["field"],
        more={"errors": faults},
    )
    return answer(problem)


def _fault(found: dict[str, Any]) -> dict[str, str]:
    if found.get("type") == "json_invalid":
        why, at = found.get("ctx", {}).get("error", "it ends too early"), found.get("loc", ("body", 0))[-1]
        return {"field": "body", "detail": f"not JSON: {str(why).lower()}, at character {at}"}
    place: Sequence[Any] = found.get("loc", ())
    names = [str(part) for part in place if part not in ("body", "query", "path", "header")]
    text = str(found.get("msg", "is wrong")).removeprefix("Value error, ")
    return {"field": ".".join(names) or "body", "detail": text[:1].lower() + text[1:]}  # what was sent stays


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = str(error.detail)
    if detail == _UNREADABLE:
        why = _why_unreadable(error.__cause__)
        return answer(Problem(422, "invalid-request", f"body: {why}", field="body"))
    if error.status_code == HTTPStatus.NOT_FOUND and detail in _PHRASES:
        return answer(_nothing_there(request.url.path))
    kind = _KINDS.get(error.status_code, "error")
    field = "body" if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else ""
    problem = Problem(error.status_code, kind, detail.lower() if detail in _PHRASES else detail, field=field)
    response = answer(problem)
    response.headers.update(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["allow"] = _allowed(request)
    return response


def _allowed(request: Request) -> str:
    """Return the methods of a path: a router names those of the first route that has it, and there may be more."""
    known = [*request.app.routes, *(route for router in all_routers() for route in router.routes)]
    ours = [route for route in known if isinstance(route, Route)]
    methods: set[str] = set()
    for route in ours:
        if route.matches(request.scope)[0] != Match.NONE:
            methods |= route.methods or set()
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def _nothing_there(path: str) -> Problem:
    hint = (
        "leave out the slash at its end"
        if path.endswith("/") and path != "/"
        else "`/openapi.json` lists all"
    )
    return Problem(404, _KINDS[404], "there is nothing at this address", field="path", hint=hint)


def _why_unreadable(cause: BaseException | None) -> str:
    if isinstance(cause, UnicodeDecodeError):
        return f"byte {cause.start + 1} (`0x{cause.object[cause.start]:02x}`) is not UTF-8"
    # neither a number of thousands of digits nor a tower of brackets is an error of syntax
    return "a number has too many digits, or values are nested too deep"


_UNREADABLE = "There was an error parsing the body"  # FastAPI's words for what `json` fails at
_PHRASES = {status.phrase for status in HTTPStatus}


async def _no_books(request: Request, error: Exception) -> Response:
    """Say that the database does not answer, or that its disk is full; the log has the rest."""
    del request
    _log.error("the books cannot be read or written", exc_info=error)
    detail, hint = "the books cannot be read or written now", "an `Idempotency-Key` makes it safe to repeat"
    return answer(Problem(503, "no-books", detail, hint=hint, retry_after_s=RETRY_S))


async def _unexpected(request: Request, error: Exception) -> Response:
    """Say no more than that it is our fault; the log has the rest."""
    del request, error
    return answer(Problem(500, "internal", "the server made a mistake; it is in its log"))
