"""One attempt to deliver: resolved, looked at, signed, sent, and what came of it."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import msgspec

from tidegate.errors import TidegateError
from tidegate.service.enforcement.addresses import ForbiddenAddressError
from tidegate.service.enforcement.cloud_event import MEDIA_TYPE
from tidegate.service.enforcement.signing import signed_headers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate.service.enforcement.addresses import Addresses
    from tidegate.service.enforcement.cloud_event import Announcement

TIMEOUT_S = 10.0  # to connect, and between two bytes
WHOLE_S = 30.0  # the answer's head has to be there
GONE = 410  # the receiver wants no more: Standard Webhooks
_ERROR_LENGTH = 200


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt. `status` None: there was no answer; `asked_s` is how long the receiver asks to wait."""

    delivered: bool
    status: int | None = None
    error: str | None = None
    asked_s: float | None = None
    gone: bool = False


class Sender:
    """Sends announcements; used on one event loop. `source` names this server in the envelope."""

    def __init__(
        self,
        addresses: Addresses,
        source: str,
        now: Callable[[], int],
        *,
        verify: ssl.SSLContext | bool = True,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._addresses = addresses
        self._source = source
        self._now = now
        # no proxies and no netrc of the environment: the connection goes where it was looked at
        self._client = httpx.AsyncClient(
            timeout=timeout_s, verify=verify, follow_redirects=False, trust_env=False
        )

    async def send(self, url: str, keys: Sequence[str], announcement: Announcement) -> Outcome:
        """Make one attempt; whatever goes wrong is in the outcome."""
        body = msgspec.json.encode(announcement.event(self._source))
        message_id = str(announcement.event(self._source)["id"])
        try:
            target = await self._addresses.target(url)
            headers = {
                "Host": target.authority,
                "Content-Type": MEDIA_TYPE,
                "User-Agent": "tidegate",
                **signed_headers(keys, message_id, self._now() // 1000, body),
            }
            extensions = {"sni_hostname": target.host} if target.scheme == "https" else {}
            request = self._client.build_request(
                "POST", target.url, content=body, headers=headers, extensions=extensions
            )
            async with asyncio.timeout(WHOLE_S):
                answer = await self._client.send(request, stream=True)
                await answer.aclose()  # what it says is not read: a receiver could send for ever
        except ForbiddenAddressError as error:
            return Outcome(delivered=False, error=error.problem)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TidegateError) as error:
            said = str(error) or type(error).__name__
            return Outcome(delivered=False, error=said[:_ERROR_LENGTH].lower())
        status = answer.status_code
        if answer.is_success:
            return Outcome(delivered=True, status=status)
        asked = _seconds(answer.headers.get("retry-after"))
        return Outcome(False, status, f"answered {status}", asked, status == GONE)  # noqa: FBT003

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()


def _seconds(text: str | None) -> float | None:
    """Return the seconds of a Retry-After header; None where there is none, or it is a date."""
    return float(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 9 else None  # noqa: PLR2004  30 years
