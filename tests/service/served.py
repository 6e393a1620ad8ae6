"""`tidegate serve` as a process of its own, with the small policy of the ledger's tests, in a folder that was prepared."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
from tests.service.waiting import WAIT_S, eventually

ROOT = Path(__file__).parents[2]
POLICY = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom tests.ledger.worlds import policy\n"
SERVE = "import sys; from tidegate.cli import main; sys.exit(main())"


class Served:
    """A server from when it is ready to its end; its data lie in `data` of a folder. `before`: code that its process runs first."""

    def __init__(self, folder, token="", before="", **environment):
        (folder / "small.py").write_text(POLICY)
        command = [sys.executable, "-c", before + SERVE, "serve", "--data", str(folder / "data")]
        command += ["--policy", str(folder / "small.py"), "--port", "0"]
        environment = os.environ | {"PYTHONUNBUFFERED": "1", "COLUMNS": "200"} | environment
        self._log = folder / "log"
        self._begin = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT)
        self.url = eventually(self._ready)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self.client = httpx.Client(base_url=self.url, timeout=WAIT_S, trust_env=False, headers=headers)

    def _ready(self):
        ended = self.process.poll() is not None
        said = self._log.read_text()[self._begin :]
        assert not ended, said
        found = re.search(r"ready on (http\S+),", said)
        return found and found[1]

    def end(self, how=signal.SIGKILL):
        self.client.close()
        self.process.send_signal(how)
        self.process.wait(WAIT_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
