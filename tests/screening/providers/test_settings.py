"""The file of providers: what it must say, what it must not hold, and what is said where it is wrong."""

from pathlib import Path

import pytest

from tidegate.errors import TidegateError
from tidegate.screening.providers.opening import opened
from tidegate.screening.providers.settings import FIGURES, KINDS, Limits, read_settings

SECRET = "tg_" + "s" * 43
STANDING = {
    "name": '"partner"',
    "kind": '"standing"',
    "basis": '"legitimate interest: keeping fraud away from our customers"',
    "url": '"https://tidegate.example.org/"',
    "secret_env": '"PARTNER"',
}
TWILIO = STANDING | {"kind": '"twilio-lookup-v2"', "account": '"AC0123"'}
TWILIO.pop("url")


@pytest.fixture
def file(tmp_path):
    def write(*tables, head=""):
        path = tmp_path / "providers.toml"
        listed = ["[[provider]]\n" + "".join(f"{k} = {v}\n" for k, v in t.items()) for t in tables]
        path.write_text(head + "\n".join(listed))
        return path

    return write


def read(path, **environment):
    return read_settings(path, {"PARTNER": SECRET} | environment)


def test_a_file_says_who_is_asked_why_and_how_hard(file):
    found = read(
        file(
            STANDING | {"requests_per_s": "2.5", "tries": "1"},
            TWILIO | {"name": '"twilio"'},
            head='cache = "a.sqlite"\n',
        )
    )
    one, two = found.providers
    assert (one.name, one.url, one.secret, one.limits) == (
        "partner", "https://tidegate.example.org", SECRET, Limits(requests_per_s=2.5, tries=1),
    )  # fmt: skip
    assert (two.url, two.account, two.packages) == ("", "AC0123", ("line_type_intelligence",))
    assert found.cache.name == "a.sqlite"


def test_no_secret_is_shown(file):
    assert SECRET not in repr(read(file(STANDING)))


def test_the_file_that_the_page_shows_is_one(tmp_path):
    page = (Path(__file__).parents[3] / "docs" / "providers.md").read_text(encoding="utf-8")
    (tmp_path / "providers.toml").write_text(page.partition("```toml\n")[2].partition("```")[0])
    (tmp_path / "partner.key").write_text(SECRET)
    (tmp_path / "partner.key").chmod(0o600)
    found = read(tmp_path / "providers.toml", TWILIO_SECRET="t" * 32)
    assert [(one.name, one.kind) for one in found.providers] == list(
        zip(("partner", "twilio"), KINDS, strict=True)
    )
    for name, figure in FIGURES.items():
        bounds = f"{figure.low:g} to {figure.high:g}"
        assert f"| `{name}` | {figure.default:g} | {bounds} |" in page, name


def without(table, key):
    return {name: value for name, value in table.items() if name != key}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (without(STANDING, "basis"), "(`partner`): basis: it is missing\n  hint: nobody may be asked without one"),
        (STANDING | {"basis": '"yes"'}, "basis: it says too little"),
        (STANDING | {"kind": '"whatsapp"'}, "kind: `whatsapp` is not known\n  hint: one of standing, twilio-lookup-v2"),
        (STANDING | {"name": '"A b"'}, "name: `A b` is no name"),
        (without(STANDING, "url"), "url: it is missing"),
        (STANDING | {"url": '"http://tidegate.example.org"'}, "url: numbers do not travel in the clear"),
        (STANDING | {"url": '"https://u:p@tidegate.example.org"'}, "url: it holds more than an address"),
        (STANDING | {"url": '"https://x/?key=1"'}, "url: it holds more than an address"),
        (STANDING | {"url": '"ftp://x"'}, "url: `ftp://x` is no address"),
        (STANDING | {"url": '"http://["'}, "url: `http://[` is no address"),
        (STANDING | {"secret": '"s3cret"'}, "there is no `secret` here"),
        (STANDING | {"secret_file": '"key"'}, "secret_env: one of `secret_env` and `secret_file` is needed"),
        (without(STANDING, "secret_env"), "secret_env: one of `secret_env` and `secret_file` is needed"),
        (STANDING | {"secret_env": '"OTHER"'}, "secret_env: the variable `OTHER` is not set"),
        (STANDING | {"secret_env": '"SHORT"'}, "secret_env: this is no secret"),
        (STANDING | {"requests_per_s": "0"}, "requests_per_s: `0` does not fit\n  hint: a number of requests/s from 0.01 to 1000"),
        (STANDING | {"at_once": "1.5"}, "at_once: `1.5` does not fit\n  hint: a whole number of requests from 1 to 64"),
        (STANDING | {"tries": "true"}, "tries: `True` does not fit"),
        (STANDING | {"timeout_s": "nan"}, "timeout_s: `nan` does not fit"),
        (STANDING | {"request_per_s": "1"}, "there is no `request_per_s` here\n  hint: did you mean `requests_per_s`?"),
        (STANDING | {"account": '"AC1"'}, "there is no `account` here"),
        (without(TWILIO, "account"), "account: it is missing"),
        (TWILIO | {"packages": '["caller_name"]'}, "packages: it is no list of packages that a check reads"),
        (STANDING | {"name": "5"}, "name: it is no text"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(file, table, said):
    with pytest.raises(TidegateError) as refused:
        read(file(table), SHORT="s3cret")
    assert said in str(refused.value)
    assert "provider 1" in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no provider is named"),
        ("provider = 5", "no provider is named"),
        ("[provider]\nname = 'x'", "no provider is named"),
        ("[[providers]]\n", "there is no `providers` here\n  hint: did you mean `provider`?"),
        ("[[provider]", "this is no TOML"),
        ("cache = 5\n", "no provider is named"),
    ],
)
def test_files_that_name_nobody(tmp_path, text, said):
    path = tmp_path / "providers.toml"
    path.write_text(text)
    with pytest.raises(TidegateError, match=r"providers\.toml: ") as refused:
        read(path)
    assert said in str(refused.value)


def test_two_of_one_name(file):
    with pytest.raises(TidegateError, match="two providers have one name"):
        read(file(STANDING, STANDING))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(TidegateError, match="cannot read: no such file"):
        read(tmp_path / "providers.toml")


def test_a_secret_in_a_file_that_others_may_read_is_refused(file, tmp_path):
    key = tmp_path / "partner.key"
    key.write_text(SECRET + "\n")
    path = file(without(STANDING, "secret_env") | {"secret_file": '"partner.key"'})
    key.chmod(0o640)
    with pytest.raises(TidegateError, match="others may read this secret"):
        read(path)
    key.chmod(0o600)
    assert read(path).providers[0].secret == SECRET
    key.write_bytes(b"\xff\xfe")
    with pytest.raises(TidegateError, match="this is no secret"):
        read(path)
    key.unlink()
    with pytest.raises(TidegateError, match="cannot read the secret"):
        read(path)


def test_every_figure_has_its_default_within_bounds():
    for name, figure in FIGURES.items():
        assert figure.low <= getattr(Limits(), name) <= figure.high, name
        assert figure.why, name


def test_a_place_for_answers_that_cannot_be_written_is_said(file, tmp_path, monkeypatch):
    monkeypatch.setenv("PARTNER", SECRET)
    (tmp_path / "answers").mkdir()
    with (
        pytest.raises(TidegateError, match="answers cannot be kept there"),
        opened(file(STANDING, head='cache = "answers"\n')),
    ):
        pass
    (tmp_path / "other").write_bytes(b"no database, but more than nothing" * 100)
    with (
        pytest.raises(TidegateError, match="answers cannot be kept there"),
        opened(file(STANDING, head='cache = "other"\n')),
    ):
        pass
