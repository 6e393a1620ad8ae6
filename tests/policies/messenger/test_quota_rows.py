"""Quotas against the rows of the catalogue: ids, figures, operators, windows, and texts that people read."""

import pytest
from tests.policies.messenger.test_catalogue import CATALOGUE, rows  # noqa: F401  a fixture

from tidegate.policies.messenger import policy
from tidegate.policy.figures import trees_of_quota
from tidegate.policy.parameter import Parameter

QUOTAS = [pytest.param(quota, id=quota.id) for quota in policy.quotas]


def test_every_published_limit_is_a_quota(rows):  # noqa: F811
    stated = {r["id"] for r in rows.values() if r["kind"] == "quota" and r["defensive_reading"] != "none"}
    assert {quota.id for quota in policy.quotas} == stated


@pytest.mark.parametrize("quota", QUOTAS)
def test_a_quota_has_the_figure_operator_window_and_capability_of_its_row(quota, rows):  # noqa: F811
    row = rows[quota.id]
    when = row["when"]
    assert quota.allowed.op == when["op"]
    assert isinstance(quota.allowed.right, Parameter)
    assert quota.allowed.right.default == when["threshold"]
    assert (quota.unit, quota.window, quota.capability) == (
        when["unit"],
        when["window"],
        tuple(row["then"]["capability"]),
    )
    assert quota.allowed.right.unit in (quota.unit, "ratio")


@pytest.mark.parametrize("quota", QUOTAS)
def test_a_figure_says_where_it_comes_from_and_why(quota):
    for tree in trees_of_quota(quota):
        for figure in tree.walk():
            if isinstance(figure, Parameter):
                assert figure.name
                assert figure.why
                assert figure.source
                assert figure.unit
                assert figure.low < figure.high


@pytest.mark.parametrize("quota", QUOTAS)
def test_a_quota_explains_itself(quota):
    assert not quota.title[0].islower()
    assert not quota.title.endswith(".")
    assert len(quota.examples) == 2
    assert quota.examples[0].startswith("exceeds: ")
    assert quota.examples[1].startswith("within: ")
