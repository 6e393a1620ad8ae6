"""The declared event types as one JSON Schema document (2020-12)."""

from __future__ import annotations

from tidegate.events.event import REQUIRED, Event
from tidegate.events.field import Field
from tidegate.events.registry import REGISTRY

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, object]:
    """Return the JSON Schema of one event, of whatever type; each type stands under `$defs` by its name."""
    return {
        "$schema": _DIALECT,
        "title": "Tidegate event",
        "type": "object",
        "required": ["type", *REQUIRED],
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in REGISTRY],
        "discriminator": {"propertyName": "type", "mapping": {name: f"#/$defs/{name}" for name in REGISTRY}},
        "$defs": {name: event_schema(event) for name, event in REGISTRY.items()},
    }


def event_schema(event: type[Event]) -> dict[str, object]:
    """Return the JSON Schema of one event type."""
    properties: dict[str, object] = {"type": {"const": event.type_name}}
    for name, field in event.fields().items():
        properties[name] = {
            "description": _description(field),
            **_value_schema(field, nullable=name not in REQUIRED),
        }
    return {
        "type": "object",
        "description": event.about(),
        "properties": properties,
        "required": ["type", *REQUIRED],
        "additionalProperties": False,
    }


def _description(field: Field) -> str:
    return f"{field.about} ({field.unit})" if field.unit else field.about


def _value_schema(field: Field, *, nullable: bool) -> dict[str, object]:
    schema = field.json_schema()
    if not nullable:
        return schema
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
