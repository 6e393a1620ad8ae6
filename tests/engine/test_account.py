"""How an account stands: what is left of its quotas agrees with what an event at that time would show, and asking changes nothing."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.worlds import DAY, HOUR, MINUTE, SECOND, T0, event, policy_of, rule, sanction

import tidegate as tg
from tidegate.errors import PolicyError
from tidegate.events import AccountProfile, AccountRegistered, MessageSent, decode_lines

born = tg.events(AccountRegistered).last_seen().per(AccountRegistered.account_id).ever()
zone = tg.events(AccountProfile).last(AccountProfile.tz).per(AccountProfile.account_id).ever().or_else("UTC")
tier = tg.when(tg.age(born) <= tg.days(7), "new", "old")
sent = tg.events(MessageSent)
per_account = sent.count().per(MessageSent.account_id)
linked = sent.where(tg.size(MessageSent.link_hashes) > 0)
before = sent.previous_seen().per(MessageSent.account_id).ever()
short = tg.age(before) < tg.minutes(2)
in_a_row = sent.run_before(short).per(MessageSent.account_id).ever() + 1


def limit(name, value, **parts):
    return tg.Parameter(
        value, low=0, high=100, unit="messages", why="a figure", name=f"limits.{name}", **parts
    )


def quota(name, within, kind="count", **parts):
    return tg.Quota(
        id=name, title="A published limit", capability=("send",), on=(MessageSent,), within=within, kind=kind,
        unit="min" if kind == "gap" else "messages", reason="{observed} of {limit}", **parts,
    )  # fmt: skip


class Published(tg.RuleSet):
    """Published limits of every kind."""

    area = "messaging"

    minute = quota(
        "minute", per_account.over(tg.minutes(1)) <= limit("minute", 4, by=(tier, {"new": 2})), window="PT1M"
    )
    hour = quota("hour", per_account.over(tg.hours(1)) < limit("hour", 6), window="PT1H")
    day = quota(
        "day",
        per_account.today(zone) <= limit("day", 9),
        applies=(tier == "new").or_else(False),
        window="P1D",
    )
    none = quota(
        "none", per_account.over(tg.minutes(1)) <= limit("none", 0), applies=(tier == "old").or_else(False)
    )
    gap = quota("gap", tg.age(before) / MINUTE >= limit("gap", 1.5), kind="gap")
    pause = quota("pause", tg.age(before) / MINUTE >= limit("pause", 2), kind="gap", given=in_a_row >= 3)
    link = quota(
        "link", linked.count().per(MessageSent.account_id).over(tg.minutes(5)) <= limit("link", 2),
        given=tg.size(MessageSent.link_hashes) > 0,
    )  # fmt: skip
    size = quota("size", MessageSent.media_bytes <= limit("size", 10), kind="size")


policy = tg.Policy(
    name="p",
    version="1",
    rule_sets=(Published,),
    attempts=(tg.Attempt(MessageSent, "send"),),
    tiers={"send": tier},
)
quotas = {q.id: q for q in policy.quotas}


def take(engine, *events):
    """Judge events as one block; return the decisions as fired entries by event."""
    lines = [json.dumps({"event_id": f"{e['ts']}/{n}", **e}).encode() for n, e in enumerate(events)]
    judged = engine.step(decode_lines(lines).block)
    return [judged.closer[i].fired if i in judged.closer else judged.quotas_of(i) for i in range(len(events))]


def message(ts, account="a", link=False):
    return event("message_sent", ts, account, link_hashes=["h"] if link else [], media_bytes=1)


def shown(engine, ts, name):
    """What a message at a time would show of a quota, judged by a copy of the engine; None where it is kept."""
    copy = tg.Engine.restore(policy, engine.state())
    (entries,) = take(copy, message(ts, link=name == "link"))
    return next((entry.observed for entry in entries if entry.rule == name), None)


gaps = st.sampled_from(
    [0, 1, SECOND, 10 * SECOND, 30 * SECOND, MINUTE, 90 * SECOND, 5 * MINUTE, HOUR, 9 * HOUR]
)
traffic = st.lists(st.tuples(gaps, st.sampled_from("aab"), st.booleans()), max_size=24)
zones = st.sampled_from([None, "Asia/Kolkata", "America/Los_Angeles"])
GROWING = 7 * DAY - HOUR
ages = st.sampled_from([HOUR, GROWING, 30 * DAY, None])
START = T0 + 9 * HOUR  # in the evening


def world(events, zone, age):
    """The events of a world in order, and the time of the last."""
    ts = START
    made = [event("account_registered", START - age)] if age is not None else []
    if zone is not None:
        made.append(event("account_profile", START - 1, tz=zone))
    for gap, account, link in events:
        ts += gap
        made.append(message(ts, account, link))
    return made, ts


@settings(max_examples=40, deadline=None)
@given(traffic, zones, ages, gaps, st.booleans())
def test_what_is_left_is_what_an_event_at_that_time_would_find(events, zone, age, wait, late):
    made, newest = world(events, zone, age)
    engine = tg.Engine(policy)
    if made:
        take(engine, *made)
    at = newest - min(wait, 5 * MINUTE) if late else newest + wait
    states = {state.quota.id: state for state in engine.account("a", at).quotas}
    for name, q in quotas.items():
        observed = shown(engine, at, name)
        state = states.get(name)
        if state is None or q.kind == "size":
            assert observed is None
        elif q.kind == "count":
            assert (state.remaining == 0) == (observed is not None)
            assert observed in (None, state.used + 1)
        else:
            assert (state.next_allowed_at is None) == (observed is None)
        if state is not None and state.next_allowed_at is not None and not late:
            assert shown(engine, state.next_allowed_at, name) is None
            if age != GROWING:  # who grows out of a tier before then is free of its quotas earlier
                assert shown(engine, state.next_allowed_at - 1, name) is not None


@settings(max_examples=40, deadline=None)
@given(traffic, zones, gaps, st.integers(0, 5 * MINUTE))
def test_asking_changes_no_decision(events, zone, ahead, behind):
    made, newest = world(events, zone, HOUR)
    silent, asked = tg.Engine(policy), tg.Engine(policy)
    later = [*made, message(newest - behind), message(newest - behind // 2), message(newest)]
    for one in later:
        engine_newest = asked.newest
        for account in "abc":
            asked.account(account, engine_newest + ahead)
            asked.account(account, max(0, engine_newest - behind))
        if one["ts"] >= engine_newest - 5 * MINUTE:
            assert take(asked, one) == take(silent, one)


def test_a_measure_shows_as_what_an_attempt_would_meet_and_until_when():
    brief, long = sanction("brief", lasting=tg.minutes(1)), sanction("long", lasting=tg.hours(3))
    always = tg.Rule(
        id="always", title="Always", on=(MessageSent,), when=tg.now() > limit("now", 0), reason="{observed}",
        measures=(tg.Measure(brief), tg.Measure(long)), labels=(tg.Label("seen", lasting=tg.hours(1)),),
    )  # fmt: skip
    engine = tg.Engine(policy_of(always))
    take(engine, message(T0))
    told = engine.account("a", T0 + 1)
    assert {name: (s.verdict, s.until) for name, s in told.restrained.items()} == {
        "send": ("deny", T0 + 3 * HOUR)
    }
    assert told.labels == ("seen",)
    assert engine.account("a", T0 + 3 * HOUR).data() == {
        "account_id": "a", "at": "2026-03-02T12:30:00.000Z", "tiers": {}, "score": 0.0, "signals": [], "labels": [], "restrained": {},
        "quotas": [],
    }  # fmt: skip
    assert engine.account("b").restrained == {}


def test_a_measure_shows_where_no_event_is_an_attempt_at_what_it_restrains():
    hidden, mild = sanction("hidden", capability=("status",)), sanction("mild", "none", ("payment",))
    made = policy_of(rule("always", measures=(tg.Measure(hidden), tg.Measure(mild))))
    engine = tg.Engine(made)
    take(engine, message(T0))
    assert list(engine.account("a", T0 + 1).restrained) == ["status"]
    assert made.capabilities == ("group_join", "login", "send", "status")


def test_a_tier_that_a_measure_lowers_is_the_one_told_and_its_limits():
    down = sanction("down", effect="none", lasting=tg.hours(3))
    lowered = tg.when(tg.in_force(MessageSent.account_id, "down", capability="send"), "new", "old")
    own = tg.when(tg.age(born) < tg.days(7), "new", "old")  # nobody registers: of all others it is not known
    minute = quota(
        "minute", per_account.over(tg.minutes(1)) <= limit("minute", 4, by=(own.or_else("old"), {"new": 2}))
    )
    old = quota("of old ones", per_account.over(tg.hours(1)) <= limit("old", 9), applies=own == "old")
    two = rule("two", given=MessageSent.is_forward, measures=(tg.Measure(down),))
    sheet = type("Sheet", (tg.RuleSet,), {"area": "messaging", "two": two, "minute": minute, "old": old})
    engine = tg.Engine(
        tg.Policy(
            name="p", version="1", rule_sets=(sheet,), tiers={"send": own}, tiers_in_force={"send": lowered}
        )
    )
    take(engine, event("account_registered", T0 - 8 * DAY))
    take(engine, message(T0), message(T0 + 1) | {"is_forward": True}, message(T0 + 2, account="b"))

    def told(account, at):
        state = engine.account(account, at)
        return state.tiers["send"], {q.quota.id: (q.limit, q.remaining) for q in state.quotas}

    assert told("a", T0) == ("old", {"minute": (4, 3), "of old ones": (9, 8)}), "before the measure"
    assert told("a", T0 + 1) == ("new", {"minute": (2, 0)})
    assert told("a", T0 + 3 * HOUR) == ("new", {"minute": (2, 2)})
    assert told("a", T0 + 3 * HOUR + 1) == ("old", {"minute": (4, 4), "of old ones": (9, 9)})
    assert told("b", T0 + 2) == ("old", {"minute": (4, 3), "of old ones": (9, 8)})
    (entries,) = take(engine, message(T0 + HOUR))
    assert entries == ()


def test_the_tier_in_force_is_one_of_the_account_that_is_asked_about():
    for wrong in ({"fly": tier}, {"send": tg.when(tg.labelled("x", MessageSent.device_id), "new", "old")}):
        with pytest.raises(PolicyError, match="no account's"):
            tg.Policy(name="p", version="1", rule_sets=(), tiers={"send": tier}, tiers_in_force=wrong)


def test_signals_that_count_are_told_with_the_time_they_count_until():
    strong = rule("strong", prior=tg.Prior(0.6), given=MessageSent.is_forward)
    scored = policy_of(strong, rule("points", points=12.0, given=MessageSent.is_reply), rule("none"))
    engine = tg.Engine(scored)
    take(
        engine,
        message(T0) | {"is_forward": True},
        message(T0 + HOUR) | {"is_forward": True, "is_reply": True},
    )
    signals = engine.account("a", T0 + 2 * HOUR).signals
    assert [(s.rule, s.probability, s.points, s.fired_at, s.until) for s in signals] == [
        ("strong", 0.6, 0.0, T0 + HOUR, T0 + 25 * HOUR),
        ("points", None, 12.0, T0 + HOUR, T0 + 25 * HOUR),
    ]
    assert engine.account("a", T0 + 25 * HOUR).signals == ()


def test_the_day_ends_at_the_midnight_of_the_account():
    engine = tg.Engine(policy)
    take(engine, event("account_registered", T0), event("account_profile", T0, tz="Asia/Kolkata"))
    (day,) = [s for s in engine.account("a", T0).quotas if s.quota.id == "day"]
    assert day.data()["resets_at"] == "2026-03-02T18:30:00.000Z"
    assert engine.account("a", T0).tiers == {"send": "new"}
    assert engine.account("a", T0 + 8 * DAY).tiers == {"send": "old"}


def test_a_new_day_begins_with_its_midnight_not_with_its_first_event():
    engine = tg.Engine(policy)
    take(engine, event("account_registered", T0), event("account_profile", T0, tz="Asia/Kolkata"))
    take(engine, *(event("message_sent", T0 + i, recipient_id="b") for i in range(3)))
    midnight = T0 + 9 * HOUR  # 18:30 UTC

    def day(at):
        (found,) = [s for s in engine.account("a", at).quotas if s.quota.id == "day"]
        return found.used, found.remaining, found.data()["resets_at"]

    assert day(midnight - 1) == (3, 6, "2026-03-02T18:30:00.000Z")
    assert day(midnight) == (0, 9, "2026-03-03T18:30:00.000Z")
