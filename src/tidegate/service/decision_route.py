"""POST /v1/events: one event, lines or Arrow in; decisions out in the same form and order. Knows no sockets.

Both ways in end here: the protocol, which parses these requests itself, and the ASGI app, for whoever mounts it elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.errors import TidegateError
from tidegate.events import decode_event, encode_event
from tidegate.service import arrow_batch
from tidegate.service.access.grant import Refused
from tidegate.service.answer import Answer
from tidegate.service.judging import answers_of
from tidegate.service.known_heads import KnownHeads
from tidegate.service.problem import MEDIA_TYPE, Problem, of_error, of_refusal, too_large, too_many
from tidegate.service.request_head import Head
from tidegate.service.unpack import unpacked
from tidegate.service.work import Work

if TYPE_CHECKING:
    from tidegate.service.state import Service

PATH = "/v1/events"
JSON, NDJSON = b"application/json", b"application/x-ndjson"
ARROW = b"application/vnd.apache.arrow.stream"
_FORMS = {
    JSON: JSON,
    NDJSON: NDJSON,
    b"application/ndjson": NDJSON,
    b"application/jsonl": NDJSON,
    ARROW: ARROW,
}
TOLD_EVERY_S = 10.0  # how often the log tells that events are refused
_log = logging.getLogger("tidegate.server")
_FEW = 2000  # events that are answered one by one in a moment: about 20 ms
_ACCEPTED = "application/json, application/x-ndjson, application/vnd.apache.arrow.stream"

# status, content type, body, further headers
Reply = Callable[[int, bytes, bytes, dict[str, str]], None]


class DecisionRoute:
    """Answers requests for decisions: `reply` is called once for each, now or later, on the loop."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.judging = service.judging
        self.settings = service.settings
        self.heads = KnownHeads()
        self._requests = service.metrics.requests
        self._wait_s = self.settings.deadline_ms / 1000
        self._more_s = self.settings.deadline_us_per_event / 1e6
        self._told_s = -TOLD_EVERY_S

    def count(self, status: int) -> None:
        """Count an answer."""
        self._requests[PATH, status] += 1

    def admit(self, head: Head, peer: str | None) -> str:
        """Return who is calling; raise Problem where the caller may not send events. For before the body is read.

        `peer` is the address at the other end of the connection, None where it has none.
        """
        try:
            authorization = head.authorization.decode("latin-1") if head.authorization else None
            return self.service.access.admit(authorization, "ingest", peer).key_id
        except Refused as refused:
            raise of_refusal(refused) from None

    def take(self, head: Head, body: bytes, key: str, reply: Reply) -> None:
        """Take a complete request of a caller who was admitted."""
        try:
            form = self._form(head)
            if head.encoding and head.encoding != b"identity":
                self._unpack(head, body, key, reply)
            elif form is JSON:
                self._single(head, body, key, reply)
            elif form is NDJSON:
                self._lines(head, body, key, reply)
            else:
                self._arrow(head, body, key, reply)
        except Problem as problem:
            refuse(problem, reply)

    def _form(self, head: Head) -> bytes:
        form = _FORMS.get(head.content_type)
        if form is None:
            form = _FORMS.get(head.content_type.partition(b";")[0].strip().lower())
        if form is None:
            given = head.content_type.decode("latin-1")[:100]
            raise Problem(
                415,
                "unsupported-media-type",
                f"`{given}` is not read here" if given else "the request does not say what it holds",
                field="Content-Type",
                hint=f"one of {_ACCEPTED}",
            )
        return form

    # one event -----------------------------------------------------------------------------------------------
    def _single(self, head: Head, body: bytes, key: str, reply: Reply) -> None:
        if len(body) > self.settings.event_bytes:
            raise too_large(self.settings.event_bytes)
        if b"\n" in body or not body:
            body = _one_line(body)
        begun = self.judging.time()
        due = begun + (self._asked_s(head.prefer) or self._wait_s)

        def finish(work: Work) -> None:
            if not work.late and work.failed is None:
                one = work.outcomes[0]
                if one.__class__ is bytes:
                    reply(200, JSON, one, _NONE)
                    return
            self._answer_one(work, reply)

        self.judging.offer(Work(body + b"\n", 1, finish, due, begun, key))

    def _answer_one(self, work: Work, reply: Reply) -> None:
        try:
            answer = answers_of(work, self.settings.fallback_verdict, self.judging.stamp)[0]
            if answer.line is None:
                raise of_error(answer.error or decode_error())
        except Problem as problem:
            refuse(problem, reply)
        except (OSError, TidegateError) as error:
            self._refuse_all(error, reply)
        else:
            reply(200, JSON, answer.line, _NONE)

    # lines ---------------------------------------------------------------------------------------------------
    def _lines(self, head: Head, body: bytes, key: str, reply: Reply) -> None:
        if body.startswith(b"\xef\xbb\xbf"):
            body = body[3:]
        if not body.endswith(b"\n"):
            body += b"\n"
        count = body.count(b"\n")
        if count > self.settings.batch_events:
            raise too_many(self.settings.batch_events)
        self._batch(head, Work(body, count, _nothing, key=key), reply, lines_body, NDJSON)

    def _batch(
        self,
        head: Head,
        work: Work,
        reply: Reply,
        written: Callable[[list[Answer]], bytes],
        form: bytes,
    ) -> None:
        loop = asyncio.get_running_loop()
        whole: Callable[[list[Any]], bytes] = b"".join if form is NDJSON else arrow_batch.of_lines
        work.begun = self.judging.time()
        work.due = work.begun + (self._asked_s(head.prefer) or self._wait_s + work.events * self._more_s)

        def beside(*answer: Any) -> None:  # noqa: ANN401  of a Reply
            loop.call_soon_threadsafe(reply, *answer)

        def finish(done: Work) -> None:
            if not done.late and done.failed is None:
                try:
                    reply(200, form, whole(done.outcomes), _NONE)
                except TypeError:  # some line has no decision
                    pass
                else:
                    return
            if done.events <= _FEW:
                self._answer_each(done, written, form, reply)
            else:  # what takes so long must not hold up the answers to others
                loop.run_in_executor(None, self._answer_each, done, written, form, beside)

        work.finish = finish
        self.judging.offer(work)

    def _answer_each(
        self, done: Work, written: Callable[[list[Answer]], bytes], form: bytes, reply: Reply
    ) -> None:
        """Answer a batch of which not every line has a decision."""
        try:
            answers = answers_of(done, self.settings.fallback_verdict, self.judging.stamp)
            reply(200, form, written(answers), _NONE)
        except Problem as problem:
            refuse(problem, reply)
        except (OSError, TidegateError) as error:
            self._refuse_all(error, reply)

    # Arrow, and what was packed ------------------------------------------------------------------------------
    def _arrow(self, head: Head, body: bytes, key: str, reply: Reply) -> None:
        """Read the columns beside the loop, then judge them."""
        loop, limits = asyncio.get_running_loop(), self.settings
        future = loop.run_in_executor(None, arrow_batch.read, body, limits.body_bytes, limits.batch_events)

        def read(done: asyncio.Future[arrow_batch.Batch]) -> None:
            try:
                batch = done.result()
                work = Work(b"", batch.rows, _nothing, key=key, decoded=batch.parts)
                if not batch.rows:
                    reply(200, ARROW, arrow_batch.written([]), _NONE)
                    return
                self._batch(head, work, reply, arrow_batch.written, ARROW)
            except Problem as problem:
                refuse(problem, reply)
            except TidegateError as error:
                refuse(of_error(error), reply)

        future.add_done_callback(read)

    def _unpack(self, head: Head, body: bytes, key: str, reply: Reply) -> None:
        """Unpack beside the loop, no more than a body may have, then go on as usual."""
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(None, unpacked, body, head.encoding, self.settings.body_bytes)

        def read(done: asyncio.Future[bytes]) -> None:
            try:
                plain = Head(head.content_type, b"", head.authorization, head.prefer)
                self.take(plain, done.result(), key, reply)
            except Problem as problem:
                refuse(problem, reply)

        future.add_done_callback(read)

    def _refuse_all(self, error: Exception, reply: Reply) -> None:
        """Refuse what could not be made durable, and tell the operator from time to time."""
        if self.judging.time() >= self._told_s + TOLD_EVERY_S:
            self._told_s = self.judging.time()
            _log.error(
                "events are refused: the journal cannot be written", extra={"error": type(error).__name__}
            )
        refuse(not_durable(), reply)

    def _asked_s(self, prefer: bytes) -> float:
        """Return how long the caller would wait (`Prefer: wait=5`, RFC 7240), in s; 0 where it does not say."""
        if not prefer:
            return 0.0
        return min(_wait_of(prefer), self.settings.deadline_ms_max / 1000)


_NONE: dict[str, str] = {}


@lru_cache(maxsize=256)  # senders say the same thing all the time
def _wait_of(prefer: bytes) -> float:
    for preference in prefer.split(b","):
        name, _, value = preference.strip().partition(b"=")
        if name == b"wait" and value.isdigit() and len(value) <= 6:  # noqa: PLR2004  11 days
            return max(int(value), 0.001)
    return 0.0


def refuse(problem: Problem, reply: Reply) -> None:
    """Answer with a problem."""
    reply(problem.status, MEDIA_TYPE.encode(), problem.body(), problem.headers())


def not_durable() -> Problem:
    """Return the problem of events that could not be written to the journal: they were not judged."""
    return Problem(503, "not-durable", "the journal cannot be written; nothing was decided", retry_after_s=10)


def decode_error() -> TidegateError:
    """Return the error of a body without an event."""
    return TidegateError("the body holds no event", hint='send one: `{"event_id": ..., "type": ...}`')


def lines_body(answers: list[Answer]) -> bytes:
    """Return the answers to lines: decisions, and in the place of a bad line its number and what is wrong with it."""
    parts: list[bytes] = []
    for number, answer in enumerate(answers, 1):
        if answer.line is not None:
            parts.append(answer.line)
        elif answer.error is not None:
            problem = {"line": number, "error": of_error(answer.error).data()}
            parts.append(msgspec.json.encode(problem) + b"\n")
    return b"".join(parts)


def _one_line(body: bytes) -> bytes:
    """Return an event that was written over several lines on one; raise Problem where it is none."""
    if not body.strip():
        raise of_error(decode_error())
    try:
        return encode_event(decode_event(body))
    except TidegateError as error:
        raise of_error(error) from None


def _nothing(work: Work) -> None:
    del work
