"""A real server is killed while it screens: its worker ends with it, and the next server goes on at that step."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
from tests.service.enforcement.test_kill import POLICY, free_port
from tests.service.screenings.office import LIST, WAIT_S, Office
from tests.service.screenings.test_resuming import SEED

from tidegate.ledger import Ledger
from tidegate.ledger.ledger import FILE
from tidegate.service.access.custody import Custody
from tidegate.service.screenings.screening import DONE, RUNNING, STEPS
from tidegate.service.screenings.terms import Terms

ROOT = Path(__file__).parents[3]
SERVE = "import sys; from tidegate.cli import main; sys.exit(main())"
HELD = (
    "from tidegate.service.screenings.process import Process\n"
    "Process.__init__.__defaults__ = ('tests.service.screenings.held_worker',)\n"
)
SECRET = "c2VjcmV0IGtleSBvZiB0aGlydHktdHdvIGJ5dGVzISE="  # noqa: S105  made up, 32 bytes


def test_a_server_that_is_killed_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setenv("TIDEGATE_MASTER_KEY", SECRET)
    (tmp_path / "small.py").write_text(POLICY)
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
        assert os.getpriority(os.PRIO_PROCESS, worker) == 10
    until = time.monotonic() + WAIT_S
    while alive(worker):
        assert time.monotonic() < until, "the worker outlives its server"
        time.sleep(0.02)
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


WHY = {"purpose": "a test", "basis": "consent", "at": "2026-03-02T09:30:00Z"}


def undisturbed(folder):
    """What the same list comes to in a process that nobody kills."""
    office = Office(f"sqlite:///{made(folder) / 'ledger.sqlite'}", folder)
    try:
        found = office.wait(office.enter(terms=Terms(at_ms=1_772_443_800_000)))
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


class Server:
    """`tidegate serve` as a process, killed at the end; `held` is run before it, and makes its worker stop in a step."""

    def __init__(self, folder, token, held="", step=""):
        port = free_port()
        command = [sys.executable, "-c", held + SERVE, "serve", "--data", str(folder / "data")]
        command += ["--policy", str(folder / "small.py"), "--port", str(port)]
        environment = os.environ | {"HELD_STEP": step, "HELD_PID": str(folder / "pid")}
        self.log = folder / "log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT)
        headers = {"authorization": f"Bearer {token}"}
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False, headers=headers
        )

    def __enter__(self):
        for _ in range(20 * WAIT_S):
            assert self.process.poll() is None, self.log.read_text()
            try:
                if self.client.get("/readyz").status_code == 200:
                    return self
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def wait(self, path, until):
        give_up = time.monotonic() + WAIT_S
        while not until(found := self.client.get(path).json()):
            assert time.monotonic() < give_up, found
            time.sleep(0.1)
        return found

    def __exit__(self, *_):
        self.client.close()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)
