"""What a server does besides answering requests: parts that start once it is ready to judge and stop before it closes."""

from __future__ import annotations

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
    matrix = Protection(MatrixSettings.from_environment(), service.judging, service.settings.data)
    return {"ledger": bookkeeper, "matrix": matrix}


def _opened(service: Service) -> Ledger:
    """Open the ledger: at the URL of the settings, else in the data folder."""
    from tidegate.ledger import Ledger
    from tidegate.ledger.ledger import FILE

    if service.ledger is not None:
        return service.ledger
    settings = service.settings
    service.ledger = Ledger.open(settings.database or settings.data / FILE, service.policy)
    return service.ledger
