"""Twilio Lookup v2: what sort of line a number is, and whether it is assigned at all.

`GET /v2/PhoneNumbers/{E164}?Fields=...`, basic authentication. Read is what a check of ours reads, as Twilio documents it; a
line that is off or out of reach at the moment says nothing lasting, nor does one that is active, so they stay unknown.
https://www.twilio.com/docs/lookup/v2-api
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from tidegate.screening.providers.at_once import at_once
from tidegate.screening.providers.calling import Caller, Failed
from tidegate.screening.providers.provider import Answer, Told, Unanswered
from tidegate.screening.providers.settings import PACKAGES, ProviderSettings

URL = "https://lookups.twilio.com"
_TYPES = {
    "mobile": "mobile",
    "landline": "fixed",
    "fixedVoip": "fixed",
    "nonFixedVoip": "virtual",
}  # fixedVoip has an address
_REACHABLE = {"reachable": True, "inactive": False}


class _Package(msgspec.Struct):
    type: str | None = None
    status: str | None = None
    error_code: int | None = None


class Lookup(msgspec.Struct):
    """The part of an answer that is read."""

    valid: bool | None = None
    line_type_intelligence: _Package | None = None
    line_status: _Package | None = None

    def facts(self) -> dict[str, Told]:
        """Return what it tells, under our names.

        >>> Lookup(valid=True, line_type_intelligence=_Package(type="nonFixedVoip")).facts()
        {'number_type': 'virtual'}
        """
        found: dict[str, Told] = {}
        line, status = self.line_type_intelligence, self.line_status
        if line is not None and line.error_code is None and (kind := _TYPES.get(line.type or "")):
            found["number_type"] = kind
        if status is not None and status.error_code is None and (status.status or "").lower() in _REACHABLE:
            found["is_reachable"] = _REACHABLE[(status.status or "").lower()]
        if self.valid is False:  # no carrier can have given it to anybody
            found["is_reachable"] = False
        return found


@dataclass
class TwilioLookup:
    """Asks Twilio, a request per number."""

    settings: ProviderSettings
    caller: Caller
    kind: str = "twilio-lookup-v2"

    @property
    def name(self) -> str:
        """What it is called in the results."""
        return self.settings.name

    @property
    def basis(self) -> str:
        """Why it may be asked."""
        return self.settings.basis

    @property
    def tells(self) -> frozenset[str]:
        """The facts that it can tell: those of its packages; that a number is invalid it tells for nothing."""
        return frozenset({"is_reachable", *(PACKAGES[one] for one in self.settings.packages)})

    def ask(self, numbers: Sequence[str]) -> Iterator[Answer | Unanswered]:
        """Yield one answer per number, in order."""
        yield from at_once(self._one, numbers, self.settings.limits.at_once)

    def _one(self, number: str) -> Answer | Unanswered:
        fields = {"Fields": ",".join(self.settings.packages)} if self.settings.packages else {}
        unknown = {
            int(HTTPStatus.NOT_FOUND): Lookup()
        }  # it has no such number: that tells nothing of an account
        try:
            found = self.caller.ask(
                "GET", f"/v2/PhoneNumbers/{number}", Lookup, meaning=unknown, params=fields
            )
        except Failed as error:
            return Unanswered(number, str(error), error.asked)
        return Answer(number, found.facts(), self.caller.clock.now_ms(), self.name)
