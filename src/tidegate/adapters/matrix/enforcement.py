"""Lasting measures carried out on the homeserver, and undone when they end: a reconciler, not a list of commands.

Whatever happened in between, a user is brought from the state we last set to the state that the measures in force ask
for. What an admin of the homeserver did by hand is never touched: only our own acts are undone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from tidegate.adapters.matrix.admin import SynapseAdmin
from tidegate.adapters.matrix.wanted import Kept, Wanted

# Synapse takes whole messages a second, and 0 for no limit at all: one a second, one at a time, is its strictest. What was
# decided is less, and is held by the answers to callbacks; this keeps the homeserver from asking about a flood.
PER_SECOND = 1
BURST = 1
NOTHING = Kept(Wanted())
_FIELDS = ("locked", "suspended", "rate_per_minute", "deactivated")  # the one that restrains most comes first


class Enforced(Protocol):
    """Remembers what we set on the homeserver, by user; it must survive a restart."""

    def state_of(self, user: str) -> Kept | None:
        """Return what we know to have set; None if nothing of ours is set."""

    def keep_state(self, user: str, kept: Kept) -> None:
        """Remember what we have set, and what we are about to."""


class Enforcer:
    """Brings users of one homeserver to the state wanted."""

    def __init__(self, admin: SynapseAdmin, enforced: Enforced, *, server_name: str) -> None:
        self._admin = admin
        self._enforced = enforced
        self._suffix = f":{server_name}"

    async def bring(self, user: str, want: Wanted) -> bool:
        """Bring a user to a state; return whether anything had to be done. Users of other servers are left alone.

        What is about to be done is remembered before it is asked for, so that a crash, or an answer that never came, leaves
        nothing set that we do not know of: the next try does it again. Raise SynapseError where the homeserver refuses.
        """
        if not user.startswith("@") or not user.endswith(self._suffix):
            return False
        kept = self._enforced.state_of(user) or NOTHING
        have, unsure = kept.have, set(kept.unsure)
        changed = [f for f in _FIELDS if f in unsure or getattr(have, f) != getattr(want, f)]
        if have.deactivated or not changed:
            return False
        unsure.update(changed)
        # what restrains comes before what releases: no moment between two acts is free of both
        for field in sorted(changed, key=lambda f: not getattr(want, f)):
            self._enforced.keep_state(user, Kept(have, tuple(sorted(unsure))))
            await self._act(user, field, want)
            have = replace(have, **{field: getattr(want, field)})
            unsure.discard(field)
        self._enforced.keep_state(user, Kept(have))
        return True

    async def _act(self, user: str, field: str, want: Wanted) -> None:
        """Ask the homeserver for one part of the state."""
        if field == "locked":
            await self._admin.lock(user, on=want.locked)
        elif field == "suspended":
            await self._admin.suspend(user, on=want.suspended)
        elif field == "deactivated":
            if want.deactivated:
                await self._admin.deactivate(user)
        elif want.rate_per_minute is None:
            await self._admin.unlimit_messages(user)
        else:
            await self._admin.limit_messages(user, PER_SECOND, BURST)
