"""The server as a process: opens the parts, listens while it recovers, stops without losing anything."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import socket
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import uvicorn

from tidegate.errors import FileError, TidegateError
from tidegate.policies.loading import load_policy, with_parameters
from tidegate.service.access.grant import Grant, Refused
from tidegate.service.app import create_app
from tidegate.service.decision_route import DecisionRoute
from tidegate.service.judging import Judging
from tidegate.service.observe.metrics import Metrics
from tidegate.service.parts import parts_of
from tidegate.service.protocol import Protocol, protocol_for
from tidegate.service.reconciling import Reconciling
from tidegate.service.state import Service
from tidegate.service.tls import check_files

if TYPE_CHECKING:
    from tidegate.policy import Policy
    from tidegate.service.access.custody import Custody
    from tidegate.service.judging import Live
    from tidegate.service.settings import Settings

# when Python looks for garbage in cycles: requests make none, and each time costs a look at all that is under way
GARBAGE = (20_000, 50, 10)
SWEEP_S = 1.0  # how often slow and idle connections are looked for
_log = logging.getLogger("tidegate.server")


class Server(uvicorn.Server):
    """One server. `opened` is called once it is ready to judge, on its loop; after `idle_s` without a request it stops (None: never)."""

    def __init__(
        self,
        settings: Settings,
        *,
        policy: Policy | None = None,
        open_engine: Callable[[], Live] | None = None,
        opened: Callable[[Server], None] | None = None,
        idle_s: float | None = None,
    ) -> None:
        check_files(settings)
        self.settings = settings
        self.policy = policy or policy_of(settings)
        self.metrics = Metrics()
        self.judging = Judging(settings, self.policy.stamp(), self.metrics)
        self.service = Service(self.judging, self.policy, settings, NobodyYet(), self.metrics)
        self.first_key: str | None = None  # of an administrator, made where there were no keys
        self.failure: Exception | None = None
        self._opened = opened
        self._idle_s = idle_s
        self._asked = (0, 0.0)  # requests until now, and since when no more came
        self._open_engine = open_engine
        self._sweeper: asyncio.Task[None] | None = None
        self.listening: list[socket.socket] = []
        self._port = settings.port
        app = create_app(self.service)
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                loop="uvloop",
                http=protocol_for(DecisionRoute(self.service)),
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=int(settings.drain_s),
                ssl_certfile=settings.tls_certificate or None,
                ssl_keyfile=settings.tls_key or None,
                backlog=1024,
            )
        )

    def _open_books(self) -> Custody:
        """Open ledger, keys and audit log."""
        from tidegate.ledger.ledger import FILE, Ledger
        from tidegate.service.access.custody import Custody

        folder = self.settings.data
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ledger = Ledger.open(self.settings.database or folder / FILE, self.policy)
        custody = Custody.open(folder, ledger.database)
        self.service.ledger, self.service.custody = ledger, custody
        return custody

    @property
    def port(self) -> int:
        """The port it listens on, or has listened on."""
        return self._port

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then recover: `/healthz` answers at once, `/readyz` once it is done."""
        await super().startup(sockets)
        if self.servers:
            self._port = int(self.servers[0].sockets[0].getsockname()[1])
        self._recovering = asyncio.ensure_future(self._recover())
        self._sweeper = asyncio.ensure_future(self._sweep())

    async def _recover(self) -> None:
        try:
            engine = await self._open()
        except Exception as error:  # noqa: BLE001  told by whoever runs the server
            self.failure = error
            self.should_exit = True
            return
        self.service.ready = True
        _log.info("ready", extra={"recovered": str(getattr(engine, "recovered", ""))})
        if self._opened is not None:
            self._opened(self)

    async def _open(self) -> Any:  # noqa: ANN401  the engine
        """Open all parts in order; an engine given to the server has no books, and everybody is admitted to it."""
        from tidegate.journal import LiveEngine

        service = self.service
        service.reconciling = Reconciling(self.judging, lambda: service.ledger)
        service.parts["fallbacks"] = service.reconciling
        if self._open_engine is not None:
            engine = await self.judging.start(self._open_engine)
            await service.reconciling.start()
            service.access = Everybody()
            return engine
        custody = await asyncio.to_thread(self._open_books)
        engine = await self.judging.start(
            lambda: LiveEngine.open(
                self.settings.data, self.policy, cipher=custody.cipher, options=self.settings.journal
            )
        )
        for warning in engine.recovered.warnings:
            _log.warning("found at the start: %s", warning)
        # behind the books, which it writes to: it ends before they close
        service.parts |= parts_of(service) | {"fallbacks": service.parts.pop("fallbacks")}
        for part in service.parts.values():
            await part.start()
        # where something is wrong above, nobody would be told of it
        self.first_key = await asyncio.to_thread(custody.access.first_key)
        service.access = custody.access
        return engine

    async def on_tick(self, counter: int) -> bool:
        """Stop where judging failed: recovery starts from what is known to be right."""
        if self.judging.stage == "failed" and not self.should_exit:
            self.failure = self.judging.failure
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, answer what is under way, write a checkpoint, close."""
        await super().shutdown(sockets)
        if self._sweeper is not None:
            self._sweeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._recovering
        for part in reversed(self.service.parts.values()):
            await part.stop()
        await self.judging.stop()
        self._captured_signals.clear()  # uvicorn would raise them again: we have done what they asked for

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_S)
            now = loop.time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, Protocol):
                    connection.overdue(now)
            if self._idle_s is not None and self._idle_at(now) >= self._idle_s:
                self.should_exit = True

    def _idle_at(self, now: float) -> float:
        """Return for how many seconds nobody has asked anything of a server that is ready, and nothing was under way."""
        requests = self.server_state.total_requests  # counted once they are answered
        busy = bool(self.server_state.tasks) or not self.service.ready
        if requests != self._asked[0] or not self._asked[1] or busy:
            self._asked = (requests, now)
        return now - self._asked[1]


class NobodyYet:
    """Admits nobody: whose key it is cannot be told before the books are open."""

    def admit(self, authorization: str | None, role: Any, peer: str | None = None) -> Any:  # noqa: ANN401  Grant
        """Refuse."""
        del authorization, role, peer
        raise Refused(503, "not ready", "the server is reading its journal", 2)


class Everybody:
    """Admits everybody to everything: for an engine without books."""

    def admit(self, authorization: str | None, role: Any, peer: str | None = None) -> Any:  # noqa: ANN401  Grant
        """Return a grant for everything."""
        del authorization, role, peer
        return Grant("local", "local", ("admin",))


def policy_of(settings: Settings) -> Policy:
    """Return the policy that the settings name, with their figures."""
    policy = load_policy(settings.policy)
    return with_parameters(policy, settings.parameters) if settings.parameters else policy


def serve(
    settings: Settings,
    *,
    opened: Callable[[Server], None] | None = None,
    open_engine: Callable[[], Live] | None = None,
    idle_s: float | None = None,
) -> None:
    """Run a server until it is told to stop, or idle for `idle_s`; raise TidegateError where it cannot go on."""
    gc.set_threshold(*GARBAGE)
    server = Server(settings, opened=opened, open_engine=open_engine, idle_s=idle_s)
    try:
        server.run()
    except SystemExit:  # uvicorn's way to say that the address is taken
        raise FileError(
            f"cannot listen on `{settings.host}:{settings.port}`",
            hint="another process may have the port (`--port`), or the address is none of this machine's (`--host`)",
        ) from None
    failure = server.failure
    if isinstance(failure, TidegateError | OSError):
        raise failure
    if failure is not None:
        raise TidegateError("judging failed", hint="start again: it recovers from the journal") from failure


@contextlib.asynccontextmanager
async def running(server: Server) -> AsyncIterator[Server]:
    """Run a server on this loop, for tests: ready inside, stopped behind."""
    task = asyncio.ensure_future(server.serve())
    try:
        while not (server.service.ready or server.failure or task.done()):  # noqa: ASYNC110  uvicorn has no event for it
            await asyncio.sleep(0.005)
        yield server
    finally:
        server.should_exit = True
        await task
