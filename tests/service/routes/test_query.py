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


def test_one_that_stands_there_twice_is_refused_where_one_is_meant(house):
    problem = house.ask("GET", "/v1/sanctions?state=running&state=ended", "rita", status=422)
    assert (problem["field"], problem["hint"]) == ("state", "give it once")
    column = {"purpose": "p", "basis": "b", "column": ["number=A", "remark=B"]}
    refused = house.ask("POST", "/v1/screenings", status=415, params=column, content=b"x")
    assert refused["field"] == "Content-Type"  # and not of the columns


def test_events_are_sent_without_a_query(house):
    refused = house.ask("POST", "/v1/events?wait=5", "app", status=422, json={})
    assert (refused["type"], refused["field"]) == ("/problems/unknown-parameter", "wait")


def test_one_that_it_has_is_not(house):
    house.get("/v1/cases", state="open")
