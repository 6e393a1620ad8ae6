"""From decisions to tables: what the engine did is what the tables say, however it is cut, repeated or made anew."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.worlds import DAY, HOUR, MINUTE, SECOND, T0, World, contents, event, rows

from tidegate.engine.standing import ENDLESS
from tidegate.ledger import Ledger, tables


@pytest.fixture
def ledger(database_url):
    ledger = Ledger.open(database_url)
    yield ledger
    ledger.close()


@pytest.fixture
def world():
    return World()


def message(ts, account="a", **fields):
    return event("message_sent", ts, account, **fields)


def project(ledger, world, *events):
    happened = world.take(*events)
    ledger.project(happened, world.count)
    return happened


# measures --------------------------------------------------------------------------------------------------------
def test_a_measure_that_a_rule_opens_is_on_record_and_told(ledger, world):
    project(ledger, world, message(T0, is_forward=True))
    (row,) = rows(ledger, tables.measures)
    assert row["id"].startswith("s-")
    assert (row["account_id"], row["subject"], row["subject_id"]) == ("a", "account", "a")
    assert (row["sanction"], row["effect"], row["capability"], row["cause"]) == (
        "slow",
        "deny",
        ["send"],
        "forwarded",
    )
    assert (row["since"], row["until"], row["planned_until"]) == (T0, T0 + 30 * MINUTE, T0 + 30 * MINUTE)
    assert (row["opened_by"], row["lifted_at"], row["event_id"]) == (None, None, "e0")
    (change,) = rows(ledger, tables.measure_changes)
    assert (change["change"], change["actor"], change["measure_id"]) == ("opened", None, row["id"])
    (told,) = rows(ledger, tables.outbox)
    assert (told["kind"], told["data"]["sanction"], told["data"]["until"]) == (
        "opened",
        "slow",
        "2026-03-02T10:00:00.000Z",
    )


def test_a_measure_that_is_lifted_ends_at_once_and_says_who_and_why(ledger, world):
    happened = project(ledger, world, message(T0, is_forward=True))
    number = happened[0].decision.sanctions[0].id
    why = {"actor": "ann", "reason": "a family album"}
    project(
        ledger, world, event("sanction_lifted", T0 + MINUTE, sanction_id=number, reason="review", extra=why)
    )
    (row,) = rows(ledger, tables.measures)
    assert (row["until"], row["lifted_at"], row["planned_until"]) == (
        T0 + MINUTE,
        T0 + MINUTE,
        T0 + 30 * MINUTE,
    )
    change = rows(ledger, tables.measure_changes, change="lifted")[0]
    assert (change["actor"], change["reason"], change["ts"]) == ("ann", "a family album", T0 + MINUTE)
    assert [told["kind"] for told in rows(ledger, tables.outbox)] == ["opened", "lifted"]


def test_lifting_what_has_ended_changes_nothing(ledger, world):
    happened = project(ledger, world, message(T0, is_forward=True))
    number = happened[0].decision.sanctions[0].id
    before = contents(ledger, tables.measures, tables.measure_changes)
    project(ledger, world, event("sanction_lifted", T0 + HOUR, sanction_id=number))
    assert contents(ledger, tables.measures, tables.measure_changes) == before


def test_a_measure_may_be_shortened_and_prolonged(ledger, world):
    number = project(ledger, world, message(T0, is_forward=True))[0].decision.sanctions[0].id
    for ts, until in ((T0 + 1, T0 + 10 * MINUTE), (T0 + 2, T0 + 20 * MINUTE)):
        fields = {"sanction_id": number, "kind": "slow", "expires_ts": until}
        project(ledger, world, event("sanction_applied", ts, extra={"actor": "ann"}, **fields))
        assert rows(ledger, tables.measures)[0]["until"] == until
    kinds = [(c["change"], c["actor"]) for c in rows(ledger, tables.measure_changes)]
    assert kinds == [("opened", None), ("shortened", "ann"), ("prolonged", "ann")]
    assert [told["kind"] for told in rows(ledger, tables.outbox)] == ["opened", "changed", "changed"]


def test_a_permanent_measure_waits_for_somebody_to_confirm_it(ledger, world):
    number = project(ledger, world, message(T0, is_promotional=True))[0].decision.sanctions[0].id
    (row,) = rows(ledger, tables.measures)
    assert (row["until"], row["review"], row["confirmed_at"]) == (None, "deactivation", None)
    assert rows(ledger, tables.outbox)[0]["data"]["confirmed"] is False
    fields = {"sanction_id": number, "kind": "ban", "expires_ts": None}
    words = {"actor": "bob", "reason": "seen by two", "act": "confirm"}
    for ts in (T0 + 1, T0 + 2):
        project(ledger, world, event("sanction_applied", ts, extra=words, **fields))
    (row,) = rows(ledger, tables.measures)
    assert (row["until"], row["confirmed_at"], row["confirmed_by"]) == (None, T0 + 1, "bob")
    assert [c["change"] for c in rows(ledger, tables.measure_changes)] == ["opened", "confirmed"]


def test_a_measure_from_outside_is_on_record_with_who_took_it(ledger, world):
    fields = {
        "sanction_id": "x1",
        "kind": "ours",
        "capability": ["call"],
        "expires_ts": T0 + DAY,
        "cause": "court order",
    }
    project(
        ledger, world, event("sanction_applied", T0, extra={"actor": "ann", "reason": "by law"}, **fields)
    )
    (row,) = rows(ledger, tables.measures)
    assert (row["id"], row["sanction"], row["capability"], row["opened_by"]) == (
        "x1",
        "ours",
        ["call"],
        "ann",
    )
    assert rows(ledger, tables.measure_changes)[0]["reason"] == "by law"


def test_a_passed_check_ends_the_measure_that_waited_for_it(ledger, world):
    project(ledger, world, message(T0, link_hashes=["l"]))
    project(ledger, world, event("challenge_result", T0 + MINUTE, passed=True, challenge_type="sms"))
    (row,) = rows(ledger, tables.measures)
    assert (row["lifted_at"], row["sanction"]) == (T0 + MINUTE, "prove")
    (label,) = rows(ledger, tables.labels)
    assert (label["name"], label["taken_off_at"]) == ("seller", T0 + MINUTE)
    assert rows(ledger, tables.measure_changes, change="lifted")[0]["actor"] is None


def test_a_measure_against_a_device_names_the_device(ledger, world):
    project(ledger, world, message(T0, device_id="d1"))
    (row,) = rows(ledger, tables.measures)
    assert (row["subject"], row["subject_id"], row["account_id"]) == ("device", "d1", "a")
    (label,) = rows(ledger, tables.labels)
    assert (label["subject"], label["subject_id"], label["name"], label["until"]) == (
        "device",
        "d1",
        "odd",
        None,
    )


# labels, cases, appeals ------------------------------------------------------------------------------------------
def test_a_label_set_again_is_renewed_not_doubled(ledger, world):
    for ts in (T0, T0 + 10 * MINUTE):
        project(ledger, world, message(ts, is_forward=True))
    (row,) = rows(ledger, tables.labels)
    assert (row["since"], row["renewed_at"], row["until"]) == (T0, T0 + 10 * MINUTE, T0 + 70 * MINUTE)
    assert (row["cause"], row["event_id"]) == ("forwarded", "e0")


def test_a_case_is_taken_given_back_and_decided(ledger, world):
    project(ledger, world, event("report_filed", T0, "a", reporter_id="r", report_id="r1"))
    (case,) = rows(ledger, tables.cases)
    assert (case["queue"], case["state"], case["due"], case["cause"]) == (
        "reports",
        "open",
        T0 + HOUR,
        "any-report",
    )
    steps = (("take", "taken", "ann"), ("release", "open", None), ("take", "taken", "ann"))
    for n, (act, state, by) in enumerate(steps):
        words = {"actor": "ann", "act": act}
        project(ledger, world, event("review_opened", T0 + n, review_id=case["id"], extra=words))
        (row,) = rows(ledger, tables.cases)
        assert (row["state"], row["taken_by"]) == (state, by)
    words = {"actor": "ann", "reason": "a joke among friends"}
    for n, decision in ((10, "unfounded"), (11, "confirmed")):
        project(
            ledger,
            world,
            event("review_closed", T0 + n, review_id=case["id"], decision=decision, extra=words),
        )
    (row,) = rows(ledger, tables.cases)
    assert (row["state"], row["decision"], row["decided_by"], row["decided_at"]) == (
        "decided",
        "unfounded",
        "ann",
        T0 + 10,
    )
    (finding,) = rows(ledger, tables.findings)
    assert (finding["cause"], finding["right"], finding["source"], finding["source_id"]) == (
        "any-report",
        False,
        "review",
        case["id"],
    )


def test_a_case_that_others_open_is_due_after_the_service_time_of_its_queue(ledger, world):
    ledger.service_ms = {"fraud": 2 * HOUR}
    project(ledger, world, event("review_opened", T0, review_id="c9", queue="fraud", priority=3, cause="tip"))
    project(ledger, world, event("review_opened", T0, review_id="c10", queue="unheard-of"))
    found = {row["id"]: (row["due"], row["priority"], row["cause"]) for row in rows(ledger, tables.cases)}
    assert found == {"c9": (T0 + 2 * HOUR, 3, "tip"), "c10": (T0 + DAY, 0, "")}


def test_an_appeal_that_is_granted_lifts_the_measure_and_says_that_the_rule_was_wrong(ledger, world):
    number = project(ledger, world, message(T0, is_promotional=True))[0].decision.sanctions[0].id
    fields = {"appeal_id": "p1", "sanction_id": number, "compliant_share": 0.97}
    project(ledger, world, event("appeal_filed", T0 + HOUR, extra={"reason": "it was a raffle"}, **fields))
    (row,) = rows(ledger, tables.appeals)
    assert (row["state"], row["measure_id"], row["compliant_share"], row["statement"]) == (
        "open",
        number,
        0.97,
        "it was a raffle",
    )
    words = {"actor": "ann", "reason": "a raffle indeed"}
    project(
        ledger, world, event("appeal_decided", T0 + 2 * HOUR, None, appeal_id="p1", granted=True, extra=words)
    )
    (row,) = rows(ledger, tables.appeals)
    assert (row["state"], row["decided_by"], row["reason"]) == ("granted", "ann", "a raffle indeed")
    assert rows(ledger, tables.measures)[0]["lifted_at"] == T0 + 2 * HOUR
    (finding,) = rows(ledger, tables.findings)
    assert (finding["right"], finding["cause"], finding["measure_id"], finding["account_id"]) == (
        False,
        "banned-word",
        number,
        "a",
    )


def test_a_refusal_may_be_turned_round_and_a_grant_may_not(ledger, world):
    number = project(ledger, world, message(T0, is_promotional=True))[0].decision.sanctions[0].id
    project(ledger, world, event("appeal_filed", T0 + 1, appeal_id="p1", sanction_id=number))
    for n, (granted, actor) in enumerate(((False, "ann"), (True, "bob"), (False, "eve"))):
        fields = {"appeal_id": "p1", "granted": granted, "extra": {"actor": actor}}
        project(ledger, world, event("appeal_decided", T0 + 10 + n, "a", **fields))
    (row,) = rows(ledger, tables.appeals)
    assert (row["state"], row["decided_by"], row["reversed_by"], row["reversed_at"]) == (
        "granted",
        "ann",
        "bob",
        T0 + 11,
    )
    assert [f["right"] for f in rows(ledger, tables.findings)] == [True, False]


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
    suppress_health_check=[HealthCheck.function_scoped_fixture],
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
