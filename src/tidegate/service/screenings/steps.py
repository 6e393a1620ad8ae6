"""A screening in steps that are kept: whatever ends the process, the next one goes on with the first step that is not done.

    list       the list read, its numbers brought to one form
    evidence   what the journal tells of them
    checks     what the checks say
    files      the files written and sealed

What a step came to is sealed and put in its place at one stroke. A file of another version of the program is no outcome: its
step is done again.
"""

from __future__ import annotations

import dataclasses
import io
import pickle
import shutil
from contextlib import nullcontext
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import msgspec

from tidegate.errors import FileError
from tidegate.replay.input_file import InputFile
from tidegate.screening.outputs.files import write_outputs
from tidegate.screening.providers.opening import opened as opened_providers
from tidegate.screening.screen import judged, known_of, pool_of
from tidegate.screening.since.earlier import earlier_of, with_observed
from tidegate.screening.stated import Stated
from tidegate.service.access.sealing import JOURNAL, Sealer, SealError
from tidegate.service.screenings.folder import ScreeningFolder
from tidegate.service.screenings.order import File, Finished, Kept, Stage
from tidegate.service.screenings.sealed_file import SealedWriter, reading
from tidegate.service.screenings.sealed_pipe import SealedPipe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tidegate.screening.lists.pool import Pool
    from tidegate.screening.screen import Asked, Known
    from tidegate.screening.since.earlier import Earlier
    from tidegate.service.screenings.order import Message, Order

LARGE = "result.ndjson"
_FORM = (4, version("tidegate"))
_PROTOCOL = 5
_COPY_BYTES = 1 << 20
# what comes of reading an outcome that another version wrote
_FOREIGN = (
    SealError,
    pickle.UnpicklingError,
    AttributeError,
    ImportError,
    LookupError,
    TypeError,
    ValueError,
    EOFError,
)
T = TypeVar("T")


class Steps:
    """Works off an order; `tell` hears how far it is."""

    def __init__(self, order: Order, tell: Callable[[Message], None]) -> None:
        self._order = order
        self._tell = tell
        self._folder = ScreeningFolder(Path(order.folder))
        self._scratch = Path(order.scratch)
        self._asked = self._as_asked()
        self._known: dict[str, Any] = {}  # objects that outcomes of later steps refer to

    def run(self) -> Finished:
        """Do what is not done yet. Raise FileError where the list cannot be screened."""
        finished = self._load("files")
        if not isinstance(finished, Finished):
            asked = self._asked
            pool = self._step(
                "list",
                lambda stage: pool_of(
                    self._folder.open_list(self._order.key, self._scratch), asked, stage=stage
                ),
            )
            self._known["pool"] = pool
            known = self._step("evidence", lambda stage: self._known_of(pool, stage))
            self._known |= {"known": known, "evidence": known.evidence}
            self._known |= {check.id: check for check in asked.checks}
            earlier = self._earlier(pool, known.at_ms)
            if earlier is not None:
                asked = dataclasses.replace(asked, earlier=earlier)
                self._known["earlier"] = earlier
            screening = self._step("checks", lambda stage: judged(pool, known, asked, stage=stage))
            finished = self._step("files", lambda stage: self._files(screening, stage))
        return finished

    def _as_asked(self) -> Asked:
        order = self._order
        sources: tuple[InputFile, ...] = ()
        if order.data is not None and order.position > 0:
            cipher = Sealer(JOURNAL, _keys(order.journal_keys))
            data = Path(order.data)
            sources = (InputFile("journal", data, "log", "", cipher, order.position),)
        asked = order.terms.asked(order.rows_max, sources)
        list_at = order.now_ms if asked.list_at_ms is None else asked.list_at_ms
        return dataclasses.replace(asked, list_at_ms=list_at, stated=Stated(order.purpose, order.basis))

    def _earlier(self, pool: Pool, at_ms: int) -> Earlier | None:
        """Return the screening to compare with. Where it is gone, or of a later time, the list's remarks say so."""
        previous = self._order.previous
        if previous is None:
            return None
        folder = ScreeningFolder(Path(previous.folder))
        read = {
            name: reading(folder.file(name), previous.key)
            for name in ("summary.json", "result.ndjson", "observed.csv")
        }
        try:
            found = earlier_of(
                read["summary.json"].read(), read["result.ndjson"], place="the screening before"
            )
            rows = io.TextIOWrapper(read["observed.csv"], "utf-8-sig", newline="")
            found = with_observed(found, rows, place="the screening before")
        except (FileNotFoundError, SealError, FileError) as error:
            pool.remarks.append(f"not compared with the screening before: {error}")
            return None
        if found.at_ms > at_ms:
            pool.remarks.append("not compared with the screening before: it is of a later time")
            return None
        return found

    # steps ----------------------------------------------------------------------------------------------------
    def _known_of(self, pool: Pool, stage: Callable[[str, int, int | None], None]) -> Known:
        """Return what list, journal and providers tell; answers that came before an interruption are in the providers' cache."""
        file = self._order.providers
        with opened_providers(Path(file)) if file is not None else nullcontext(()) as providers:
            asked = dataclasses.replace(self._asked, providers=providers)
            return known_of(pool, asked, stage=stage, clock=lambda: self._order.now_ms)

    def _files(self, screening: Any, stage: Callable[[str, int, int | None], None]) -> Finished:  # noqa: ANN401  Screening
        for path in self._scratch.glob("list.*"):
            path.unlink()
        out = self._scratch / "out"
        out.mkdir(mode=0o700)
        pipe = SealedPipe(out / LARGE, SealedWriter(self._folder.file(LARGE), self._order.key))
        try:
            summary = write_outputs(screening, out, stage=stage)
        except BaseException:
            pipe.abandon()
            raise
        stage("sealing the files", 0, None)
        pipe.finish()
        files = [self._sealed(path, pipe) for path in sorted(out.iterdir())]
        return Finished(msgspec.to_builtins(summary), files)

    def _sealed(self, path: Path, pipe: SealedPipe) -> File:
        """Return a file, sealed and in its place; it stands open no more."""
        sealed = pipe.file
        if not path.is_fifo():
            with (
                path.open("rb") as plain,
                SealedWriter(self._folder.file(path.name), self._order.key) as sealed,
            ):
                shutil.copyfileobj(plain, sealed, _COPY_BYTES)
        path.unlink()
        return File(path.name, sealed.size, sealed.sha256)

    def _step(self, name: str, make: Callable[[Callable[[str, int, int | None], None]], T]) -> T:
        """Return what a step came to: as it was kept, else made and kept."""
        found = self._load(name)
        if found is not None:
            return found  # type: ignore[no-any-return]  # what this step once made
        self._tell(Stage(name, "", 0, None))
        made = make(partial(self._stage, name))
        with SealedWriter(self._folder.step(name), self._order.key) as file:
            pickle.dump(_FORM, file, _PROTOCOL)
            (_Pickler(file, self._known) if self._known else pickle.Pickler(file, _PROTOCOL)).dump(made)
        self._tell(Kept(name))
        return made

    def _stage(self, name: str, what: str, done: int, total: int | None) -> None:
        """Tell how far a step is; of the events of the journal, we know how many there are."""
        whole = self._order.position if what == "reading events" else total
        self._tell(Stage(name, what, done, whole))

    def _load(self, name: str) -> Any:  # noqa: ANN401  what a step came to
        """Return what a step came to, None where it is not done, or was done by another version."""
        path = self._folder.step(name)
        if not path.exists():
            return None
        # it opens only where this server sealed it: nobody else can have put anything in
        with reading(path, self._order.key) as file:
            try:
                if pickle.load(file) != _FORM:  # noqa: S301  see above
                    return None
                return _Unpickler(file, self._known).load()
            except _FOREIGN:
                return None


class _Pickler(pickle.Pickler):
    """Keeps references to what earlier steps came to, not copies of it."""

    def __init__(self, file: SealedWriter, known: Mapping[str, Any]) -> None:
        super().__init__(file, _PROTOCOL)
        self._names = {id(one): name for name, one in known.items()}

    def persistent_id(self, obj: object) -> str | None:
        """Return the name of what is kept elsewhere."""
        return self._names.get(id(obj))


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BinaryIO, known: Mapping[str, Any]) -> None:
        super().__init__(file)
        self._known = known

    def persistent_load(self, pid: str) -> Any:  # noqa: ANN401  what an earlier step came to
        """Return what has a name."""
        return self._known[pid]


def _keys(keys: Mapping[int, bytes]) -> Callable[[int], tuple[int, bytes]]:
    def key_of(key_id: int) -> tuple[int, bytes]:
        if key_id not in keys:
            raise SealError(f"key {key_id} is not among those given")
        return key_id, keys[key_id]

    return key_of
