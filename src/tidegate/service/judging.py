"""The judging thread and the loop's side of it: what arrives while a batch is judged is the next batch.

One thread owns the live engine. The loop hands over work in lists, one hand-over per turn of the loop, and gets all that is
finished back in one call. So under load hundreds of requests share a sync of the journal and a switch of threads; a
lonely request waits for nothing.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

import msgspec

from tidegate.errors import TidegateError
from tidegate.events import decode_lines, encode_event
from tidegate.service.answer import Answer, fallback_lines
from tidegate.service.judge_thread import JudgeThread
from tidegate.service.observe.metrics import Metrics
from tidegate.service.problem import Problem
from tidegate.service.work import Call, Work

if TYPE_CHECKING:
    from tidegate.engine.account import AccountState
    from tidegate.events import EventBlock, Record
    from tidegate.service.settings import Settings

T = TypeVar("T")
Stage = Literal["recovering", "ready", "draining", "failed", "closed"]
SWEEP_S = 0.01  # how often deadlines are looked at; answers leave so much before theirs
SWITCH_S = (
    0.0005  # between threads: an answer must not wait 5 ms for a batch of decoding, nor the other way round
)


class Live(Protocol):
    """What the judging thread owns: `tidegate.journal.LiveEngine`, as far as it is used here."""

    @property
    def position(self) -> int:
        """How many events the log holds."""
        ...

    @property
    def checkpointed(self) -> int:
        """How many of them lie before the newest checkpoint."""
        ...

    def take(self, block: EventBlock) -> Any:  # noqa: ANN401  Answers of the journal
        """Make a batch durable and judge it."""
        ...

    def decision(self, event_id: str) -> bytes | None:
        """Return the first decision about an event."""
        ...

    def account(self, account_id: str, at: int | None = None) -> AccountState:
        """Return how an account stands."""
        ...

    def checkpoint(self, *, wait: bool = True) -> Any:  # noqa: ANN401  not looked at
        """Write the state down; where nobody waits, beside the judging."""
        ...

    def settle(self) -> bool:
        """Take note of a state that was written meanwhile; return whether one still is being written."""
        ...

    def close(self) -> None:
        """Let go of the folder."""
        ...


class Judging:
    """Hands work to the judging thread, and its answers back; bounds what waits; answers itself where a deadline passes."""

    def __init__(self, settings: Settings, stamp: dict[str, str], metrics: Metrics | None = None) -> None:
        self.settings = settings
        self.stamp = stamp
        self.metrics = metrics or Metrics()
        self.stage: Stage = "recovering"
        self.engine: Any = None
        self.waiting_events = 0
        self.waiting_bytes = 0
        self.watchers: list[Callable[[Any, EventBlock], None]] = []  # called on the judging thread per batch
        self.on_late: Callable[[Work], None] = lambda _: None  # judged after all, long answered
        self.failure: Exception | None = None
        self._of_key: dict[str, int] = {}
        self._incoming: list[Work | Call] = []
        self._queue: SimpleQueue[list[Work | Call] | None] = SimpleQueue()
        self._usual_s = settings.deadline_ms / 1000
        self._singles: deque[Work] = deque()  # of the usual deadline, so in order of it
        self._others: set[Work] = set()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Future[None] | None = None
        self._opened: asyncio.Future[Any] | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    # life ----------------------------------------------------------------------------------------------------
    async def start(self, open_engine: Callable[[], Live]) -> Any:  # noqa: ANN401  the engine
        """Open the engine on its thread (which may take long: it recovers) and be ready; raise what opening raises."""
        self._loop = asyncio.get_running_loop()
        self._opened, self._ended = self._loop.create_future(), self._loop.create_future()
        sys.setswitchinterval(SWITCH_S)
        thread = JudgeThread(self._queue, open_engine, self)
        self._thread = threading.Thread(target=thread.run, name="judging", daemon=True)
        self._thread.start()
        self.engine = await self._opened
        if self.stage == "recovering":
            self.stage = "ready"
        return self.engine

    async def stop(self) -> None:
        """Take nothing more, judge what waits, write a checkpoint, close the engine."""
        if self._thread is None or self._ended is None:
            return
        if self.stage in ("ready", "recovering"):
            self.stage = "draining"
        self._flush()
        self._queue.put(None)
        await self._ended
        self._thread.join()
        self._thread = None
        if self.stage != "failed":
            self.stage = "closed"

    def opened(self, engine: Any, error: Exception | None) -> None:  # noqa: ANN401  the engine
        """Tell the loop that the engine is open, or why not (called on the judging thread)."""
        self._tell(self._settle, self._opened, engine, error)

    def fail(self, error: Exception) -> None:
        """Take nothing more: the thread is about to end (called on it)."""
        self.failure, self.stage = error, "failed"

    def ended(self) -> None:
        """Tell the loop that the thread is done (called on it)."""
        self._tell(self._over)

    def _over(self) -> None:
        """Fail what the thread will not do any more."""
        self._flush()
        left: list[Work | Call] = []
        while not self._queue.empty():
            left += self._queue.get_nowait() or []
        problem = not_ready(self.stage)
        works = [one for one in left if isinstance(one, Work)]
        for work in works:
            work.failed = problem
        self._deliver(works, [(one, None, problem) for one in left if isinstance(one, Call)])
        self._settle(self._ended, None, None)

    def finished(self, works: list[Work], calls: list[tuple[Call, Any, Exception | None]]) -> None:
        """Bring what is finished back to the loop (called on the judging thread)."""
        self._tell(self._deliver, works, calls)

    def _tell(self, function: Callable[..., object], *arguments: object) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    @staticmethod
    def _settle(future: asyncio.Future[Any] | None, value: object, error: Exception | None) -> None:
        if future is None or future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(value)

    # work ----------------------------------------------------------------------------------------------------
    def time(self) -> float:
        """Return the time of the loop's clock, in s."""
        assert self._loop is not None
        return self._loop.time()

    def offer(self, work: Work) -> None:
        """Take work into the queue; raise Problem where there is no room for it, or nobody to do it."""
        if self.stage != "ready":
            raise not_ready(self.stage)
        self._check_room(work)
        self.waiting_events += work.events
        self.waiting_bytes += work.nbytes
        if work.key:
            self._of_key[work.key] = self._of_key.get(work.key, 0) + work.events
        if work.due != float("inf"):
            if work.events == 1 and abs(work.due - work.begun - self._usual_s) < SWEEP_S:
                self._singles.append(work)
            else:
                self._others.add(work)
            if self._sweeper is None:
                self._sweep()
        self._hand_over(work)

    def _check_room(self, work: Work) -> None:
        limits = self.settings
        if self.waiting_events == 0:
            return  # whatever fits into a body may be judged alone
        events = self.waiting_events + work.events
        if events > limits.queue_events or self.waiting_bytes + work.nbytes > limits.queue_bytes:
            raise Problem(503, "overloaded", "more events wait than can be judged in time", retry_after_s=1)
        own = self._of_key.get(work.key, 0)
        if work.key and own and own + work.events > limits.queue_share * limits.queue_events:
            detail = f"{own} events of this key wait already"
            raise Problem(
                429, "too-many-events", detail, retry_after_s=1, hint="wait for answers before sending more"
            )

    def _hand_over(self, work: Work | Call) -> None:
        assert self._loop is not None
        if not self._incoming:
            self._loop.call_soon(self._flush)
        self._incoming.append(work)

    def _flush(self) -> None:
        if self._incoming:
            self._queue.put(self._incoming)
            self._incoming = []

    def _deliver(self, works: list[Work], calls: list[tuple[Call, Any, Exception | None]]) -> None:
        assert self._loop is not None
        now = self._loop.time()
        answered = self.metrics.answer_s.add
        for work in works:
            answered(now - work.begun)
            self.waiting_events -= work.events
            self.waiting_bytes -= work.nbytes
            if work.key:
                left = self._of_key[work.key] - work.events
                if left:
                    self._of_key[work.key] = left
                else:
                    del self._of_key[work.key]
            self._others.discard(work)
            if work.late:
                self.on_late(work)
            else:
                work.due = 0.0
                work.finish(work)
        for call, value, error in calls:
            call.done(value, error)

    # deadlines -----------------------------------------------------------------------------------------------
    def _sweep(self) -> None:
        """Answer what is due; come again as long as anything waits."""
        assert self._loop is not None
        soon = self._loop.time() + SWEEP_S
        singles = self._singles
        while singles and singles[0].due <= soon:
            self._give_up(singles.popleft())
        for work in [work for work in self._others if work.due <= soon]:
            self._others.discard(work)
            self._give_up(work)
        waiting = singles or self._others
        self._sweeper = self._loop.call_later(SWEEP_S, self._sweep) if waiting else None

    def _give_up(self, work: Work) -> None:
        if work.due == 0.0:  # answered
            return
        work.late = True
        work.answered = list(work.outcomes)
        work.finish(work)

    # for routes ----------------------------------------------------------------------------------------------
    async def submit(
        self,
        records: Sequence[Record | Mapping[str, Any] | bytes],
        *,
        deadline_ms: int | None = None,
        key: str = "",
    ) -> list[Answer]:
        """Send events the way of all events; return their answers in order.

        An event is a record, plain data, or a line of JSON. None as deadline: wait as long as it takes; else answers that
        are not there by then are fallbacks. Raise Problem where nothing can be taken at the moment.
        """
        assert self._loop is not None
        if not records:
            return []
        future: asyncio.Future[Work] = self._loop.create_future()
        text = b"".join(_line(record) for record in records)
        begun = self._loop.time()
        due = float("inf") if deadline_ms is None else begun + deadline_ms / 1000
        work = Work(text, len(records), lambda done: self._settle(future, done, None), due, begun, key)
        self.offer(work)
        return answers_of(await future, self.settings.fallback_verdict, self.stamp)

    async def call(self, function: Callable[[Any], T]) -> T:
        """Run a function on the judging thread, with the engine, between two batches; return its result."""
        if self.stage != "ready":
            raise not_ready(self.stage)
        assert self._loop is not None
        future: asyncio.Future[T] = self._loop.create_future()
        self._hand_over(Call(function, lambda value, error: self._settle(future, value, error)))
        return await future

    async def decision(self, event_id: str) -> bytes | None:
        """Return the first decision about an event as JSON; None where there was no such event."""
        return await self.call(lambda engine: engine.decision(event_id))

    async def account(self, account_id: str, at: int | None = None) -> AccountState:
        """Return how an account stands at a time (ms; None: that of the newest event)."""
        return await self.call(lambda engine: engine.account(account_id, at))


def answers_of(work: Work, verdict: str, stamp: dict[str, str]) -> list[Answer]:
    """Return the answers to a work that is finished; raise Problem where it failed as a whole."""
    if work.failed is not None:
        known = isinstance(work.failed, Problem | OSError | TidegateError)
        raise work.failed if known else not_ready("failed")
    outcomes = work.outcomes if work.answered is None else work.answered
    answers = [Answer(one) if isinstance(one, bytes) else Answer(None, one) for one in outcomes]
    return answers + late_answers(work, len(answers), verdict, stamp) if work.late else answers


def late_answers(work: Work, begin: int, verdict: str, stamp: dict[str, str]) -> list[Answer]:
    """Return what stands in for the decisions that are not there yet, from event number `begin` on."""
    if work.decoded is not None:
        found: dict[int, Answer] = {}
        for part in work.decoded:
            _enter(found, part.block, part.rejected, verdict, stamp)
        return [found.get(number, Answer(None)) for number in range(begin + 1, work.events + 1)]
    lines = work.text.split(b"\n")[begin : work.events]
    decoded = decode_lines(lines, first_line=begin + 1)
    found = {}
    _enter(found, decoded.block, decoded.rejected, verdict, stamp)
    return [found.get(number, Answer(None)) for number in range(begin + 1, begin + 1 + len(lines))]


def _enter(
    found: dict[int, Answer], block: EventBlock, rejected: Sequence[Any], verdict: str, stamp: dict[str, str]
) -> None:
    for number, line in zip(block.lines.tolist(), fallback_lines(block, verdict, stamp), strict=True):
        found[number] = Answer(line, fallback=True)
    for one in rejected:
        found[one.line] = Answer(None, one.error)


def not_ready(stage: Stage) -> Problem:
    """Return the problem of a server that judges nothing at the moment."""
    details = {
        "recovering": "the server is reading its journal",
        "draining": "the server is stopping",
        "closed": "the server is stopping",
    }
    return Problem(503, "not-ready", details.get(stage, "the server cannot judge"), retry_after_s=2)


def _line(record: Record | Mapping[str, Any] | bytes) -> bytes:
    if isinstance(record, bytes):
        return record if record.endswith(b"\n") else record + b"\n"
    if isinstance(record, Mapping):
        return msgspec.json.encode(record) + b"\n"
    return encode_event(record) + b"\n"
