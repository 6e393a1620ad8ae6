"""The page about honest people is what its script prints; the advised value is the least one that is quiet enough."""

from datetime import date, timedelta

import pytest
from tests.examples.scripts import DATA, ROOT, needs_data, script

import tidegate as tg
from tidegate.events import MessageSent

DAY_0 = date(2026, 3, 2)

beside_the_project = needs_data("collegemsg", "copenhagen_networks")


@pytest.fixture(scope="module", name="script")
def the_script():
    return script("honest_people")


def rule_with(**options):
    class Sheet(tg.RuleSet):
        """A sheet."""

        limit = tg.Parameter(5, low=1, high=20, unit="messages", why="a test", **options)
        sent = tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.minutes(1))
        rule = tg.Rule(id="r", title="R", on=(MessageSent,), when=sent > limit, reason="{observed}")

    return Sheet.rules[0]


@pytest.fixture
def alerts(script):
    """Sender-days of two senders, `honest` and `spammer`, on some of which rule `r` saw so many."""

    def of(honest, spammer=(), days=2000):
        all_days = {DAY_0 + timedelta(days=n) for n in range(days)}
        quiet = script.Sender(sent=days, days=all_days)
        loud = script.Sender(sent=days, days=all_days, pace=90)
        assert loud.evidence
        assert not quiet.evidence
        found = script.Alerts({"honest": quiet, "spammer": loud})
        for who, seen in (("honest", honest), ("spammer", spammer)):
            for n, observed in enumerate(seen):
                found.of_rule["r"][who, DAY_0 + timedelta(days=n)] = observed
        return found

    return of


@pytest.mark.parametrize(
    ("name", "honest", "spammer", "value"),
    [
        ("two of 2,000 days are tolerated", [9, 9], [], None),
        ("the third is not: the highest two may stay", [9, 8, 6], [], 6),
        ("fractions come from modifiers", [12, 12, 7.1], [], 8),
        ("spam is no reason", [9], [40] * 100, None),
        ("a strict one is left", [6, 6, 6, 6], [], 6),
    ],
)
def test_the_advised_value_is_the_least_that_is_quiet_enough(script, alerts, name, honest, spammer, value):
    advice = script.advice_for(rule_with(), [alerts(honest, spammer)])
    assert (advice and advice.value) == value


def test_it_is_quiet_enough_in_every_log(script, alerts):
    assert script.advice_for(rule_with(), [alerts([9] * 3), alerts([7] * 9), alerts([])]).value == 9


def test_a_value_beyond_the_bounds_is_not_advised(script, alerts):
    advice = script.advice_for(rule_with(), [alerts([21, 21, 21])])
    assert (advice.value, advice.why_not) == (None, "its bounds end at 20")


def test_segments_that_are_wider_already_stay(script, alerts):
    tier = tg.when(MessageSent.is_reply, "a", "b")
    advice = script.advice_for(rule_with(by=(tier, {"a": 3, "b": 12})), [alerts([8, 8, 8])])
    assert advice.revision() == {"default": 8, "a": 8, "b": 12}
    assert (
        script.toml({"Sheet.limit": advice.revision(), "x.y": 2})
        == "x.y = 2\n\n[Sheet.limit]\ndefault = 8\na = 8\nb = 12\n"
    )


def test_rates_are_of_honest_sender_days(script, alerts):
    found = alerts([9, 9, 9], [40] * 50)
    assert found.rate(found.of_rule["r"]) == "1.50"


@beside_the_project
def test_the_page_is_what_the_script_prints(script, tmp_path):
    committed = (ROOT / "docs" / "honest-people.md").read_text(encoding="utf-8")
    assert committed == script.page(DATA, tmp_path), "run the command at the top of the page"
