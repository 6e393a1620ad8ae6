"""A live engine: durable before it answers, each event once, the same decisions as a replay."""

import json
import shutil
from dataclasses import replace

import pytest
from tests.journal.folders import (
    POLICY,
    START,
    batches,
    block,
    busy_day,
    decided,
    event_ids,
    message,
    opened,
    replayed,
    replayed_from_file,
)
from tests.replay.traffic import TIER

from tidegate.engine import Engine
from tidegate.errors import JournalError, PolicyError
from tidegate.events import MessageSent, ReportFiled
from tidegate.journal import LiveEngine, LiveOptions


def take_all(live, events, sizes):
    """The answers to all events in turn, and everything that happened."""
    lines, timers, happened = [], [], []
    for batch in batches(events, sizes):
        answers = live.take(block(batch))
        lines += answers.lines
        timers += answers.timers
        happened += answers.happened
    return lines, timers, happened


@pytest.mark.parametrize("sizes", [[1], [256], [1, 3, 500, 2]])
def test_live_decisions_are_those_of_a_replay_of_the_same_events_and_of_the_log(tmp_path, sizes):
    events = busy_day(1200)
    with opened(tmp_path / "data") as live:
        lines, timers, happened = take_all(live, events, sizes)
    from_file = replayed_from_file(events, tmp_path).splitlines(keepends=True)
    answered = [line for line in lines if line is not None]
    assert [line for line in from_file if not line.startswith(b'{"event_id":null')] == answered
    assert [line for line in from_file if line.startswith(b'{"event_id":null')] == timers
    first = [line for line in from_file if not line.endswith(b'"duplicate":true}\n')]
    assert decided(tmp_path / "data") == b"".join(first)
    assert replayed(tmp_path / "data", tmp_path / "out") == b"".join(first)
    assert len(timers) > 3
    assert sum(one.decision.verdict == "deny" for one in happened) > 30
    assert sum(line.endswith(b'"duplicate":true}\n') for line in answered) > 3
    assert lines.count(None) > 3


def test_an_event_answered_once_gets_its_first_decision_again_also_in_its_own_batch_and_after_a_restart(
    tmp_path,
):
    with opened(tmp_path) as live:
        first = live.take(block([message("e1", 0), message("e1", 50), message("e2", 1)])).lines
        assert first[1] == first[0][:-2] + b',"duplicate":true}\n'
        assert live.position == 2
    with opened(tmp_path) as live:
        again = live.take(block([message("e2", 2), message("e3", 3)]))
        assert again.lines[0] == first[2][:-2] + b',"duplicate":true}\n'
        assert live.decision("e2") == first[2]
        assert live.decision("e9") is None
    assert event_ids(tmp_path) == ["e1", "e2", "e3"]


def test_what_comes_too_late_is_refused_and_was_never_there(tmp_path):
    with opened(tmp_path) as live:
        live.take(block([message("e1", 600)]))
        answers = live.take(block([message("e2", 0), message("e3", 601)]))
        assert answers.lines[0] is None
        assert "too_late" in str(answers.refused[0].error)
        assert answers.position == 2
        assert live.take(block([message("e2", 602)])).lines[0].endswith(b"}\n")
    assert event_ids(tmp_path) == ["e1", "e3", "e2"]


def test_a_restart_goes_on_where_it_stopped_with_or_without_a_checkpoint(tmp_path):
    events = busy_day(900)
    wanted = replayed_from_file(events, tmp_path)
    for name, checkpoint in (("with", True), ("without", False)):
        folder = tmp_path / name
        for part in (events[:300], events[300:600], events[600:]):
            live = opened(folder)
            take_all(live, part, [40])
            if checkpoint:
                assert live.checkpoint() is not None
            live.close()
        with opened(folder) as live:
            assert (live.recovered.events > 250) is not checkpoint
        first = [
            line for line in wanted.splitlines(keepends=True) if not line.endswith(b'"duplicate":true}\n')
        ]
        assert decided(folder) == b"".join(first), name


def test_history_tells_what_happened_behind_a_position_as_it_was_told_live(tmp_path):
    with opened(tmp_path) as live:
        _, _, told = take_all(live, busy_day(800), [70])
        assert list(live.history(0)) == told
        middle = told[len(told) // 2].position
        assert list(live.history(middle)) == [one for one in told if one.position > middle]
    with opened(tmp_path) as live:
        assert list(live.history(0)) == told
        assert [one.position for one in told] == sorted(one.position for one in told)
        acts = [one for one in told if one.record is not None]
        assert all(one.record.event_id == one.decision.event_id for one in acts)


def test_acts_of_people_are_told_whatever_was_decided_about_them(tmp_path):
    lifted = {
        "event_id": "x",
        "type": "sanction_lifted",
        "ts": START,
        "account_id": "a1",
        "sanction_id": "s-1",
    }
    with opened(tmp_path) as live:
        answers = live.take(block([message("e0", 0), lifted]))
        (one,) = answers.happened
        assert (one.position, one.decision.type, one.record.event_id) == (2, "sanction_lifted", "x")


# revisions --------------------------------------------------------------------------------------------------
def burst(first, seconds):
    return [message(f"e{first + n}", seconds + n) for n in range(6)]


def limits(lines):
    """The limit that each decision names, None where nothing fired."""
    return [next((f["limit"] for f in json.loads(line)["fired"]), None) for line in lines]


def test_a_revision_is_in_force_from_an_event_time_on_and_survives_a_restart_and_a_replay(tmp_path):
    revised = POLICY.revise({"Burst.limit": 2})
    with opened(tmp_path / "data") as live:
        assert live.revise(revised, START + 203_000, by="anna", note={"why": "a wave"}) == 0
        lines = live.take(block(burst(0, 0) + burst(10, 200))).lines
        assert limits(lines) == [None] * 4 + [4, 4] + [None] * 3 + [2, 2, 2]
        assert [r.by for r in live.revisions] == ["anna"]
    with opened(tmp_path / "data") as live:
        assert live.policy.digest == revised.digest
        live.checkpoint()
        lines += live.take(block(burst(20, 400))).lines
        assert limits(lines[12:]) == [None, None, 2, 2, 2, 2]
    with opened(tmp_path / "data") as live:
        assert live.policy.digest == revised.digest
    assert replayed(tmp_path / "data", tmp_path / "out") == b"".join(lines)


def test_a_revision_still_to_come_survives_a_checkpoint(tmp_path):
    with opened(tmp_path) as live:
        live.take(block([message("e1", 0)]))
        live.revise(POLICY.revise({"Burst.limit": 1}), START + 500_000)
        live.checkpoint()
    with opened(tmp_path) as live:
        assert [r.at for r in live.revisions] == [0, START + 500_000]
        lines = live.take(block(burst(10, 1) + burst(20, 500))).lines
        assert limits(lines)[:6] == [None] * 3 + [4] * 3
        assert limits(lines)[6:] == [None] + [1] * 5


def test_an_engine_is_built_once_for_a_revision_and_before_judging_stops_for_it(tmp_path, monkeypatch):
    built = []
    build = Engine.__init__

    def counted(engine, *given, **named):
        built.append(engine)
        build(engine, *given, **named)

    with opened(tmp_path) as live:
        live.take(block(burst(0, 0)))
        monkeypatch.setattr(Engine, "__init__", counted)
        revised = POLICY.revise({"Burst.limit": 2})
        live.prepare(revised)
        assert len(built) == 1
        live.revise(revised, START + 200_000)
        assert limits(live.take(block(burst(10, 100))).lines) == [None] * 4 + [4] * 2
        assert limits(live.take(block(burst(20, 200))).lines) == [None] * 2 + [2] * 4
        assert len(built) == 1


def test_another_policy_at_the_start_is_a_revision_and_the_same_one_leaves_later_ones_in_force(tmp_path):
    with opened(tmp_path) as live:
        live.revise(POLICY.revise({"Burst.limit": 3}), 0)
    with opened(tmp_path) as live:
        assert live.policy.revisions == {"Burst.limit": 3}
    strict = POLICY.revise({"Burst.limit": 2})
    with opened(tmp_path, strict) as live:
        assert live.policy.digest == strict.digest
        assert live.revisions[0].by == "start"
    with opened(tmp_path, strict) as live:
        live.revise(POLICY.revise({"Burst.limit": 5}), 0)
    with opened(tmp_path, strict) as live:
        assert live.policy.revisions == {"Burst.limit": 5}


def other_window(hours, name="small"):
    """A policy with the same rule over another window."""
    import tidegate as tg

    class Other(tg.RuleSet):
        """Another window."""

        area = "messaging"
        sent = tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.hours(hours))
        many = tg.Rule(
            id="burst",
            title="Many",
            on=(MessageSent,),
            when=sent > tg.Parameter(4, low=1, high=9, unit="messages", why="a test", name="n"),
            reason="{observed}",
        )

    return tg.Policy(name=name, version="2", rule_sets=(Other,), attempts=POLICY.attempts)


def test_a_policy_that_remembers_other_things_is_refused_and_says_which(tmp_path):
    other = other_window(2)
    with opened(tmp_path) as live:
        live.take(block(burst(0, 0)))
        with pytest.raises(PolicyError, match=r"remembers other things.*over PT2H"):
            live.revise(other, 0)
        live.checkpoint()
    with pytest.raises(PolicyError, match="remembers other things"):
        opened(tmp_path, other)
    with opened(tmp_path) as live:
        assert live.position == 6


def test_where_it_is_wanted_other_things_are_counted_from_the_log_and_what_was_decided_stays(tmp_path):
    other, wanted = other_window(2), LiveOptions(count_anew=True)
    with opened(tmp_path) as live:
        lines = live.take(block(burst(0, 0))).lines
        stands = live.account("a1").data()
        assert stands["restrained"]["send"]["measures"]
        live.checkpoint()
    with LiveEngine.open(tmp_path, other, options=wanted) as live:
        assert "counted anew" in str(live.recovered)
        assert [live.account("a1").data()[of] for of in ("restrained", "labels")] == [
            stands[of] for of in ("restrained", "labels")
        ]
        after = live.take(block([message("later", 3600)])).lines[0]
        assert json.loads(after)["fired"][0]["observed"] == 7  # those of an hour ago are counted too
        assert json.loads(after)["policy"]["version"] == "2"
        assert live.decision("e0") == lines[0]
    with LiveEngine.open(tmp_path, other) as live:  # a checkpoint holds what was counted
        assert live.decision("later") == after
        last = live.take(block([message("last", 3601)])).lines[0]
        assert json.loads(last)["fired"][0]["observed"] == 8
    assert replayed(tmp_path, tmp_path / "out", other) == after + last  # from where that policy was in force
    with pytest.raises(JournalError, match="from event 6 on the log was judged by policy `small 2`"):
        replayed(tmp_path, tmp_path / "old")
    assert (tmp_path / "old" / "decisions.ndjson").read_bytes() == b"".join(lines)


def test_other_things_are_not_counted_anew_behind_the_checkpoint_of_the_version_before(tmp_path):
    with opened(tmp_path / "data") as live:
        live.take(block(burst(0, 0)))
        live.checkpoint()
        live.take(block(burst(6, 6)))
        shutil.copytree(tmp_path / "data", tmp_path / "killed")
    with pytest.raises(JournalError) as refused:
        LiveEngine.open(tmp_path / "killed", other_window(2), options=LiveOptions(count_anew=True))
    assert "start the version before this one and stop it" in str(refused.value.hint)


def test_a_new_version_that_remembers_the_same_takes_over_at_a_checkpoint_only(tmp_path):
    new = replace(POLICY, version="2")
    with opened(tmp_path) as live:
        lines = live.take(block(burst(0, 0))).lines
    with pytest.raises(JournalError, match="was judged by policy `small 1`"):
        opened(tmp_path, new)
    with opened(tmp_path) as live:
        live.checkpoint()
    with opened(tmp_path, new) as live:
        assert limits(live.take(block(burst(10, 6))).lines) == [4] * 6
        assert live.decision("e3") == lines[3]
        assert b'"version":"2"' in live.decision("e10")
    with opened(tmp_path, new) as live:
        assert live.policy.version == "2"


def test_a_log_is_judged_again_by_the_figures_of_its_time_though_those_of_the_code_have_changed(tmp_path):
    def later_code():
        import tidegate as tg

        limit = tg.Parameter(7, low=1, high=100, unit="messages", why="a test", by=(TIER, {"new": 3}))
        when = tg.events(MessageSent).where(~MessageSent.is_broadcast).count()
        sent = when.per(MessageSent.account_id).over(tg.minutes(1))
        rule = replace(POLICY.rules[0], when=sent > limit)
        reported = replace(POLICY.rules[1], when=sent.at(ReportFiled.reporter_id) > limit)
        parts = {"area": "messaging", "limit": limit, "burst": rule, "reported": reported}
        return replace(POLICY, rule_sets=(type("Burst", (tg.RuleSet,), parts), POLICY.rule_sets[1]))

    with opened(tmp_path / "data") as live:
        lines = live.take(block(burst(0, 0))).lines
    later = later_code()
    assert later.digest != POLICY.digest
    assert replayed(tmp_path / "data", tmp_path / "out", policy=later) == b"".join(lines)
    with opened(tmp_path / "data", later) as live:
        assert live.decision("e5") == lines[5]
        assert live.policy.digest == later.digest
        assert limits(live.take(block(burst(10, 6))).lines) == [None, 7, 7, 7, 7, 7]


# the folder -------------------------------------------------------------------------------------------------
def test_one_process_at_a_time_and_all_files_are_for_their_owner_only(tmp_path):
    with opened(tmp_path / "data") as live:
        live.take(block(burst(0, 0)))
        live.checkpoint()
        with pytest.raises(JournalError, match="in use by process"):
            LiveEngine.open(tmp_path / "data", POLICY)
        found = list((tmp_path / "data").rglob("*"))
        assert len(found) >= 9
        assert {path.stat().st_mode & 0o777 for path in found} == {0o600, 0o700}
    opened(tmp_path / "data").close()
