"""Another Tidegate asked: it sees blinded points and prefixes, and whatever it answers is no more than an answer."""

import json
from dataclasses import replace

import pytest
from tests.screening.providers.local_server import UNPACED, Hand, serving

from tidegate.screening.providers import Unanswered
from tidegate.screening.providers.blinding import TokenKey, prefix_of
from tidegate.screening.providers.calling import Caller
from tidegate.screening.providers.settings import ProviderSettings
from tidegate.screening.providers.standing import Standing

KEY = TokenKey(bytes(range(64)))
NUMBERS = [f"+49151234567{i:02}" for i in range(20)]
BANNED, GOOD, WARNED = NUMBERS[3], NUMBERS[4], NUMBERS[5]


class Platform:
    """A platform with three accounts; tests change what it says."""

    def __init__(self, lists="adverse", bits=3):
        self.terms = {"curve": "P-256", "prefix_bits": bits, "lists": lists, "points_max": 8, "more": 1}
        self.holders = {
            BANNED: {"standing": "banned", "incidents": 5, "incidents_most": None},
            WARNED: {"standing": "restricted", "incidents": 2, "incidents_most": 4},
        }
        if lists == "all":
            self.holders[GOOD] = {"standing": "good", "incidents": 0, "incidents_most": 0}
        self.evaluate = lambda points: [KEY.evaluate(bytes.fromhex(p)).hex() for p in points]

    def __call__(self, request):
        if request.path == "/v1/standing":
            return 200, {}, self.terms
        if request.path == "/v1/standing/evaluations":
            return 200, {}, {"points": self.evaluate(json.loads(request.body)["points"])}
        prefix = request.path.rpartition("/")[2]
        tokens = {KEY.token(number): stands for number, stands in self.holders.items()}
        listed = [
            {"token": token.hex(), **stands}
            for token, stands in tokens.items()
            if prefix_of(token, self.terms["prefix_bits"]) == prefix
        ]
        return 200, {}, {"at": "2026-03-02T09:30:00.000Z", "entries": listed, "padding": "   "}


def ask(platform, numbers=NUMBERS, limits=UNPACED):
    with serving(platform) as server:
        settings = ProviderSettings("partner", "standing", "a basis", server.url, limits, "tg_" + "s" * 43)
        caller = Caller(
            server.url, limits, {"Authorization": f"Bearer {settings.secret}"}, clock=Hand().clock
        )
        found = {one.number: one for one in Standing(settings, caller).ask(numbers)}
        caller.close()
    return found, server


def test_standings_become_facts_and_who_is_not_listed_stays_unknown():
    found, _ = ask(Platform())
    assert sorted(found) == NUMBERS
    assert found[BANNED].facts == {
        "is_registered": True,
        "is_suspended": True,
        "incidents": 5,
        "incidents_most": 1_000_000,
    }
    assert found[WARNED].facts == {
        "is_registered": True,
        "is_suspended": False,
        "incidents": 2,
        "incidents_most": 4,
    }
    assert found[GOOD].facts == {}
    assert found[NUMBERS[0]].facts == {}


def test_where_everybody_is_listed_who_is_missing_has_no_account():
    found, _ = ask(Platform("all"))
    assert found[GOOD].facts == {
        "is_registered": True,
        "is_suspended": False,
        "incidents": 0,
        "incidents_most": 0,
    }
    assert found[NUMBERS[0]].facts == {"is_registered": False}


def test_the_platform_sees_points_and_prefixes_alone():
    _, server = ask(Platform())
    asked = [
        request
        for request in server.asked
        if request.path.startswith("/v1/standing/") and request.method == "GET"
    ]
    assert {request.path.rpartition("/")[2] for request in asked} == {
        prefix_of(KEY.token(n), 3) for n in NUMBERS
    }
    assert len(asked) <= 8, "each prefix once"
    seen = b"".join(
        request.path.encode() + request.body + str(request.headers).encode() for request in server.asked
    )
    for number in NUMBERS:
        assert number[1:].encode() not in seen
        assert KEY.token(number).hex().encode() not in seen
    posts = [json.loads(request.body)["points"] for request in server.asked if request.method == "POST"]
    assert [len(points) for points in posts] == [8, 8, 4]


def test_asked_twice_it_cannot_tell_that_the_numbers_are_the_same():
    first, second = (ask(Platform())[1] for _ in range(2))
    points = [
        {p for r in s.asked if r.method == "POST" for p in json.loads(r.body)["points"]}
        for s in (first, second)
    ]
    assert not points[0] & points[1]


def test_few_accounts_share_one_prefix():
    found, server = ask(Platform(bits=0))
    assert found[BANNED].facts["is_suspended"] is True
    assert server.paths.count("/v1/standing/any") == 1


def refusing(part, times=100):
    """A platform of which one part fails for some time."""
    platform, left = Platform(), [times]

    def answer(request):
        if request.method + request.path.rpartition("/")[2][:3] == part and left[0]:
            left[0] -= 1
            return 503, {}, b""
        return platform(request)

    return answer


@pytest.mark.parametrize("part", ["GETsta", "POSTeva"])
def test_what_cannot_be_asked_is_said_number_by_number(part):
    found, _ = ask(refusing(part), limits=replace(UNPACED, tries=2, give_up_after=2))
    assert sorted(found) == NUMBERS
    assert all(isinstance(one, Unanswered) for one in found.values())


def test_a_prefix_that_fails_costs_its_own_numbers_only():
    platform = Platform()
    lost = prefix_of(KEY.token(BANNED), 3)
    found, _ = ask(
        lambda r: (500, {}, b"") if r.path.endswith(f"/{lost}") else platform(r),
        limits=replace(UNPACED, tries=1),
    )
    for number, one in found.items():
        assert isinstance(one, Unanswered) is (prefix_of(KEY.token(number), 3) == lost)


@pytest.mark.parametrize(
    "points",
    [
        lambda points: points[1:],
        lambda points: ["00"] * len(points),
        lambda points: ["zz" * 32] * len(points),
        lambda points: ["ff" * 32] * len(points),
        lambda points: [5] * len(points),
    ],
)
def test_evaluations_that_are_none_are_no_answer(points):
    platform = Platform()
    platform.evaluate = points
    found, _ = ask(platform, limits=replace(UNPACED, tries=1))
    assert all(isinstance(one, Unanswered) for one in found.values())
    assert {one.why for one in found.values() if one.asked} <= {"it sent something that is no answer"}


@pytest.mark.parametrize(
    "change",
    [
        {"prefix_bits": 21}, {"prefix_bits": -1}, {"prefix_bits": "3"}, {"lists": "some"}, {"points_max": 0},
    ],
)  # fmt: skip
def test_terms_that_nobody_can_keep_are_no_answer(change):
    platform = Platform()
    platform.terms |= change
    found, server = ask(platform, limits=replace(UNPACED, tries=1))
    assert all(isinstance(one, Unanswered) for one in found.values())
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "change", [{"standing": "odd"}, {"incidents": -1}, {"incidents": 1e99}, {"incidents": None}]
)
def test_entries_that_are_none_are_no_answer(change):
    platform = Platform()
    platform.holders[BANNED] = platform.holders[BANNED] | change
    found, _ = ask(platform, limits=replace(UNPACED, tries=1))
    assert isinstance(found[BANNED], Unanswered)
