"""A request to have a list screened: what its query asks for, and its body, sealed as it comes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec
from fastapi import Query, Request
from pydantic import AfterValidator
from starlette.requests import ClientDisconnect

from tidegate.errors import UsageError
from tidegate.ledger.tables_screening import STATEMENT_CHARS
from tidegate.screening.lists.facts import moment
from tidegate.screening.lists.reading_options import columns_of
from tidegate.screening.stated import sentence
from tidegate.service.access.grant import Grant
from tidegate.service.problem import Problem
from tidegate.service.screenings.letter import ADDRESS_CHARS, address_of
from tidegate.service.screenings.screening import ERASED, Screening
from tidegate.service.screenings.screenings import Screenings, Upload, evidence_until
from tidegate.service.screenings.terms import Terms
from tidegate.service.settings import KEEP_DAYS_MAX
from tidegate.service.shapes.words import PoolName
from tidegate.service.state import Service

T = TypeVar("T")
_OPTION = re.compile(r"--(\w+)( (?=\w+=))?")
FORMS = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/octet-stream": "either",
}


Statement = Annotated[str, Query(min_length=1, max_length=STATEMENT_CHARS), AfterValidator(sentence)]
ListDate = Annotated[
    str | None,
    Query(
        max_length=64, description="as of when the list is; left out: of its upload", examples=["2026-03-02"]
    ),
]
AnswerDays = Annotated[
    float | None, Query(description="how many days an answer of the platform counts; left out: 31")
]
Words = Annotated[list[str], Query(max_length=50)]


class Wanted:
    """What the query asks for."""

    def __init__(
        self,
        purpose: Annotated[Statement, Query(description="what it is done for", examples=["monthly check"])],
        basis: Annotated[
            Statement,
            Query(description="what allows it, such as the article of a law", examples=["Art. 6(1)(f) GDPR"]),
        ],
        dimensions: Annotated[Words, Query(description="what to check; left out: everything")] = [],  # noqa: B006  FastAPI copies it
        mode: Annotated[str | None, Query(max_length=64, description="a named set of checks")] = None,
        first: Annotated[Words, Query(description="risks to look at first")] = [],  # noqa: B006
        at: Annotated[
            str | None,
            Query(
                max_length=64, description="as of when; left out: the newest event", examples=["2026-03-02"]
            ),
        ] = None,
        country: Annotated[
            str | None, Query(max_length=8, description="of numbers without a country code", examples=["DE"])
        ] = None,
        column: Annotated[
            Words, Query(description="where a fact stands, by heading or letter", examples=[["number=B"]])
        ] = [],  # noqa: B006
        notify: Annotated[
            str | None,
            Query(max_length=ADDRESS_CHARS, description="an e-mail address that is told when it is over"),
        ] = None,
        pool: Annotated[
            PoolName | None,
            Query(
                description="whose list this is: it is compared with the screening of the same pool before"
            ),
        ] = None,
        list_date: ListDate = None,
        answer_days: AnswerDays = None,
        *,
        providers: Annotated[
            bool,
            Query(
                description="whether the providers that the operator names are asked what is not known otherwise"
            ),
        ] = False,
        keep_days: Annotated[
            int | None,
            Query(
                ge=1, le=KEEP_DAYS_MAX, description="days until it is erased; left out: as the settings say"
            ),
        ] = None,
    ) -> None:
        self.purpose = purpose
        self.basis = basis
        self.pool = pool
        self.keep_days = keep_days
        self.notify = None if notify is None else _checked(lambda: address_of(notify, place="notify"))
        self.terms = Terms(
            _split(dimensions), mode, _split(first), None if at is None else _moment(at, "at"), country,
            _checked(lambda: columns_of(column)), providers, answer_days,
            None if list_date is None else _moment(list_date, "list_date"),
        )  # fmt: skip
        _checked(lambda: self.terms.asked(1))


async def taken_in(request: Request, part: Screenings) -> Upload:
    """Return the list in the body, sealed and durable; raise Problem where there is none, or too much of it."""
    form = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if form not in FORMS or request.headers.get("content-encoding", "identity") != "identity":
        said = f"`{form[:100]}` is" if form else "a body without `Content-Type` is"
        hint = (
            "send the file itself: `--data-binary @pool.csv -H 'Content-Type: text/csv'`, or XLSX; not packed"
        )
        raise Problem(415, "unsupported-media-type", f"{said} not read here", field="Content-Type", hint=hint)
    limit = part.settings.screening_bytes
    too_large = Problem(
        413,
        "too-large",
        f"the list has more than {limit:,} bytes",
        field="body",
        hint="split it, or send it as XLSX",
    )
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise too_large
    upload = part.upload()
    try:
        whole = await upload.take(request.stream(), bytes_max=limit)
    except ClientDisconnect:
        upload.drop()
        raise Problem(400, "broken-off", "the request broke off") from None
    except OSError:
        upload.drop()
        raise Problem(503, "no-room", "the list cannot be written", retry_after_s=60) from None
    except BaseException:
        upload.drop()
        raise
    if not whole:
        raise too_large
    if not upload.sealed.list_bytes:
        upload.drop()
        raise Problem(422, "invalid-request", "the list is empty", field="body")
    return upload


async def entered(
    request: Request, part: Screenings, upload: Upload, wanted: Wanted, grant: Grant, digest: str | None
) -> Screening:
    """Return the screening of an upload, in the queue; that of an earlier request where both came at once."""
    service: Service = request.app.state.service
    try:
        position = await evidence_until(service.judging)
        sealed = msgspec.structs.replace(upload.sealed, notify=wanted.notify)
        await asyncio.to_thread(
            part.enter, upload.id, sealed, wanted.terms, purpose=wanted.purpose, basis=wanted.basis,
            by=grant.actor, position=position, request=digest, pool=wanted.pool, keep_days=wanted.keep_days,
        )  # fmt: skip
    except BaseException:
        if part.book.found(upload.id) is None:
            upload.drop()
        raise
    found = part.book.found(upload.id)
    if found is None and digest is not None:
        found = part.book.of_request(digest)
    assert found is not None, "it was entered, or one of the same request was there"
    return found


def require_same(known: Screening, upload: Upload, wanted: Wanted) -> None:
    """Raise Problem where a key stood for another request before."""
    same = (
        known.state != ERASED
        and known.sealed is not None
        and (known.sealed.list_sha256, known.sealed.notify) == (upload.sealed.list_sha256, wanted.notify)
        and known.terms == wanted.terms
        and (known.purpose, known.basis, known.pool) == (wanted.purpose, wanted.basis, wanted.pool)
    )
    if not same:
        raise Problem(
            422,
            "key-used",
            "this key stood for another request",
            field="Idempotency-Key",
            hint="draw a new one",
        )


def _split(given: list[str]) -> tuple[str, ...]:
    return tuple(part.strip() for text in given for part in text.split(",") if part.strip())


def _moment(text: str, field: str) -> int:
    try:
        return moment(text)
    except (ValueError, OverflowError):
        raise Problem(
            422, "invalid-request", f"`{text}` is no time", field=field, hint="such as 2026-03-02T09:00:00Z"
        ) from None


def _checked(make: Callable[[], T]) -> T:
    """Return what is made; what is wrong with it names the parameter, not the option of a command."""
    try:
        return make()
    except ModuleNotFoundError as error:
        hint = "install it with `pip install 'tidegate[screen]'`"
        raise Problem(
            503, "not-installed", f"this server lacks `{error.name}`", hint=hint, retry_after_s=3600
        ) from None
    except UsageError as error:
        problem, hint = (_OPTION.sub(_as_parameter, text) for text in (error.problem, error.hint))
        raise Problem(
            422, "invalid-request", problem, field=error.place.removeprefix("--").replace("-", "_"), hint=hint
        ) from None


def _as_parameter(found: re.Match[str]) -> str:
    return found[1] + ("=" if found[2] else "")
