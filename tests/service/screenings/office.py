"""The screenings of a data folder without a server around them, and the work on them in processes that start quickly."""

import asyncio
import contextlib
import errno
import io
import multiprocessing
import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from tests.service.waiting import eventually

from tidegate.ledger import Ledger
from tidegate.service.access.custody import Custody
from tidegate.service.screenings import sealed_file, steps, worker
from tidegate.service.screenings.order import line_of, messages
from tidegate.service.screenings.screening import OPEN, STEPS
from tidegate.service.screenings.screenings import Screenings
from tidegate.service.screenings.terms import Terms
from tidegate.service.settings import Settings

AT = 1_772_443_800_000  # 2026-03-02T09:30:00Z
NUMBERS = [f"+49151234567{n:02}" for n in range(40)]
LIST = (
    "number,remark,registered at,last active,avatar,signature,warnings\n"
    + "".join(
        f"{number},customer {n},2023-05-{1 + n % 28:02},2026-02-20,yes,{'no' if n % 3 else 'yes'},{n % 4 // 3}\n"
        for n, number in enumerate(NUMBERS)
    )
).encode()


# one process that has imported everything already, and is forked for each piece of work
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["tests.service.screenings.office", "tidegate.screening.outputs.files", "typst", "pytest"]
)


class Forked:
    """The work on an order in a real process that starts quickly; `before` is done in it first."""

    def __init__(self, order, before=None):
        self.source, sink = _context.Pipe(duplex=False)
        self.process = _context.Process(target=_carry_out, args=(order, sink, before), daemon=True)
        self.process.start()
        sink.close()

    def messages(self):
        with contextlib.suppress(EOFError):
            while True:
                yield from messages(io.BytesIO(self.source.recv_bytes()))
        self.process.join()

    def end(self):
        self.process.kill()


def _carry_out(order, sink, before):
    if before is not None:
        before()
    worker.work(order, lambda message: sink.send_bytes(line_of(message)))


class Fatal:
    """Starts work that kills itself at chosen moments, one after the other, and then work that does not.

    A moment is a step and where in it: before it, in its midst, or when its outcome is about to be put in its place.
    """

    def __init__(self, moments):
        self.moments = list(moments)
        self.died = []
        self.begun = []

    def __call__(self, order):
        self.begun.append(sorted(path.name for path in Path(order.folder).glob("*.step.sealed")))
        if not self.moments:
            return Forked(order)
        self.died.append(self.moments.pop(0))
        return Forked(order, Arm(*self.died[-1]))


@dataclass(frozen=True)
class Arm:
    """Has the process kill itself at a moment."""

    step: str
    where: str

    def __call__(self):
        whole, close = steps.Steps._step, sealed_file.SealedWriter.close

        def stepped(this, name, make):
            if name == self.step and self.where == "before":
                die()
            if name == self.step and self.where == "within":
                return whole(this, name, lambda stage: (make(stage), die()))
            return whole(this, name, make)

        def closed(this):
            if self.where == "at the end" and this.path.name == f"{self.step}.step.sealed":
                die()
            return close(this)

        steps.Steps._step, sealed_file.SealedWriter.close = stepped, closed


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class Holding:
    """Starts work that stops in a step until it is killed."""

    def __init__(self, step):
        self.step = step
        self.count = 0
        self.seen = 0

    def __call__(self, order):
        self.count += 1
        return Forked(order, Hold(self.step))

    def began(self):
        """Whether work has begun since the last time that was true."""
        if self.count == self.seen:
            return False
        self.seen = self.count
        return True


@dataclass(frozen=True)
class Fail:
    """Has the process find the disk full when files are written, or make a mistake in another step."""

    step: str

    def __call__(self):
        whole = steps.Steps._step

        def stepped(this, name, make):
            if name != self.step:
                return whole(this, name, make)
            if name == "files":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), f"/dev/shm/{NUMBERS[0]}")  # noqa: S108  made up
            raise ValueError(f"what to do with `{NUMBERS[0]}`?")

        steps.Steps._step = stepped


@dataclass(frozen=True)
class Hold:
    """Has the process stop in a step."""

    step: str

    def __call__(self):
        whole = steps.Steps._step

        def stepped(this, name, make):
            if name != self.step:
                return whole(this, name, make)
            return whole(this, name, lambda stage: (stage("holding", 1, 2), time.sleep(600)))

        steps.Steps._step = stepped


def seeded_moments(seed):
    """A moment in each step."""
    chance = random.Random(seed)
    return [(step, chance.choice(["before", "within", "at the end"])) for step in STEPS]


class Office:
    """Screenings of a data folder; `enter` has a list screened, `wait` waits until it is over."""

    def __init__(self, url, folder, *, launch=Forked, start=True, **settings):
        self.folder = folder
        self.ledger = Ledger.open(url)
        self.custody = Custody.open(folder, self.ledger.database)
        self.screenings = Screenings(
            self.custody, Settings(data=folder, **settings), launch=launch, pause_s=0.01
        )
        self.book = self.screenings.book
        self.started = start
        if start:
            asyncio.run(self.screenings.start())

    def enter(self, content=LIST, terms=None, notify=None, position=0, **more):
        """Put a list in the queue; return the id."""
        upload = self.screenings.upload()

        async def parts():
            yield content

        assert asyncio.run(upload.take(parts(), bytes_max=1 << 30))
        sealed = upload.sealed.__class__(
            **{name: getattr(upload.sealed, name) for name in upload.sealed.__struct_fields__}
            | {"notify": notify}
        )
        given = {"purpose": "a test", "basis": "consent", "by": "ann#1"} | more
        assert self.screenings.enter(
            upload.id, sealed, terms or Terms(at_ms=AT, list_at_ms=AT), position=position, **given
        )
        return upload.id

    def wait(self, screening_id, until=lambda found: found.state not in OPEN):
        """Return a screening once it is as wanted."""
        return eventually(lambda: found if until(found := self.book.found(screening_id)) else None)

    def contents(self, screening_id):
        """Return all files that a screening gave."""
        found = self.book.found(screening_id)
        return {
            file.name: b"".join(self.screenings.content_of(found, file.name)[1])
            for file in found.sealed.files
        }

    def bytes_on_disk(self):
        """Return everything on the disk: the data folder, the database."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.parent.rglob("*")) if path.is_file())

    def left_of(self, screening_id):
        """Return the names of the files of a screening that is over, once nobody works on it any more."""
        self.screenings.runner.stop()
        folder = self.folder / "screenings" / screening_id
        return sorted(path.name for path in folder.rglob("*")) if folder.exists() else None

    def close(self):
        if self.started:
            asyncio.run(self.screenings.stop())
        self.ledger.close()
