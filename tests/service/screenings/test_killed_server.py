"""A real server is killed while it screens: its worker ends with it, and the next server goes on at that step."""

import os
import random
from pathlib import Path

from tests.service.screenings.office import LIST, Office
from tests.service.screenings.test_resuming import SEED
from tests.service.served import Served
from tests.service.waiting import eventually

from tidegate.ledger import Ledger
from tidegate.ledger.ledger import FILE
from tidegate.service.access.custody import Custody
from tidegate.service.screenings.screening import DONE, RUNNING, STEPS
from tidegate.service.screenings.terms import Terms

HELD = (
    "from tidegate.service.screenings.process import Process\n"
    "Process.__init__.__defaults__ = ('tests.service.screenings.held_worker',)\n"
)
SECRET = "c2VjcmV0IGtleSBvZiB0aGlydHktdHdvIGJ5dGVzISE="  # noqa: S105  made up, 32 bytes


def test_a_server_that_is_killed_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setenv("TIDEGATE_MASTER_KEY", SECRET)
    ledger = Ledger.open(made(tmp_path / "data") / FILE)
    custody = Custody.open(tmp_path / "data", ledger.database)
    token = custody.keys.create("ann", ("analyst",), actor="test")[1]
    ledger.close()
    step = random.Random(SEED).choice(STEPS)
    with Server(tmp_path, token, HELD, step) as server:
        answer = server.client.post(
            "/v1/screenings", content=LIST, params=WHY, headers={"content-type": "text/csv"}
        )
        assert answer.status_code == 202, answer.text
        path = answer.headers["location"]
        found = server.wait(path, lambda found: found["progress"]["stage"] == "holding")
        worker = int((tmp_path / "pid").read_text())
        about = b"".join(Path(f"/proc/{worker}/{name}").read_bytes() for name in ("cmdline", "environ"))
        assert SECRET.encode() not in about
        assert b"TIDEGATE_MASTER" not in about
        own = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, worker) == min(own + 10, 19)
    eventually(lambda: not alive(worker))
    folder = tmp_path / "data" / "screenings" / found["id"]
    kept = {path.name: path.stat().st_ino for path in folder.glob("*.step.sealed")}
    assert set(kept) == {f"{name}.step.sealed" for name in STEPS[: STEPS.index(step)]}
    with Server(tmp_path, token) as server:
        found = server.wait(path, lambda found: found["state"] not in ("queued", RUNNING))
        assert found["state"] == DONE, found
        given = {
            file["name"]: server.client.get(f"{path}/files/{file['name']}").content for file in found["files"]
        }
    assert given == undisturbed(tmp_path / "other")


AT = "2026-03-02T09:30:00Z"
WHY = {"purpose": "a test", "basis": "consent", "at": AT, "list_date": AT}


def undisturbed(folder):
    """What the same list comes to in a process that nobody kills."""
    office = Office(f"sqlite:///{made(folder) / 'ledger.sqlite'}", folder)
    try:
        found = office.wait(office.enter(terms=Terms(at_ms=1_772_443_800_000, list_at_ms=1_772_443_800_000)))
        return office.contents(found.id)
    finally:
        office.close()


def made(folder):
    folder.mkdir(mode=0o700)
    return folder


def alive(pid):
    """Whether a process is there, and more than an entry that nobody has asked for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Server(Served):
    """A server that is killed at the end; `held` is run before it, and makes its worker stop in a step."""

    def __init__(self, folder, token, held="", step=""):
        super().__init__(folder, token, held, HELD_STEP=step, HELD_PID=str(folder / "pid"))

    def wait(self, path, until):
        """Return what is told of a screening, once it is as wanted."""
        return eventually(lambda: found if until(found := self.client.get(path).json()) else None)
