"""Bans that follow others: whoever shares a device with somebody banned is banned as long."""

import json

from tests.engine.worlds import (
    DAY,
    HOUR,
    T0,
    applied,
    event,
    judge,
    lifted,
    message,
    policy_of,
    rule,
    sanction,
    verdicts,
)

import tidegate as tg
from tidegate.events import LoginAttempt, ReportFiled, SimChanged, decode_lines

BAN = sanction("ban", level=4, capability=("all",), lasting=tg.days(3))
ASSOCIATED = sanction("associated", level=4, capability=("all",), lasting=tg.hours(1))


FOLLOWS = policy_of(
    rule("reported", on=ReportFiled, measures=(tg.Measure(BAN),)),
    rule("evades", on=LoginAttempt, measures=(tg.Measure(ASSOCIATED, follows="device"),)),
)


def evasion(*between, login=T0 + HOUR):
    """A ban on `a` reported with device d1, then `b` logs in on it."""
    banned = event("report_filed", T0, device_id="d1")
    return [banned, *between, event("login_attempt", login, "b", device_id="d1", ok=True)]


def test_an_associated_ban_lasts_as_long_as_its_original():
    seen = judge(FOLLOWS, [*evasion(), message(T0 + 3 * DAY - 1, "b"), message(T0 + 3 * DAY, "b")])
    assert verdicts(seen)[1:] == ["deny", "deny", "allow"]


def test_an_associated_ban_ends_with_its_original():
    number = judge(FOLLOWS, evasion())[0]["sanctions"][0]["id"]
    seen = judge(FOLLOWS, [*evasion(), lifted(T0 + 2 * HOUR, number), message(T0 + 2 * HOUR, "b")])
    assert verdicts(seen)[1::2] == ["deny", "allow"]


def test_an_associated_ban_is_extended_with_its_original_which_alone_is_shown():
    policy = policy_of(*FOLLOWS.rules, rule("marks", on=SimChanged, labels=(tg.Label("odd"),)))
    before = [event("sim_changed", T0, "b"), *evasion()]  # on record before the one whose ban is followed
    number = judge(policy, before)[1]["sanctions"][0]["id"]
    longer = applied(T0 + 2 * HOUR, number, kind="ban", expires_ts=T0 + 9 * DAY)
    after = [message(T0 + 9 * DAY - 1), message(T0 + 9 * DAY - 1, "b"), message(T0 + 9 * DAY, "b")]
    seen = judge(policy, [*before, longer, *after])
    assert [m["id"] for m in seen[3]["sanctions"]] == [number]
    assert verdicts(seen)[4:] == ["deny", "deny", "allow"]


def two_bans():
    """Bans on `a` and, an hour later, on `c`, both with device d1, on which `b` logs in then; and the ids of the three bans."""
    second = event("report_filed", T0 + HOUR, "c", device_id="d1")
    events = evasion(second, login=T0 + 2 * HOUR)
    return events, [s["sanctions"][0]["id"] for s in judge(FOLLOWS, events)]


def test_an_associated_ban_stays_as_long_as_one_of_the_bans_it_follows():
    events, (first, second, _) = two_bans()
    left = [*events, lifted(T0 + 3 * HOUR, second)]
    seen = judge(FOLLOWS, [*left, message(T0 + 3 * DAY - 1, "b"), message(T0 + 3 * DAY, "b")])
    assert verdicts(seen)[-2:] == ["deny", "allow"]
    seen = judge(FOLLOWS, [*left, lifted(T0 + 4 * HOUR, first), message(T0 + 4 * HOUR, "b")])
    assert verdicts(seen)[-1] == "allow"


def test_an_associated_ban_outlives_another_one_that_is_lifted():
    events, (_, _, third) = two_bans()
    events.append(event("login_attempt", T0 + 3 * HOUR, "d", device_id="d1", ok=True))
    after = [message(T0 + 4 * HOUR, "b"), message(T0 + 4 * HOUR, "d")]
    seen = judge(FOLLOWS, [*events, lifted(T0 + 4 * HOUR, third), *after])
    assert verdicts(seen)[-2:] == ["allow", "deny"]


def test_an_original_that_is_shortened_leaves_an_associated_ban_the_end_of_the_other():
    events, (_, second, _) = two_bans()
    shorter = applied(T0 + 3 * HOUR, second, kind="ban", expires_ts=T0 + 4 * HOUR)
    seen = judge(FOLLOWS, [*events, shorter, message(T0 + 3 * DAY - 1, "b"), message(T0 + 3 * DAY, "b")])
    assert verdicts(seen)[-2:] == ["deny", "allow"]


def test_without_an_original_in_force_its_own_length_holds():
    seen = judge(FOLLOWS, [*evasion(login=T0 + 4 * DAY), message(T0 + 4 * DAY + HOUR, "b")])
    assert verdicts(seen)[1:] == ["deny", "allow"]


def test_memory_of_measures_is_given_back():
    engine = tg.Engine(FOLLOWS)
    late = [message(T0 + 500 * DAY, "z")]
    lines = [json.dumps({"event_id": f"e{n}", **e}).encode() for n, e in enumerate([*evasion(), *late])]
    engine.step(decode_lines(lines).block)
    engine.tidy()
    assert engine.judge.register.state() == {
        "records": {"account": [], "device": [], "ip": [], "number": []},
        "factors": [],
        "appeals": {},
    }
