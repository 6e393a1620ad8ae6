"""Every mistake an author makes is named with its place and a way out, by `load_policy`, the engine and `policy check`."""

import os
import re
from pathlib import Path

import pytest
from tests.policy.mistakes import MISTAKES, REGISTERED, RIGHT, given, policy_with

from tidegate import Engine
from tidegate.cli import main
from tidegate.errors import TidegateError
from tidegate.policies.loading import load_policy

GOLDEN = Path(__file__).with_name("mistakes.golden")
PYTHON_TYPES = re.compile(
    r"\b(NoneType|TypeError|AttributeError|NameError|ValueError|int|str|dict|tuple object|type object"
    r"|Compare|Literal|Keyed|Unkeyed|Stream|<class|object at 0x)\b"
)


def golden():
    """Expected messages by case name."""
    chapters = GOLDEN.read_text(encoding="utf-8").split("\n\n")
    return dict(chapter.strip("\n").split("\n", 1) for chapter in chapters if chapter.strip())


def refusal(changes):
    """What is said about a policy file with these changes, on loading it or on making an engine of it."""
    Path("ours.py").write_text(policy_with(changes), encoding="utf-8")
    with pytest.raises(TidegateError) as refused:
        Engine(load_policy("ours.py"))
    return refused.value


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_policy_that_is_right_loads_and_checks(capsys):
    Path("ours.py").write_text(RIGHT, encoding="utf-8")
    assert Engine(load_policy("ours.py")).policy.name == "ours"
    assert main(["policy", "check", "ours.py"]) == 0
    assert capsys.readouterr().out == "ours.py: 1 rule, nothing wrong\n"


def test_every_message_reads_as_it_was_reviewed():
    found = "\n".join(f"{name}\n{refusal(changes)}\n" for name, changes in MISTAKES.items())
    if os.environ.get("TIDEGATE_REWRITE_GOLDEN"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_said_with_place_and_hint_and_no_word_of_python_s(name):
    error = refusal(MISTAKES[name])
    said = str(error)
    assert not PYTHON_TYPES.search(said), said
    assert error.hint, said
    assert not error.problem.endswith("."), said
    line = re.search(r"ours\.py:(\d+)", error.place)
    if line:
        lines = Path("ours.py").read_text(encoding="utf-8").splitlines()
        assert 1 <= int(line[1]) <= len(lines)
    else:
        assert "msg.burst" in error.place or error.place.startswith("ours") or "ours.py" in said, said


@pytest.mark.parametrize("name", MISTAKES)
def test_policy_check_says_the_same_and_exits_1(name, capsys):
    error = refusal(MISTAKES[name])
    assert main(["policy", "check", "ours.py"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert error.problem in printed.err
    assert error.hint.partition("; 1 more")[0] in printed.err


def test_policy_check_lists_all_mistakes_of_a_whole_policy(capsys):
    changes = [('window="PT60S"', 'window="PT1H"'), *MISTAKES["label-that-no-rule-sets"]]
    error = refusal(changes)
    assert error.hint.endswith("; 1 more: `tidegate policy check ours.py`")
    assert main(["policy", "check", "ours.py"]) == 1
    assert capsys.readouterr().err.count("hint:") == 2


def test_what_is_merely_doubtful_is_advice(capsys):
    changes = [(text, "") for text in MISTAKES_EFFECTS]
    Path("ours.py").write_text(policy_with(changes), encoding="utf-8")
    load_policy("ours.py")
    assert main(["policy", "check", "ours.py"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "ours.py: 1 rule, no mistakes\n"
    assert printed.err == (
        "msg.burst: advice: the rule has no effect but to be listed in decisions\n"
        "  hint: give it a prior, a label, a measure or a case\n"
    )


@pytest.mark.parametrize(
    ("span", "doubted"), [("3", True), ("999", True), ("tg.days(3)", False), ("1000", False), ("0", False)]
)
def test_a_bare_small_number_against_an_age_is_doubted(capsys, span, doubted):
    Path("ours.py").write_text(policy_with(given(f"tg.age({REGISTERED}) > {span}")), encoding="utf-8")
    assert main(["policy", "check", "ours.py"]) == 0
    said = capsys.readouterr().err
    assert (
        f"is in ms: `{span}` is less than a second\n  hint: write a duration, such as `tg.days({span})`"
        in said
    ) == doubted
    assert bool(said) == doubted


MISTAKES_EFFECTS = ("        measures=(tg.Measure(suspend),),\n", '        labels=(tg.Label("abnormal"),),\n')


def test_the_place_is_the_author_s_line_also_in_a_package(tmp_path, capsys):
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "__init__.py").write_text("from tidegate_policy_pack.burst import Burst\n", encoding="utf-8")
    (folder / "burst.py").write_text(policy_with(MISTAKES["misspelled-field"]), encoding="utf-8")
    assert main(["policy", "check", "pack"]) == 1
    assert capsys.readouterr().err.startswith("pack/burst.py:22: `message_sent` has no field `is_foward`")


def test_a_policy_of_several_files_is_a_folder_whose_files_import_each_other(tmp_path, capsys):
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "__init__.py").write_text("from .burst import Burst\n", encoding="utf-8")
    (folder / "burst.py").write_text(RIGHT, encoding="utf-8")
    assert main(["policy", "check", "pack"]) == 0
    assert capsys.readouterr().out == "pack: 1 rule, nothing wrong\n"


def test_a_file_beside_the_policy_that_is_no_part_of_it_is_said_to_be_there(capsys):
    Path("shared.py").write_text("limit = 12\n", encoding="utf-8")
    error = refusal([("import tidegate as tg\n", "import tidegate as tg\nimport shared\n")])
    assert error.problem == "`shared.py` lies beside the policy, but is no part of it"
    assert "from .shared import" in error.hint


def test_a_failure_of_the_author_s_own_code_shows_the_line():
    error = refusal([("tier = ", "1 / 0\ntier = ")])
    assert (error.place, error.problem) == ("ours.py:4", "`1 / 0` does not work")
    assert error.hint == "run `python ours.py` to see what Python says"


def test_an_edit_is_seen_at_once(monkeypatch):
    """Python tells a file that changed by its second and its size: neither need change."""
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    for title in ("Burst", "Surge"):
        Path("ours.py").write_text(RIGHT.replace('title="Burst"', f'title="{title}"'), encoding="utf-8")
        os.utime("ours.py", (1_700_000_000, 1_700_000_000))
        assert load_policy("ours.py").rules[0].title == title
    assert [found.name for found in Path().iterdir()] == ["ours.py"]
