"""The screenings of a data folder without a server around them, and the work on them in processes that are forked, not started."""

import asyncio
import os
import random
import signal
import time
import warnings
from pathlib import Path

from tidegate.ledger import Ledger
from tidegate.service.access.custody import Custody
from tidegate.service.screenings import sealed_file, steps, worker
from tidegate.service.screenings.order import messages
from tidegate.service.screenings.screening import OPEN
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
WAIT_S = 60


class Forked:
    """The work on an order in a fork of this process: what is imported already need not be imported again."""

    def __init__(self, order, before=lambda: None):
        source, sink = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of later versions of Python: the other threads hold nothing the work needs
            self.pid = os.fork()
        if self.pid == 0:
            os.close(source)
            try:
                before()
                worker.work(order, worker.Teller(os.fdopen(sink, "wb")))
            finally:
                os._exit(0)
        os.close(sink)
        self.source = source

    def messages(self):
        with os.fdopen(self.source, "rb") as lines:
            yield from messages(lines)
        os.waitpid(self.pid, 0)

    def end(self):
        os.kill(self.pid, signal.SIGKILL)


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
        return Forked(order, lambda: self._arm(*self.died[-1]))

    def _arm(self, step, where):
        whole = steps.Steps._step

        def stepped(self, name, make):
            if name == step and where == "before":
                die()
            if name == step and where == "within":
                return whole(self, name, lambda stage: (make(stage), die()))
            return whole(self, name, make)

        def closed(self):
            if where == "at the end" and self.path.name == f"{step}.step.sealed":
                die()
            return close(self)

        close = sealed_file.SealedWriter.close
        steps.Steps._step, sealed_file.SealedWriter.close = stepped, closed


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def seeded_moments(seed):
    """A moment in each step."""
    chance = random.Random(seed)
    return [(step, chance.choice(["before", "within", "at the end"])) for step in steps.STEPS]


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
        assert self.screenings.enter(upload.id, sealed, terms or Terms(at_ms=AT), position=position, **given)
        return upload.id

    def wait(self, screening_id, until=lambda found: found.state not in OPEN):
        """Return a screening once it is as wanted."""
        give_up = time.monotonic() + WAIT_S
        while not until(found := self.book.found(screening_id)):
            assert time.monotonic() < give_up, found
            time.sleep(0.005)
        return found

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
