"""Providers in a screening: who is asked about whom, what counts, what is said of it."""

import json

import numpy as np
import pytest
from tests.screening.providers.local_server import Hand, serving
from tests.screening.providers.test_answer_cache import Book
from tests.screening.providers.test_standing import KEY, Platform
from tests.screening.providers.test_twilio_lookup import error, lookup
from tests.screening.screened import AT, DAY, NUMBER, Screened, moment

from tidegate.cli import main
from tidegate.screening.evidence.consulting import consult, facts_read
from tidegate.screening.evidence.gathering import Evidence
from tidegate.screening.modes import checks_of
from tidegate.screening.providers.provider import as_number
from tidegate.windows.timestamps import format_rfc3339

OTHER = "+4915123456782"
ALL = checks_of(None, [])
NAN = float("nan")
TELLS = ("is_registered", "is_suspended", "incidents")


def evidence(**facts):
    known = {name: np.array(values, np.float64) for name, values in facts.items()}
    return Evidence([NUMBER, OTHER], AT, known)


def consulted(known, *books, checks=ALL):
    return consult(books, checks, known)


def book(facts, tells=TELLS, name="book"):
    return Book(facts, Hand().clock, name, tells)


def test_what_list_and_events_told_comes_first():
    known = evidence(is_registered=[1, NAN])
    one = book({NUMBER: {"is_registered": False}, OTHER: {"is_registered": False}}, tells=("is_registered",))
    consulted(known, one)
    assert known["is_registered"].tolist() == [1, 0]
    assert one.asked == [OTHER], "what is known is not asked for"


def test_what_is_told_besides_does_not_replace_what_is_known():
    known = evidence(is_registered=[1, 1])
    consulted(known, book({NUMBER: {"is_registered": False, "is_suspended": True}}))
    assert known["is_registered"].tolist() == [1, 1]
    assert known["is_suspended"][0] == 1


def test_of_several_providers_the_first_that_knows_counts():
    known = evidence()
    first = book({NUMBER: {"is_suspended": True}}, name="first", tells=("is_suspended",))
    second = book(
        {n: {"is_suspended": False} for n in (NUMBER, OTHER)}, name="second", tells=("is_suspended",)
    )
    consulted(known, first, second)
    assert known["is_suspended"].tolist() == [1, 0]
    assert second.asked == [OTHER]


@pytest.mark.parametrize(
    ("own", "told", "least", "most"),
    [
        (NAN, {"incidents": 2, "incidents_most": 4}, 2, 4),
        (3, {"incidents": 2, "incidents_most": 4}, 3, 4),
        (6, {"incidents": 2, "incidents_most": 4}, 6, 6),
        (0, {"incidents": 1}, 1, 1),
        (1, {"incidents": 0, "incidents_most": 0}, 1, 1),
        (1, {}, 1, 1),
    ],
)
def test_incidents_add_up_and_the_greater_count_counts(own, told, least, most):
    known = evidence(incidents=[own, NAN])
    one = book({NUMBER: told})
    consulted(known, one)
    assert one.asked == [NUMBER, OTHER], "asked for although something is known"
    assert (known["incidents"][0], known.most("incidents")[0]) == (least, most)
    assert np.isnan(known["incidents"][1])


def test_nobody_is_asked_what_no_check_reads():
    known = evidence()
    stolen = checks_of(None, ["stolen"])
    one = book({}, tells=("number_type", "is_suspended"))
    found = consulted(known, one, checks=stolen)
    assert one.asked == []
    assert found.providers[0]["accounts"] == 0
    assert not found.incomplete


def test_what_checks_read_is_seen_from_the_checks():
    assert facts_read(checks_of(None, ["unregistered"])) == {"is_registered"}
    assert facts_read(checks_of(None, ["empty-account"])) == {"is_reachable", "is_suspended"}
    assert {"interactions_90d", "number_type"} <= facts_read(checks_of(None, ["fake-no-interaction-90d"]))
    assert {"incidents", "device_links", "registered_at", "region_changes"} <= facts_read(ALL)


def test_what_came_of_asking_is_counted():
    known = evidence()
    numbers = [NUMBER, OTHER]
    one = book({NUMBER: {"is_suspended": True, "number_type": "virtual"}, OTHER: "broken"})
    found = consulted(known, one)
    assert found.providers == [
        {
            "name": "book", "kind": "book", "basis": "a basis", "facts": sorted(TELLS), "accounts": len(numbers), "asked": 2,
            "answered": 1, "from_cache": 0, "failed": 1, "not_asked": 0, "unknown": 1, "why": ["it fails"],
        }
    ]  # fmt: skip
    assert found.incomplete
    told = {"provider": "book", "at": format_rfc3339(AT), "facts": {"is_suspended": True}}
    assert found.told == {NUMBER: [told]}, "no more than was asked for"


def test_stages_are_named():
    said = []
    consult([book({})], ALL, evidence(), lambda *words: said.append(words))
    assert said == [("asking book", 0, 2)]


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("is_suspended", 1),
        ("incidents", True),
        ("incidents", -1),
        ("number_type", "odd"),
        ("registered_at", "2026"),
        ("remark", "x"),
    ],
)
def test_a_value_that_is_none_is_never_taken(fact, value):
    with pytest.raises(ValueError, match="is no value of"):
        as_number(fact, value)


# by the command --------------------------------------------------------------------------------------------------


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Screen a list with providers at these addresses; return what was written, the exit status and what was printed."""
    monkeypatch.setenv("SECRET", "s" * 40)

    def run(*tables, pool=None, options=(), out="out"):
        (tmp_path / "pool.csv").write_text(
            pool or f"number,last active\n{NUMBER},{moment(AT - 100 * DAY)}\n{OTHER},\n"
        )
        text = 'cache = "answers.sqlite"\n'
        for table in tables:
            text += f'[[provider]]\nbasis = "legitimate interest: a test of the screening"\nsecret_env = "SECRET"\n{table}\n'
        (tmp_path / "providers.toml").write_text(text)
        status = main(
            ["screen", str(tmp_path / "pool.csv"), "--out", str(tmp_path / out), "--at", moment(AT), "--providers",
             str(tmp_path / "providers.toml"), *options]
        )  # fmt: skip
        return Screened(tmp_path / out, status), capsys.readouterr()

    return run


def twilio(url, **more):
    return "\n".join(
        [
            'name = "twilio"',
            'kind = "twilio-lookup-v2"',
            'account = "AC1"',
            f'url = "{url}"',
            "requests_per_s = 1000",
        ]
        + [f"{key} = {value}" for key, value in more.items()]
    )


def test_a_virtual_number_that_is_silent_is_a_bot_and_the_result_says_who_told(command):
    with serving(lambda _: (200, {}, lookup(line_type="nonFixedVoip"))) as server:
        found, printed = command(twilio(server.url))
        again, _ = command(twilio(server.url), out="again")
    assert found.status == again.status == 0
    assert found[NUMBER]["labels"] == ["fake-bot", "fake-zombie"]
    assert found[OTHER]["labels"] == [], "nothing is known of its interactions"
    (told,) = found[NUMBER]["told"]
    assert (told["provider"], told["facts"]) == ("twilio", {"number_type": "virtual"})
    (provider,) = found.summary["evidence"]["providers"]
    assert (provider["basis"], provider["answered"]) == ("legitimate interest: a test of the screening", 2)
    assert "twilio: 2 answered, 0 kept from before, 0 not known to it" in printed.out
    (kept,) = again.summary["evidence"]["providers"]
    assert (kept["asked"], kept["from_cache"]) == (0, 2)
    assert len(server.asked) == 2
    assert again[NUMBER]["labels"] == found[NUMBER]["labels"]


def test_a_provider_that_fails_leaves_its_part_unknown_and_says_so(command):
    with serving(lambda _: error(401, 20003, "Authenticate")) as server:
        found, printed = command(twilio(server.url))
    assert found.status == 3
    assert found[NUMBER]["labels"] == ["fake-zombie"]
    assert "told" not in found[NUMBER]
    (provider,) = found.summary["evidence"]["providers"]
    assert provider["failed"] + provider["not_asked"] == provider["unknown"] == 2
    assert "twilio: no answer about 2 accounts: it does not admit us (status 401)" in printed.err.replace(
        "\n", " "
    )


def test_several_providers_in_one_screening(command):
    """A platform says who is banned there, Twilio what sort of number it is."""
    platform = Platform(bits=0)
    platform.holders = {NUMBER: {"standing": "banned", "incidents": 2, "incidents_most": 4}}
    standing = 'name = "partner"\nkind = "standing"\nrequests_per_s = 1000\nurl = '
    with serving(platform) as one, serving(lambda _: (200, {}, lookup(line_type="mobile"))) as two:
        found, _ = command(f'{standing}"{one.url}"', twilio(two.url))
    assert found.status == 0
    assert found[NUMBER]["tier"] == "high"
    assert {"screen.historical-violation", "screen.empty-account"} <= set(found[NUMBER]["reasons"])
    assert found[OTHER]["tier"] == "secure"
    assert [one["name"] for one in found.summary["evidence"]["providers"]] == ["partner", "twilio"]
    assert [one["provider"] for one in found[NUMBER]["told"]] == ["partner", "twilio"]
    assert KEY.token(NUMBER).hex() not in json.dumps(found.summary)


def test_without_a_file_nobody_is_asked(screen):
    assert screen(has_avatar="yes").summary["evidence"]["providers"] == []


def test_a_file_that_is_wrong_is_a_mistake_of_usage(tmp_path, capsys):
    (tmp_path / "providers.toml").write_text('[[provider]]\nname = "x"\n')
    status = main(
        [
            "screen",
            "pool.csv",
            "--out",
            str(tmp_path / "out"),
            "--providers",
            str(tmp_path / "providers.toml"),
        ]
    )
    assert status == 2
    assert "kind: it is missing" in capsys.readouterr().err
