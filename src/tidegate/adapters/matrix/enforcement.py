"""Lasting measures carried out on the homeserver, and undone when they end: a reconciler, not a list of commands.

Whatever happened in between, a user is brought from the state we last set to the state that the measures in force ask
for. What an admin of the homeserver did by hand is never touched: only our own acts are undone.
"""

from __future__ import annotations

from typing import Protocol

from tidegate.adapters.matrix.admin import SynapseAdmin
from tidegate.adapters.matrix.wanted import Wanted

# Synapse takes whole messages a second, and 0 for no limit at all: one a second, one at a time, is its strictest. What was
# decided is less, and is held by the answers to callbacks; this keeps the homeserver from asking about a flood.
PER_SECOND = 1
BURST = 1
_NOTHING = Wanted()


class Enforced(Protocol):
    """Remembers what we set on the homeserver, by user; it must survive a restart."""

    def state_of(self, user: str) -> Wanted | None:
        """Return the state we last set; None if nothing of ours is set."""

    def keep_state(self, user: str, state: Wanted) -> None:
        """Remember the state we have set."""


class Enforcer:
    """Brings users of one homeserver to the state wanted."""

    def __init__(self, admin: SynapseAdmin, enforced: Enforced, *, server_name: str) -> None:
        self._admin = admin
        self._enforced = enforced
        self._suffix = f":{server_name}"

    async def bring(self, user: str, want: Wanted) -> bool:
        """Bring a user to a state; return whether anything had to be done. Users of other servers are left alone.

        Raise SynapseError where the homeserver does not do it: what was done so far is remembered, so that the next
        try goes on from there.
        """
        if not user.startswith("@") or not user.endswith(self._suffix):
            return False
        have = self._enforced.state_of(user) or _NOTHING
        if have == want or have.deactivated:
            return False
        # what restrains more comes first, so that no moment between two acts is free of all of them
        for step in (self._locked, self._suspended, self._rate):
            have = await step(user, have, want)
            self._enforced.keep_state(user, have)
        if want.deactivated:
            await self._admin.deactivate(user)
            self._enforced.keep_state(
                user, Wanted(have.rate_per_minute, have.suspended, have.locked, deactivated=True)
            )
        return True

    async def _locked(self, user: str, have: Wanted, want: Wanted) -> Wanted:
        if have.locked != want.locked:
            await self._admin.lock(user, on=want.locked)
        return Wanted(have.rate_per_minute, have.suspended, want.locked)

    async def _suspended(self, user: str, have: Wanted, want: Wanted) -> Wanted:
        if have.suspended != want.suspended:
            await self._admin.suspend(user, on=want.suspended)
        return Wanted(have.rate_per_minute, want.suspended, have.locked)

    async def _rate(self, user: str, have: Wanted, want: Wanted) -> Wanted:
        if have.rate_per_minute != want.rate_per_minute:
            if want.rate_per_minute is None:
                await self._admin.unlimit_messages(user)
            else:
                await self._admin.limit_messages(user, PER_SECOND, BURST)
        return Wanted(want.rate_per_minute, have.suspended, have.locked)
