"""The declarations agree with the specification, with the JSON Schema made of them, and with the reference page."""

from pathlib import Path

import pytest

from tidegate.events import BY_CODE, REGISTRY, TYPE_CODES, Event, MessageSent, json_schema
from tidegate.events.field import Field
from tidegate.events.reference import reference
from tidegate.expr import Kind

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT.parent / "shared" / "spec" / "events.yaml"

ADDED_KEYS = ("metric",)  # the key of a table that its list of fields leaves out
KEY = {"type": "string"}
SHAPES = {
    "string": {"text", "id", "fingerprint"},
    "bool": {"true/false"},
    "int": {"integer"},
    "float": {"number"},
    "decimal": {"decimal"},
    "timestamp": {"moment"},
    "date": {"date"},
    "enum": {"choice"},
    "list<string>": {"list of text", "list of id"},
    "set<string> or sketch": {"list of id"},
    "list<float>": {"list of number"},
    "list<timestamp>": {"list of moment"},
    "list<record>": {"list of object"},
    "record": {"object"},
    "map<string,string>": {"map to text"},
    "map<string,float>": {"map to number"},
    "map<string,timestamp>": {"map to moment"},
}


def specified():
    """Event type -> its fields, as the specification has them; profiles stand for the tables of state."""
    if not SPEC.exists():
        pytest.skip("the specification is not beside this checkout")
    import yaml

    tables = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    rename = {name: name.removeprefix("state.") + "_profile" for name in tables if name.startswith("state.")}
    keys = {name: {table["key"]: KEY} for name, table in tables.items() if table.get("key") in ADDED_KEYS}
    return {rename.get(name, name): table["fields"] | keys.get(name, {}) for name, table in tables.items()}


def test_every_specified_event_type_is_declared_and_no_other():
    assert set(REGISTRY) == set(specified())


def test_every_specified_field_is_declared_with_its_kind():
    wrong = []
    for kind, fields in specified().items():
        for name, given in fields.items():
            field = REGISTRY[kind].fields().get(name)
            if field is None or field.shape not in SHAPES[given["type"]]:
                wrong.append(f"{kind}.{name}")
    assert wrong == []


def test_no_field_is_declared_that_is_not_specified():
    extra = [
        f"{kind}.{name}"
        for kind, fields in specified().items()
        for name in REGISTRY[kind].declared
        if name not in fields
    ]
    assert extra == []


def test_every_choice_has_the_specified_words():
    wrong = []
    for kind, fields in specified().items():
        for name, given in fields.items():
            unit = given.get("unit", "")
            if (
                given["type"] == "enum"
                and "|" in unit
                and REGISTRY[kind].fields()[name].options != tuple(unit.split("|"))
            ):
                wrong.append(f"{kind}.{name}")
    assert wrong == []


def test_codes_are_dense_and_stable():
    assert [TYPE_CODES[event.type_name] for event in BY_CODE] == list(range(len(REGISTRY)))
    assert (TYPE_CODES["registration_attempt"], TYPE_CODES["baseline_profile"]) == (0, len(REGISTRY) - 1)


def test_every_field_says_what_it_is_and_knows_its_event_type():
    for event in REGISTRY.values():
        assert event.about()
        for name, field in event.fields().items():
            assert isinstance(field, Field)
            assert (field.name, field.owner, field.describe()) == (name, event, f"{event.__name__}.{name}")
            assert field.about
            assert "?" not in field.about


def test_every_event_may_carry_the_envelope():
    for event in REGISTRY.values():
        assert set(Event.fields()) <= set(event.fields())


def test_a_field_is_an_expression_of_its_kind():
    assert MessageSent.is_forward.kind is Kind.FLAG
    assert (MessageSent.recipient_id.kind, MessageSent.recipient_id.domain) == (Kind.SYMBOL, "account")
    assert MessageSent.link_hashes.kind is Kind.LIST
    condition = MessageSent.is_forward & (MessageSent.forward_depth >= 3)
    assert condition.describe() == "(MessageSent.is_forward and MessageSent.forward_depth >= 3)"
    fingerprints = {field.fingerprint for event in REGISTRY.values() for field in event.fields().values()}
    assert len(fingerprints) == sum(len(event.fields()) for event in REGISTRY.values())


def test_the_json_schema_has_every_type_and_refuses_other_fields():
    schema = json_schema()
    assert list(schema["$defs"]) == list(REGISTRY)
    for name, part in schema["$defs"].items():
        assert part["additionalProperties"] is False
        assert set(part["properties"]) == {"type", *REGISTRY[name].fields()}
        assert part["properties"]["type"] == {"const": name}


def test_the_reference_page_is_up_to_date():
    page = ROOT / "docs" / "reference" / "events.md"
    assert page.read_text(encoding="utf-8") == reference(), "run `python -m tidegate.events.reference`"
