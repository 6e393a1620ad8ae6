"""Query parameters that a route does not have are refused: a misspelt filter must not list everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from tidegate.service.problem import Problem


async def only_known(request: Request) -> None:
    """Raise Problem where the query names what the route does not ask for."""
    if not request.query_params:
        return
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    many = dict(_parameters(route.dependant))
    known = sorted(many)
    for name in request.query_params:
        if name not in known:
            raise unknown(name, known)
        if not many[name] and len(request.query_params.getlist(name)) > 1:
            raise Problem(
                422,
                "invalid-request",
                f"the query parameter `{name}` stands there more than once",
                field=name,
                hint="give it once",
            )


def unknown(name: str, known: Sequence[str] = ()) -> Problem:
    """Return the problem of a parameter that is none of those known."""
    near = get_close_matches(name, known, n=1)
    listed = f"it has {', '.join(f'`{one}`' for one in known)}" if known else "this route has none"
    return Problem(
        422,
        "unknown-parameter",
        f"there is no query parameter `{name[:100]}`",
        field=name[:100],
        hint=f"did you mean `{near[0]}`?" if near else listed,
    )


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Yield the query parameters of a route and of all that it depends on, and whether they may be given more than once."""
    for field in dependant.query_params:
        kind = field.field_info.annotation
        yield field.alias, list in (get_origin(one) for one in (kind, *get_args(kind)))
    for needed in dependant.dependencies:
        yield from _parameters(needed)
