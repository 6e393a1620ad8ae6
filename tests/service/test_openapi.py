"""The description of the API is complete, and what it says of the API holds for requests nobody thought of."""

import asyncio
import threading
from http import HTTPStatus

import httpx
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from tests.service.access.test_route_roles import role_of
from tests.service.waiting import WAIT_S

from tidegate.policies.loading import load_policy
from tidegate.service.problem import MEDIA_TYPE
from tidegate.service.server import Server
from tidegate.service.settings import Settings
from tidegate.service.shapes.revisions import parameter

OPEN = {"/healthz", "/readyz"}
EXAMPLES = 2  # per operation and run: what is drawn depends on nothing but the description


class Running:
    """A real server, books and journal and all, on a loop of its own in a thread."""

    def __init__(self, folder, policy):
        self.ready = threading.Event()
        chosen = Settings(port=0, data=folder, deadline_ms=20_000, standing="all", log_level="critical")
        self.server = Server(chosen, policy=policy, opened=lambda _: self.ready.set())
        self.thread = threading.Thread(target=lambda: asyncio.run(self.server.serve()))

    def __enter__(self):
        self.thread.start()
        assert self.ready.wait(WAIT_S)
        self.address = f"http://127.0.0.1:{self.server.port}"
        self.headers = {"Authorization": f"Bearer {self.server.first_key}"}
        return self

    def __exit__(self, *_):
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture(scope="module")
def running(tmp_path_factory, policy):
    with Running(tmp_path_factory.mktemp("data") / "folder", policy) as found:
        yield found


@pytest.fixture(scope="module")
def document(running):
    answer = httpx.get(f"{running.address}/openapi.json", verify=False, timeout=WAIT_S)  # noqa: S501  there is no TLS
    return answer.json()


def operations(document):
    return [(path, method, op) for path, item in document["paths"].items() for method, op in item.items()]


def test_every_operation_says_what_it_does_who_may_and_how_it_fails(document):
    assert document["openapi"].startswith("3.1")
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation.get("description"), where
        assert operation["tags"], where
        assert "503" in operation["responses"], where
        if "requestBody" in operation:
            assert {"413", "415"} <= set(operation["responses"]), where
        if path not in OPEN:
            assert role_of(operation) is not None, where
            assert {"401", "403", "422", "429"} <= set(operation["responses"]), where
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert MEDIA_TYPE in response["content"], f"{where} {status}"
                assert response["description"], f"{where} {status}"


def shows(document, content):
    """Whether an example stands with a content, or with the things its schema is made of."""
    if {"example", "examples"} & set(content):
        return True
    reference = content.get("$ref")
    if reference is not None:
        return shows(document, document["components"]["schemas"][reference.rpartition("/")[2]])
    inner = [content.get("schema"), content.get("items"), *content.get("properties", {}).values()]
    return any(shows(document, one) for one in inner if isinstance(one, dict))


def test_every_answer_shows_an_example(document):
    bare = []
    for path, method, operation in operations(document):
        for form, content in operation["responses"].get("200", {}).get("content", {}).items():
            foreign = "/adapters/" in path  # contracts of other systems: they describe themselves
            if not foreign and "arrow" not in form and not shows(document, content):
                bare.append(f"{method} {path}")
    assert bare == []


def test_every_request_can_be_tried_as_it_is_printed(document):
    bare = []
    for path, method, operation in operations(document):
        asked = [one for one in operation.get("parameters", ()) if one["required"]]
        bare += [f"{method} {path} {one['name']}" for one in asked if not shows(document, one)]
        for form, content in operation.get("requestBody", {}).get("content", {}).items():
            if form == "application/json" and "/adapters/" not in path and body_of(document, content) is None:
                bare.append(f"{method} {path}")
    assert bare == []


def body_of(document, content):
    """The example of a whole body, None where there is none."""
    if "example" in content:
        return content["example"]
    listed = [content["schema"], *content["schema"].get("anyOf", ())]
    for one in listed:
        named = document["components"]["schemas"].get(one.get("$ref", "").rpartition("/")[2], one)
        if named.get("examples"):
            return named["examples"][0]
    return None


def test_figures_and_rules_of_examples_are_those_of_the_policy_that_ships(document):
    shipped = load_policy("messenger")
    schemas = document["components"]["schemas"]
    (proposal,), (shown,) = schemas["Propose"]["examples"], schemas["ParameterShown"]["examples"]
    assert set(proposal["states"]) <= {rule.id for rule in shipped.rules}
    shipped.revise(proposal["figures"])
    figure = shipped.parameters[shown["name"]]
    assert shown == parameter(figure, 18) | {"value": 18}


def complaints(document, schema, examples):
    judge = jsonschema_rs.Draft202012Validator({"components": document["components"], "allOf": [schema]})
    return [error.message for example in examples for error in judge.iter_errors(example)]


def test_examples_are_what_their_schemas_say(document):
    shown = [
        (name, schema, schema.get("examples", []))
        for name, schema in document["components"]["schemas"].items()
    ]
    for path, method, operation in operations(document):
        for answer in [*operation["responses"].values(), operation.get("requestBody", {})]:
            for content in answer.get("content", {}).values():
                examples = [one["value"] for one in content.get("examples", {}).values()]
                examples += [content["example"]] if "example" in content else []
                shown.append((f"{method} {path}", content.get("schema", {}), examples))
    shown = [one for one in shown if one[2]]
    assert len(shown) > 100
    key = document["paths"]["/v1/keys"]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    assert (
        key["keys"][0]["revoked_at"] is None
    )  # where there is no schema to ask for it, it is shown all the same
    assert [(where, said) for where, *rest in shown for said in complaints(document, *rest)] == []


def test_what_needs_no_key_says_how_it_fails_too(running, document):
    for path in sorted(OPEN):
        answer = httpx.get(f"{running.address}{path}?x=1", timeout=WAIT_S)
        assert str(answer.status_code) in document["paths"][path]["get"]["responses"], path


def test_a_file_of_json_is_no_text(document):
    path = "/v1/screenings/{screening_id}/files/{name}"
    forms = document["paths"][path]["get"]["responses"]["200"]["content"]
    kinds = {form: content["schema"]["type"] for form, content in forms.items()}
    assert kinds == dict.fromkeys(forms, "string") | {"application/json": "object"}


def test_every_problem_shows_one_of_its_own_status(document):
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                example = response["content"][MEDIA_TYPE]["example"]
                assert example["status"] == int(status), f"{method} {path}"
                assert example["title"] == HTTPStatus(int(status)).phrase


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/v1/queues", "/openapi.json", "/nothing"]
)
def test_where_there_is_a_get_there_is_a_head(running, path):
    get, head = (
        httpx.request(method, running.address + path, headers=running.headers, verify=False, timeout=WAIT_S)  # noqa: S501
        for method in ("GET", "HEAD")
    )
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    if path != "/metrics":  # it counts what was asked
        assert head.headers["content-length"] == get.headers["content-length"]


def test_a_method_that_is_none_of_a_path_is_told_which_are(running):
    for method, path, allowed in (
        ("POST", "/healthz", "GET, HEAD"),
        ("HEAD", "/v1/events", "POST"),
        ("PUT", "/v1/keys", "GET, HEAD, POST"),
        ("OPTIONS", "/v1/accounts/a1", "DELETE, GET, HEAD"),
        ("PUT", "/openapi.json", "GET, HEAD"),
    ):
        answer = httpx.request(method, running.address + path, headers=running.headers, verify=False)  # noqa: S501
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_an_address_with_nothing_at_it_is_told_apart_from_a_thing_that_is_not_there(running):
    for path, hint in (("/v1/nothing", "openapi.json"), ("/v1/keys/", "slash"), ("/v1/sanctions/s-1", "")):
        problem = httpx.get(running.address + path, headers=running.headers, verify=False).json()  # noqa: S501
        assert hint in problem.get("hint", "")
        assert (problem["status"], problem["field"]) == (404, "path" if hint else "sanction_id")


def test_the_decision_route_is_described_with_all_forms(document):
    post = document["paths"]["/v1/events"]["post"]
    forms = {"application/json", "application/x-ndjson", "application/vnd.apache.arrow.stream"}
    assert set(post["requestBody"]["content"]) == set(post["responses"]["200"]["content"]) == forms
    assert len(document["components"]["schemas"]["Event"]["oneOf"]) > 50


def test_the_example_is_accepted(running, document):
    post = document["paths"]["/v1/events"]["post"]
    for form, content in post["requestBody"]["content"].items():
        if "example" in content:
            example = content["example"]
            body = {"content": example} if isinstance(example, str) else {"json": example}
            headers = running.headers | {"Content-Type": form}
            answer = httpx.post(f"{running.address}/v1/events", headers=headers, verify=False, **body)  # noqa: S501
            assert answer.status_code == 200, answer.text
            assert "error" not in answer.text


def test_requests_nobody_thought_of_never_make_it_fail(running, document):
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=running.address)
    checks = [
        schemathesis.checks.not_a_server_error,
        schemathesis.specs.openapi.checks.content_type_conformance,
        schemathesis.specs.openapi.checks.status_code_conformance,
    ]
    quick = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        def ask(case):
            nonlocal asked
            asked += 1
            case.call_and_validate(headers=running.headers, checks=checks, timeout=WAIT_S)

        quick(given(case=operation.as_strategy())(ask))()
    assert asked > len(document["paths"])
    assert httpx.get(f"{running.address}/readyz", verify=False).status_code == 200  # noqa: S501
