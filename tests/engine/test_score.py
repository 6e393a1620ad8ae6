"""From fired rules to a score: beliefs, factors, points, and the restriction above the threshold."""

import pytest

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.testing import Bench


def rule(name, on=MessageSent, **parts):
    """A rule that fires at every event of its kind whose account is known."""
    return tg.Rule(
        id=name,
        title="At every event",
        on=(on,),
        when=tg.now() > tg.Parameter(0, low=0, high=1, unit="ms", why="always", name=f"figures.{name}"),
        reason="observed {observed}",
        **parts,
    )


def policy_of(*rules, **parts):
    """A policy of these rules in one sheet."""
    sheet = type("Sheet", (tg.RuleSet,), {"area": "sheet"} | {f"r{n}": r for n, r in enumerate(rules)})
    return tg.Policy(name="p", version="1", rule_sets=(sheet,), **parts)


UNSTATED = tg.Parameter(0.1, low=0.01, high=0.5, unit="probability", why="assumed", name="priors.unstated")


@pytest.mark.parametrize(("revisions", "score"), [({}, 0.19), ({"priors.unstated": 0.2}, 0.36)])
def test_a_belief_that_is_a_figure_is_revised_for_all_rules_that_share_it(revisions, score):
    policy = policy_of(rule("a", prior=tg.Prior(UNSTATED)), rule("b", prior=tg.Prior(UNSTATED)))
    decision = Bench(policy.revise(revisions)).send("message_sent", account_id="a1")
    assert decision.score == score
    assert [f.probability for f in decision.fired] == [revisions.get("priors.unstated", 0.1)] * 2


def test_a_belief_cannot_be_revised_to_certainty():
    with pytest.raises(tg.errors.ParameterError, match="no prior probability"):
        tg.Prior(tg.Parameter(0.1, low=0, high=1, unit="probability", why="bounds of certainty"))
