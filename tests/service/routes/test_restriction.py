"""The restriction by score: its ids stand in decisions, so they can be asked for like those of rules."""

from tests.engine.worlds import figure, policy_of, rule, sanction
from tests.service.routes.house import House

import tidegate as tg
from tidegate.events import MessageSent

RESTRICTION = tg.ScoreRule(
    id="score.over",
    title="Above the threshold",
    threshold=figure(0.85, "threshold", low=0.5, high=1),
    reason="a score of {observed}; limit {limit}",
    measures=(tg.Measure(sanction("stop")),),
    in_points="score.points",
)
sent = tg.events(MessageSent).count().per(MessageSent.account_id)
NONE = tg.Quota(
    id="none-a-day",
    title="No message a day",
    capability=("send",),
    on=(MessageSent,),
    within=sent.over(tg.days(1)) <= figure(0, "none", low=0),
    kind="count",
    unit="messages",
    reason="{observed} of {limit}",
)
SURE = rule("sure", prior=tg.Prior(0.9, cases=1), given=MessageSent.is_promotional)
POLICY = policy_of({"sheet": (SURE,), "limits": (NONE,)}, restriction=RESTRICTION)


def test_every_rule_that_a_decision_names_can_be_asked_for(tmp_path):
    house = House(tmp_path / "data", POLICY)
    try:
        decision = house.message("a", is_promotional=True)
        *named, limit = [fired["rule"] for fired in decision["fired"]]
        assert named == ["sure", "score.over", "score.points"]
        shown = {name: house.get(f"/v1/rules/{name}") for name in named}
        assert [one["counts"]["fired"] for one in shown.values()] == [1, 1, 1]
        assert [day["fired"] for day in shown["score.over"]["days"]] == [1]
        assert (shown["score.over"]["when"], shown["score.over"]["note"]) == (
            "score of the account > figures.threshold",
            "",
        )
        assert (shown["score.over"]["measures"], shown["score.points"]["measures"]) == (["stop"], [])
        assert "100 points" in shown["score.points"]["when"]
        assert "score.over" in shown["score.points"]["note"]
        assert [one["id"] for one in house.get("/v1/rules")["rules"]] == named
        assert house.get("/v1/rules/score.other", status=404)["field"] == "rule_id"
        assert "capabilities" in house.get(f"/v1/rules/{limit}", status=404)["hint"]
        refused = house.post("/v1/revisions", status=422, states={"score.over": "shadow"}, reason="x")
        assert refused["field"] == "states.score.over"
    finally:
        house.close()
