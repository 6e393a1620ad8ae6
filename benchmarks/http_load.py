"""Clients of a server under load, on bare sockets: a client must cost less than what it measures."""

from __future__ import annotations

import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_TICKS = os.sysconf("SC_CLK_TCK")
HOST = "127.0.0.1"
ACCEPT_S = 0.001  # for each connection to be taken: an event that waits for that comes too late


@dataclass
class Served:
    """A server process: where it listens, and the key to it."""

    port: int
    key: str
    pid: int

    def cpu_s(self) -> float:
        """CPU time so far, of all its threads and of the processes that wrote its checkpoints."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS

    def resident_mb(self) -> float:
        """Memory that is resident."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="utf-8").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def anonymous_mb(self) -> float:
        """Memory that is resident and no file's: the system cannot take it back."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("RssAnon:")[2].split()[0]) / 1024


@contextmanager
def served(folder: Path, *, engine: str = "journal", **environment: str) -> Iterator[Served]:
    """Run a server in a process of its own: `journal` is the real one, `none` answers without judging."""
    command = [sys.executable, "-m", "benchmarks.http_server", engine, str(folder)]
    settings = {f"TIDEGATE_{name.upper()}": value for name, value in environment.items()}
    settings["MALLOC_ARENA_MAX"] = "1"  # as deploy/tidegate.service has it
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | settings) as process:
        assert process.stdout is not None
        told: dict[str, str] = {}
        for line in process.stdout:
            if line.startswith("ready"):
                break
            name, _, value = line.partition(" ")
            told[name] = value.strip()
        try:
            yield Served(int(told["port"]), told["key"], process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def requests(server: Served, bodies: list[bytes], form: str = "application/json") -> list[bytes]:
    """Return whole requests."""
    head = (
        f"POST /v1/events HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {form}\r\nAuthorization: Bearer {server.key}\r\n"
        "Prefer: wait=30\r\nContent-Length: "
    ).encode()
    return [head + b"%d\r\n\r\n" % len(body) + body for body in bodies]


class _Clients:
    """Some connections, each with at most one request under way."""

    def __init__(self, server: Served, count: int) -> None:
        self.poll = select.epoll()
        self.sockets: dict[int, socket.socket] = {}
        for _ in range(count):
            one = socket.create_connection((HOST, server.port))
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets[one.fileno()] = one
            self.poll.register(one.fileno(), select.EPOLLIN)
        time.sleep(0.02 + count * ACCEPT_S)

    def close(self) -> None:
        for one in self.sockets.values():
            one.close()
        self.poll.close()

    def answered(self, wait_s: float) -> list[int]:
        """Return the connections whose answer is there, read and found good."""
        found = [at for at, _ in self.poll.poll(wait_s)]
        for at in found:
            answer = self.sockets[at].recv(1 << 16)
            if not answer.startswith(b"HTTP/1.1 200"):
                sys.exit(f"not answered with a decision: {answer[:300]!r}")
        return found


def closed_loop(server: Served, whole: list[bytes], connections: int) -> float:
    """Send the requests as fast as answers come; return seconds on the clock."""
    clients = _Clients(server, connections)
    feed = iter(whole)
    begun = time.perf_counter()
    under_way = 0
    for at, request in zip(clients.sockets, feed, strict=False):
        clients.sockets[at].send(request)
        under_way += 1
    while under_way:
        for at in clients.answered(-1):
            request = next(feed, b"")
            if request:
                clients.sockets[at].send(request)
            else:
                under_way -= 1
    taken = time.perf_counter() - begun
    clients.close()
    return taken


def open_loop(
    server: Served, whole: list[bytes], per_s: float, connections: int, seed: int = 1
) -> NDArray[np.float64]:
    """Send requests at random times, `per_s` on average, whether or not answers come; return ms from when each was due.

    A request that finds no connection free waits, and its waiting counts: nothing is left out because the server is slow.
    """
    gaps = np.random.default_rng(seed).exponential(1 / per_s, len(whole))
    due = np.cumsum(gaps)
    clients = _Clients(server, connections)
    idle = list(clients.sockets)
    sent_for: dict[int, int] = {}
    taken = np.zeros(len(whole))
    begun = time.perf_counter()
    at, done = 0, 0
    while done < len(whole):
        now = time.perf_counter() - begun
        while at < len(whole) and due[at] <= now and idle:
            one = idle.pop()
            clients.sockets[one].send(whole[at])
            sent_for[one] = at
            at += 1
        wait = due[at] - now if at < len(whole) and idle else 0.05
        for one in clients.answered(max(wait, 0.0)):
            number = sent_for.pop(one)
            taken[number] = time.perf_counter() - begun - due[number]
            idle.append(one)
            done += 1
    clients.close()
    return taken * 1000


def batches(server: Served, bodies: list[bytes], form: str) -> float:
    """Send batches one after the other; return seconds on the clock."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=120)
    headers = {"Content-Type": form, "Authorization": f"Bearer {server.key}", "Prefer": "wait=60"}
    begun = time.perf_counter()
    for body in bodies:
        connection.request("POST", "/v1/events", body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            sys.exit(f"not answered with decisions: {content[:300]!r}")
    taken = time.perf_counter() - begun
    connection.close()
    return taken
