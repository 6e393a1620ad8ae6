"""A server to be measured: `python -m benchmarks.http_server journal|none FOLDER`; prints its key, its port and `ready`."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tidegate.engine import Engine
from tidegate.events import EventBlock
from tidegate.policies.loading import load_policy
from tidegate.service.server import Server, serve
from tidegate.service.settings import Settings

# of the usual length: half of what an answer costs is its bytes
LINE = (
    b'{"event_id":"e-00000000","ts":"2026-03-02T09:30:00.000Z","type":"message_sent","account_id":"a000001",'
    b'"verdict":"allow","score":0.0,"fired":[],"undecided":['
    + b",".join(b'"rule.number-%d"' % n for n in range(20))
    + b"],"
    b'"labels":[],"sanctions":[],"cases":[],"policy":{"name":"messenger","version":"0.1.0","parameters":"sha256:'
    + b"0" * 64
    + b'"}}\n'
)


@dataclass
class _Answers:
    lines: list[bytes]
    position: int
    refused: list[Any] = field(default_factory=list)
    timers: list[Any] = field(default_factory=list)
    happened: list[Any] = field(default_factory=list)
    judged: list[Any] = field(default_factory=list)


class NoEngine:
    """Answers every event with the same line: what is left is HTTP, decoding and the way there and back."""

    position = checkpointed = 0
    recovered = ""

    def __init__(self) -> None:
        self.engine = Engine(load_policy("messenger"))

    def take(self, block: EventBlock) -> _Answers:
        self.position += len(block)
        return _Answers([LINE] * len(block), self.position)

    def decision(self, event_id: str) -> None:
        del event_id

    def account(self, account_id: str, at: int | None = None) -> Any:
        return self.engine.account(account_id, at)

    def mark(self, name: str, data: dict[str, Any]) -> None:
        """Nothing is kept."""

    def checkpoint(self, *, wait: bool = True) -> None:
        del wait

    def settle(self) -> bool:
        """Nothing is written."""
        return False

    def close(self) -> None:
        """Nothing is open."""


def main() -> None:
    engine, folder = sys.argv[1:]
    settings = Settings.from_environment(data=Path(folder), port=0, log_level="warning")

    def opened(server: Server) -> None:
        key = "-"
        if server.service.custody is not None:
            _, key = server.service.custody.keys.create(
                "load", ("ingest", "read"), actor="benchmark", per_s=0
            )
            server.service.custody.access.forget_cache()
        print(f"key {key}\nport {server.port}\nready", flush=True)

    serve(settings, opened=opened, open_engine=NoEngine if engine == "none" else None)


if __name__ == "__main__":
    main()
