"""POST /v1/events for an ASGI server that does not take it itself: the same route, behind the app."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from tidegate.service.decision_route import PATH, DecisionRoute
from tidegate.service.problem import MEDIA_TYPE, Problem, too_large
from tidegate.service.query import unknown
from tidegate.service.request_head import Head

if TYPE_CHECKING:
    from tidegate.service.state import Service


def events_endpoint(service: Service) -> Route:
    """Return the route."""
    route = DecisionRoute(service)

    async def events(request: Request) -> Response:
        given = request.headers
        head = Head(
            *(
                given.get(name, "").encode("latin-1")
                for name in ("content-type", "content-encoding", "authorization", "prefer")
            )
        )
        try:
            for name in request.query_params:
                raise unknown(name)
            key = route.admit(head, request.client.host if request.client is not None else None)
            body = await _body(request, service.settings.body_bytes)
        except Problem as problem:
            return Response(problem.body(), problem.status, problem.headers(), MEDIA_TYPE)
        answered: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        def reply(status: int, form: bytes, content: bytes, headers: dict[str, str]) -> None:
            if not answered.done():
                answered.set_result(Response(content, status, headers, form.decode()))

        route.take(head, body, key, reply)
        return await answered

    return Route(PATH, events, methods=["POST"])


async def _body(request: Request, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                raise too_large(limit)
            parts.append(part)
    except ClientDisconnect:
        raise Problem(400, "broken-off", "the request broke off") from None
    return b"".join(parts)
