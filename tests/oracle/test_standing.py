"""Labels and measures of the past, as rules read them, against a list of all firings."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from tests.oracle import worlds
from tests.oracle.naive import World
from tests.oracle.observe import UNKNOWN, Reading, differences, observe, policy_of
from tests.oracle.readings.kinds import L, M, R
from tests.oracle.test_definitions import runnings, small

from tidegate import (
    Label,
    Measure,
    Rule,
    RuleSet,
    Sanction,
    days,
    events,
    hours,
    labelled,
    minutes,
    sanctioned,
)

BUSY = events(M).count().per(M.account_id).over(minutes(10)) >= 2
PAUSE = Sanction(id="pause", title="-", effect="deny", capability=("send",), lasting=minutes(10), level=1)
STOP = Sanction(id="stop", title="-", effect="deny", capability=("login",), lasting=hours(3), level=2)
HOT, WATCHED, WORSE = (
    Label("hot", lasting=minutes(10)),
    Label("watched", on="device"),
    Label("worse", lasting=days(1)),
)


class Marks(RuleSet):
    """Two rules, of which one reads what the other left."""

    busy = Rule(
        id="busy",
        title="-",
        reason="-",
        on=(M,),
        when=BUSY,
        labels=(HOT, WATCHED),
        measures=(Measure(PAUSE),),
    )
    again = Rule(
        id="again",
        title="-",
        reason="-",
        on=(L,),
        when=labelled("hot", L.account_id, within=minutes(5)) >= 1,
        labels=(WORSE,),
        measures=(Measure(STOP),),
    )


READINGS = (
    Reading("hot", labelled("hot", M.account_id), (M,)),
    Reading("hot recipient", labelled("hot", M.recipient_id), (M,)),
    Reading("hot lately", labelled("hot", L.account_id, within=minutes(1)), (L,)),
    Reading("watched", labelled("watched", L.device_id), (L,)),
    Reading("watched today", labelled("watched", M.device_id, within=days(1)), (M,)),
    Reading("worse", labelled("worse", R.account_id), (R,)),
    Reading("worse reporter", labelled("worse", R.reporter_id), (R,)),
    Reading("paused", sanctioned(M.account_id, "pause", within=hours(1)), (M,)),
    Reading("measures", sanctioned(R.account_id, within=days(3)), (R,)),
)
POLICY = policy_of(READINGS, Marks)


@dataclass
class Record:
    """Everything ever done: labels as (name, entity, id, set, ends), measures as (cause, id of account, opened, ends)."""

    labels: list[tuple[str, str, str, int, float]] = field(default_factory=list)
    measures: list[tuple[str, str, int, int]] = field(default_factory=list)

    def labelled(self, node: Any, entity: str, at: int) -> float:
        within = node.within.ms if node.within else float("inf")
        return float(
            any(
                (name, space, who) == (node.name, node.entity.domain, entity)
                and since <= at < until
                and since > at - within
                for name, space, who, since, until in self.labels
            )
        )

    def sanctioned(self, node: Any, account: str, at: int) -> float:
        """Opened within the span."""
        opened = [
            s for s, who, since, _ in self.measures if who == account and at - node.within.ms < since <= at
        ]
        return float(sum(not node.sanctions or s in node.sanctions for s in opened))

    def carry_out(self, event: Any, labels: Any, sanction: Any) -> None:
        for label in labels:
            who = event.get(f"{label.on}_id")
            until = event["ts"] + label.lasting.ms if label.lasting else float("inf")
            if who is not None:
                self.labels.append((label.name, label.on, who, event["ts"], until))
        account = event.get("account_id")
        running = any(
            s == sanction.id and who == account and event["ts"] < until for s, who, _, until in self.measures
        )
        if account is not None and not running:
            self.measures.append((sanction.id, account, event["ts"], event["ts"] + sanction.lasting.ms))


def expected(stream):
    world, record, rows = World(stream), Record(), []
    for i, event in enumerate(stream):

        def read(node, event=event):
            entity = event.get(node.entity.name)
            if entity is None:
                return UNKNOWN
            of = record.labelled if hasattr(node, "name") else record.sanctioned
            return of(node, entity, event["ts"])

        rows.append({r.name: read(r.value) for r in READINGS if event["type"] == r.on[0].type_name})
        if event["type"] == "message_sent" and world.value(BUSY, i) is True:
            record.carry_out(event, (HOT, WATCHED), PAUSE)
        elif event["type"] == "login_attempt" and read(Marks.again.when.left) == 1:
            record.carry_out(event, (WORSE,), STOP)
    return rows


@small
@given(worlds.streams(), runnings)
def test_rules_read_the_labels_and_measures_of_the_past(stream, running):
    got, _ = observe(READINGS, stream, running, POLICY)
    assert not differences(READINGS, got, expected(stream))


@small
@given(worlds.streams().filter(lambda s: len(s) > 3), runnings)
def test_in_a_burst_too(stream, running):
    close = [{**event, "ts": stream[0]["ts"] + 300_000 + (event["ts"] % 5) * 60_000} for event in stream]
    got, _ = observe(READINGS, close, running, POLICY)
    assert not differences(READINGS, got, expected(close))
