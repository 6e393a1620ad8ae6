"""What all forms share: times, ids, reasons, pages."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from tidegate.events.instant import moment_complaint, parse_moment
from tidegate.ledger.page import ROWS, ROWS_MAX
from tidegate.ledger.tables_screening import POOL_CHARS
from tidegate.review.act import REASON_CHARS
from tidegate.service.path_ids import WithSlashes
from tidegate.windows.timestamps import format_rfc3339

ID_CHARS = 256
_TIME_SCHEMA = {"type": "string", "format": "date-time", "examples": ["2026-03-02T09:30:00.250Z"]}


def _moment(value: object) -> int:
    complaint = moment_complaint(value)
    if not isinstance(value, str) or complaint is not None:
        raise ValueError(complaint.problem if complaint is not None else "expected a time as text")
    return parse_moment(value)


def _no_control(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):  # noqa: PLR2004  ASCII
        raise ValueError("control characters do not belong into ids")
    return text


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the character NUL does not belong into a text")
    return text


# a time in a request: RFC 3339 text, in here ms since the epoch
Moment = Annotated[int, BeforeValidator(_moment), WithJsonSchema(_TIME_SCHEMA)]
# a time in an answer: text
Time = Annotated[str, WithJsonSchema(_TIME_SCHEMA)]
Until = Annotated[
    str,
    WithJsonSchema(
        {"type": "string", "description": "a time, or `permanent`", "examples": ["2026-03-04T09:30:00.000Z"]}
    ),
]
Id = Annotated[str, Field(min_length=1, max_length=ID_CHARS), AfterValidator(_no_control)]
PathId = Annotated[str, Path(min_length=1, max_length=ID_CHARS), AfterValidator(_no_control), WithSlashes]
PoolName = Annotated[str, Field(min_length=1, max_length=POOL_CHARS), AfterValidator(_no_control)]
QueryId = Annotated[str, Query(max_length=ID_CHARS), AfterValidator(_no_control)]
Reason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=REASON_CHARS,
        description="why, for whoever reads it in a year",
        examples=["a family album, not spam"],
    ),
    AfterValidator(_no_nul),
]
Cursor = Annotated[str | None, Query(max_length=2000, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=ROWS_MAX, description="rows of a page")]
LIMIT = ROWS


class Form(BaseModel):
    """A request: fields that it does not have, and values of another type (`"no"` for false), are errors that name them."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Because(Form):
    """A reason alone."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "a family album, not spam"}]}
    )

    reason: Reason


def time(ms: int | None) -> str | None:
    """Return a time as text; None where there is none."""
    return None if ms is None else format_rfc3339(ms)


def until(ms: int | None) -> str:
    """Return an end as text."""
    return "permanent" if ms is None else format_rfc3339(ms)


PROBLEM: dict[str, Any] = {
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "field": {"type": "string", "description": "the field or parameter at fault"},
                    "hint": {"type": "string"},
                },
            },
        }
    }
}
_MEANINGS = {
    403: "the key's role does not suffice, or somebody else must decide",
    404: "there is no such thing",
    409: "its state does not allow it",
    422: "a field does not fit; it is named",
    503: "not ready, or not on record yet",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how the problems with these statuses look, for the description of the API."""
    listed = dict.fromkeys((401, *statuses, 422, 429, 503))
    return {status: {"description": _MEANINGS.get(status, "see `title`"), **PROBLEM} for status in listed}
