"""The pages about the messenger policy: made from it, examples judged, and the committed ones are those of today."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.policies.messenger.worlds import at

import tidegate as tg
from tidegate.errors import PolicyError
from tidegate.events import MessageSent
from tidegate.handbook.example import Example, Examples, read_examples, rulings, shown
from tidegate.handbook.pages import pages, write_pages
from tidegate.handbook.series import Series
from tidegate.policies.loading import examples_of, load_policy
from tidegate.policies.messenger import policy

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "docs" / "rules"
ONLY_IN_A_SET = {  # examples are judged with the default figures
    "msg.quota-day1-80": "of the ramp, which the set `ramp` switches on",
    "msg.quota-first-week-growth-20pct": "of the ramp, which the set `ramp` switches on",
}
HINT = "run `make docs`"


@pytest.fixture(scope="module")
def made():
    return pages(policy, examples_of("messenger"))


def test_the_committed_pages_are_those_of_the_policy(made):
    committed = {path.relative_to(RULES).as_posix(): path.read_text("utf-8") for path in RULES.rglob("*.md")}
    assert committed.keys() == made.keys(), HINT
    assert [name for name, text in made.items() if committed[name] != text] == [], HINT


def test_every_rule_has_a_page_in_the_index_and_examples(made):
    for one in policy.judged:
        page = f"{policy.area_of(one)}/{one.id}.md"
        assert page in made
        assert page in made["index.md" if one in policy.rules else "quotas.md"]
    assert [
        rule.id for rule in policy.rules if not (examples_of("messenger") / f"{rule.id}.json").exists()
    ] == []


def test_a_page_says_what_a_decision_and_a_revision_would(made):
    page = made["messaging/msg.burst-over-12-in-60s-l1.md"]
    assert "| **> default 12, new 5, young 5, stable 12, business 20** messages within `PT60S` |" in page
    assert "deny **send** for `PT2H`" in page
    assert '"observed": 13, "limit": 12' in page
    assert "[MessageBurst.level_1_limit]\ndefault = 12\nnew = 5\n" in page
    assert (
        "\n\nThe parameter set `strict` has other figures for this rule: `tidegate replay events.ndjson --against strict`.\n"
        in page
    )


@pytest.mark.parametrize("rule", [rule.id for rule in policy.rules[::24]])
def test_an_example_alone_ends_as_it_does_beside_all_others(rule):
    examples = read_examples(examples_of("messenger") / f"{rule}.json")
    others = {r.id: read_examples(examples_of("messenger") / f"{r.id}.json") for r in policy.rules[:40]}
    beside = [(other, found.fires) for other, found in others.items() if found is not None and other != rule]
    alone = rulings(policy, [(rule, examples.fires)])
    assert alone[0].outcome == "fires"
    assert rulings(policy, [*beside, (rule, examples.fires)])[-1] == alone[0]


def test_a_page_of_a_quota_shows_a_decision_that_lists_it(made):
    page = made["groups/group.quota-5-per-day.md"]
    assert "**<= 5 groups in P1D**" in page
    assert '"rule": "group.quota-5-per-day", "observed": 6, "limit": 5' in page


class Two(tg.RuleSet):
    """Two messages."""

    area = "messaging"
    limit = tg.Parameter(1, low=0, high=9, unit="messages", why="a test")
    sent = tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.minutes(1))
    rule = tg.Rule(
        id="two",
        title="Two",
        on=(MessageSent,),
        when=sent > limit,
        reason="{observed}",
        labels=(tg.Label("two"),),
    )


SMALL = tg.Policy(name="small", version="1", rule_sets=(Two,))


def sent(*seconds):
    base = at("2026-03-02T09:30:00+00:00")
    events = [{"type": "message_sent", "ts": base + 1000 * s, "account_id": "a"} for s in seconds]
    return Example("", tuple(Series(1, event, event) for event in events))


def test_what_an_example_shows_was_judged():
    examples = {"two": Examples(sent(0, 1), sent(0))}
    found = shown(SMALL, examples)["two"]
    assert (found.fires.outcome, found.rests.outcome) == ("fires", "rests")
    assert found.fires.decision["fired"][0]["observed"] == 2
    assert found.fires.decision["event_id"] == "e2"
    assert found.fires.decision["account_id"] == "a"


def test_an_example_that_is_not_true_is_refused():
    with pytest.raises(PolicyError, match="one that fires, but the rule rests"):
        shown(SMALL, {"two": Examples(sent(0), None)})
    with pytest.raises(PolicyError, match="one that rests, but the rule fires"):
        shown(SMALL, {"two": Examples(sent(0, 1), sent(0, 1))})


def test_a_policy_without_examples_says_so(tmp_path):
    made = pages(SMALL, tmp_path / "none")
    assert "No example yet." in made["messaging/two.md"]
    assert "## Without an example\n\n`two`" in made["index.md"]
    assert "quotas.md" not in made


@pytest.mark.parametrize("long", [False, True])
def test_a_page_tells_on_which_condition_a_measure_opens(tmp_path, long):
    condition = MessageSent.recipient_id.isin(*(f"recipient {n}" for n in range(50 if long else 1)))
    stop = tg.Sanction(
        id="stop", title="x", effect="deny", capability=("send",), lasting=tg.hours(1), level=1
    )
    rule = replace(Two.rule, measures=(tg.Measure(stop, given=condition),))
    sheet = type("Sheet", (tg.RuleSet,), {"__doc__": "One.", "area": "messaging", "rule": rule})
    made = pages(tg.Policy(name="small", version="1", rule_sets=(sheet,)), tmp_path)
    page, told = made["messaging/two.md"], condition.describe()
    assert "level 1), on a condition of its own" in page
    assert ("| `stop` (PT1H) only where |" in page) is not long
    assert (f"`stop` (PT1H) only where:\n\n```text\n{told}\n```" in page) is long
    assert page.count(told) == 1
    assert "deny send (on a condition)" in made["index.md"]


def test_a_condition_that_nobody_would_read_to_its_end_is_cut_and_says_so(tmp_path):
    condition = MessageSent.recipient_id.isin(*(f"recipient {n}" for n in range(999)))
    sheet = type(
        "Sheet",
        (tg.RuleSet,),
        {"__doc__": "One.", "area": "messaging", "rule": replace(Two.rule, given=condition)},
    )
    told = condition.describe()
    page = pages(tg.Policy(name="small", version="1", rule_sets=(sheet,)), tmp_path)["messaging/two.md"]
    assert f"{told[:4000]} ... {len(told) - 4000:,} characters more: see the sheet\n" in page
    assert told[:4001] not in page


def test_pages_of_rules_that_are_no_more_go(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "gone.md").write_text("old")
    write_pages({"index.md": "new"}, tmp_path)
    assert [path.name for path in tmp_path.rglob("*.md")] == ["index.md"]


def test_figures_in_force_are_those_of_the_revision():
    strict = policy.revise(policy.parameter_sets["strict"])
    page = pages(strict, Path("none"))["messaging/msg.burst-over-12-in-60s-l1.md"]
    assert "| **> 12** messages within `PT60S` |" in page
    assert load_policy("messenger").digest != strict.digest
