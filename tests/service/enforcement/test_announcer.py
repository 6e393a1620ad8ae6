"""Every change of a measure is announced once, in order, whenever the process dies; shadow mode announces nothing."""

import pytest
import sqlalchemy as sa
from tests.engine.worlds import policy_of, rule
from tests.ledger.worlds import DAY, HOUR, MINUTE, SLOW, T0, World, event

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.ledger.tables_enforcement import announced
from tidegate.service.enforcement.announcer import Announcer, changes

OPENS = {"is_forward": True}  # half an hour of `slow`


def message(ts, account="a", **fields):
    return event("message_sent", ts, account, **fields)


def opened(bench):
    return changes(bench.ledger.database, 0, 1)[0]


def test_a_measure_that_is_opened_is_announced_with_all_that_is_needed_to_act(bench):
    bench.take(message(T0, **OPENS))
    (one,) = changes(bench.ledger.database, 0, 10)
    envelope = one.event("/test")
    assert envelope | {"data": None, "id": ""} == {
        "specversion": "1.0", "id": "", "source": "/test", "type": "tidegate.measure.opened", "subject": "a",
        "time": "2026-03-02T09:30:00.000Z", "datacontenttype": "application/json",
        "sequence": "00000000000000000001", "data": None,
    }  # fmt: skip
    assert envelope["data"]["sanction"] == "slow"
    assert envelope["data"]["until"] == "2026-03-02T10:00:00.000Z"


def test_nothing_is_announced_twice(bench):
    bench.take(message(T0, **OPENS))
    assert bench.announcer.step() == 0
    assert Announcer(bench.ledger.database, bench.now).step() == 0
    assert bench.told() == [("a", "opened")]


def test_a_measure_that_is_lifted_does_not_end_as_well(bench):
    bench.take(message(T0, **OPENS))
    number = opened(bench).measure_id
    bench.take(event("sanction_lifted", T0 + MINUTE, sanction_id=number))
    bench.take(message(T0 + HOUR))
    assert bench.told() == [("a", "opened"), ("a", "lifted")]


def test_an_end_is_announced_once_event_time_has_reached_it_and_not_a_millisecond_before(bench):
    bench.take(message(T0, **OPENS))
    bench.take(message(T0 + 30 * MINUTE - 1, "b", **OPENS))
    assert bench.told() == [("a", "opened"), ("b", "opened")]
    bench.take(message(T0 + 30 * MINUTE, "c", **OPENS))
    assert bench.told()[2:] == [("a", "ended"), ("c", "opened")]
    last = changes(bench.ledger.database, 2, 1)[0]
    assert (last.ts, last.data["change"]) == (T0 + 30 * MINUTE, "ended")


def test_an_end_comes_by_the_clock_where_no_events_come(bench):
    bench.take(message(T0, **OPENS))
    bench.ms += 30 * MINUTE - 1
    assert bench.announcer.step() == 0
    bench.ms += 1
    assert bench.announcer.step() == 1
    assert bench.told() == [("a", "opened"), ("a", "ended")]


def test_an_end_comes_by_the_time_that_plain_events_bring(bench):
    newest = [None]
    announcer = Announcer(bench.ledger.database, bench.now, event_time=lambda: newest[0])
    bench.take(message(T0, **OPENS), step=False)
    announcer.step()
    newest[0] = T0 + 30 * MINUTE
    assert announcer.step() == 1


def test_the_clock_goes_on_from_the_time_that_plain_events_brought(bench):
    announcer = Announcer(bench.ledger.database, bench.now, event_time=lambda: T0 + 20 * MINUTE)
    bench.take(message(T0, **OPENS), step=False)
    announcer.step()
    for minutes, ended in ((5, 0), (4, 0), (1, 1), (30, 0)):
        bench.ms += minutes * MINUTE
        assert announcer.step() == ended


def test_where_nothing_happens_nothing_is_written(bench):
    bench.take(message(T0, **OPENS))
    with bench.ledger.database.reading() as connection:
        before = connection.execute(sa.select(announced)).all()
    bench.ms += MINUTE
    assert bench.announcer.step() == 0
    with bench.ledger.database.reading() as connection:
        assert connection.execute(sa.select(announced)).all() == before


def test_a_measure_that_was_over_when_it_was_taken_in_is_opened_and_ended(bench):
    bench.take(message(T0, **OPENS))
    bench.ms += 2 * HOUR
    bench.announcer.step()
    bench.take(message(T0 + MINUTE, "late", **OPENS))
    assert bench.told() == [("a", "opened"), ("a", "ended"), ("late", "opened"), ("late", "ended")]


def test_a_shorter_end_is_a_change_and_ends_at_its_new_time(bench):
    bench.take(message(T0, **OPENS))
    number = opened(bench).measure_id
    shorter = {"sanction_id": number, "kind": "slow", "expires_ts": T0 + 5 * MINUTE}
    bench.take(event("sanction_applied", T0 + MINUTE, **shorter))
    bench.take(message(T0 + 5 * MINUTE, "b", **OPENS))
    assert bench.told() == [("a", "opened"), ("a", "changed"), ("a", "ended"), ("b", "opened")]
    assert changes(bench.ledger.database, 2, 1)[0].ts == T0 + 5 * MINUTE


def test_a_permanent_measure_does_not_end(bench):
    bench.take(message(T0, is_promotional=True))
    bench.ms += 1000 * DAY
    bench.announcer.step()
    assert bench.told() == [("a", "opened")]


def test_more_than_one_page_is_announced_in_one_step(bench):
    bench.take(*(message(T0 + n, f"a{n}", **OPENS) for n in range(1203)), step=False)
    assert bench.announcer.step() == 1203
    assert bench.told() == [(f"a{n}", "opened") for n in range(1000)]
    assert len(bench.told(after=1000)) == 203


def test_shadow_mode_announces_nothing_and_nothing_afterwards_either(bench):
    shadow = Announcer(bench.ledger.database, bench.now, live=False)
    hook, _ = bench.book.create("http://127.0.0.1:9/", (), actor="test")
    bench.take(message(T0, **OPENS), step=False)
    shadow.step()
    bench.ms += HOUR
    shadow.step()
    bench.announcer.step()
    assert bench.told() == []
    assert bench.book.counts(hook.id) == {"waiting": 0, "sent": 0, "dead": 0}
    bench.take(message(T0 + HOUR, **OPENS))
    assert bench.told() == [("a", "opened")]


def test_a_rule_in_shadow_announces_nothing(bench):
    quiet = rule("quiet", given=MessageSent.is_forward, measures=(tg.Measure(SLOW),), state="shadow")
    bench.world = World(policy_of(quiet))
    bench.take(message(T0, **OPENS))
    assert bench.told() == []


def test_a_read_model_made_anew_repeats_nothing(bench):
    bench.take(message(T0, **OPENS), message(T0 + HOUR, "b", **OPENS))
    before = bench.told()
    bench.ledger.rebuild(bench.world.history)
    bench.announcer.step()
    assert bench.told() == before == [("a", "opened"), ("a", "ended"), ("b", "opened")]


@pytest.mark.parametrize("seed", range(3))
def test_however_steps_and_events_alternate_the_same_is_announced(bench, seed):
    import random

    chance = random.Random(seed)
    events = [message(T0 + n * 7 * MINUTE, f"a{n % 3}", is_forward=n % 2 == 0) for n in range(20)]
    at = 0
    while at < len(events):
        size = chance.randint(1, 5)
        bench.take(*events[at : at + size], step=chance.random() < 0.5)
        at += size
    bench.announcer.step()
    for account in ("a0", "a1", "a2"):
        kinds = [kind for who, kind in bench.told() if who == account]
        assert kinds == ["opened", "ended"] * (len(kinds) // 2) + ["opened"] * (len(kinds) % 2)
        assert len(kinds) >= 5
