"""What people decide is in the journal: judged once more, it gives the same decisions, byte for byte."""

import pytest
from tests.ledger.worlds import policy
from tests.service.routes.house import House

from tidegate.engine import Engine
from tidegate.journal import Events, read_journal
from tidegate.journal.decision_lines import DecisionLines


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path / "data", policy)
    yield house
    house.close()


def test_a_replay_of_the_journal_gives_the_decisions_that_people_had_a_part_in(house):
    for account in ("a", "b", "c", "d"):
        house.message(account, is_forward=True)
    listed = {s["account_id"]: s["id"] for s in house.get("/v1/sanctions")["sanctions"]}
    house.post(f"/v1/sanctions/{listed['a']}/lift", reason="a family album")
    appeal = house.post("/v1/appeals", status=201, sanction_id=listed["b"], reason="please")["id"]
    house.post(f"/v1/appeals/{appeal}/decide", who="bob", granted=False, reason="no")
    house.post(f"/v1/appeals/{appeal}/reverse", who="eve", reason="yes")
    house.post("/v1/sanctions", status=201, account_id="d", sanction="ban", reason="threats")
    case = house.happen("report_filed", "c", reporter_id="r", report_id="r1")["cases"][0]["id"]
    house.post(f"/v1/cases/{case}/take")
    house.post(f"/v1/cases/{case}/decide", finding="unfounded", lift=[listed["c"]], reason="a quarrel")
    after = {account: house.message(account, is_reply=True)["verdict"] for account in ("a", "b", "c", "d")}
    assert after == {"a": "allow", "b": "allow", "c": "deny", "d": "deny"}

    engine, text = Engine(policy), DecisionLines(policy.stamp(), [])
    events = 0
    for entry in read_journal(house.settings.data, house.service.custody.cipher):
        if not isinstance(entry, Events):
            continue
        judged = engine.step(entry.block)
        others = {i: text.line(decision) for i, decision in judged.closer.items()}
        lines = list(text.lines(entry.block, judged, others, plain=True))
        for event_id, line in zip(entry.block.event_ids, lines, strict=True):
            events += 1
            assert bytes(line) == house.run(house.service.judging.decision(event_id))
    assert events == 4 + 1 + 1 + 1 + 2 + 1 + 1 + 1 + 2 + 4
