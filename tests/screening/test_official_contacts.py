"""Official names to the letter, and those that only look like one (`comp.staff-identity-check`)."""

# ruff: noqa: RUF001  # letters that look alike are the point

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.cli import main
from tidegate.errors import FileError
from tidegate.screening.numbers.official_contacts import checked, read_register, skeleton

REGISTER = ("official", "acme_support", "Ann Müller")


@pytest.mark.parametrize(
    ("name", "official", "like"),
    [
        ("official", True, None),
        ("0fficial", False, "official"),
        ("official ", False, "official"),
        ("Official", False, "official"),
        ("оfficial", False, "official"),  # the first letter is Cyrillic
        ("offic\u200bial", False, "official"),
        ("ｏｆｆｉｃｉａｌ", False, "official"),
        ("officiall", False, "official"),
        ("oficial", False, "official"),
        ("offiical", False, "official"),
        ("acme.support", False, "acme_support"),
        ("acrne_support", False, "acme_support"),
        ("Ann Muller", False, "Ann Müller"),
        ("Ann Mu\u0308ller", False, "Ann Müller"),
        ("office", False, None),
        ("somebody", False, None),
        ("", False, None),
    ],
)
def test_a_name_is_official_to_the_letter_and_look_alikes_are_named(name, official, like):
    answer = checked(name, REGISTER)
    assert (answer.official, answer.like) == (official, like)


def test_short_names_are_alike_only_where_they_look_the_same():
    assert checked("bo8", ("bob",)).like == "bob"
    assert checked("rob", ("bob",)).like is None


@given(st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_no_other_name_is_ever_official(name, official):
    answer = checked(name, (official,))
    assert answer.official == (name == official)
    if not answer.official and skeleton(name) == skeleton(official):
        assert answer.like == official


def test_the_command_says_so_and_its_status_too(tmp_path, capsys):
    file = tmp_path / "official.txt"
    file.write_text("# our people\nofficial\n\nacme_support\n")
    assert main(["official", "official", "--register", str(file)]) == 0
    assert main(["official", "0fficial", "--register", str(file)]) == 1
    assert "only looks like `official`" in capsys.readouterr().out
    assert main(["official", "nobody", "--register", str(file), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"name": "nobody", "official": False, "like": None}


@pytest.mark.parametrize("content", [b" official\n", b"\xff\xfe", b"x" * 300, "\u200b\n".encode()])
def test_a_register_that_cannot_be_read_is_refused(tmp_path, content):
    file = tmp_path / "official.txt"
    file.write_bytes(content)
    with pytest.raises(FileError):
        read_register(file)
    with pytest.raises(FileError):
        read_register(tmp_path / "nowhere")
