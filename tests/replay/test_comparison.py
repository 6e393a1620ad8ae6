"""Two policies over one pass of the same events: what they decide differently, no more and no less."""

from dataclasses import replace

from tests.replay.traffic import POLICY, busy_day, lines_of, written

from tidegate.replay.comparison import compare
from tidegate.replay.replayer import replay


def test_a_comparison_finds_exactly_the_decisions_that_two_replays_differ_in(tmp_path):
    events = written(tmp_path / "events.ndjson", busy_day(900))
    strict = POLICY.revise(POLICY.parameter_sets["strict"])
    done = compare(POLICY, strict, [events], tmp_path / "both")
    first = replay(POLICY, [events], tmp_path / "first")
    second = replay(strict, [events], tmp_path / "second")
    assert (tmp_path / "both" / "decisions.ndjson").read_bytes() == (
        first.out / "decisions.ndjson"
    ).read_bytes()

    def essence(decision):
        kinds = sorted(s["sanction"] for s in decision["sanctions"])
        return (decision["verdict"], [f["rule"] for f in decision["fired"]], kinds, decision["labels"])

    def by_event(path):
        own = [d for d in lines_of(path / "decisions.ndjson") if "duplicate" not in d]
        return {(d["event_id"], d["ts"], d["account_id"]): essence(d) for d in own}

    a, b = by_event(first.out), by_event(second.out)
    differing = {key[0] for key in a | b if a.get(key) != b.get(key)}
    changes = lines_of(tmp_path / "both" / "changes.ndjson")
    assert {c["event_id"] for c in changes} == differing
    found = done.differences.data()
    assert found["decisions_changed"] == len(changes) > 20
    assert found["rules"]["burst"]["only_against"] > 0
    assert found["rules"]["burst"]["only_base"] == 0
    steps = [
        f"{c['base']['verdict']} -> {c['against']['verdict']}"
        for c in changes
        if c["base"]["verdict"] != c["against"]["verdict"]
    ]
    assert found["verdicts"] == {step: steps.count(step) for step in dict.fromkeys(steps)}
    assert found["accounts_changed"] == len(
        {c["account_id"] for c in changes if c["base"]["verdict"] != c["against"]["verdict"]}
    )
    assert done.against.data(1)["decisions"] == second.tally.data(1)["decisions"]


def test_a_policy_compared_with_itself_changes_nothing(tmp_path):
    events = written(tmp_path / "events.ndjson", busy_day(500))
    done = compare(POLICY, replace(POLICY), [events], tmp_path / "out")
    assert done.differences.data() == {
        "decisions_changed": 0,
        "verdicts": {},
        "accounts_changed": 0,
        "rules": {},
        "accounts": {},
    }
    assert (tmp_path / "out" / "changes.ndjson").read_bytes() == b""
