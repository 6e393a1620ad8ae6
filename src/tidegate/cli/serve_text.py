"""What `tidegate serve` and `tidegate demo` print once the server is ready."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.cli.terminal import console

if TYPE_CHECKING:
    from tidegate.service.server import Server

EXAMPLE = {"event_id": "try-1", "type": "message_sent", "account_id": "a1", "recipient_id": "b7"}


def address_of(server: Server) -> str:
    """Return where the server is reached."""
    scheme = "https" if server.settings.tls_certificate else "http"
    host = server.settings.host
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{server.port}"


def curl(server: Server, key: str, event: dict[str, Any]) -> str:
    """Return the command that posts an event."""
    body = msgspec.json.encode(event).decode()
    return (
        f"curl -s {address_of(server)}/v1/events -H 'Authorization: Bearer {key}' \\\n"
        f"  -H 'Content-Type: application/json' -d {shlex.quote(body)}"
    )


def say_ready(server: Server, now_ms: int) -> None:
    """Say where the server is, and at its first start the key of the administrator and how to try it."""
    _say(f"ready on {address_of(server)}, data in {server.settings.data}/")
    if server.first_key is not None:
        _say(f"\nkey of an administrator, shown this once: {server.first_key}\n")
        _say(curl(server, server.first_key, EXAMPLE | {"ts": now_ms}))


def say_ready_in_json(server: Server) -> None:
    """Say the same for machines, on one line; `key` is null but at the first start."""
    ready = {"url": address_of(server), "data": str(server.settings.data), "key": server.first_key}
    sys.stdout.write(msgspec.json.encode(ready).decode() + "\n")
    sys.stdout.flush()


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
