"""A small policy, and what happened under it, for the tests of the ledger."""

import json
from dataclasses import dataclass

import sqlalchemy as sa
from tests.engine.worlds import DAY, HOUR, MINUTE, SECOND, T0, event, policy_of, rule, sanction

import tidegate as tg
from tidegate.engine import Engine
from tidegate.events import (
    AppealDecided,
    ChallengeResult,
    ContactAdded,
    MessageSent,
    ReportFiled,
    decode_lines,
)
from tidegate.ledger.happened import BY_PEOPLE
from tidegate.ledger.tables import READ_MODEL

__all__ = ["DAY", "HOUR", "MINUTE", "SECOND", "T0", "event"]

SLOW = sanction("slow", lasting=tg.minutes(30))
BAN = sanction("ban", capability=("all",), lasting="permanent", level=4, review="deactivation")
PROVE = sanction("prove", "challenge", capability=("send",), lasting=tg.hours(5), challenge="sms")
FROZEN = sanction("frozen", capability=("login",), lasting=tg.days(2), subject="device")
REPORTED = sanction("reported", lasting=tg.days(3))

added = tg.events(ContactAdded).count().per(ContactAdded.account_id)
contacts = tg.Parameter(
    3, low=1, high=50, unit="contacts", why="as many as fit a party", name="figures.contacts"
)
granted = tg.events(AppealDecided).where(AppealDecided.granted).count().per(AppealDecided.account_id)

policy = policy_of(
    tg.Rule(
        id="harvest", title="Many contacts in a minute", on=(ContactAdded,), when=added.over(tg.minutes(1)) > contacts,
        reason="{observed} contacts, limit {limit}", window="PT1M", labels=(tg.Label("harvester", lasting=tg.hours(1)),),
        measures=(tg.Measure(sanction("no-contacts", capability=("group_join",), lasting=tg.hours(1))),),
    ),
    tg.Rule(
        id="vindicated", title="An appeal was granted before", on=(MessageSent,), when=granted.over(tg.days(90)) > 0,
        given=MessageSent.is_reply, reason="{observed} appeals granted", labels=(tg.Label("vindicated-before"),),
    ),
    rule("forwarded", given=MessageSent.is_forward, measures=(tg.Measure(SLOW),), labels=(tg.Label("pusher", lasting=tg.hours(1)),)),
    rule("many-links", given=tg.size(MessageSent.link_hashes) > 0, measures=(tg.Measure(PROVE),), labels=(tg.Label("seller"),)),
    rule("banned-word", given=MessageSent.is_promotional, measures=(tg.Measure(BAN),), cases=(tg.Case("deactivation", within=tg.hours(48)),)),
    rule("odd-device", given=MessageSent.device_id == "d1", measures=(tg.Measure(FROZEN),), labels=(tg.Label("odd", on="device"),)),
    rule("quiet", given=MessageSent.is_forward, state="shadow"),
    rule("any-report", on=ReportFiled, measures=(tg.Measure(REPORTED),), cases=(tg.Case("reports", within=tg.hours(1)),)),
    releases=(
        tg.Release(
            on=ChallengeResult,
            when=(ChallengeResult.passed).or_else(False),
            sanctions=("prove",), labels=("seller",),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Happened:
    position: int
    decision: object
    record: object


class World:
    """An engine, and a journal of what happened: events numbered from 1."""

    def __init__(self, judged_by=policy):
        self.engine = Engine(judged_by)
        self.happened = []
        self.count = 0

    def take(self, *events):
        """Judge events as one batch; return what happened at them."""
        lines = [json.dumps({"event_id": f"e{self.count + n}", **e}).encode() for n, e in enumerate(events)]
        decoded = decode_lines(lines)
        assert not decoded.rejected, decoded.rejected
        block = decoded.block
        judged = self.engine.step(block)
        new = []
        for i, record in enumerate(block.records):
            timers = [Happened(self.count + i + 1, t.decision, None) for t in judged.timers if t.before == i]
            new += timers
            decision = judged.closer.get(i)
            if decision is None and record.event_type.type_name in BY_PEOPLE:
                decision = _plain(record, block, i)
            if decision is not None:
                new.append(Happened(self.count + i + 1, decision, record))
        self.count += len(events)
        self.happened += new
        return new

    def history(self, after):
        return (one for one in self.happened if one.position > after)


def _plain(record, block, i):
    from tidegate.engine.decision import Decision

    account = record.account_id if isinstance(record.account_id, str) else None
    return Decision(record.event_id, int(block.ts[i]), record.event_type.type_name, account)


def contents(ledger, *tables):
    """All rows of the read model, or of some tables."""
    with ledger.reading() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in tables or READ_MODEL
        }


def rows(ledger, table, **values):
    """The rows of a table that have these values."""
    with ledger.reading() as connection:
        query = sa.select(table).order_by(*table.primary_key)
        for name, value in values.items():
            query = query.where(table.c[name] == value)
        return [dict(row) for row in connection.execute(query).mappings()]


def message(ts, account="a", **fields):
    return event("message_sent", ts, account, **fields)


def project(ledger, world, *events):
    """Have events judged and taken in; return what happened."""
    happened = world.take(*events)
    ledger.project(happened, world.count)
    return happened
