"""What is done for a homeserver beside answering: measures that open, end and are lifted reach its users."""

import asyncio
import json
import threading
from types import SimpleNamespace

import httpx
import pytest
from tests.service.waiting import until

from tidegate.adapters.matrix import protection as module
from tidegate.adapters.matrix.admin import SynapseAdmin
from tidegate.adapters.matrix.protection import Protection, content_key
from tidegate.adapters.matrix.settings import MatrixSettings
from tidegate.engine.account import AccountState, CapabilityState
from tidegate.engine.standing import ENDLESS, Running
from tidegate.errors import FileError, UsageError

USER = "@a:x"
HOUR_MS = 3_600_000


class Judging:
    """Stands for the server's: answers how accounts stand from a table."""

    def __init__(self):
        self.watchers, self.running = [], []

    async def account(self, account_id, at):
        running = tuple(m for m in self.running if at < m.until)
        restrained = {"send": CapabilityState("deny", None, running)} if running else {}
        return AccountState(account_id, at, {}, 0.0, (), restrained)

    def tell(self, *, sanctions=(), moved=(), type_="message_sent", account=USER):
        decision = SimpleNamespace(account_id=account, sanctions=sanctions, moved=moved, type=type_)
        for watch in self.watchers:
            watch(SimpleNamespace(happened=[SimpleNamespace(decision=decision)]), None)


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A protection whose homeserver notes what it is asked, on a clock that the test sets."""
    asked, now = [], [1_000_000_000_000]

    def handle(request):
        path = request.url.path.removeprefix("/_synapse/admin")
        if request.method == "GET":
            return httpx.Response(200, json={})
        asked.append((path.split("/")[2], json.loads(request.content)))
        return httpx.Response(200, json={})

    transport = httpx.MockTransport(handle)
    monkeypatch.setattr(
        module, "SynapseAdmin", lambda url, token: SynapseAdmin(url, token, transport=transport)
    )
    monkeypatch.setattr(module, "now_ms", lambda: now[0])
    monkeypatch.setattr(module, "TICK_S", 0.001)
    judging, confirmed = Judging(), set()
    settings = MatrixSettings(admin_url="http://hs", admin_token="t", server_name="x", deactivating=True)  # noqa: S106  of nobody
    made, rounds = Protection(settings, judging, tmp_path, confirmed.__contains__), []
    enforce = made._enforce

    async def counted(enforcer):
        try:
            await enforce(enforcer)
        finally:
            rounds.append(now[0])

    made._enforce = counted
    return SimpleNamespace(
        protection=made, judging=judging, asked=asked, now=now, confirmed=confirmed, rounds=rounds
    )


def play(world, *steps):
    """Take one step after the other, each once the one before has been seen: the second round from then on began behind it."""

    async def run():
        await world.protection.start()
        for step in steps:
            step()
            seen = len(world.rounds) + 2
            await until(lambda seen=seen: len(world.rounds) >= seen)
        await world.protection.stop()

    asyncio.run(run())


def freeze(world, until):
    world.judging.running = [Running("s-1", "sanction.f", "deny", ("send",), 0, until, "r", level=2)]
    world.judging.tell(sanctions=("opened",))


def test_a_measure_is_carried_out_and_taken_back_when_it_ends(world):
    def pass_an_hour():
        world.now[0] += HOUR_MS

    play(world, lambda: freeze(world, world.now[0] + HOUR_MS), pass_an_hour)
    assert world.asked == [("suspend", {"suspend": True}), ("suspend", {"suspend": False})]


def test_a_measure_that_was_lifted_is_taken_back(world):
    def lift():
        world.judging.running = []
        world.judging.tell(moved=(SimpleNamespace(id="s-1"),), type_="appeal_decided", account=None)

    play(world, lambda: freeze(world, world.now[0] + HOUR_MS), lift)
    assert world.asked[-1] == ("suspend", {"suspend": False})


def test_what_ended_while_we_were_away_is_taken_back_at_the_start(world):
    play(world, lambda: freeze(world, world.now[0] + HOUR_MS))
    world.now[0] += HOUR_MS
    play(world, lambda: None)
    assert world.asked[-1] == ("suspend", {"suspend": False})


def test_a_ban_locks_until_a_person_has_confirmed_it(world):
    def ban():
        world.judging.running = [Running("s-9", "sanction.ban", "deny", ("all",), 0, ENDLESS, "r", level=4)]
        world.judging.tell(sanctions=("opened",))

    def confirm():
        world.confirmed.add("s-9")
        world.judging.tell(type_="sanction_applied")
        world.now[0] += 2000

    play(world, ban, confirm)
    assert world.asked == [("users", {"locked": True}), ("deactivate", {"erase": False})]


def test_what_happens_while_we_are_done_with_a_user_is_not_missed(world):
    """A batch is judged on another thread, between our last look and our saying that there is nothing to do."""
    protection, told = world.protection, []

    class Due(dict):
        def get(self, *given):
            told.append(threading.Thread(target=world.judging.tell, kwargs={"sanctions": ("opened",)}))
            told[-1].start()
            told[-1].join(0.1)
            return super().get(*given)

    world.judging.watchers.append(protection._watch)
    protection._due = Due({USER: 5})
    protection._done_with(USER, 5, None)
    told[0].join()
    assert protection._due[USER] == 0


def test_events_that_open_nothing_ask_nothing(world):
    play(world, world.judging.tell)
    assert world.asked == []


def test_the_key_of_hashes_is_made_once_and_is_ours_alone(tmp_path):
    key = content_key(tmp_path / "keys")
    assert key == content_key(tmp_path / "keys")
    assert len(key) == 32
    assert (tmp_path / "keys" / "content.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"ADMIN_URL": "http://hs"}, "without a token"),
        ({"ADMIN_TOKEN_FILE": "/nowhere/at/all"}, "cannot read"),
        ({"POLL_S": "often"}, "no number of seconds"),
        ({"POLL_S": "0"}, "no number of seconds"),
        ({"POLL_S": "nan"}, "no number of seconds"),
    ],
)
def test_settings_that_do_not_do_are_named(environment, problem):
    with pytest.raises(UsageError, match=problem) as error:
        MatrixSettings.from_environment(
            {f"TIDEGATE_MATRIX_{name}": value for name, value in environment.items()}
        )
    assert "TIDEGATE_MATRIX_" in str(error.value)


def test_a_token_comes_from_a_file(tmp_path):
    token = tmp_path / "token"
    token.write_text("secret\n")
    environment = {
        "TIDEGATE_MATRIX_ADMIN_URL": "http://hs",
        "TIDEGATE_MATRIX_ADMIN_TOKEN_FILE": str(token),
        "TIDEGATE_MATRIX_SERVER_NAME": "x",
    }
    token.chmod(0o644)
    with pytest.raises(FileError, match="others may read this secret"):
        MatrixSettings.from_environment(environment)
    token.chmod(0o600)
    found = MatrixSettings.from_environment(environment)
    assert (found.admin_token, found.deactivating) == ("secret", False)
