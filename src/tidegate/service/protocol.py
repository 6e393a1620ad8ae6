"""HTTP/1.1 with a short way for decisions: POST /v1/events is parsed, bounded and answered here, the rest goes to the app.

Requests of a connection are answered in order, also when they come before the answers to earlier ones. Time-outs
are no timers of each request: the server looks at all connections once a second (`overdue`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from tidegate.service.decision_route import PATH, DecisionRoute
from tidegate.service.problem import MEDIA_TYPE, Problem, too_large
from tidegate.service.request_head import (
    HEADERS,
    Head,
    check_head,
    head_too_large,
    malformed,
    too_many_headers,
    too_slow,
    without_upgrade,
)
from tidegate.service.response_head import response_head

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

_PATH = PATH.encode()
_PIPELINED_MAX = 64  # requests of one connection that wait for answers; reading pauses beyond
LINGER_S = 1.0
_ABORT_S = 5.0  # after a refusal: a client that neither reads nor closes
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(slots=True, eq=False)
class _Turn:
    """A request whose answer is due in its turn: one of ours (`written` once it is answered), or one of the app's."""

    cycle: RequestResponseCycle | None = None
    app: ASGI3Application | None = None
    written: bytes | None = None
    close: bool = False


class Protocol(HttpToolsProtocol):
    """One connection."""

    route: DecisionRoute  # set by the server, on a class of its own

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401  uvicorn's own
        super().__init__(*arguments, **named)
        self.settings = self.route.settings
        self._turns: deque[_Turn] = deque()
        self._ours = False
        self._head_bytes = 0
        self._piece_bytes = 0  # of what was received last
        self._in_head = False
        self._refused = False
        self._parts: list[bytes] = []
        self._size = 0
        self._key = ""
        self._expected = -1  # bytes of the body, as the head says; -1: it does not
        self._piece = b""  # what is being read, where it began with a request
        self._begun = 0.0  # of the request that is being read; 0: none is
        self._idle_since = self.loop.time()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection, or close it where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.settings.connections:
            self._refused = True
            transport.close()

    # reading -------------------------------------------------------------------------------------------------
    def data_received(self, data: bytes) -> None:
        """Take in bytes; uvicorn's, without its timers."""
        rest: bytes | None = data
        # many requests of one piece may ask for another protocol
        while rest is not None and not self._refused:
            rest = self._read(rest)

    def _read(self, data: bytes) -> bytes | None:
        """Read a piece; return what is to be read once more, None where that is nothing."""
        self._piece_bytes = len(data)
        if self._in_head or not self._begun:
            turns = self._turns
            if not (self._head_bytes or self._in_head or (turns and turns[-1].close)):  # between two requests
                known = self.route.heads.find(data)
                if known is not None:
                    self._take_known(*known)
                    return None
                self._piece = data
            self._head_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as asked:
            return self._keep_protocol(data[asked.args[0] :])
        except httptools.HttpParserError as error:
            if not self._refused:
                self._abort(malformed(error, data))
        in_head = self._in_head or not self._begun
        if in_head and self._head_bytes > self.settings.head_bytes and not self._refused:
            self._abort(head_too_large(self.settings.head_bytes))
        return None

    def _take_known(self, head: Head, body: bytes) -> None:
        """Take a whole request, whose head was read before (see KnownHeads)."""
        try:
            key = self.route.admit(head, self.client[0] if self.client else None)
        except Problem as problem:
            self._abort(problem)
            return
        self._take(head, body, key, close=False)

    def _keep_protocol(self, rest: bytes) -> bytes | None:
        """Return a request that asks for another protocol as one that does not (RFC 9110, 7.8); `rest` follows its head.

        Some clients ask for HTTP/2 with each first request. The parser leaves out the bodies of such requests, so they are
        read once more by another one. None: the request is refused.
        """
        if self._refused:
            return None
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._abort(Problem(501, "not-implemented", "this is no proxy"))
            return None
        head = without_upgrade(method, self.url, self.parser.get_http_version(), self.headers)
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's own
        return head + rest

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.url = b""
        self.expect_100_continue = False
        self.headers = []
        self._begun = self.loop.time()
        self._in_head = True
        self._size = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header."""
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Tell whose request it is."""
        self._in_head = False
        most, self._head_bytes = max(self._head_bytes, self._piece_bytes), 0
        if most > self.settings.head_bytes and self._head_size() > self.settings.head_bytes:
            self._abort(head_too_large(self.settings.head_bytes))
            return
        if len(self.headers) > self.settings.headers:
            self._abort(too_many_headers(self.settings.headers))
            return
        if self.parser.should_upgrade():
            return
        try:
            check_head(self.headers, self.parser.get_http_version())
        except Problem as problem:
            self._abort(problem)
            return
        if self.url == _PATH and self.parser.get_method() == b"POST":
            self._begin_ours()
            return
        self._ours, self._piece = False, b""
        headers, url = self.headers, self.url
        super().on_message_begin()
        self.scope["headers"] = self.headers = headers
        self.url = url
        self.expect_100_continue = (b"expect", b"100-continue") in headers
        self.cycle = None  # type: ignore[assignment]  # its turn is ours to give, not uvicorn's pipeline's
        try:
            super().on_headers_complete()
        except httptools.HttpParserInvalidURLError:
            self._abort(Problem(400, "bad-request", "the address is none"))

    def _head_size(self) -> int:
        """Return how long the head was: a body or other requests may have been received with it."""
        return len(self.url) + sum(len(name) + len(value) + len(b": \r\n") for name, value in self.headers)

    def _begin_ours(self) -> None:
        self._ours = True
        self._parts = []
        head = self._head = Head()
        self._expected = expected = -1
        for name, value in self.headers:
            attribute = HEADERS.get(name)
            if attribute is not None:
                setattr(head, attribute, value)
            elif name == b"content-length":
                self._expected = expected = int(value)
            elif name == b"expect":
                self.expect_100_continue = value.lower() == b"100-continue"
        try:
            self._key = self.route.admit(head, self.client[0] if self.client else None)
            if expected > self.settings.body_bytes:
                raise too_large(self.settings.body_bytes)
        except Problem as problem:
            self._abort(problem)
            return
        # never before the answers to earlier requests: it would be taken for one of them
        if self.expect_100_continue and not self._turns:
            self.transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """Take in a part of the body."""
        if self._refused:
            return
        self._size += len(body)
        if not self._ours:
            super().on_body(body)
            return
        self._parts.append(body)
        if self._size > self.settings.body_bytes:
            self._abort(too_large(self.settings.body_bytes))

    def on_message_complete(self) -> None:
        """Begin to answer."""
        if self._refused or self.parser.should_upgrade():
            return
        self._begun = 0.0
        if not self._ours:
            super().on_message_complete()
            return
        parts = self._parts
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        self._parts = []
        close = not self.parser.should_keep_alive()
        if self._piece and self._expected == len(body) and not (close or self.expect_100_continue):
            self.route.heads.learn(self._piece, self._head, body)
        self._piece = b""
        self._take(self._head, body, self._key, close=close)

    def _take(self, head: Head, body: bytes, key: str, *, close: bool) -> None:
        """Have a request answered in its turn; the connection ends behind it where `close`."""
        turn = _Turn(close=close)
        turns = self._turns
        turns.append(turn)
        if len(turns) >= _PIPELINED_MAX:
            self.flow.pause_reading()
        self.route.take(head, body, key, partial(self._answer, turn))

    # answering -----------------------------------------------------------------------------------------------
    def _answer(self, turn: _Turn, status: int, form: bytes, content: bytes, headers: dict[str, str]) -> None:
        """Write an answer as soon as it is its turn."""
        self.route.count(status)
        head = response_head(status, form, len(content), headers, close=turn.close)
        turn.written = head + content
        if self._turns and self._turns[0] is turn:
            self._advance()

    def _advance(self) -> None:
        """Write what is answered at the head of the row; start the app where it is its turn."""
        turns = self._turns
        while turns:
            turn = turns[0]
            if turn.cycle is not None:
                assert turn.app is not None
                super()._start_asgi_task(turn.cycle, turn.app)
                return
            if turn.written is None:
                return
            turns.popleft()
            self.server_state.total_requests += 1
            if self.transport.is_closing():
                return
            self.transport.write(turn.written)
            if turn.close:
                self.transport.close()
                return
        self._idle_since = self.loop.time()
        self.flow.resume_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._turns.append(_Turn(cycle, app))
        if len(self._turns) == 1:
            super()._start_asgi_task(cycle, app)
        else:
            self.flow.pause_reading()

    def on_response_complete(self) -> None:
        """Go on behind an answer of the app."""
        if self._turns and self._turns[0].cycle is not None:
            self._turns.popleft()
        if self._turns:
            self.server_state.total_requests += 1
            if not self.transport.is_closing():
                self._advance()
            return
        super().on_response_complete()
        self._unset_keepalive_if_required()
        self._idle_since = self.loop.time()

    def _abort(self, problem: Problem) -> None:
        """Answer with a problem and close: what follows on this connection cannot be told apart.

        Where earlier requests still wait for their answers they get them, and the connection ends behind the last one.
        """
        if self._refused:
            return
        self._refused = True
        self._idle_since = self.loop.time()
        cycle = self._give_up_body()
        if self._turns:
            self.shutdown()
            return
        if self.transport.is_closing():
            return
        if cycle is not None and cycle.response_started:
            self.transport.close()
            return
        self.route.count(problem.status)
        body = problem.body()
        form = MEDIA_TYPE.encode()
        self.transport.write(
            response_head(problem.status, form, len(body), problem.headers(), close=True) + body
        )
        if self.transport.can_write_eof():
            self.transport.write_eof()
        # a client that is still sending would lose the answer if we closed at once: what comes is thrown away meanwhile
        self.loop.call_later(LINGER_S, self.transport.close)

    def _give_up_body(self) -> RequestResponseCycle | None:
        """Take the turn from a request of the app whose body is still read, and return what would have answered it."""
        turns = self._turns
        if self._ours or self._in_head or not self._begun or not turns or turns[-1].cycle is not self.cycle:
            return None
        cycle = turns.pop().cycle
        assert cycle is not None
        cycle.disconnected = True
        cycle.message_event.set()
        return cycle

    # the end -------------------------------------------------------------------------------------------------
    def overdue(self, now: float) -> None:
        """Close a connection that sends too slowly, or nothing for too long."""
        limits = self.settings
        if self._refused:
            if now - self._idle_since > _ABORT_S:
                self.transport.abort()
        elif self._begun:
            waited = now - self._begun
            if self._in_head and waited > limits.head_s:
                self._abort(too_slow("the headers", limits.head_s))
            elif waited > limits.body_s + self._size / limits.body_bytes_per_s:
                self._abort(too_slow("the body", limits.body_s))
        elif not self._turns and now - self._idle_since > (
            limits.idle_s if not self._head_bytes else limits.head_s
        ):
            # what nobody reads is not waited for
            (self.transport.abort if self.transport.get_write_buffer_size() else self.transport.close)()

    def pause_writing(self) -> None:
        """Take nothing more from a client that does not read its answers."""
        super().pause_writing()
        self.flow.pause_reading()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self.flow.resume_reading()

    def shutdown(self) -> None:
        """Finish what is under way, then close."""
        if not self._turns:
            self.transport.close()
            return
        last = self._turns[-1]
        last.close = True
        if last.cycle is not None:
            last.cycle.keep_alive = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what is under way; events that were taken are judged all the same."""
        for turn in self._turns:
            if turn.cycle is not None:
                turn.cycle.disconnected = True
                turn.cycle.message_event.set()
        self._refused = True
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read as a problem too."""
        self._abort(Problem(400, "bad-request", msg.rstrip(".").lower()))


def protocol_for(route: DecisionRoute) -> type[asyncio.Protocol]:
    """Return the class of the connections of one server."""
    return type("ServerProtocol", (Protocol,), {"route": route})
