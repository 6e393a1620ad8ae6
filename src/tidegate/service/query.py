"""Query parameters that a route does not have are refused: a misspelt filter must not list everything."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

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
    known = sorted(set(_names(route.dependant)))
    for name in request.query_params:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            listed = f"it has {', '.join(f'`{one}`' for one in known)}" if known else "this route has none"
            raise Problem(
                422,
                "unknown-parameter",
                f"there is no query parameter `{name[:100]}`",
                field=name[:100],
                hint=f"did you mean `{near[0]}`?" if near else listed,
            )


def _names(dependant: Dependant) -> Iterator[str]:
    """Yield the query parameters of a route and of all that it depends on."""
    yield from (field.alias for field in dependant.query_params)
    for needed in dependant.dependencies:
        yield from _names(needed)
