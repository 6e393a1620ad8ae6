"""Measures carried out on a homeserver and undone; the homeserver here is one that notes what it is asked."""

import asyncio
import json

import httpx
import pytest

from tidegate.adapters.matrix.admin import SynapseAdmin
from tidegate.adapters.matrix.enforcement import Enforcer
from tidegate.adapters.matrix.memory import HomeserverMemory
from tidegate.adapters.matrix.wanted import Kept, RunningMeasure, Wanted, wanted
from tidegate.errors import SynapseError

USER = "@a:x"


@pytest.fixture
def homeserver(tmp_path):
    asked = []
    refuse = set()

    def handle(request):
        path = request.url.raw_path.decode().removeprefix("/_synapse/admin")
        assert request.headers["authorization"] == "Bearer secret"
        if any(word in path for word in refuse):
            return httpx.Response(500, json={"errcode": "M_UNKNOWN"})
        asked.append((request.method, path, json.loads(request.content) if request.content else None))
        return httpx.Response(200, json={})

    admin = SynapseAdmin("http://hs", "secret", transport=httpx.MockTransport(handle))
    memory = HomeserverMemory(tmp_path / "hs.sqlite")
    enforcer = Enforcer(admin, memory, server_name="x")

    def bring(want, user=USER):
        return asyncio.run(enforcer.bring(user, want))

    bring.asked, bring.refuse, bring.memory = asked, refuse, memory
    yield bring
    memory.close()


def test_a_suspension_is_set_once_and_undone_once(homeserver):
    assert homeserver(Wanted(suspended=True))
    assert not homeserver(Wanted(suspended=True))
    assert homeserver(Wanted())
    path = "/v1/suspend/%40a%3Ax"
    assert homeserver.asked == [("PUT", path, {"suspend": True}), ("PUT", path, {"suspend": False})]


def test_a_rate_is_an_override_and_goes_with_its_measure(homeserver):
    homeserver(Wanted(rate_per_minute=3))
    homeserver(Wanted())
    path = "/v1/users/%40a%3Ax/override_ratelimit"
    assert homeserver.asked == [
        ("POST", path, {"messages_per_second": 1, "burst_count": 1}),
        ("DELETE", path, None),
    ]


def test_users_of_other_servers_are_left_alone(homeserver):
    assert not homeserver(Wanted(locked=True), "@a:elsewhere")
    assert not homeserver(Wanted(locked=True), "a1")
    assert homeserver.asked == []


def test_what_we_did_not_set_we_do_not_undo(homeserver):
    assert not homeserver(Wanted())
    assert homeserver.asked == []


def test_after_a_failure_the_next_try_goes_on_from_there(homeserver):
    homeserver.refuse.add("suspend")
    with pytest.raises(SynapseError, match="500"):
        homeserver(Wanted(suspended=True, locked=True))
    assert homeserver.memory.state_of(USER) == Kept(Wanted(locked=True), ("suspended",))
    homeserver.refuse.clear()
    homeserver(Wanted(suspended=True, locked=True))
    assert [path.split("/")[2] for _, path, _ in homeserver.asked] == ["users", "suspend"]


def test_what_was_begun_when_we_died_is_undone_though_its_measure_ended_meanwhile(homeserver):
    """The homeserver did it, we never saw: the measure ends while we are away, and the user must not stay suspended."""
    homeserver.memory.keep_state(USER, Kept(Wanted(), ("suspended",)))
    assert homeserver.memory.users() == [USER]
    assert homeserver(Wanted())
    assert homeserver.asked == [("PUT", "/v1/suspend/%40a%3Ax", {"suspend": False})]
    assert homeserver.memory.users() == []


def test_no_moment_between_two_acts_is_free_of_both(homeserver):
    homeserver(Wanted(locked=True))
    homeserver(Wanted(suspended=True))
    assert [body for _, _, body in homeserver.asked[1:]] == [{"suspend": True}, {"locked": False}]


def test_the_token_is_in_no_message(homeserver):
    homeserver.refuse.add("users")
    with pytest.raises(SynapseError) as error:
        homeserver(Wanted(locked=True))
    assert "secret" not in str(error.value)


def deny(*capability, level=1, **more):
    return RunningMeasure("sanction.x", "deny", frozenset(capability), level, **more)


@pytest.mark.parametrize(
    ("measures", "state"),
    [
        ([], Wanted()),
        ([deny("send")], Wanted()),  # level 1: the answers tell the client how long
        ([deny("send", level=2)], Wanted(suspended=True)),
        ([deny("group_join", level=3)], Wanted()),
        ([deny("all", level=3)], Wanted(locked=True)),
        ([deny("all", level=1)], Wanted()),
        ([deny("all", level=4, permanent=True)], Wanted(locked=True)),
        ([deny("all", level=4, permanent=True, confirmed=True)], Wanted(locked=True, deactivated=True)),
        ([RunningMeasure("sanction.t", "throttle", frozenset({"send"}), 1, 4), RunningMeasure("sanction.u", "throttle", frozenset({"send"}), 1, 3)], Wanted(rate_per_minute=3)),
        ([RunningMeasure("sanction.t", "throttle", frozenset({"broadcast"}), 1, 4)], Wanted()),
    ],
)  # fmt: skip
def test_the_state_that_measures_ask_for(measures, state):
    assert wanted(measures, deactivating=True) == state


def test_nobody_is_deactivated_unless_the_operator_allows_it():
    assert wanted([deny("all", level=4, permanent=True, confirmed=True)]) == Wanted(locked=True)
