"""Every route has a role: who has another one gets 403, who has none 401. The table is the app's own description."""

import pytest
from tests.ledger.worlds import policy
from tests.service.routes.house import House

from tidegate.service.access.grant import ROLES
from tidegate.service.access.roles import OPEN_PATHS, RAW_ROUTES

MAY = {
    "ingest": {"ingest"},
    "read": {"read"},
    "analyst": {"analyst", "read"},
    "admin": set(ROLES),
    "standing": {"standing"},
}
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("roles") / "data", policy)
    yield house
    house.close()


@pytest.fixture(scope="module")
def tokens(house):
    """A key per role; unlimited, so that only roles count."""
    keys = house.service.custody.keys
    made = {role: keys.create(role, (role,), actor="test", per_s=0)[1] for role in ROLES}
    house.service.custody.access.forget_cache()
    return made


@pytest.fixture(scope="module")
def operations(house):
    """(method, path) -> role, for every operation the app describes."""
    paths = (
        house.server.config.app.openapi()["paths"] if hasattr(house.server.config.app, "openapi") else None
    )
    paths = paths if paths is not None else house.run(house.client.get("/openapi.json")).json()["paths"]
    return {
        (method.upper(), path): role_of(operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method in METHODS
    }


def role_of(operation):
    """The role that an operation of the OpenAPI document asks for; None: none, which only `OPEN_PATHS` may."""
    named = [role for requirement in operation.get("security", ()) for role in ROLES if role in requirement]
    assert len(named) <= 1, f"one role to a route, not {named}"
    return named[0] if named else None


def ask(house, method, path, token=None):
    """Ask with nothing but a key: whoever is let through may well be told that the request is wrong."""
    url = path.replace("{", "x").replace("}", "x")
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return house.run(house.client.request(method, url, headers=headers))


def test_every_route_has_a_role_but_those_that_anybody_may_ask(operations):
    without = {path for (_, path), role in operations.items() if role is None}
    assert without <= OPEN_PATHS | {path for _, path in RAW_ROUTES}
    assert len(operations) > 20


def test_no_route_is_left_out_of_the_description(house, operations):
    described = {path for _, path in operations} | OPEN_PATHS | {path for _, path in RAW_ROUTES}
    paths = {getattr(route, "path", None) for route in flat(house)}
    assert {path for path in paths if path} <= described


def flat(house):
    app = house.server.config.app
    app = getattr(app, "app", app)
    pending = list(app.routes)
    while pending:
        route = pending.pop()
        inner = getattr(route, "original_router", None)
        pending += inner.routes if inner is not None else []
        yield route


def test_without_a_key_nothing_is_answered(house, operations):
    for (method, path), role in operations.items():
        needed = role or RAW_ROUTES.get((method, path))
        if needed is None:
            continue
        for token in (None, "tg_" + "a" * 43, "nonsense"):
            answer = ask(house, method, path, token)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"].startswith("Bearer"), (method, path)
            plain = path.startswith("/v1/adapters/matrix/")  # whose client takes any JSON for a decision
            form = "text/plain; charset=utf-8" if plain else "application/problem+json"
            assert answer.headers["content-type"] == form, (method, path)
            assert plain or answer.json()["field"] == "Authorization", (method, path)


@pytest.mark.parametrize("own", ROLES)
def test_a_key_opens_the_routes_of_its_role_and_no_other(house, operations, tokens, own):
    for (method, path), role in operations.items():
        needed = role or RAW_ROUTES.get((method, path))
        if needed is None:
            continue
        status = ask(house, method, path, tokens[own]).status_code
        if needed in MAY[own]:
            assert status not in {401, 403}, (method, path, own, status)
        else:
            assert status == 403, (method, path, own, status)


def test_a_revoked_key_opens_nothing(house, operations):
    keys = house.service.custody.keys
    key, token = keys.create("gone", ("admin",), actor="test")
    keys.revoke(key.id, actor="test")
    house.service.custody.access.forget_cache()
    for method, path in operations:
        if path not in OPEN_PATHS:
            assert ask(house, method, path, token).status_code == 401, (method, path)


def test_too_many_requests_are_told_when_to_come_back(house):
    _, token = house.service.custody.keys.create("hasty", ("read",), actor="test", per_s=0.5)
    house.service.custody.access.forget_cache()
    assert ask(house, "GET", "/v1/measures/changes", token).status_code == 200
    answer = ask(house, "GET", "/v1/measures/changes", token)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 2
