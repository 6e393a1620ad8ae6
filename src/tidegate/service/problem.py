"""Errors as `application/problem+json` (RFC 9457): what is wrong, in which field, what to do. Never what went on inside."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.errors import EventError, JournalError, ParameterError, ReviewError, TidegateError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.service.access.grant import Refused

MEDIA_TYPE = "application/problem+json"
KIND = "/problems/"  # types are relative references: pages of the handbook, not of somebody's host


class Problem(Exception):  # noqa: N818  it is an answer, as `Refused` is
    """An answer that is none: `kind` names the sort of problem for machines, `detail` says it to people.

    `field` is the field or header at fault, `hint` what to do about it, `more` further members; `retry_after_s` goes into
    the header of that name, `allow` (the methods that a path has) with 405.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        field: str = "",
        hint: str = "",
        retry_after_s: int | None = None,
        more: Mapping[str, Any] | None = None,
        allow: str = "",
    ) -> None:
        super().__init__(status, kind, detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.field = field
        self.hint = hint
        self.retry_after_s = retry_after_s
        self.more = dict(more or {})
        self.allow = allow

    def data(self) -> dict[str, Any]:
        """Return the members of the object."""
        members: dict[str, Any] = {
            "type": KIND + self.kind,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.field:
            members["field"] = self.field
        if self.hint:
            members["hint"] = self.hint
        return members | self.more

    def body(self) -> bytes:
        """Return the object as JSON."""
        return msgspec.json.encode(self.data())

    def headers(self) -> dict[str, str]:
        """Return the headers that go with it."""
        headers = {}
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(self.retry_after_s)
        if self.allow:
            headers["Allow"] = self.allow
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = 'Bearer realm="tidegate"'
        return headers


_OF_REVIEW = {
    "missing": (404, "not-found"),
    "conflict": (409, "conflict"),
    "own": (403, "four-eyes"),
    "invalid": (422, "invalid-request"),
}


def of_error(error: TidegateError, *, status: int = 422) -> Problem:
    """Return the problem of an error that a user made."""
    if isinstance(error, ReviewError):
        code, kind = _OF_REVIEW[error.kind]
        return Problem(code, kind, error.problem, field=error.field, hint=error.hint)
    if isinstance(error, ParameterError):
        return Problem(status, "invalid-parameter", error.problem, field=error.place, hint=error.hint)
    if isinstance(error, JournalError):
        return Problem(503, "not-durable", error.problem, hint=error.hint, retry_after_s=10)
    if isinstance(error, UsageError):
        return Problem(status, "invalid-request", error.problem, field=error.place, hint=error.hint)
    too_late = error.problem.startswith("too_late")
    if too_late:
        return Problem(409, "too-late", error.problem, field="ts", hint="send events as they happen")
    # what is no event at all has no fields: then it is the body, or a line of it
    name = (error.field if isinstance(error, EventError) else "") or "body"
    return Problem(status, "invalid-event", error.problem, field=name, hint=error.hint)


def of_refusal(refused: Refused) -> Problem:
    """Return the problem of a caller who may not do this."""
    kinds = {401: "not-authenticated", 403: "not-allowed", 429: "too-many-requests", 503: "not-ready"}
    kind = kinds.get(refused.status, "refused")
    field = "Authorization" if refused.status == HTTPStatus.UNAUTHORIZED else ""
    return Problem(refused.status, kind, refused.detail, field=field, retry_after_s=refused.retry_after_s)


def too_large(limit: int) -> Problem:
    """Return the problem of a body beyond the limit."""
    return Problem(
        413, "too-large", f"the body has more than {limit} bytes", field="body", hint="send smaller batches"
    )


def too_many(limit: int) -> Problem:
    """Return the problem of a batch of more lines or rows than the limit."""
    detail = f"the body has more than {limit} events, bad and blank ones counted"
    return Problem(413, "too-large", detail, field="body", hint="send smaller batches")
