"""One homeserver under protection: what the server does for it besides answering callbacks.

Measures that open, change or end are carried out; reports and registrations are polled. Both go on trying where the
homeserver is away, and neither holds an answer up.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidegate.adapters.matrix.admin import SynapseAdmin
from tidegate.adapters.matrix.callbacks import Event, Translator
from tidegate.adapters.matrix.enforcement import Enforcer
from tidegate.adapters.matrix.memory import HomeserverMemory
from tidegate.adapters.matrix.reports import Poller
from tidegate.adapters.matrix.rooms import RoomBook
from tidegate.adapters.matrix.wanted import RunningMeasure, Wanted, wanted
from tidegate.clock import now_ms
from tidegate.engine.standing import ENDLESS
from tidegate.errors import TidegateError
from tidegate.service.access.secret_files import write_private

if TYPE_CHECKING:
    from tidegate.adapters.matrix.settings import MatrixSettings
    from tidegate.engine.account import AccountState
    from tidegate.service.judging import Judging

RETRY_MS = 2000  # after the homeserver did not do what we asked
TICK_S = 0.5  # how soon after its end a measure is taken back
BOOKED_MS = 1000  # until the books hold what happened
KEY_BYTES = 32
_log = logging.getLogger("tidegate.matrix")


class Protection:
    """Belongs to one running server and one homeserver; `folder` is the data folder.

    `confirmed` says whether a person has confirmed the measure with an id.
    """

    def __init__(
        self,
        settings: MatrixSettings,
        judging: Judging,
        folder: Path,
        confirmed: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self.settings = settings
        self.translator = Translator(content_key(folder / "keys"), RoomBook())
        self._judging = judging
        self._confirmed = confirmed
        self._folder = folder
        self._due: dict[str, int] = {}  # user -> when to look at the account again
        self._turn = threading.Lock()  # of who changes that: the judging thread, or the loop
        self._under: dict[str, str] = {}  # measure -> user against whom it runs
        self._names: dict[str, tuple[str, ...]] = {}  # user -> these measures
        self._noting: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._memory: HomeserverMemory | None = None

    def _watch(self, answers: Any, _block: Any) -> None:  # noqa: ANN401  of the journal; called on the judging thread
        """Note accounts whose measures a batch changed; they are looked at within TICK_S."""
        for found in answers.happened:
            decision = found.decision
            with self._turn:
                if decision.account_id is not None and decision.sanctions:
                    self._due[decision.account_id] = 0
                elif decision.account_id is not None and decision.type == "sanction_applied":
                    # a person confirmed one, perhaps: see what the books say
                    self._due[decision.account_id] = now_ms() + BOOKED_MS
                for moved in decision.moved:
                    if (user := self._under.get(moved.id)) is not None:
                        self._due[user] = 0

    async def start(self) -> None:
        """Begin to enforce and to poll, where an admin API is set."""
        if not self.settings.admin_url:
            return
        self._judging.watchers.append(self._watch)
        self._memory = memory = HomeserverMemory(self._folder / "matrix.sqlite")
        admin = SynapseAdmin(self.settings.admin_url, self.settings.admin_token)
        enforcer = Enforcer(admin, memory, server_name=self.settings.server_name)
        poller = Poller(admin, memory, self._take)
        self._due |= dict.fromkeys(memory.users(), 0)  # what changed while we were away
        self._tasks = [
            asyncio.create_task(_forever(lambda: self._enforce(enforcer), TICK_S), name="matrix-enforcing"),
            asyncio.create_task(
                _forever(lambda: self._poll(poller), self.settings.poll_s), name="matrix-polling"
            ),
        ]

    async def stop(self) -> None:
        """Stop both; what was not carried out is after the next start."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._tasks = []
        if self._memory is not None:
            self._memory.close()
            self._memory = None

    def forget(self, account_id: str, _names: Mapping[str, str]) -> None:
        """Forget an account that is erased; what is set on it at the homeserver stays until somebody takes it off."""
        self._due.pop(account_id, None)
        for name in self._names.pop(account_id, ()):
            self._under.pop(name, None)
        if self._memory is not None:
            self._memory.forget(account_id)

    # one round of each ------------------------------------------------------------------------------------------
    def note(self, events: list[Event]) -> None:
        """Take in what a callback tells besides what it asks: nobody waits for it."""
        task = asyncio.create_task(self._noted(events))
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    async def _noted(self, events: list[Event]) -> None:
        try:
            await self._take(events)
        except Exception as error:  # noqa: BLE001  a full queue, a server that stops: what was asked is answered
            _log.warning("not noted: %s", error)

    async def _take(self, events: list[Event]) -> None:
        for answer in await self._judging.submit(events):
            if answer.error is not None:
                _log.warning("an event of the homeserver was refused: %s", answer.error)

    async def _poll(self, poller: Poller) -> None:
        await poller.poll(now_ms())

    async def _wanted(self, state: AccountState) -> Wanted:
        """Return how a user should be by the measures that run against the account."""
        running = {measure.id: measure for one in state.restrained.values() for measure in one.measures}
        deactivating = self.settings.deactivating
        confirmed = {
            id_ for id_, measure in running.items()
            if deactivating and permanent(measure) and await asyncio.to_thread(self._confirmed, id_)
        }  # fmt: skip
        return wanted(
            (
                RunningMeasure(
                    measure.sanction,
                    measure.effect,  # type: ignore[arg-type]  # a measure's effect is a word of the policy
                    frozenset(measure.capability),
                    measure.level,
                    float(measure.rate) if measure.rate else None,
                    permanent=permanent(measure),
                    confirmed=id_ in confirmed,
                )
                for id_, measure in running.items()
            ),
            deactivating=deactivating,
        )

    async def _enforce(self, enforcer: Enforcer) -> None:
        now = now_ms()
        for user in [user for user, due in list(self._due.items()) if due <= now]:
            again = self._due[user] = now + RETRY_MS  # whatever goes wrong below, the user is looked at again
            state = await self._judging.account(user, now)
            await enforcer.bring(user, await self._wanted(state))
            self._know(user, state)
            self._done_with(user, again, next_end(state))

    def _done_with(self, user: str, again: int, end: int | None) -> None:
        """Look at a user again only when the next measure ends, unless something happened since `again` was set."""
        with self._turn:
            if self._due.get(user) == again:
                del self._due[user]
            if end is not None:
                self._due.setdefault(user, end)

    def _know(self, user: str, state: AccountState) -> None:
        """Know by which ids the measures against a user may be lifted, as long as they run."""
        for name in self._names.pop(user, ()):
            self._under.pop(name, None)
        running = [measure for one in state.restrained.values() for measure in one.measures]
        names = tuple(name for measure in running for name in (measure.id, *measure.answers))
        if names:
            self._names[user] = names
            self._under |= dict.fromkeys(names, user)


async def _forever(work: Callable[[], Awaitable[None]], pause_s: float) -> None:
    """Do the work again and again; what the homeserver refuses is said and tried later."""
    while True:
        try:
            await work()
        except TidegateError as error:
            _log.warning("%s", error)
        except Exception:  # noqa: BLE001  a bug here must not end the protection of everybody
            _log.exception("protecting the homeserver failed; going on")
        await asyncio.sleep(pause_s)


def next_end(state: AccountState) -> int | None:
    """Return when the next of the measures ends; None where none does."""
    ends = [
        m.until for restrained in state.restrained.values() for m in restrained.measures if not permanent(m)
    ]
    return min(ends, default=None)


def permanent(measure: Any) -> bool:  # noqa: ANN401  a running measure of the engine
    """Whether a measure has no end of its own."""
    return bool(measure.until >= ENDLESS)


def content_key(folder: Path) -> bytes:
    """Return the key of the hashes of links and addresses; it is made at the first start and must be kept."""
    file = folder / "content.key"
    if not file.exists():
        write_private(file, secrets.token_bytes(KEY_BYTES))
    return file.read_bytes()
