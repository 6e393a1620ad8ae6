"""Signals that count as long as a label: past the time of others, through what is tidied away, and no longer than it is carried."""

import json

import pytest
from tests.engine.worlds import DAY, HOUR, T0, event, judge, message, policy_of, rule

import tidegate as tg
from tidegate.errors import PolicyError
from tidegate.events import ClientReport, ClientUpdated, decode_lines

REPORTED = event("client_report", T0, is_modified=True)
UPDATED = event("client_updated", T0 + 20 * DAY, to_official=True)


def policy(label):
    """A rule whose signal stays with its label, which comes off with an official client."""
    marked = rule(
        "marked",
        on=ClientReport,
        prior=tg.Prior(0.4, while_labelled=True),
        labels=(label, tg.Label("marked", on="device")),
    )
    off = tg.Release(
        on=ClientUpdated, when=ClientUpdated.to_official == 1, labels=("marked",), why="official"
    )
    return policy_of(marked, rule("quiet", on=ClientUpdated), releases=(off,))


FOR_EVER, FOR_A_WEEK = policy(tg.Label("marked")), policy(tg.Label("marked", lasting=tg.days(7)))


def test_it_counts_until_the_label_is_taken_off():
    world = [
        REPORTED,
        message(T0 + 2 * DAY),
        message(T0 + 20 * DAY - 1),
        UPDATED,
        message(T0 + 20 * DAY + HOUR),
    ]
    assert [seen["score"] for seen in judge(FOR_EVER, world)] == [0.4, 0.4, 0.4, 0.0, 0.0]


def test_it_ends_with_a_label_that_has_an_end():
    world = [REPORTED, message(T0 + 7 * DAY - 1), message(T0 + 7 * DAY)]
    assert [seen["score"] for seen in judge(FOR_A_WEEK, world)] == [0.4, 0.4, 0.0]


def test_it_outlasts_what_is_tidied_away():
    engine = tg.Engine(FOR_EVER)
    for world in ([REPORTED], [message(T0 + 300 * DAY, "other")]):
        engine.step(decode_lines([json.dumps({"event_id": str(e["ts"]), **e}).encode() for e in world]).block)
        engine.tidy()
    state = engine.account("a").data()
    assert state["score"] == 0.4
    assert [(s["rule"], s["until"]) for s in state["signals"]] == [("marked", None)]


def test_a_rule_without_a_label_on_the_account_is_refused():
    with pytest.raises(PolicyError, match="a label that it does not set"):
        rule("r", prior=tg.Prior(0.4, while_labelled=True), labels=(tg.Label("marked", on="device"),))
