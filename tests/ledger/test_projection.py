"""From decisions to tables: what the engine did is what the tables say, however it is cut, repeated or made anew."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.worlds import DAY, HOUR, MINUTE, SECOND, T0, World, contents, event, message, project, rows

from tidegate.engine.standing import ENDLESS
from tidegate.ledger import tables


# timeline and counts ---------------------------------------------------------------------------------------------
def test_what_only_repeats_is_counted_in_the_timeline(ledger, world):
    project(ledger, world, *(message(T0 + n * SECOND, is_forward=True) for n in range(5)))
    project(ledger, world, *(message(T0 + n * SECOND, is_forward=True) for n in range(5, 9)))
    first, repeated = rows(ledger, tables.timeline)
    if first["times"] > 1:
        first, repeated = repeated, first
    assert (first["times"], first["entry"]["sanctions"][0]["sanction"], first["verdict"]) == (
        1,
        "slow",
        "deny",
    )
    assert (repeated["times"], repeated["ts"], repeated["last_at"]) == (8, T0 + SECOND, T0 + 8 * SECOND)


def test_firings_are_counted_by_rule_and_day_shadow_apart(ledger, world):
    project(ledger, world, *(message(T0 + n * 13 * HOUR, is_forward=True) for n in range(3)))
    found = {
        (r["rule"], r["day"]): (r["fired"], r["shadow"], r["last_at"]) for r in rows(ledger, tables.rule_days)
    }
    today = T0 // DAY * DAY
    assert found[("forwarded", today)] == (2, 0, T0 + 13 * HOUR)
    assert found[("quiet", today + DAY)] == (0, 1, T0 + 26 * HOUR)


PROPOSED = {
    "id": "v1",
    "state": "proposed",
    "figures": {"figures.forwarded": 0},
    "states": {},
    "reason": "a test",
    "proposed_by": "ann",
    "proposed_at": T0,
    "base": "sha256:0",
}


# order, repetition, crash ----------------------------------------------------------------------------------------
def test_a_batch_taken_in_twice_counts_once(ledger, world):
    happened = project(ledger, world, message(T0, is_forward=True), message(T0 + 1, is_forward=True))
    before = contents(ledger)
    ledger.project(happened, world.count)
    assert contents(ledger) == before


def test_a_crash_in_the_middle_of_a_batch_leaves_none_of_it(ledger, world, monkeypatch):
    project(ledger, world, message(T0, is_forward=True))
    before = contents(ledger)
    happened = world.take(message(T0 + HOUR, "b", is_forward=True))
    with monkeypatch.context() as patch:
        patch.setattr("tidegate.ledger.projection._count_rules", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ledger.project(happened, world.count)
    assert contents(ledger) == before
    assert ledger.catch_up(world.history) == len(happened)
    assert len(rows(ledger, tables.measures)) == 2


def test_books_outlive_a_read_model_made_anew(ledger, world):
    project(ledger, world, message(T0, is_forward=True))
    with ledger.writing() as connection:
        connection.execute(tables.revisions.insert().values(PROPOSED))
    before = contents(ledger)
    assert ledger.rebuild(world.history) == 1
    assert contents(ledger) == before
    assert [row["id"] for row in rows(ledger, tables.revisions)] == ["v1"]


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["forward", "links", "promo", "device", "report", "passed", "lift", "shorten", "outside", "file", "grant", "refuse", "close"]),
        st.sampled_from(["a", "b"]),
        st.integers(0, 4),
        st.integers(1, 40 * MINUTE),
    ),
    min_size=1,
    max_size=25,
)  # fmt: skip


KINDS = {
    "report": "report_filed",
    "passed": "challenge_result",
    "lift": "sanction_lifted",
    "shorten": "sanction_applied",
    "outside": "sanction_applied",
    "file": "appeal_filed",
    "grant": "appeal_decided",
    "refuse": "appeal_decided",
    "close": "review_closed",
}


def acted(world, act, account, pick, ts):
    """One event; those of people are about a measure, case or appeal that there has been."""
    opened = [s.id for one in world.happened for s in one.decision.sanctions] or ["none"]
    cases = [c.id for one in world.happened for c in one.decision.cases] or ["none"]
    number, case = opened[pick % len(opened)], cases[pick % len(cases)]
    words = {"extra": {"actor": f"actor{pick}"}}
    fields = {
        "forward": {"is_forward": True},
        "links": {"link_hashes": ["l"]},
        "promo": {"is_promotional": True},
        "device": {"device_id": "d1"},
        "report": {"reporter_id": "r", "report_id": f"r{ts}"},
        "passed": {"passed": True, "challenge_type": "sms"},
        "lift": {"sanction_id": number, **words},
        "shorten": {"sanction_id": number, "kind": "slow", "expires_ts": ts + pick * MINUTE, **words},
        "outside": {"sanction_id": f"x{ts}", "kind": "ours", "capability": ["send"], "expires_ts": ts + HOUR},
        "file": {"appeal_id": f"p{pick}", "sanction_id": number},
        "grant": {"appeal_id": f"p{pick}", "granted": True, **words},
        "refuse": {"appeal_id": f"p{pick}", "granted": False, **words},
        "close": {"review_id": case, "decision": "unfounded", **words},
    }[act]
    return event(KINDS.get(act, "message_sent"), ts, account, **fields)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=ACTS, cuts=st.lists(st.integers(1, 5), min_size=1, max_size=8))
def test_the_tables_say_what_the_engine_remembers_however_they_were_fed(ledger, acts, cuts):
    world, ts = World(), T0
    with ledger.writing() as connection:
        from tidegate.ledger.projection import clear

        clear(connection)
    for act, account, pick, gap in acts:
        ts += gap
        world.take(acted(world, act, account, pick, ts))
    at, n = 0, 0
    while at < world.count:  # as it came, cut anyhow, each batch twice
        end = at + cuts[n % len(cuts)]
        batch = [one for one in world.happened if at < one.position <= end]
        for _ in range(2):
            ledger.project(batch, min(end, world.count))
        at, n = end, n + 1
    fed = contents(ledger)
    ledger.rebuild(world.history)
    anew = contents(ledger)
    assert {**fed, "projection": ()} == {**anew, "projection": ()}
    _agrees_with_the_engine(ledger, world, ts)


def _agrees_with_the_engine(ledger, world, ts):
    judge, names = world.engine.judge, world.engine.plan.names
    for account in ("a", "b"):
        record = judge.register.find("account", names.spaces["account"].get(account))
        running = (
            {(m.id, m.until) for m in record.all_measures() if m.since <= ts < m.until} if record else set()
        )
        recorded = {
            (r["id"], ENDLESS if r["until"] is None else r["until"])
            for r in rows(ledger, tables.measures, subject="account", subject_id=account)
            if r["since"] <= ts and (r["until"] is None or ts < r["until"])
        }
        assert recorded == running
        carried = {
            r["name"]
            for r in rows(ledger, tables.labels, subject="account", subject_id=account)
            if r["taken_off_at"] is None and (r["until"] is None or ts < r["until"])
        }
        assert carried == set(world.engine.account(account, ts).labels)


# hostile texts -----------------------------------------------------------------------------------------------------
def test_what_platforms_write_never_stops_the_books(ledger, world):
    long, nul = "x" * 4000, "a\x00b"
    words = {"extra": {"actor": long, "reason": nul + long, "act": ["no", "text"]}}
    fields = {"review_id": "c" * 256, "queue": long, "cause": nul, "priority": 1 << 50}
    project(ledger, world, event("review_opened", T0, "a" * 256, **fields, **words))
    project(ledger, world, event("review_closed", T0 + 1, review_id="c" * 256, decision=nul + long, **words))
    fields = {
        "sanction_id": "s" * 256,
        "kind": long,
        "cause": nul,
        "capability": ["send"],
        "expires_ts": T0 + DAY,
    }
    project(ledger, world, event("sanction_applied", T0 + 2, "a" * 256, **fields, **words))
    project(
        ledger,
        world,
        event("appeal_filed", T0 + 3, "a" * 256, appeal_id="p" * 256, sanction_id="s" * 256, **words),
    )
    project(
        ledger, world, event("appeal_decided", T0 + 4, "a" * 256, appeal_id="p" * 256, granted=True, **words)
    )
    (case,) = rows(ledger, tables.cases)
    assert (case["cause"], case["priority"], case["state"]) == ("ab", (1 << 31) - 1, "decided")
    (measure,) = rows(ledger, tables.measures)
    assert (measure["cause"], measure["lifted_at"], len(measure["sanction"])) == ("ab", T0 + 4, 256)
    assert rows(ledger, tables.appeals)[0]["state"] == "granted"
