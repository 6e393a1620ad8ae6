"""What is read when a deadline passes without an event of its own: the entity's past as it was then."""

from hypothesis import given
from hypothesis import strategies as st
from tests.oracle import worlds
from tests.oracle.naive import World
from tests.oracle.observe import UNKNOWN, Reading, Running, differences, observe, policy_of
from tests.oracle.readings import CLOCK
from tests.oracle.readings.kinds import G, L, M, direct
from tests.oracle.test_definitions import runnings, small

from tidegate import age, days, deadline, events, hours, minutes, now

SILENT = deadline(L, minutes(10), L.account_id, L.device_id, where=L.ok, name="silent after login")
UNREAD = deadline(
    M, hours(1), M.account_id, M.recipient_id, where=~M.is_broadcast & (M.message_type != "link")
)
SOON = deadline(G, minutes(1), G.account_id, name="soon after joining")
DEADLINES = (SILENT, UNREAD, SOON)
sent = events(M).count().per(M.account_id)
(today,) = [r.value for r in CLOCK if r.name == "sent today"]
READINGS = (
    Reading("sent", sent.over(minutes(10)), (SILENT, UNREAD, SOON, M)),
    Reading("direct", direct.count().per(M.account_id).over(hours(1)), (SILENT, UNREAD)),
    Reading("by device", events(M, L).count().per(M.device_id).over(hours(1)), (SILENT, L)),
    Reading("recipients", events(M).distinct(M.recipient_id).per(M.account_id).over(days(1)), (SILENT, UNREAD)),
    Reading("answer", events(M).count().per(M.account_id, M.recipient_id).over(hours(1)).at(UNREAD.carry[1], UNREAD.carry[0]), (UNREAD,)),
    Reading("quiet for", age(events(M).last_seen().per(M.account_id).ever()), (SILENT, SOON)),
    Reading("last country", events(L).last(L.ip_country).per(L.account_id).ever(), (SOON, UNREAD)),
    Reading("today", today, (SOON,)),
    Reading("now", now(), DEADLINES),
)  # fmt: skip
POLICY = policy_of(READINGS)


def shown(rows):
    """A deadline at which no rule fires shows no decision."""
    return [
        row
        for row in rows
        if any(
            v is not UNKNOWN and v is not None for k, v in row.items() if k not in ("before", "ts", "type")
        )
    ]


def agree(stream, running):
    at_events, at_deadlines = observe(READINGS, stream, running, POLICY)
    world = World(stream, DEADLINES)
    assert not differences(READINGS, at_events, world.table(READINGS))
    assert not differences(READINGS, at_deadlines, shown(world.table(READINGS, timers=True)))


@small
@given(worlds.streams(), runnings)
def test_a_deadline_sees_what_had_arrived_when_it_passed(stream, running):
    agree(stream, running)


@small
@given(st.integers(0, 999), st.sampled_from([(0, 1), (0, 60_000), (1000, 600_000)]), runnings)
def test_many_deadlines_at_once_pass_in_their_order(seed, steps, running):
    agree(worlds.seeded(seed, 60, steps=steps), running)


def test_a_deadline_passes_when_an_event_lies_behind_it_not_on_it():
    start = 1_772_443_800_000
    login = {"type": "login_attempt", "ts": start, "account_id": "ann", "ok": True}
    on_time, after = (
        {"type": "group_left", "ts": start + 600_000 + late, "account_id": "bob"} for late in (0, 1)
    )
    assert observe(READINGS, [login, on_time], Running(), POLICY)[1] == []
    (passed,) = observe(READINGS, [login, on_time, after], Running(), POLICY)[1]
    assert (passed["before"], passed["ts"], passed["now"]) == (2, start + 600_000, start + 600_000)


def test_deadlines_that_fill_a_chunk_leave_no_event_out():
    start = 1_772_443_800_000
    logins = [{"type": "login_attempt", "ts": start, "account_id": f"a{i}", "ok": True} for i in range(9)]
    others = [{"type": "message_sent", "ts": start + 600_000 + i, "account_id": "ann"} for i in range(9)]
    agree([*logins, *others], Running(777, rows=7))
    agree([*logins, *others], Running(777, rows=1))
