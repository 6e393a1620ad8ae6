"""Why an event was decided as it was, and the log replayed, from the command line."""

import json
from pathlib import Path

import pytest
from tests.journal.folders import START, decided, message

from tidegate.cli import main
from tidegate.events import decode_lines
from tidegate.journal import LiveEngine
from tidegate.policies.loading import load_policy

POLICY = '''
import tidegate as tg
from tidegate.events import MessageSent

class Burst(tg.RuleSet):
    """Bursts."""

    area = "messaging"
    limit = tg.Parameter(4, low=1, high=100, unit="messages", why="a test")
    media = tg.Parameter(9, low=1, high=100, unit="bytes", why="a test")
    sent = tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.minutes(1))
    burst = tg.Rule(id="burst", title="Burst", on=(MessageSent,), when=sent > limit, reason="{observed} of {limit}")
    large = tg.Rule(
        id="large", title="Large", on=(MessageSent,), when=MessageSent.media_bytes > media, reason="{observed}"
    )

    kept = tg.Quota(
        id="kept", title="Six a minute", capability=("send",), on=(MessageSent,), within=sent <= 6, kind="count",
        unit="messages", reason="{observed} of {limit}",
    )
    passed = tg.Quota(
        id="passed", title="Two a minute", capability=("send",), on=(MessageSent,), within=sent <= 2, kind="count",
        unit="messages", reason="{observed} of {limit}",
    )
    others = tg.Quota(
        id="others", title="Two a minute for those without media", capability=("send",), on=(MessageSent,),
        within=sent <= 2, kind="count", unit="messages", reason="{observed} of {limit}",
        applies=(MessageSent.media_bytes < 3).or_else(False),
    )

policy = tg.Policy(name="small", version="1", rule_sets=(Burst,))
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tidegate.cli.terminal.console._width", 100)
    Path("ours.py").write_text(POLICY, encoding="utf-8")
    policy = load_policy("ours.py")

    def block(first, seconds, **fields):
        events = [message(f"e{first + n}", seconds + n, **fields) for n in range(6)]
        return decode_lines([json.dumps(e).encode() for e in events]).block

    with LiveEngine.open(tmp_path / "data", policy) as live:
        live.take(block(0, 0))
        live.revise(policy.revise({"Burst.limit": 2}), START + 100_000, by="anna")
        live.checkpoint()
        live.take(block(10, 200, media_bytes=3))
        live.checkpoint()
        live.take(block(20, 400))
    return tmp_path


def explained(capsys, event_id, *options):
    status = main(["explain", event_id, "--data", "data", "--policy", "ours.py", *options])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_a_rule_in_shadow_is_not_said_to_have_fired(folder, capsys):
    shadow = load_policy("ours.py").revise({"state:burst": "shadow"})
    with LiveEngine.open(folder / "data", load_policy("ours.py")) as live:
        live.revise(shadow, START + 500_000, by="anna")
        live.take(decode_lines([json.dumps(message(f"e{30 + n}", 600 + n)).encode() for n in range(6)]).block)
    _, out, _ = explained(capsys, "e35")
    (line,) = [line for line in out.splitlines() if " burst " in line]
    assert line.split()[:2] == ["shadow", "burst"]
    assert "figures behind what fired" in out
    (rule,) = [r for r in json.loads(explained(capsys, "e35", "--json")[1])["rules"] if r["rule"] == "burst"]
    assert (rule["state"], rule["outcome"]) == ("shadow", "fired")


@pytest.mark.parametrize(
    ("event_id", "observed", "limit", "outcome", "by"),
    [
        ("e3", 4, 4, "not fired", "start"),
        ("e4", 5, 4, "fired", "start"),
        ("e11", 2, 2, "not fired", "anna"),
        ("e12", 3, 2, "fired", "anna"),
        ("e25", 6, 2, "fired", "anna"),
    ],
)
def test_an_event_is_explained_by_the_figures_of_its_time(
    folder, capsys, event_id, observed, limit, outcome, by
):
    status, out, _ = explained(capsys, event_id, "--json")
    found = json.loads(out)
    burst, large, *_ = found["rules"]
    assert status == 0
    assert (burst["rule"], burst["observed"], burst["limit"]) == ("burst", observed, limit)
    assert (burst["outcome"], burst["parameters"]) == (outcome, {"Burst.limit": limit})
    assert found["revision"]["by"] == by
    assert found["event"]["event_id"] == event_id
    media = 3 if event_id[1:2] == "1" else None
    assert (large["observed"], large["outcome"]) == (media, "undecided" if media is None else "not fired")
    with LiveEngine.open(folder / "data", load_policy("ours.py")) as live:
        assert json.loads(live.decision(event_id)) == found["decision"]


def test_people_see_what_fired_the_values_and_the_figures(folder, capsys):
    status, out, _ = explained(capsys, "e12")
    assert status == 0
    assert "e12  message_sent of a1  2026-03-02T09:33:22.000Z" in out
    assert "Burst.limit 2 (by anna)" in out
    assert out.index("fired") < out.index("not fired")
    assert "fired burst 3 2" in " ".join(out.split())
    assert "event 9 of the log" in out


def test_a_limit_of_others_that_is_passed_was_not_kept_either(folder, capsys):
    def quotas(event_id):
        rules = json.loads(explained(capsys, event_id, "--json")[1])["rules"]
        return {r["rule"]: (r["outcome"], r["observed"], r["limit"]) for r in rules[2:]}

    assert quotas("e2") == {
        "kept": ("kept", 3, 6),
        "passed": ("exceeded", 3, 2),
        "others": ("not asked", 3, 2),
    }
    assert quotas("e1")["others"] == ("kept", 2, 2)


def test_an_event_that_is_not_in_the_log_is_said_so(folder, capsys):
    status, _, err = explained(capsys, "e99")
    assert status == 1
    assert "the log has no event `e99`" in err
    status = main(["explain", "e1", "--data", "elsewhere", "--policy", "ours.py"])
    assert "`elsewhere` is no data folder" in capsys.readouterr().err
    assert main(["replay", "--data", "data", "--policy", "ours.py", "--no-plot", "--out", "out"]) == 0
    assert main(["explain", "e1", "--data", "out", "--policy", "ours.py"]) == 1
    err = capsys.readouterr().err
    assert err.startswith(
        "out: is what a replay wrote, no data folder\n  hint: the decision stands in `out/decisions.ndjson`"
    )


def test_a_log_is_replayed_under_its_revisions_and_under_other_figures_where_they_are_named(folder, capsys):
    assert main(["replay", "--data", "data", "--policy", "ours.py", "--no-plot", "--out", "out"]) == 0
    assert Path("out/decisions.ndjson").read_bytes() == decided(folder / "data")
    summary = json.loads(Path("out/summary.json").read_text(encoding="utf-8"))
    assert summary["rules"]["burst"]["fired"] == 2 + 4 + 4
    assert summary["rules"]["large"]["undecided"] == 12
    Path("one.json").write_text('{"Burst.limit": 1}', encoding="utf-8")
    more = ["replay", "--data", "data", "--policy", "ours.py", "--no-plot", "--out", "one"]
    assert main([*more, "--parameters", "one.json"]) == 0
    summary = json.loads(Path("one/summary.json").read_text(encoding="utf-8"))
    assert summary["rules"]["burst"]["fired"] == 15
    capsys.readouterr()
    assert main([*more, "--against", "one.json"]) == 0
    assert "9 decisions" in capsys.readouterr().out


def test_a_log_is_judged_as_it_was_and_nothing_asked_for_is_passed_over_in_silence(folder, capsys):
    given = ["replay", "--data", "data", "--policy", "ours.py", "--no-plot", "--out", "out"]
    assert main([*given, "--order", "time"]) == 2
    assert main([*given, "--lateness", "PT1H"]) == 2
    assert capsys.readouterr().err.count("the log is judged again as it was") == 2
    assert main([*given, "--account", "a1"]) == 0
    (account,) = Path("out/accounts.ndjson").read_text(encoding="utf-8").splitlines()
    assert json.loads(account)["account_id"] == "a1"
    assert main(given) == 0
    assert not Path("out/accounts.ndjson").exists()


def test_files_and_a_log_are_not_replayed_together(folder, capsys):
    assert main(["replay", "x.ndjson", "--data", "data"]) == 2
    assert main(["replay", "--data", "out"]) == 1
    assert "no data folder" in capsys.readouterr().err


DOUBT = '''
import tidegate as tg
from tidegate.events import MessageSent

forwards = tg.events(MessageSent).where(MessageSent.is_forward).count().per(MessageSent.account_id).over(tg.minutes(1))
size = tg.events(MessageSent).sum(MessageSent.media_bytes, places=0).per(MessageSent.account_id).over(tg.minutes(1))

class Doubt(tg.RuleSet):
    """What is not known of all messages."""

    many = tg.Rule(id="many", title="Many", on=(MessageSent,), when=forwards > 4, reason="{observed}", points=1)
    large = tg.Rule(id="large", title="Large", on=(MessageSent,), when=size > 90, reason="{observed}", points=1)
    few = tg.Rule(id="few", title="Few", on=(MessageSent,), when=-size > -20, reason="{observed}", points=1)
    within = tg.Quota(
        id="within", title="Four a minute", capability=("send",), on=(MessageSent,), within=forwards <= 4, kind="count",
        unit="messages", reason="{observed} of {limit}",
    )
'''


def test_what_is_known_of_a_value_only_between_bounds_is_shown_as_both(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tidegate.cli.terminal.console._width", 100)
    Path("ours.py").write_text(DOUBT, encoding="utf-8")
    said = (
        [{"is_forward": True, "media_bytes": 5}] * 3 + [{"media_bytes": 1}] * 2 + [{"media_bytes": None}, {}]
    )
    lines = [json.dumps(message(f"e{n}", n, **fields)).encode() for n, fields in enumerate(said)]
    with LiveEngine.open(tmp_path / "data", load_policy("ours.py")) as live:
        live.take(decode_lines(lines).block)
    rules = json.loads(explained(capsys, "e6", "--json")[1])["rules"]
    assert [(r["outcome"], r["observed"], r["observed_at_most"]) for r in rules] == [
        ("undecided", 3, 7),
        ("undecided", 17, None),  # or any more
        ("undecided", None, -17),
        ("undecided", 3, 7),
    ]
    out = " ".join(explained(capsys, "e6")[1].split())
    for row in ("many 3 to 7 4", "large 17 or more 90", "few -17 or less -20", "within 3 to 7 4"):
        assert f"undecided {row}" in out
    rules = json.loads(explained(capsys, "e2", "--json")[1])["rules"]
    assert [(r["outcome"], r["observed"], r["observed_at_most"]) for r in rules[:1]] == [
        ("not fired", 3, None)
    ]
