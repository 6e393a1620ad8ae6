"""Another Tidegate's standing API: tokens made together, so that it learns no number, and fetched by prefix, so that it learns no token.

1. `GET /v1/standing`: how many bits of a token may be named, what is listed.
2. `POST /v1/standing/evaluations`: blinded points there, evaluated points back.
3. `GET /v1/standing/{prefix}`: all tokens that begin so, with how their accounts stand; ours is looked for here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Literal

import msgspec

from tidegate.screening.providers.at_once import at_once
from tidegate.screening.providers.blinding import (
    PREFIX_BITS_MAX,
    Blinded,
    blind,
    prefix_of,
    unblind,
)
from tidegate.screening.providers.calling import Caller, Failed
from tidegate.screening.providers.provider import Answer, Told, Unanswered
from tidegate.screening.providers.settings import ProviderSettings

PATH = "/v1/standing"
TOGETHER = 500  # points of a request, where the platform takes so many
INCIDENTS_MAX = 1_000_000
SUSPENDED = frozenset({"suspended", "banned"})


class Terms(msgspec.Struct, frozen=True):
    """What the platform says of its API. `lists` all: who is not listed has no account there; adverse: that says nothing."""

    prefix_bits: Annotated[int, msgspec.Meta(ge=0, le=PREFIX_BITS_MAX)]
    lists: Literal["all", "adverse"]
    points_max: Annotated[int, msgspec.Meta(ge=1)]


class Evaluations(msgspec.Struct, frozen=True):
    """Evaluated points in the order of those that were sent, as hex."""

    points: list[str]


class Entry(msgspec.Struct, frozen=True):
    """How an account stands. `incidents` are from so many to so many; `incidents_most` None: any number."""

    token: str
    standing: Literal["good", "restricted", "suspended", "banned"]
    incidents: Annotated[int, msgspec.Meta(ge=0, le=INCIDENTS_MAX)]
    incidents_most: Annotated[int, msgspec.Meta(ge=0, le=INCIDENTS_MAX)] | None = None

    def facts(self) -> dict[str, Told]:
        """Return what it tells, under our names."""
        most = INCIDENTS_MAX if self.incidents_most is None else self.incidents_most
        return {
            "is_registered": True,
            "is_suspended": self.standing in SUSPENDED,
            "incidents": self.incidents,
            "incidents_most": most,
        }


class Range(msgspec.Struct, frozen=True):
    """The tokens that begin with a prefix."""

    entries: list[Entry]


@dataclass
class Standing:
    """Asks one platform."""

    settings: ProviderSettings
    caller: Caller
    kind: str = "standing"
    tells: frozenset[str] = frozenset({"is_registered", "is_suspended", "incidents"})

    @property
    def name(self) -> str:
        """What it is called in the results."""
        return self.settings.name

    @property
    def basis(self) -> str:
        """Why it may be asked."""
        return self.settings.basis

    def ask(self, numbers: Sequence[str]) -> Iterator[Answer | Unanswered]:
        """Yield one answer per number, those of one prefix together, by order of prefix: it says nothing of the pool's."""
        try:
            terms = self.caller.ask("GET", PATH, Terms)
        except Failed as error:
            yield from _unanswered(numbers, error)
            return
        by_prefix: dict[str, list[tuple[str, str]]] = defaultdict(list)
        parts = _parts(numbers, min(TOGETHER, terms.points_max))
        for made in at_once(self._tokens, parts, self.settings.limits.at_once):
            for one in made:
                if isinstance(one, Unanswered):
                    yield one
                else:
                    number, token = one
                    by_prefix[prefix_of(token, terms.prefix_bits)].append((number, token.hex()))
        wanted = sorted(by_prefix.items())
        for answers in at_once(lambda one: self._range(*one, terms), wanted, self.settings.limits.at_once):
            yield from answers

    def _tokens(self, numbers: Sequence[str]) -> list[tuple[str, bytes] | Unanswered]:
        """Return the tokens of numbers, made together with the platform."""
        blinded = [blind(number) for number in numbers]
        body = {"points": [one.point.hex() for one in blinded]}
        try:
            return _opened(
                blinded, self.caller.ask("POST", f"{PATH}/evaluations", Evaluations, json=body).points
            )
        except Failed as error:
            return list(_unanswered(numbers, error))

    def _range(
        self, prefix: str, wanted: Sequence[tuple[str, str]], terms: Terms
    ) -> list[Answer | Unanswered]:
        """Return the answers about numbers whose tokens begin with a prefix."""
        try:
            found = self.caller.ask("GET", f"{PATH}/{prefix}", Range)
        except Failed as error:
            return list(_unanswered([number for number, _ in wanted], error))
        listed = {entry.token: entry for entry in found.entries}
        absent: dict[str, Told] = {"is_registered": False} if terms.lists == "all" else {}
        at_ms = self.caller.clock.now_ms()
        return [
            Answer(number, listed[token].facts() if token in listed else absent, at_ms, self.name)
            for number, token in wanted
        ]


def _opened(blinded: Sequence[Blinded], points: Sequence[str]) -> list[tuple[str, bytes] | Unanswered]:
    try:
        return [(b.number, unblind(b, bytes.fromhex(p))) for b, p in zip(blinded, points, strict=True)]
    except ValueError:
        raise Failed("it sent something that is no answer") from None


def _parts(numbers: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    rest = iter(numbers)
    while part := list(islice(rest, size)):
        yield part


def _unanswered(numbers: Sequence[str], error: Failed) -> Iterator[Unanswered]:
    return (Unanswered(number, str(error), error.asked) for number in numbers)
