"""The OpenAPI document: what FastAPI knows of the routes, the decision route it does not know, and problems everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from tidegate.engine.decision import VERDICTS
from tidegate.events.schema_document import json_schema
from tidegate.service.access.roles import OPEN_PATHS
from tidegate.service.decision_route import ARROW, JSON, NDJSON, PATH
from tidegate.service.example_ids import show_ids
from tidegate.service.problem import MEDIA_TYPE, Problem
from tidegate.service.routes import all_routers
from tidegate.service.whole_examples import put_nulls_back

if TYPE_CHECKING:
    from fastapi import FastAPI

ABOUT = """\
Events in, decisions out; and people who look at what was decided and decide themselves.

Every request names an API key: `Authorization: Bearer tg_...`. A key has roles: *ingest* sends events, *read* looks,
*analyst* decides about cases, sanctions, appeals and figures and screens pools, *admin* does everything; *standing* is for
the screenings of other organisations. Errors are
`application/problem+json` (RFC 9457); `field` names what is wrong. With 429 and 503 comes `Retry-After`, in seconds.
"""
TAGS = {
    "events": "What happens on the platform; each event gets its decision.",
    "decisions": "What was decided.",
    "accounts": "How accounts stand.",
    "screenings": "Pools of accounts: uploaded, screened in the background, read, erased.",
    "standing": "How holders of numbers stand, for the screenings of others; no number is sent.",
    "operations": "For whoever runs the server.",
}
EVENT = {
    "event_id": "e-000017",
    "type": "message_sent",
    "ts": "2026-03-02T09:30:00.250Z",
    "account_id": "a1",
    "recipient_id": "b7",
    "is_forward": False,
}
POLICY = {"name": "messenger", "version": "0.1.0", "parameters": "sha256:7fe88304d0c1"}
_NOTHING: dict[str, Any] = {
    "fired": [],
    "undecided": [],
    "labels": [],
    "sanctions": [],
    "cases": [],
    "policy": POLICY,
}
_OF_EVENT = {"event_id": "e-000017", "ts": EVENT["ts"], "type": "message_sent", "account_id": "a1"}
ALLOWED = _OF_EVENT | {"verdict": "allow", "score": 0.0} | _NOTHING
DENIED = _OF_EVENT | {
    "verdict": "deny",
    "retry_after_s": 7200,
    "score": 0.0,
    **_NOTHING,
    "fired": [
        {
            "rule": "msg.burst-over-12-in-60s-l1",
            "observed": 13,
            "limit": 12,
            "window": "PT60S",
            "probability": None,
            "modifiers": [],
            "reason": "13 messages in 60 s; limit 12",
        }
    ],
}
FALLBACK = ALLOWED | {"fallback": True}
LATE = {
    "type": "/problems/too-late",
    "title": "Conflict",
    "status": 409,
    "detail": "too_late: `ts` 2026-03-02T09:00:00.000Z lies 1800 s behind the newest event"
    " (2026-03-02T09:30:00.000Z); 300 s are allowed",
    "field": "ts",
    "hint": "send events as they happen",
}
PROBLEM = {
    "type": "/problems/invalid-event",
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "an event of type `message_sent` has no such field",
    "field": "is_foward",
    "hint": "did you mean `is_forward`? put facts of your own under `extra`",
}
_SHOWN = (
    Problem(400, "bad-request", "an escape in the address is not UTF-8", field="path"),
    Problem(
        401,
        "not-authenticated",
        "this needs a valid API key: `Authorization: Bearer tg_...`",
        field="Authorization",
    ),
    Problem(403, "not-allowed", "this needs a key of the role `analyst`"),
    Problem(404, "not-found", "there is no measure `s-0f3a9c2e11d4b870`"),
    Problem(405, "method-not-allowed", "method not allowed"),
    Problem(408, "too-slow", "the body did not arrive within 30 s"),
    Problem(409, "conflict", "the measure ended at 2026-03-02T10:00:00.000Z"),
    Problem(
        413, "too-large", "the body has more than 67108864 bytes", field="body", hint="send smaller batches"
    ),
    Problem(
        415,
        "unsupported-media-type",
        "`text/xml` is not read here",
        field="Content-Type",
        hint="application/json",
    ),
    Problem(422, "invalid-request", "reason: field required", field="reason"),
    Problem(429, "too-many-requests", "this key may ask 50 times a second", retry_after_s=1),
    Problem(431, "headers-too-large", "the request line and headers have more than 32768 bytes"),
    Problem(500, "internal", "the server made a mistake; it is in its log"),
    Problem(503, "not-ready", "the server is reading its journal", retry_after_s=2),
)
_EXAMPLES = {problem.status: problem.data() for problem in _SHOWN}
_PROBLEMS = {
    400: "the request cannot be read",
    401: "no valid API key",
    403: "the key has another role",
    404: "there is no such thing",
    405: "the path has no such method",
    408: "the request came too slowly",
    409: "it does not fit what is there",
    413: "the body is too large",
    415: "the body is in a form that is not read here",
    422: "something in the request is wrong; `field` names it",
    429: "too much at a time; see Retry-After",
    431: "the headers are too large",
    500: "a mistake of the server",
    503: "not now; see Retry-After",
}
_USUAL = (400, 401, 403, 422, 429, 503)
_RETRY = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer", "minimum": 1}}}


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an app; made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
        put_nulls_back(made, all_routers())
        made["tags"] = [{"name": name, "description": about} for name, about in TAGS.items()]
        components = made.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        schemas |= _schemas()
        made["paths"][PATH] = {"post": _post()}
        for path, item in made["paths"].items():
            for operation in item.values():
                usual = (422, 503) if path in OPEN_PATHS else (*_USUAL, 404) if "{" in path else _USUAL
                _with_problems(operation, (*usual, 413, 415) if "requestBody" in operation else usual)
                show_ids(path, operation)
        app.openapi_schema = made
    return app.openapi_schema


def _with_problems(operation: dict[str, Any], usual: tuple[int, ...]) -> None:
    """Let an operation tell of the problems that any of them may end in."""
    responses = operation["responses"]
    for status in {*usual, *(int(s) for s in responses if s.isdigit() and int(s) in _PROBLEMS)}:
        given = responses.get(str(status), {})
        content = given.get("content", {}).get(MEDIA_TYPE)
        if content is None:
            responses[str(status)] = given | _problem(status)
        elif "example" not in content:
            responses[str(status)] = _problem(status) | given
            responses[str(status)]["content"] = {MEDIA_TYPE: content | {"example": _EXAMPLES[status]}}


def _problem(status: int) -> dict[str, Any]:
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _EXAMPLES[status]}
    made: dict[str, Any] = {"description": _PROBLEMS[status], "content": {MEDIA_TYPE: content}}
    return made | {"headers": _RETRY} if status in (429, 503) else made


_COLUMNS = {"schema": {"type": "string", "format": "binary"}}


def _answers() -> dict[str, Any]:
    """Return how decisions look in the three forms."""
    wrong = {"line": 2, "error": PROBLEM}
    return {
        JSON.decode(): {
            "schema": {"$ref": "#/components/schemas/Decision"},
            "examples": {
                "allowed": {"value": ALLOWED},
                "denied": {"value": DENIED},
                "fallback": {"value": FALLBACK, "summary": "the deadline passed before the decision"},
                "repeated": {
                    "value": DENIED | {"duplicate": True},
                    "summary": "the event was decided on before",
                },
            },
        },
        NDJSON.decode(): {"schema": {"type": "string"}, "example": _lines(ALLOWED, wrong)},
        ARROW.decode(): _COLUMNS,
    }


def _post() -> dict[str, Any]:
    """Return the operation of the decision route."""
    lines = {"schema": {"type": "string"}, "example": _lines(EVENT, EVENT | {"event_id": "e-000018"})}
    return {
        "tags": ["events"],
        "operationId": "post_events",
        "summary": "One event or a batch: its decisions",
        "description": (
            "One event as JSON gets its decision; lines of JSON get lines, an Arrow IPC stream gets a stream, in the order of "
            "the request. A bad line or row is reported in its place and the others are judged. A decision is answered once "
            "the event is durable. The same `event_id` again gets the first decision and changes nothing. Where the deadline "
            'passes first (250 ms, more for batches, or `Prefer: wait=`), the answer is the fallback verdict, marked `"fallback": '
            "true`; the event is judged all the same, see `/v1/fallbacks`. Bodies may be packed with `gzip` or `zstd`."
        ),
        "security": [{"ingest": []}],
        "parameters": [
            {
                "name": "Prefer",
                "in": "header",
                "required": False,
                "description": "how long the sender would wait for decisions (RFC 7240), in seconds",
                "schema": {"type": "string", "pattern": "^wait=[0-9]{1,2}$"},
                "example": "wait=5",
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                JSON.decode(): {"schema": {"$ref": "#/components/schemas/Event"}, "example": EVENT},
                NDJSON.decode(): lines,
                ARROW.decode(): _COLUMNS,
            },
        },
        "responses": {
            "200": {"description": "decisions, in the form and order of the request", "content": _answers()},
            "409": {
                "description": "the event came too late",
                "content": {
                    MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": LATE}
                },
            },
            "422": {
                "description": "the event is none; `field` names what is wrong",
                "content": {
                    MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": PROBLEM}
                },
            },
            **{str(status): _problem(status) for status in (408, 413, 415, 431)},
        },
    }


def _lines(*objects: dict[str, Any]) -> str:
    import json

    return "".join(json.dumps(one) + "\n" for one in objects)


def _schemas() -> dict[str, Any]:
    """Return the schemas of events, decisions and problems."""
    event = json_schema()
    kinds = event.pop("$defs")
    assert isinstance(kinds, dict)
    event.pop("$schema")
    names = {name: f"#/components/schemas/event.{name}" for name in kinds}
    event["oneOf"] = [{"$ref": ref} for ref in names.values()]
    event["discriminator"] = {"propertyName": "type", "mapping": names}
    return {
        "Event": event,
        **{f"event.{name}": schema for name, schema in kinds.items()},
        "Decision": _decision(),
        "Problem": _problem_schema(),
    }


def _object(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def _texts() -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}}


_TEXT: dict[str, Any] = {"type": "string"}
_MOMENT: dict[str, Any] = {"type": "string", "format": "date-time"}


def _fired() -> dict[str, Any]:
    value = {"type": ["number", "string", "null"]}
    return _object(
        ["rule", "observed", "limit", "reason"],
        {
            "rule": _TEXT,
            "observed": value,
            "limit": value | {"description": "after modifiers"},
            "window": {"type": ["string", "null"], "description": "ISO 8601 duration"},
            "probability": {"type": ["number", "null"]},
            "modifiers": {"type": "array", "items": {"type": "object"}},
            "reason": _TEXT,
            "quota": {"const": "exceeded", "description": "a published limit, not a rule"},
        },
    )


def _sanction() -> dict[str, Any]:
    until = {
        "type": "string",
        "description": "a time, or `permanent`; then `review` names who must confirm it",
    }
    return _object(
        ["id", "sanction", "capability", "from", "until", "cause"],
        {
            "id": _TEXT,
            "sanction": _TEXT,
            "capability": _texts(),
            "level": {"type": "integer"},
            "from": _MOMENT,
            "until": until,
            "cause": _TEXT,
            "review": _TEXT,
            "subject": _TEXT,
        },
    )


def _decision() -> dict[str, Any]:
    text, moment = _TEXT, _MOMENT
    case = _object(["id", "queue", "due"], {"id": text, "queue": text, "due": moment, "cause": text})
    made = _object(
        [
            "event_id",
            "ts",
            "type",
            "account_id",
            "verdict",
            "score",
            "fired",
            "undecided",
            "labels",
            "sanctions",
            "cases",
            "policy",
        ],
        {
            "event_id": {"type": ["string", "null"], "description": "null: a deadline passed between events"},
            "ts": moment,
            "type": text,
            "account_id": {"type": ["string", "null"]},
            "verdict": {"enum": list(VERDICTS)},
            "retry_after_s": {"type": "integer", "minimum": 0},
            "challenge": {"type": "string", "description": "which step-up"},
            "score": {"type": "number", "minimum": 0, "maximum": 1},
            "fired": {"type": "array", "items": _fired()},
            "undecided": _texts() | {"description": "rules that lack a fact"},
            "labels": _texts(),
            "sanctions": {"type": "array", "items": _sanction()},
            "cases": {"type": "array", "items": case},
            "policy": _object(
                ["name", "version", "parameters"], dict.fromkeys(("name", "version", "parameters"), text)
            ),
            "duplicate": {
                "const": True,
                "description": "the event was decided on before: this is that decision",
            },
            "fallback": {"const": True, "description": "no decision: the deadline passed first"},
        },
    )
    return made | {"examples": [DENIED]}


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    return _object(
        ["type", "title", "status", "detail"],
        {
            "type": {
                "type": "string",
                "format": "uri-reference",
                "description": "the sort of problem, for machines",
            },
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "field": {
                "type": "string",
                "description": "what is wrong: a field, a parameter, a header, or `body`",
            },
            "hint": {"type": "string", "description": "what to do about it"},
        },
    ) | {"examples": [PROBLEM]}
