"""What a server does besides answering requests: parts that start once it is ready to judge and stop before it closes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tidegate.ledger import Ledger
    from tidegate.service.state import Service


class Part(Protocol):
    """Something with a life of its own beside the requests."""

    async def start(self) -> None:
        """Begin; what fails later is said in the log and tried again, never thrown at a request."""
        ...

    async def stop(self) -> None:
        """End; whatever was not done is done after the next start."""
        ...


def parts_of(service: Service) -> dict[str, Part]:
    """Return the parts of a server by name, in the order in which they start."""
    from tidegate.adapters.matrix.protection import Protection
    from tidegate.adapters.matrix.settings import MatrixSettings
    from tidegate.service.bookkeeper import Bookkeeper

    bookkeeper = Bookkeeper(service.judging, lambda: _opened(service))
    matrix = Protection(
        MatrixSettings.from_environment(),
        service.judging,
        service.settings.data,
        partial(_confirmed, service),
    )
    parts: dict[str, Part] = {"ledger": bookkeeper, "matrix": matrix}
    return parts | _telling(service) | _standing(service)


def _confirmed(service: Service, measure_id: str) -> bool:
    """Whether a person has confirmed a measure, by the books."""
    from tidegate.ledger.measures import found

    if service.ledger is None:
        return False
    with service.ledger.reading() as connection:
        return any(row["confirmed_at"] is not None for row in found(connection, measure_id))


def _telling(service: Service) -> dict[str, Part]:
    """Return the parts that tell others of measures, erase accounts and screen pools; a server without books has none."""
    from tidegate.service.access import erasing
    from tidegate.service.enforcement.enforcement import PART, Enforcement
    from tidegate.service.screenings import schedules, screenings

    if service.custody is None or service.ledger is None:
        return {}
    settings = service.settings
    enforcement = Enforcement(
        service.custody,
        source=settings.source,
        allow=settings.webhook_allow,
        live=settings.enforcement == "live",
        event_time=lambda: service.judging.engine.engine.newest,
    )
    service.ledger.also += [service.custody.identifiers.take, lambda *_: enforcement.wake()]
    screened = screenings.Screenings(service.custody, settings)
    position = partial(screenings.evidence_until, service.judging)
    return {
        PART: enforcement,
        erasing.PART: erasing.Erasing(service, service.custody),
        screenings.PART: screened,
        schedules.PART: schedules.Schedules(screened, position, service.custody.now),
    }


def _standing(service: Service) -> dict[str, Part]:
    """Return the part that tells others how holders of numbers stand; nobody is told unless the operator says so."""
    from tidegate.service.standing.terms import PART, Offer

    settings = service.settings
    if settings.standing == "off" or service.custody is None:
        return {}
    everybody = settings.standing == "all"
    return {PART: Offer(service.judging, service.custody, everybody, settings.standing_per_day)}


def _opened(service: Service) -> Ledger:
    """Open the ledger: at the URL of the settings, else in the data folder."""
    from tidegate.ledger import Ledger
    from tidegate.ledger.ledger import FILE

    if service.ledger is not None:
        return service.ledger
    settings = service.settings
    service.ledger = Ledger.open(settings.database or settings.data / FILE, service.policy)
    return service.ledger
