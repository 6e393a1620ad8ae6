"""Every command but `policy`: what it prints, what it writes, and with which status it ends; help and complaints of all."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from tests.cli.conftest import event
from tests.policy.mistakes import RIGHT

from tidegate.cli import app, main
from tidegate.cli.whole_number import read_whole_number

COMMANDS = [
    "",
    "demo",
    "replay",
    "screen",
    "serve",
    "simulate",
    "policy",
    "policy list",
    "policy show",
    "policy check",
    "policy test",
    "policy diff",
    "policy docs",
    "policy profile",
]


def decisions(out="out"):
    return [
        json.loads(line) for line in Path(out, "decisions.ndjson").read_text(encoding="utf-8").splitlines()
    ]


# replay -----------------------------------------------------------------------------------------------------
def test_a_replay_writes_decisions_and_a_summary_and_ends_with_0(run):
    status, out, err = run("replay", "events.ndjson", "--policy", "ours.py", "--out", "out", "--no-plot")
    assert (status, err) == (0, "")
    assert "allow 12, throttle 0, challenge 0, deny 2" in out
    assert [d["verdict"] for d in decisions()] == ["allow"] * 12 + ["deny"] * 2
    assert sorted(p.name for p in Path("out").iterdir() if p.suffix != ".png") == [
        "decisions.ndjson",
        "summary.json",
    ]


@pytest.mark.parametrize("name", ["[/b]", "[red]x", "a:fire:b", "x" * 120])
def test_names_are_printed_as_they_are(run, name):
    out = Path(name, "results")
    assert run("replay", "events.ndjson", "--policy", "ours.py", "--out", out, "--no-plot")[0] == 0
    status, printed, err = run("replay", "events.ndjson", "--policy", "ours.py", "--out", out)
    assert (status, err, printed.splitlines()[-1]) == (0, "", f"written to {name}/results/")


def test_a_summary_for_machines_is_json_and_nothing_else(run):
    status, out, err = run("replay", "events.ndjson", "--policy", "ours.py", "--json")
    assert (status, err) == (0, "")
    summary = json.loads(out)
    assert summary == json.loads(Path("tidegate-out/summary.json").read_text(encoding="utf-8"))
    assert summary["rules"] == {"msg.burst": {"fired": 2, "undecided": 0}}


def test_rejected_lines_end_it_with_3_and_their_neighbours_are_judged(run):
    lines = [event(1), "{broken", event(2, is_foward=True), event(3)]
    Path("bad.ndjson").write_text("\n".join(lines), encoding="utf-8")
    status, out, _ = run("replay", "bad.ndjson", "--policy", "ours.py", "--out", "out", "--no-plot")
    assert status == 3
    assert "2 events in" in out
    assert "2 rejected" in out
    assert [d["event_id"] for d in decisions()] == ["e1", "e3"]
    rejected = [
        json.loads(line) for line in Path("out/rejected.ndjson").read_text(encoding="utf-8").splitlines()
    ]
    assert [(r["file"], r["line"], sorted(r)) for r in rejected] == [
        ("bad.ndjson", n, ["error", "file", "input", "line"]) for n in (2, 3)
    ]


def test_several_files_are_one_stream(run):
    Path("more.ndjson").write_text(f"{event(14)}\n{event(3)}\n", encoding="utf-8")
    status, out, _ = run(
        "replay", "events.ndjson", "more.ndjson", "--policy", "ours.py", "--out", "out", "--no-plot"
    )
    assert status == 0
    assert "15 events in" in out
    assert "1 repeated" in out
    assert decisions()[14]["fired"][0]["observed"] == 15
    assert decisions()[15]["duplicate"] is True


def test_a_file_that_is_missing_among_several_fails_with_its_name(run):
    status, _, err = run("replay", "events.ndjson", "evnts.ndjson", "--policy", "ours.py", "--no-plot")
    assert (status, err) == (
        1,
        "evnts.ndjson: there is no such file\n  hint: did you mean `events.ndjson`?\n",
    )


def test_standard_input_is_a_dash(run, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(Path("events.ndjson").read_bytes())))
    status, out, _ = run("replay", "-", "--policy", "ours.py", "--out", "out", "--no-plot")
    assert (status, len(decisions())) == (0, 14)
    assert "14 events in" in out


def test_a_replay_tells_how_accounts_stand_at_its_end(run):
    Path("who.txt").write_text("a1\n\nnobody\na1\n", encoding="utf-8-sig")  # as some editors save it
    asked = ("--account", "a2", "--accounts", "who.txt", "--out", "out", "--no-plot")
    assert run("replay", "events.ndjson", *asked)[0] == 0
    told = [json.loads(line) for line in Path("out/accounts.ndjson").read_text(encoding="utf-8").splitlines()]
    assert [state["account_id"] for state in told] == ["a2", "a1", "nobody"]
    assert told[1]["restrained"]["send"]["verdict"] == "deny"
    used = {quota["quota"]: (quota["used"], quota["remaining"]) for quota in told[1]["quotas"]}
    assert used["msg.quota-stable-per-minute"] == (14, 0)
    assert used["msg.quota-stable-per-day"] == (14, 186)
    assert told[2]["restrained"] == {}
    assert run("replay", "events.ndjson", "--out", "out", "--no-plot")[0] == 0
    assert not Path("out/accounts.ndjson").exists()


def test_while_permissions_are_downgraded_the_limits_of_the_tier_below_are_told(run):
    lines = "".join(f"{event(n, is_broadcast=False)}\n" for n in range(13))
    Path("events.ndjson").write_text(lines, encoding="utf-8")
    assert run("replay", "events.ndjson", "--account", "a1", "--out", "out", "--no-plot")[0] == 0
    (told,) = [
        json.loads(line) for line in Path("out/accounts.ndjson").read_text(encoding="utf-8").splitlines()
    ]
    assert told["tiers"] == {"send": "new", "group_join": None}
    left = {quota["quota"]: (quota["limit"], quota["remaining"]) for quota in told["quotas"]}
    assert (left["msg.quota-new-per-minute"], left["msg.quota-new-per-day"]) == ((5, 0), (50, 37))
    assert "msg.quota-stable-per-minute" not in left
    assert left["group.quota-stable-per-hour"] == (2, 2)


def test_accounts_are_not_told_by_a_comparison(run):
    status, _, err = run("replay", "events.ndjson", "--account", "a1", "--against", "strict")
    assert status == 2
    assert "leave out `--against`" in err
    status, _, err = run("replay", "events.ndjson", "--accounts", "none.txt", "--out", "out")
    assert (status, "cannot read `none.txt`" in err) == (1, True)


def test_only_fired_writes_only_what_fired(run):
    assert (
        run("replay", "events.ndjson", "--policy", "ours.py", "--out", "out", "--only-fired", "--no-plot")[0]
        == 0
    )
    assert [d["event_id"] for d in decisions()] == ["e12", "e13"]


def test_order_time_sorts_however_far_apart_the_events_stand(run):
    shuffled = [event(n) for n in (3000, 1, 2, 0)]
    Path("shuffled.ndjson").write_text("\n".join(shuffled), encoding="utf-8")
    assert (
        run(
            "replay", "shuffled.ndjson", "--policy", "ours.py", "--out", "out", "--order", "time", "--no-plot"
        )[0]
        == 0
    )
    assert [d["event_id"] for d in decisions()] == ["e0", "e1", "e2", "e3000"]


def test_lateness_and_batch_are_options(run):
    Path("late.ndjson").write_text(f"{event(100)}\n{event(1)}\n", encoding="utf-8")
    arguments = ("replay", "late.ndjson", "--policy", "ours.py", "--no-plot", "--batch", "1", "--lateness")
    assert run(*arguments, "PT10S")[0] == 3
    assert run(*arguments, "PT100S")[0] == 0


def test_figures_come_from_a_set_or_a_file(run):
    arguments = (
        "replay",
        "events.ndjson",
        "--policy",
        "ours.py",
        "--out",
        "out",
        "--no-plot",
        "--parameters",
    )
    assert run(*arguments, "strict")[0] == 0
    assert decisions()[3]["fired"][0]["limit"] == 3
    Path("figures.toml").write_text("Burst.limit = 6", encoding="utf-8")
    assert run(*arguments, "figures.toml")[0] == 0
    assert decisions()[13]["fired"][0]["limit"] == 6


@pytest.mark.parametrize("against", ["strict", "figures.json", "other.py"])
def test_against_compares_with_a_set_a_file_or_a_policy(run, against):
    Path("figures.json").write_text('{"Burst.limit": 3}', encoding="utf-8")
    Path("other.py").write_text(RIGHT.replace("Parameter(12", "Parameter(3"), encoding="utf-8")
    status, out, _ = run(
        "replay", "events.ndjson", "--policy", "ours.py", "--out", "out", "--against", against, "--no-plot"
    )
    assert status == 0
    assert "10 decisions and 1 account change (allow -> deny: 9)" in out
    assert "msg.burst: 9 more, 0 fewer, 2 in both" in out
    changes = [
        json.loads(line) for line in Path("out/changes.ndjson").read_text(encoding="utf-8").splitlines()
    ]
    assert changes[0]["event_id"] == "e3"
    assert (changes[0]["base"]["verdict"], changes[0]["against"]["verdict"]) == ("allow", "deny")
    comparison = json.loads(Path("out/comparison.json").read_text(encoding="utf-8"))
    assert comparison["differences"]["accounts"] == {"a1": {"allow -> deny": 9}}


def test_every_command_speaks_to_machines(run):
    groups = {"audit", "keys", "numbers", "policy"}
    named = [
        *(name for name in app if name not in groups),
        *(f"{g} {name}" for g in groups for name in app[g]),
    ]
    commands = [name for name in named if not name.split()[-1].startswith("-")]
    assert len(commands) > 20
    for command in commands:
        assert "--json" in run(*command.split(), "--help")[1], command


def test_the_tests_of_a_policy_are_told_to_machines(capfd):
    Path("test_ours.py").write_text("def test_it():\n    assert False\n", encoding="utf-8")
    assert main(["policy", "test", "ours.py", "--json"]) == 1
    printed = capfd.readouterr()
    assert json.loads(printed.out) == {"files": ["test_ours.py"], "passed": False}
    assert "1 failed" in printed.err


def test_json_may_stand_before_the_command(capsys):
    assert main(["--json", "policy", "list"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "messenger"


def test_a_comparison_for_machines_is_json(run):
    status, out, _ = run("replay", "events.ndjson", "--policy", "ours.py", "--against", "strict", "--json")
    assert status == 0
    assert sorted(json.loads(out)) == ["against", "base", "differences"]


def test_a_picture_is_drawn_on_the_terminal(run):
    status, out, _ = run("replay", "events.ndjson", "--policy", "ours.py")
    assert status == 0
    assert "deny" in out
    assert len(out.splitlines()) > 12


# simulate, demo ---------------------------------------------------------------------------------------------
def test_simulate_writes_events_and_labels(run):
    status, out, _ = run("simulate", "world.ndjson.gz", "--accounts", 200, "--days", 1, "--seed", 5, "--json")
    assert status == 0
    made = json.loads(out)
    assert made["events"] > 100
    assert json.loads(Path(made["labels"]).read_text(encoding="utf-8"))
    assert run("simulate", "again.ndjson.gz", "--accounts", 200, "--days", 1, "--seed", 5)[0] == 0
    assert Path("world.ndjson.gz").read_bytes() == Path("again.ndjson.gz").read_bytes()


def test_the_demo_finds_abuses_and_leaves_honest_accounts_alone(run):
    status, out, _ = run("demo", "--out", "demo", "--accounts", 200, "--days", 1, "--json")
    assert status == 0
    found = json.loads(out)["outcome"]
    assert found == json.loads(Path("demo/outcome.json").read_text(encoding="utf-8"))
    assert sum(row["noticed"] for row in found["abuses"].values()) > 0
    assert found["honest"]["restrained"] <= found["honest"]["accounts"] // 10


# help and complaints ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_what_a_command_does_with_an_example(run, command):
    status, out, err = run(*command.split(), "--help")
    assert (status, err) == (0, "")
    assert out.count("Examples:") <= 1
    assert f"tidegate {command}".strip() in out.partition("Example")[2]


COMPLAINTS = {
    "rplay events.ndjson": (2, "there is no command `rplay`\n  hint: did you mean `replay`?"),
    "policy shwo x": (2, "there is no command `shwo`\n  hint: did you mean `show`?"),
    "xyz": (2, "there is no command `xyz`\n  hint: see `tidegate --help`"),
    "screen": (2, "tidegate screen: `POOL` is missing\n  hint: see `tidegate screen --help`"),
    "replay events.ndjson --polcy ours.py": (2, "there is no option `--polcy`\n  hint: did you mean `--policy`?"),
    "replay events.ndjson --polcy=x": (2, "there is no option `--polcy`\n  hint: did you mean `--policy`?"),
    "replay events.ndjson -x": (2, "there is no option `-x`\n  hint: see `tidegate replay --help`"),
    "replay": (2, "no events to replay\n  hint: name at least one file, or `-` for standard input"),
    "replay events.ndjson --order tme": (2, "--order: there is no `tme`\n  hint: did you mean `time`? it is one of: arrival, time"),
    "replay events.ndjson --lateness P400D": (2, "--lateness: `P400D` is too long\n  hint: at most `P31D`; `--order time` makes none late"),
    "replay events.ndjson --lateness 5m": (2, "--lateness: `5m` is no duration\n  hint: write ISO 8601, such as `PT60S`, `PT2H` or `P7D`"),
    "replay events.ndjson --batch many": (2, "--batch: `many` is not a whole number\n  hint: see `tidegate replay --help`"),
    "replay events.ndjson --batch 1.5": (2, "--batch: `1.5` is not a whole number\n  hint: see `tidegate replay --help`"),
    "serve --port 8420.0": (2, "--port: `8420.0` is not a whole number\n  hint: see `tidegate serve --help`"),
    "keys retire 1.2": (2, "KEY: `1.2` is not a whole number\n  hint: see `tidegate keys retire --help`"),
    "replay events.ndjson --batch 0": (2, "--batch: a batch of `0` events\n  hint: give at least 1"),
    "replay events.ndjson --out": (2, "tidegate replay: a value for `--out` is missing\n  hint: see `tidegate replay --help`"),
    "policy check": (2, "tidegate policy check: `PATH` is missing\n  hint: see `tidegate policy check --help`"),
    "policy diff a b c": (2, "tidegate policy diff: `c` is one too many\n  hint: see `tidegate policy diff --help`"),
    "simulate x.ndjson.zst": (2, "OUT: `x.ndjson.zst` does not say what is in it\n  hint: let its name end in `.ndjson` or `.ndjson.gz`"),
    "simulate x.ndjson --accounts 3": (2, "`3` accounts over `7` days\n  hint: give at least 200 accounts and a day"),
    "replay evnts.ndjson --policy ours.py": (1, "evnts.ndjson: there is no such file\n  hint: did you mean `events.ndjson`?"),
    "replay ours.py --policy ours.py": (1, "ours.py: its ending does not say what is in it\n  hint: events are read from `.ndjson` (also with `.gz` or `.zst`), `.parquet` and `.arrow`; NDJSON of any name with `replay - < FILE`"),
    "replay events.ndjson --policy messnger": (1, "there is no policy `messnger`\n  hint: did you mean `messenger`?"),
    "replay events.ndjson --policy nothere.py": (1, "there is no policy `nothere.py`\n  hint: name a shipped policy (`messenger`) or a Python file"),
    "replay events.ndjson --policy events.ndjson": (1, "`events.ndjson` is no Python file\n  hint: a policy is a `.py` file, or a folder with `__init__.py`"),
    "replay events.ndjson --policy ours.py --parameters strct": (1, "there is no parameter file `strct`\n  hint: did you mean `strict`? name a file, or a parameter set of the policy: `strict`"),
    "replay events.ndjson --policy ours.py --against strct": (1, "`strct` is neither a policy nor a file of figures\n  hint: did you mean `strict`? name a policy, a `.py`, `.json` or `.toml` file, or a parameter set (strict)"),
    "replay events.ndjson --policy ours.py --out ours.py/x": (1, "cannot write to `ours.py/x`: Not a directory\n  hint: name another folder with `--out`"),
    "policy show msg.brst --policy ours.py": (1, "policy `ours`: there is no rule `msg.brst`\n  hint: did you mean `msg.burst`?"),
    "policy test nothere.py": (1, "there is no `nothere.py`\n  hint: name a policy file or a folder with tests"),
    "policy test ours.py": (1, "no tests for `ours.py`\n  hint: write `test_ours.py`; see docs/policies.md"),
    "policy profile --top 0": (2, "--top: a table of `0` rows\n  hint: give at least 1"),
    "policy docs": (2, "tidegate policy docs: `FOLDER` is missing\n  hint: see `tidegate policy docs --help`"),
    "simulate x.ndjson --seed -1": (2, "the seed `-1`\n  hint: give a whole number from 0 on"),
    "demo --accounts 10": (2, "`10` accounts over `7` days\n  hint: give at least 200 accounts and a day"),
    "demo --days 0": (2, "`2000` accounts over `0` days\n  hint: give at least 200 accounts and a day"),
    "simulate ours.py/x.ndjson": (1, "ours.py: file exists\n  hint: check the path, its permissions and the disk"),
}  # fmt: skip


@pytest.mark.parametrize("command", COMPLAINTS)
def test_a_complaint_names_what_was_typed_and_a_way_out(run, command):
    status, message = COMPLAINTS[command]
    assert run(*command.split()) == (status, "", f"{message}\n")


def test_an_interrupted_command_says_so_and_ends_with_130(run, monkeypatch):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("tidegate.cli.replay.run_replay", interrupted)
    assert run("replay", "events.ndjson", "--policy", "ours.py") == (
        130,
        "",
        "interrupted: what was written so far is incomplete\n",
    )


def commands(group=app):
    for name in group:
        if not name.startswith("-"):
            command = group[name]
            yield from [command] if command.default_command else commands(command)


def test_every_option_that_is_a_whole_number_is_read_as_one():
    found = 0
    for command in commands():
        for argument in command.assemble_argument_collection():
            if int in (argument.hint, *get_args(argument.hint)):
                assert argument.parameter.converter is read_whole_number, (command.name, argument.name)
                found += 1
    assert found >= 13


# the installed script ---------------------------------------------------------------------------------------
def script(*arguments, **options):
    command = [str(Path(sys.executable).parent / "tidegate"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **options)


def test_the_installed_command_ends_with_the_status_of_what_it_did():
    assert script("--version").stdout.strip() == "0.1.0"
    assert script("rplay").returncode == 2
    Path("bad.ndjson").write_text("{broken\n", encoding="utf-8")
    done = script("replay", "bad.ndjson", "--policy", "ours.py", "--no-plot")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_the_installed_command_reads_a_pipe():
    events = Path("events.ndjson").read_text(encoding="utf-8")
    done = script("replay", "-", "--policy", "ours.py", "--json", input=events)
    assert (done.returncode, json.loads(done.stdout)["decisions"]["deny"]) == (0, 2)


def test_every_option_of_replay_is_known_to_its_complaints():
    from tidegate.cli.replay import OPTIONS

    listed = script("replay", "--help").stdout
    assert {word for word in listed.replace("│", " ").split() if word.startswith("--")} <= {
        *OPTIONS,
        "--out",
        "--policy",
    }


# start ------------------------------------------------------------------------------------------------------
def test_a_command_is_imported_without_what_the_others_need():
    """The engine, Arrow and libphonenumber take longer to import than a small list takes to screen."""
    script = """
import sys
from tidegate.cli import main
def there(*names):
    return [name for name in names if name in sys.modules]
print(there("tidegate.engine", "tidegate.replay", "tidegate.journal", "pyarrow", "phonenumbers", "xlsxwriter"))
main(["screen", "--help"])
import tidegate.screening.screen, tidegate.screening.outputs.files
print(there("tidegate.engine", "tidegate.journal", "pyarrow", "tidegate.demo", "tidegate.cli.policy"))
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    lines = ended.stdout.splitlines()
    assert (lines[0], lines[-1]) == ("[]", "[]")
    assert "--events" in ended.stdout


def test_a_replay_of_lines_takes_no_memory_for_arrow():
    script = """
import sys
from tidegate.cli import main
assert main(["replay", "events.ndjson", "--policy", "ours.py", "--no-plot"]) == 0
print("pyarrow" in sys.modules)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "False"
