"""A query says only what the route asks for: a misspelt filter must not list everything."""

import pytest


@pytest.mark.parametrize(
    ("path", "query", "hint"),
    [
        ("/v1/cases", {"stat": "open"}, "did you mean `state`?"),
        ("/v1/sanctions", {"state": "running", "colour": "red"}, "it has "),
        ("/v1/accounts/a1/capabilities", {"when": "now"}, "did you mean"),
    ],
)
def test_a_query_parameter_that_a_route_does_not_have_is_refused(house, path, query, hint):
    problem = house.get(path, status=422, **query)
    assert problem["field"] in query
    assert problem["type"] == "/problems/unknown-parameter"


def test_one_that_it_has_is_not(house):
    house.get("/v1/cases", state="open")
