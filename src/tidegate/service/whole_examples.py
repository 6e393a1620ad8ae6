"""Examples with their nulls: FastAPI leaves members out that are null, also where the schema beside asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastapi import APIRouter


def put_nulls_back(document: dict[str, Any], routers: Iterable[APIRouter]) -> None:
    """Let the examples of forms and answers be those that were written beside them."""
    for named in document["components"]["schemas"].values():
        for written in _of_models(BaseModel):
            if named.get("examples") == without_null(written):
                named["examples"] = written
    for route in (route for router in routers for route in router.routes):
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                _of_answers(document["paths"][route.path_format][method.lower()]["responses"], route)


def _of_answers(shown: dict[str, Any], route: APIRoute) -> None:
    for status, response in route.responses.items():
        for form, content in response.get("content", {}).items():
            if "example" in content:
                shown[str(status)]["content"][form]["example"] = content["example"]


def _of_models(of: type[BaseModel]) -> Iterator[list[Any]]:
    """Yield the examples that models were given."""
    for model in of.__subclasses__():
        extra = model.model_config.get("json_schema_extra")
        if isinstance(extra, dict) and isinstance(written := extra.get("examples"), list):
            yield written
        yield from _of_models(model)


def without_null(data: Any) -> Any:  # noqa: ANN401  plain data of any shape
    """Return data as FastAPI shows it."""
    if isinstance(data, dict):
        return {key: without_null(value) for key, value in data.items() if value is not None}
    return [without_null(one) for one in data] if isinstance(data, list) else data
