"""How holders of numbers stand, for other organisations' screenings: they learn of numbers they have, we learn of none."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from tidegate.ledger import standing as book
from tidegate.screening.providers.blinding import PREFIX_BITS_MAX, range_of
from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.acting import asked, moment
from tidegate.service.problem import Problem
from tidegate.service.shapes.words import Form, problems
from tidegate.service.standing.answers import listed
from tidegate.service.standing.terms import PART, POINTS_MAX, SHARE, Offer, prefix_bits
from tidegate.service.state import Service
from tidegate.windows.timestamps import format_rfc3339

router = APIRouter(prefix="/v1", tags=["standing"], responses=problems(403, 404))

Partner = Annotated[Grant, Depends(needs("standing"))]
Prefix = Annotated[
    str,
    Path(
        pattern=rf"^([01]{{1,{PREFIX_BITS_MAX}}}|any)$", description="the first bits of a token; `any`: none"
    ),
]
DAY_MS = 86_400_000
SPARE_BITS = 2  # that may be left out: the index grows between two questions
PAD_BYTES = 16_384  # an answer's length is a multiple, so that it does not tell which prefix was asked for
POINT = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"  # the generator of the curve
EXAMPLE = "b5a2c96250612366ea272ffac6d9744a"


class Terms(BaseModel):
    """What is told, and how to ask."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"curve": "P-256", "prefix_bits": 11, "accounts_per_prefix": 256, "lists": "adverse", "points_max": 1000,
                 "numbers_per_day": 100_000, "numbers_left_today": 99_500}
            ]
        }
    )  # fmt: skip

    curve: Literal["P-256"] = Field(description="the group of the points; see docs/adr/0023-standing.md")
    prefix_bits: int = Field(
        description="the longest prefix: so many accounts as `accounts_per_prefix`, or more, share it"
    )
    accounts_per_prefix: int
    lists: Literal["adverse", "all"] = Field(
        description="adverse: accounts against which something speaks; all: then who is missing has no account"
    )
    points_max: int = Field(description="points of a request")
    numbers_per_day: int
    numbers_left_today: int


class Points(Form):
    """Points of the curve, each as the hex digits of its x."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"points": [POINT]}]})

    points: list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] = Field(min_length=1, max_length=POINTS_MAX)


@router.get(
    "/standing",
    summary="What is told of standings, and how to ask",
    response_model=Terms,
    responses=problems(),
)
async def terms(request: Request, grant: Partner) -> dict[str, Any]:
    """Return the length of prefixes, and how many numbers may be asked about."""
    offer, service = _offer(request), _service(request)
    spent = await asked(service, lambda c: book.asked(c, grant.key_id, _today(offer)))
    return {
        "curve": "P-256",
        "prefix_bits": prefix_bits(offer.index.tokens),
        "accounts_per_prefix": SHARE,
        "lists": "all" if offer.everybody else "adverse",
        "points_max": POINTS_MAX,
        "numbers_per_day": offer.numbers_per_day,
        "numbers_left_today": max(0, offer.numbers_per_day - spent),
    }


@router.post(
    "/standing/evaluations",
    summary="Multiply blinded points by the key of this server",
    response_model=Points,
    responses=problems(),
)
def evaluations(points: Points, request: Request, grant: Partner) -> dict[str, Any]:
    """Return the points multiplied, in order. Each stands for a number that the caller alone knows, and counts for the day."""
    offer = _offer(request)
    custody, today = offer.custody, _today(offer)
    try:
        made = [offer.key.evaluate(bytes.fromhex(point)).hex() for point in points.points]
    except ValueError:
        raise Problem(
            422,
            "invalid-request",
            "not a point of the curve",
            field="points",
            hint="send x of points of P-256",
        ) from None
    after = {"numbers": len(made)}
    with custody.audit.recording(grant.actor, "standing.ask", after=after) as connection:
        if not book.ask(connection, grant.key_id, today, len(made), offer.numbers_per_day):
            rest_s = (today + DAY_MS - custody.now()) // 1000 + 1
            raise Problem(
                429,
                "too-many-requests",
                f"a key may ask about {offer.numbers_per_day:,} numbers a day",
                retry_after_s=rest_s,
            )
    return {"points": made}


@router.get(
    "/standing/{prefix}",
    summary="How the holders of the tokens that begin so stand",
    responses=problems()
    | {
        200: {
            "content": {
                "application/json": {
                    "example": {
                        "at": "2026-03-02T09:30:00.000Z",
                        "entries": [
                            {"token": EXAMPLE, "standing": "banned", "incidents": 2, "incidents_most": 4}
                        ],
                        "padding": "",
                    }
                }
            }
        }
    },
)
async def standings(prefix: Prefix, request: Request, grant: Partner) -> Response:
    """Return all tokens with the prefix that are listed, each with a word and a range of incidents (`null`: or more)."""
    offer, service = _offer(request), _service(request)
    bits = prefix_bits(offer.index.tokens)
    given = 0 if prefix == "any" else len(prefix)
    if not bits - SPARE_BITS <= given <= bits:
        raise Problem(
            422,
            "prefix-length",
            f"a prefix has {bits} bits at the moment, so that {SHARE} accounts or more share it",
            field="prefix",
            hint="see `GET /v1/standing`" if bits else "ask for `any`",
        )
    at = await moment(service)
    entries = await asked(service, lambda c: listed(c, range_of(prefix), at, everybody=offer.everybody))
    offer.count(grant.actor)
    return Response(_padded({"at": format_rfc3339(at), "entries": entries}), media_type="application/json")


def _padded(answer: dict[str, Any]) -> bytes:
    import msgspec

    body = msgspec.json.encode(answer | {"padding": ""})
    return body[:-2] + b" " * (-len(body) % PAD_BYTES) + body[-2:]


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _offer(request: Request) -> Offer:
    """Return what this server offers; raise Problem where it offers nothing, or not yet."""
    part = _service(request).parts.get(PART)
    if not isinstance(part, Offer):
        raise Problem(
            404,
            "not-offered",
            "this server tells no standings",
            hint="its operator may set TIDEGATE_STANDING",
        )
    if not part.index.ready:
        raise Problem(503, "not-ready", "the index of standings is being made", retry_after_s=2)
    return part


def _today(offer: Offer) -> int:
    return offer.custody.now() // DAY_MS * DAY_MS
