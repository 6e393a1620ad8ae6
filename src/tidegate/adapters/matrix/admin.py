"""Synapse's admin API, as much of it as enforcing and observing needs; every act can be undone but deactivation."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote

import httpx

from tidegate.errors import SynapseError

TIMEOUT_S = 10.0
PAGE = 100
Reports = Literal["event_reports", "user_reports"]


class SynapseAdmin:
    """A client of one homeserver. `token` is that of an admin account; it appears in no message and no log."""

    def __init__(self, url: str, token: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{url.rstrip('/')}/_synapse/admin",
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    # measures ---------------------------------------------------------------------------------------------------
    async def limit_messages(self, user: str, per_second: int, burst: int) -> None:
        """Let a user send so many messages a second, `burst` of them at once; whole numbers, 0 would be no limit."""
        assert per_second > 0 < burst, "0 takes the limit away"
        limits = {"messages_per_second": per_second, "burst_count": burst}
        await self._call("POST", f"/v1/users/{_path(user)}/override_ratelimit", limits)

    async def unlimit_messages(self, user: str) -> None:
        """Give a user the limits of everybody back."""
        await self._call("DELETE", f"/v1/users/{_path(user)}/override_ratelimit")

    async def suspend(self, user: str, *, on: bool) -> None:
        """Forbid a user to send, invite, join and change the profile, or allow it again; reading and leaving stay."""
        await self._call("PUT", f"/v1/suspend/{_path(user)}", {"suspend": on})

    async def lock(self, user: str, *, on: bool) -> None:
        """Shut a user out, keeping sessions for the day of unlocking."""
        await self._call("PUT", f"/v2/users/{_path(user)}", {"locked": on})

    async def deactivate(self, user: str) -> None:
        """Close an account for good. This cannot be undone."""
        await self._call("POST", f"/v1/deactivate/{_path(user)}", {"erase": False})

    # observation ------------------------------------------------------------------------------------------------
    async def reports(self, kind: Reports, start: int) -> list[dict[str, Any]]:
        """Return a page of reports, oldest first, from number `start` on."""
        found = await self._call("GET", f"/v1/{kind}?dir=f&from={start}&limit={PAGE}")
        return [row for row in found.get(kind, []) if isinstance(row, dict)]

    async def users(self, start: int) -> list[dict[str, Any]]:
        """Return a page of local users by their creation, oldest first, from number `start` on."""
        query = f"order_by=creation_ts&dir=f&from={start}&limit={PAGE}&deactivated=true&locked=true"
        found = await self._call("GET", f"/v2/users?{query}")
        return [row for row in found.get("users", []) if isinstance(row, dict)]

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        place = f"{method} {path.partition('?')[0]}"
        try:
            answer = await self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            problem = f"the homeserver did not answer: {type(error).__name__}"
            raise SynapseError(
                problem, place=place, hint="check `admin_url`, and that the homeserver runs"
            ) from None
        if answer.is_error:
            problem = f"the homeserver refused with {answer.status_code}: {_errcode(answer)}"
            raise SynapseError(problem, place=place, hint="check that the token is that of a server admin")
        found = answer.json() if answer.content else {}
        return found if isinstance(found, dict) else {}


def _errcode(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("errcode", ""))[:100]
    except (ValueError, AttributeError):
        return "no reason given"


def _path(user: str) -> str:
    return quote(user, safe="")
