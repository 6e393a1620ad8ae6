"""`tidegate policy`: lists, shows, checks, tests, compares, documents and profiles policies."""

import io
import json
import os
from pathlib import Path

import pytest
from tests.policy.mistakes import BURST, RIGHT

from tidegate.cli.streams import PatientConsole


def test_policy_list_names_rules_and_sets(run):
    status, out, _ = run("policy", "list", "ours.py")
    assert status == 0
    assert out.startswith("ours 1: 1 rule, 1 parameter\nparameter sets: strict\nrule ")
    assert "msg.burst" in out


@pytest.mark.parametrize(
    ("when", "shown"),
    [
        ("sent > limit", "> default 12, new 5"),
        ("sent >= 3", ">= 3"),
        ("sent > limit * 2 + 1", "(formula)"),
        ("sent > sent - 1", "> (formula)"),
    ],
)
def test_policy_list_shows_every_limit(run, monkeypatch, when, shown):
    monkeypatch.setenv("COLUMNS", "200")
    Path("ours.py").write_text(RIGHT.replace("when=sent > limit", f"when={when}"), encoding="utf-8")
    status, out, _ = run("policy", "list", "ours.py")
    assert status == 0
    assert shown in next(line for line in out.splitlines() if line.startswith("msg.burst"))


def test_policy_list_breaks_no_id_on_a_narrow_terminal(run, monkeypatch):
    shown = PatientConsole(force_terminal=True, width=60, color_system=None, file=io.StringIO())
    monkeypatch.setattr("tidegate.cli.policy_text.console", shown)
    assert run("policy", "list")[0] == 0
    lines = shown.file.getvalue().splitlines()
    at = lines.index("msg.recipient-concentration-harassment  p 0.12")
    below = [line.rstrip() for line in lines[at + 1 : at + 3]]
    assert below == [
        "    messaging: > 0.6 ratio; sanction.step-up-verification,",
        "    label harassment-suspicion",
    ]
    ids = [rule["id"] for rule in json.loads(run("policy", "list", "--json")[1])[0]["rules"]]
    assert [line.split()[0] for line in lines if not line.startswith(" ")][: len(ids)] == ids


@pytest.mark.parametrize(
    ("part", "says"),
    [
        (
            "sanction.send-suspend-2h",
            ["(measure)", "effect deny send", "lasts PT2H", "burst-over-12-in-60s-l1"],
        ),
        ("sanction.soft-throttle-4-per-min", ["effect throttle send", "rate 4 a minute", "sustained-over-8"]),
        ("sanction.function-restriction", ["opened by", "score.restrict-threshold-unit-scale"]),
        ("msg.night-0-6-threshold-minus-30pct", ["(modifier)", "times 0.7", "acts on msg.burst-over-12"]),
    ],
)
def test_policy_show_tells_measures_and_modifiers_that_decisions_name(run, part, says):
    status, out, _ = run("policy", "show", part)
    assert status == 0
    assert all(one in " ".join(out.split()) for one in says)
    told = json.loads(run("policy", "show", part, "--json")[1])
    assert told["id"] == part
    assert told.get("opened_by") or told.get("acts_on")


def test_policy_diff_knows_figures_of_the_first_policy(run):
    status, out, _ = run("policy", "diff", "ours.py", "strict")
    assert (status, out) == (0, "~ msg.burst: parameters\n  Burst.limit: default 12, new 5 -> 3\n")
    status, _, err = run("policy", "diff", "ours.py", "strikt")
    assert status == 1
    assert "did you mean `strict`?" in err


def test_policy_list_gives_other_programs_a_line_a_rule(run):
    _, out, _ = run("policy", "list", "messenger")
    (line,) = [one for one in out.splitlines() if one.startswith("msg.recipient-concentration-harassment ")]
    assert line.rstrip().endswith("sanction.step-up-verification, label harassment-suspicion")


def test_policy_list_without_a_name_lists_what_ships(run):
    status, out, _ = run("policy", "list", "--json")
    assert status == 0
    shipped = json.loads(out)
    assert [p["name"] for p in shipped] == ["messenger"]
    assert {"name", "version", "parameters", "rules", "figures", "parameter_sets"} <= set(shipped[0])
    rule = shipped[0]["rules"][0]
    assert {"id", "title", "state", "when", "window", "parameters", "reason", "source"} <= set(rule)


SHOWN = """\
msg.burst  (active)
  Burst

  judged at   message_sent
  fires when  count of message_sent per MessageSent.account_id over PT60S > Burst.limit
  window      PT60S

  figures
  Burst.limit   default 12, new 5 messages (1 to 100)
                published
                source: none given

  when it fires
  measure     sanction.suspend: deny send for PT2H (level 1, on the account)
              Sending suspended
  label       abnormal on the account
  reason      {observed} messages in 60 s; limit {limit}
"""


def test_policy_show_explains_a_rule(run):
    assert run("policy", "show", "msg.burst", "--policy", "ours.py") == (0, SHOWN, "")


def test_policy_show_for_machines_is_json(run):
    status, out, _ = run("policy", "show", "msg.burst", "--policy", "ours.py", "--json")
    assert status == 0
    assert json.loads(out)["measures"][0]["lasting"] == "PT2H"


@pytest.mark.parametrize(("scale", "measures"), [("unit", ["sanction.function-restriction"]), ("points", [])])
def test_the_restriction_by_score_is_found_under_the_ids_by_which_decisions_list_it(run, scale, measures):
    rule_id = f"score.restrict-threshold-{scale}-scale"
    data = json.loads(run("policy", "show", rule_id, "--json")[1])
    assert (data["id"], data["parameters"][0]["value"]) == (rule_id, 0.85)
    assert [measure["sanction"] for measure in data["measures"]] == measures
    status, out, _ = run("policy", "show", rule_id)
    assert status == 0
    assert "0.85 score (0.5 to 1)" in out
    assert ("sanction.function-restriction" in out) == bool(measures)
    (shipped,) = json.loads(run("policy", "list", "messenger", "--json")[1])
    assert data in shipped["rules"]


def test_policy_show_and_diff_tell_the_condition_of_a_measure(run):
    own = RIGHT.replace("tg.Measure(suspend)", "tg.Measure(suspend, given=MessageSent.is_forward == 1)")
    Path("own.py").write_text(own, encoding="utf-8")
    status, out, _ = run("policy", "show", "msg.burst", "--policy", "own.py")
    assert (status, out) == (
        0,
        SHOWN.replace(
            "Sending suspended\n", f"Sending suspended\n{' ' * 14}only where MessageSent.is_forward == 1\n"
        ),
    )
    status, out, _ = run("policy", "show", "msg.burst", "--policy", "own.py", "--json")
    assert json.loads(out)["measures"][0]["given"] == "MessageSent.is_forward == 1"
    assert run("policy", "diff", "ours.py", "own.py")[1] == "~ msg.burst: measures\n"


def test_the_burst_rule_that_ships_reads_as_it_was_reviewed(run):
    golden = Path(__file__).with_name("show-burst.golden")
    status, out, _ = run("policy", "show", "msg.burst-over-12-in-60s-l1")
    assert status == 0
    if os.environ.get("TIDEGATE_REWRITE_GOLDEN"):
        golden.write_text(out, encoding="utf-8")
    assert out == golden.read_text(encoding="utf-8")


def test_policy_check_is_silent_about_what_is_right(run):
    assert run("policy", "check", "ours.py") == (0, "ours.py: 1 rule, nothing wrong\n", "")
    status, out, _ = run("policy", "check", "ours.py", "--json")
    assert (status, json.loads(out)) == (0, {"policy": "ours.py", "rules": 1, "problems": [], "advice": []})


def test_policy_check_for_machines_gives_place_problem_and_hint(run):
    Path("bad.py").write_text(RIGHT.replace('window="PT60S"', 'window="PT1H"'), encoding="utf-8")
    status, out, _ = run("policy", "check", "bad.py", "--json")
    assert status == 1
    assert json.loads(out)["problems"] == [
        {
            "place": "msg.burst",
            "problem": "decisions would say `PT1H`, but the rule looks back over PT60S",
            "hint": 'write `window="PT60S"`',
        }
    ]


def test_the_shipped_policy_checks(run):
    status, out, err = run("policy", "check", "messenger")
    assert (status, "nothing wrong" in out or "advice:" in err) == (0, True)


def test_policy_diff_names_rules_and_figures_that_differ(run):
    Path("other.py").write_text(
        RIGHT.replace("Parameter(12", "Parameter(14").replace("msg.burst", "msg.other"), encoding="utf-8"
    )
    assert run("policy", "diff", "ours.py", "other.py") == (
        0,
        "- msg.burst\n+ msg.other\n  Burst.limit: default 12, new 5 -> default 14, new 5\n",
        "",
    )
    assert run("policy", "diff", "ours.py", "ours.py") == (0, "no difference\n", "")
    Path("third.py").write_text(RIGHT.replace('title="Burst"', 'title="Bursts"'), encoding="utf-8")
    assert run("policy", "diff", "ours.py", "third.py") == (0, "~ msg.burst: title\n", "")
    status, out, _ = run("policy", "diff", "ours.py", "third.py", "--json")
    assert (status, json.loads(out)["changed"]) == (0, {"msg.burst": {"title": ["Burst", "Bursts"]}})


def test_policy_diff_tells_whose_feature_is_read(run):
    Path("other.py").write_text(
        RIGHT.replace("when=sent > limit", "when=sent.at(MessageSent.recipient_id) > limit"), encoding="utf-8"
    )
    assert run("policy", "diff", "ours.py", "other.py") == (0, "~ msg.burst: when\n", "")


QUOTA = """\
    minute = tg.Quota(
        id="quota.minute", title="12 a minute", capability=("send",), on=(MessageSent,), within=sent <= 12,
        kind="count", unit="messages", reason="{observed} of {limit}", window="PT60S",
    )
"""


def test_policy_diff_names_quotas_that_differ(run):
    Path("one.py").write_text(RIGHT.replace(BURST, QUOTA + BURST), encoding="utf-8")
    of_13 = QUOTA.replace("<= 12", "<= 13")
    Path("two.py").write_text(RIGHT.replace(BURST, of_13 + BURST), encoding="utf-8")
    assert run("policy", "diff", "one.py", "two.py") == (0, "~ quota.minute: within\n", "")
    assert run("policy", "diff", "one.py", "ours.py")[1].startswith("- quota.minute\n")


def test_policy_test_runs_the_tests_beside_a_policy(run):
    assert run("policy", "test", "ours.py")[0] == 1  # there are none
    Path("test_ours.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
    assert run("policy", "test", "ours.py")[0] == 0
    Path("test_ours_too.py").write_text("def test_wrong():\n    assert False\n", encoding="utf-8")
    assert run("policy", "test", "ours.py")[0] == 1
    Path("test_theirs.py").write_text("raise SystemExit\n", encoding="utf-8")
    Path("test_ours_too.py").unlink()
    assert run("policy", "test", "ours.py")[0] == 0  # not theirs


def test_policy_docs_writes_a_page_per_rule_and_removes_those_of_rules_that_are_gone(run):
    status, out, _ = run("policy", "docs", "pages", "--policy", "ours.py")
    assert (status, out) == (0, "4 pages written to pages/\n")
    assert "> default 12, new 5" in Path("pages/other/msg.burst.md").read_text(encoding="utf-8")
    renamed = Path("ours.py").read_text(encoding="utf-8").replace("msg.burst", "msg.other")
    Path("ours.py").write_text(renamed, encoding="utf-8")
    status, out, _ = run("policy", "docs", "pages", "--policy", "ours.py", "--json")
    assert (status, json.loads(out)[2]) == (0, "other/msg.other.md")
    assert [p.name for p in Path("pages/other").iterdir()] == ["msg.other.md"]


def test_policy_docs_show_the_examples_beside_the_policy(run):
    Path("examples").mkdir()
    sent = [json.loads(line) for line in Path("events.ndjson").read_text(encoding="utf-8").splitlines()]
    for one in sent:
        del one["event_id"]
    examples = {
        side: {"case": "", "events": [{"times": times, "first": sent[0], "last": sent[times - 1]}]}
        for side, times in (("fires", 13), ("rests", 12))
    }
    Path("examples/msg.burst.json").write_text(json.dumps(examples), encoding="utf-8")
    assert run("policy", "docs", "pages", "--policy", "ours.py")[0] == 0
    page = Path("pages/other/msg.burst.md").read_text(encoding="utf-8")
    assert '"observed": 13, "limit": 12' in page
    Path("examples/msg.burst.json").write_text(json.dumps({"fires": examples["rests"]}), encoding="utf-8")
    status, _, err = run("policy", "docs", "pages", "--policy", "ours.py")
    assert (status, err.splitlines()[0]) == (
        1,
        "msg.burst: its example should be one that fires, but the rule rests",
    )


def test_policy_show_explains_a_quota(run):
    status, out, _ = run("policy", "show", "group.quota-5-per-day")
    assert status == 0
    assert out.startswith("group.quota-5-per-day  (quota, active)\n")
    assert "kept while  " in out
    status, out, _ = run("policy", "show", "group.quota-5-per-day", "--json")
    assert json.loads(out)["unit"]


def test_policy_profile_shows_what_features_and_rules_cost(run):
    status, out, _ = run("policy", "profile", "events.ndjson", "--policy", "ours.py")
    assert status == 0
    assert "count per account: count of message_sent per MessageSent.account_id" in out
    assert "only msg.burst" in out
    status, out, _ = run("policy", "profile", "events.ndjson", "--policy", "ours.py", "--json")
    found = json.loads(out)
    assert (status, found["events"], [rule["id"] for rule in found["rules"]]) == (0, 14, ["msg.burst"])


def test_policy_profile_cuts_names_on_the_terminal_and_tells_machines_all(run):
    known = " | ".join(f"(MessageSent.recipient_id == 'someone-{n}')" for n in range(40))
    counted = f"tg.events(MessageSent).where(~({known})).count()"
    text = Path("ours.py").read_text(encoding="utf-8").replace("tg.events(MessageSent).count()", counted)
    Path("ours.py").write_text(text, encoding="utf-8")
    _, out, _ = run("policy", "profile", "events.ndjson", "--policy", "ours.py")
    cut = out[out.index("count per account") : out.index("only msg.burst")]
    assert " … " in cut
    assert "someone-39" not in cut
    _, out, _ = run("policy", "profile", "events.ndjson", "--policy", "ours.py", "--json")
    assert "someone-39" in json.loads(out)["kernels"][0]["about"]


def test_policy_profile_leaves_out_what_is_too_late(run):
    lines = Path("events.ndjson").read_text(encoding="utf-8").splitlines()
    late = json.loads(lines[0]) | {"event_id": "late", "ts": json.loads(lines[0])["ts"] - 300_000}
    Path("late.ndjson").write_text("\n".join([*lines, json.dumps(late)]) + "\n", encoding="utf-8")
    _, out, _ = run("policy", "profile", "late.ndjson", "--policy", "ours.py", "--json")
    assert json.loads(out)["events"] == 14
