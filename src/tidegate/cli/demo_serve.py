"""The second half of `tidegate demo`: the made-up week becomes the journal of a server that answers on this machine."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from tidegate.cli.serve_text import EXAMPLE, address_of, curl
from tidegate.cli.terminal import console
from tidegate.clock import now_ms

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate.policy import Policy
    from tidegate.service.server import Server

HOST, PORT = "127.0.0.1", 8420
KEY_NAME = "demo"
# where nobody watches, a demo that nobody asks ends: scripts go on, and no server is left behind
ALONE_S = 120


def serve_demo(events: Path, folder: Path, policy: Policy, account: str, *, watched: bool) -> None:
    """Put the events into a data folder that has none, and serve it until Ctrl-C; `account` is the one to look at.

    Where nobody watches (there is no terminal) it also ends once there was no request for ALONE_S.
    """
    from tidegate.service.observe.logs import set_up
    from tidegate.service.server import serve
    from tidegate.service.settings import Settings

    set_up("warning")
    newest = _fill(events, folder, policy)
    settings = Settings.from_environment(data=folder, host=HOST, port=_free_port())
    ends = "Ctrl-C stops it" if watched else f"it ends after {ALONE_S} s without a request"
    serve(
        settings,
        opened=lambda server: _say(server, account, newest, ends),
        idle_s=None if watched else ALONE_S,
    )


def _fill(events: Path, folder: Path, policy: Policy) -> int:
    """Judge the events into the journal where it is empty; return the newest event time in ms."""
    from tidegate.events import EventBlock
    from tidegate.journal import LiveEngine
    from tidegate.ledger.ledger import FILE, Ledger
    from tidegate.replay.readers import read_events
    from tidegate.service.access.custody import Custody

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ledger = Ledger.open(folder / FILE, policy)
    try:
        custody = Custody.open(folder, ledger.database)
        with LiveEngine.open(folder, policy, cipher=custody.cipher) as live:
            if live.position == 0:
                with console.status("writing the week into a journal"):
                    for block in read_events(events):
                        if isinstance(block, EventBlock):
                            live.take(block)
                    live.checkpoint()
            return live.engine.newest
    finally:
        ledger.close()


def _free_port() -> int:
    """Return the usual port, or 0 (any) where somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, PORT))
        except OSError:
            return 0
    return PORT


def _say(server: Server, account: str, newest: int, ends: str) -> None:
    """Print what to try."""
    custody = server.service.custody
    assert custody is not None, "a server that is ready has its books open"
    key = server.first_key
    if key is None:
        _, key = custody.keys.create(KEY_NAME, ("admin",), actor="demo", reason="made by tidegate demo")
        custody.access.forget_cache()
    event = EXAMPLE | {"event_id": f"try-{now_ms()}", "ts": newest + 1000, "account_id": account}
    address = address_of(server)
    get = f"curl -s -H 'Authorization: Bearer {key}' {address}/v1"
    console.print("\nserving that week", style="bold", end="")
    for text in (
        f" on {address}; post an event of one of its accounts, see the decision:\n",
        curl(server, key, event),
        "\nthe account, what it may do and how much of it is left, the decision again:\n",
        f"{get}/accounts/{account}",
        f"{get}/accounts/{account}/capabilities",
        f"{get}/decisions/{event['event_id']}",
        f"\ndescription of the API: {address}/openapi.json; {ends}; another `tidegate demo` finds the same state",
    ):
        console.print(text, markup=False, highlight=False, soft_wrap=True)
