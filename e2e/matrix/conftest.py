"""A real Synapse with the third-party module, and a real Tidegate beside it; both on ports of their own.

Runs in the environment of the homeserver (locks/matrix.txt); Tidegate is the command of the project's own environment.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import yaml
from nio import AsyncClient, AsyncClientConfig

ROOT = Path(__file__).parents[2]
SERVER_NAME = "tide.test"
POLICY = ROOT / "examples" / "homeserver_policy.py"
SNIPPET = ROOT / "deploy" / "synapse" / "tidegate.yaml"
PATIENCE_S = 90


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_for(url, process, log):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    pytest.fail(f"{url} does not answer; its log ends:\n{log.read_text()[-3000:]}")


class Tidegate:
    """`tidegate serve` on one data folder; can be killed and started again."""

    def __init__(self, folder, environment):
        self.folder, self.port, self.process = folder, free_port(), None
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder.parent / "tidegate.log"
        self.environment = os.environ | environment
        self.command = [ROOT / ".venv/bin/tidegate"]
        self.key = self.make_key("suite", "admin")

    def make_key(self, name, role):
        made = subprocess.run(
            [*self.command, "keys", "create", name, "--role", role, "--per-s", "0", "--data", self.folder, "--json"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return json.loads(made.stdout)["token"]

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "serve", "--data", self.folder, "--port", str(self.port), "--policy", POLICY],
                env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip
        wait_for(f"{self.url}/readyz", self.process, self.log)

    def stop(self, number=signal.SIGTERM):
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE_S)
            self.process = None

    def ask(self, method, path, **more):
        answer = httpx.request(
            method, self.url + path, headers={"Authorization": f"Bearer {self.key}"}, timeout=30, **more
        )
        assert answer.status_code < 400, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else {}


class Homeserver:
    """A Synapse on SQLite, without rate limits of its own, that asks Tidegate by the module's contract."""

    def __init__(self, folder, port):
        self.folder, self.port, self.process = folder, port, None
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "homeserver.log"
        self.secret = "registration-secret"
        self.token = None

    def configure(self, tidegate_url, secret_file):
        subprocess.run(
            [sys.executable, "-m", "synapse.app.homeserver", "--server-name", SERVER_NAME, "--config-path", "homeserver.yaml",
             "--generate-config", "--report-stats=no", "--data-directory", self.folder],
            cwd=self.folder, check=True, capture_output=True,
        )  # fmt: skip
        file = self.folder / "homeserver.yaml"
        settings = yaml.safe_load(file.read_text())
        snippet = yaml.safe_load(SNIPPET.read_text())
        config = snippet["modules"][0]["config"]
        config["base_url"] = f"{tidegate_url}/v1/adapters/matrix/http-antispam"
        config["authorization_path"] = str(secret_file)
        free = {"per_second": 1e6, "burst_count": 1e6}
        settings |= snippet | {
            "listeners": [{"port": self.port, "type": "http", "bind_addresses": ["127.0.0.1"], "x_forwarded": True,
                           "resources": [{"names": ["client"]}]}],
            "registration_shared_secret": self.secret,
            "trusted_key_servers": [],
            "rc_message": free,
            "rc_registration": free,
            "rc_login": {"address": free, "account": free, "failed_attempts": free},
            "rc_joins": {"local": free, "remote": free},
            "rc_invites": {"per_room": free, "per_user": free, "per_issuer": free},
            "rc_room_creation": free,
        }  # fmt: skip
        file.write_text(yaml.safe_dump(settings))

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "synapse.app.homeserver", "--config-path", "homeserver.yaml"],
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
        wait_for(f"{self.url}/_matrix/client/versions", self.process, self.log)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
            self.process = None

    def register(self, name, *, admin=False):
        """Make a user with the shared secret; return its access token."""
        path = f"{self.url}/_synapse/admin/v1/register"
        nonce = httpx.get(path).json()["nonce"]
        text = "\0".join([nonce, name, "password", "admin" if admin else "notadmin"])
        mac = hmac.new(self.secret.encode(), text.encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": "password", "admin": admin, "mac": mac}
        answer = httpx.post(path, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()["access_token"]

    def admin(self, method, path, **more):
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.request(
            method, f"{self.url}/_synapse/admin{path}", headers=headers, timeout=30, **more
        )
        answer.raise_for_status()
        return answer.json()


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """Both servers. Tidegate's admin token for the homeserver is that of a user who is there before it starts."""
    folder = tmp_path_factory.mktemp("matrix")
    (folder / "hs").mkdir()
    token_file, secret_file = folder / "admin-token", folder / "matrix-secret"
    homeserver = Homeserver(folder / "hs", free_port())
    tidegate = Tidegate(
        folder / "data",
        {
            "TIDEGATE_MATRIX_ADMIN_URL": homeserver.url,
            "TIDEGATE_MATRIX_ADMIN_TOKEN_FILE": str(token_file),
            "TIDEGATE_MATRIX_SERVER_NAME": SERVER_NAME,
            "TIDEGATE_MATRIX_POLL_S": "0.5",
            "TIDEGATE_MATRIX_APPEAL_URL": "https://id.tide.test/appeal",
        },
    )
    secret_file.write_text(tidegate.make_key("homeserver", "ingest"))
    homeserver.configure(tidegate.url, secret_file)
    try:
        homeserver.start()
        homeserver.token = homeserver.register("warden", admin=True)
        token_file.write_text(homeserver.token)
        token_file.chmod(0o600)
        tidegate.start()
        yield homeserver, tidegate
    finally:
        tidegate.stop()
        homeserver.stop()


@pytest.fixture
def homeserver(world):
    return world[0]


@pytest.fixture
def tidegate(world):
    return world[1]


@pytest.fixture
def people(homeserver):
    """Make users by name, logged in as matrix-nio clients; closed afterwards."""
    clients = []

    def person(name):
        token = homeserver.register(name)
        config = AsyncClientConfig(max_limit_exceeded=0, max_timeouts=0)  # say it, do not wait for hours
        client = AsyncClient(homeserver.url, f"@{name}:{SERVER_NAME}", config=config)
        client.access_token, client.user_id = token, f"@{name}:{SERVER_NAME}"
        clients.append(client)
        return client

    with asyncio.Runner() as runner:
        person.run = runner.run
        yield person
        for client in clients:
            runner.run(client.close())
