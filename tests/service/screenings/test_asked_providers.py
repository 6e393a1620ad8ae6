"""Screenings of a server that ask the providers its operator names, and those that do not."""

import json

import pytest
from tests.screening.providers.local_server import serving
from tests.service.screenings.office import AT, LIST, NUMBERS, Fatal

from tidegate.errors import UsageError
from tidegate.service.screenings.screening import DONE, FAILED
from tidegate.service.screenings.terms import Terms

ASKING = Terms(at_ms=AT, providers=True)


@pytest.fixture
def providers(tmp_path):
    """Write a file of one provider at an address."""

    def write(url, key="secret_file = 'secret.txt'"):
        (tmp_path / "secret.txt").write_text("s" * 40)
        (tmp_path / "secret.txt").chmod(0o600)
        file = tmp_path / "providers.toml"
        file.write_text(
            f'cache = "answers.sqlite"\n[[provider]]\nname = "twilio"\nkind = "twilio-lookup-v2"\naccount = "AC1"\nurl = "{url}"\n'
            f'requests_per_s = 1000\nbasis = "legitimate interest: a test of the screening"\n{key}\n'
        )
        return str(file)

    return write


def answer(_):
    return 200, {}, {"valid": True, "line_type_intelligence": {"type": "nonFixedVoip", "error_code": None}}


def test_providers_are_asked_where_the_upload_says_so_and_not_twice_after_a_death(open_office, providers):
    with serving(answer) as server:
        fatal = Fatal([("evidence", "at the end")])
        office = open_office(launch=fatal, screening_providers=providers(server.url))
        quiet = office.wait(office.enter())
        assert server.asked == []
        found = office.wait(office.enter(terms=ASKING))
    assert (quiet.state, found.state) == (DONE, DONE), found
    (told,) = found.sealed.summary["evidence"]["providers"]
    assert (told["name"], told["basis"]) == ("twilio", "legitimate interest: a test of the screening")
    assert quiet.sealed.summary["evidence"]["providers"] == []
    lines = office.contents(found.id)["result.ndjson"].splitlines()
    assert json.loads(lines[0])["told"][0]["facts"] == {"number_type": "virtual"}
    assert len(server.asked) == len(NUMBERS)


def test_a_screening_killed_while_answers_come_in_goes_on_with_those_it_has(open_office, providers):
    with serving(answer) as server:
        office = open_office(
            launch=Fatal([("evidence", "at the end")]), screening_providers=providers(server.url)
        )
        found = office.wait(office.enter(terms=ASKING))
    assert found.state == DONE, found
    (told,) = found.sealed.summary["evidence"]["providers"]
    assert told["from_cache"] == len(server.asked) == len(NUMBERS)


def test_a_server_that_asks_nobody_any_more_says_so(open_office):
    found = (office := open_office()).wait(office.enter(LIST, ASKING))
    assert found.state == FAILED
    assert found.sealed.problem == "providers: this server asks no providers any more"


def test_a_file_of_providers_that_is_wrong_is_refused_at_the_start(open_office, providers, monkeypatch):
    monkeypatch.setenv("TIDEGATE_SECRET", "s" * 40)
    with pytest.raises(UsageError, match="TIDEGATE_SECRET"):
        open_office(screening_providers=providers("http://127.0.0.1:1", 'secret_env = "TIDEGATE_SECRET"'))
