"""Which rooms are talks of two: learned from what the homeserver asks about, since its questions do not say."""

from __future__ import annotations

from collections import OrderedDict

ROOMS_MAX = 200_000  # a room of two is 465 bytes (measured): 93 MB; the one unused longest is forgotten first


class RoomBook:
    """Who was seen in which room, as far as that tells a talk of two from a group; bounded, forgets the longest unused.

    A room is a talk of two while no more than two people have been seen in it and one of them invited the other. A room
    that is not known is a group: then nobody is taken for the recipient of a message.
    """

    def __init__(self, rooms_max: int = ROOMS_MAX) -> None:
        self._seen: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._invited: set[str] = set()
        self._rooms_max = rooms_max

    def invited(self, room: str, inviter: str, invitee: str) -> None:
        """Note that one person asked another into a room."""
        self._note(room, inviter, invitee)
        self._invited.add(room)

    def joined(self, room: str, person: str) -> None:
        """Note that a person entered a room, or spoke in it."""
        self._note(room, person)

    def other(self, room: str, person: str) -> str | None:
        """Return whom a person talks to in a room; None in a group, and where that is not known."""
        people = self._seen.get(room, ())
        if len(people) != 2 or person not in people or room not in self._invited:  # noqa: PLR2004  a talk of two
            return None
        return people[1] if people[0] == person else people[0]

    def _note(self, room: str, *people: str) -> None:
        known = self._seen.pop(room, ())
        more = tuple(p for p in dict.fromkeys(people) if p not in known)
        self._seen[room] = (known + more)[:3]  # a third makes it a group, whoever else comes
        if len(self._seen) > self._rooms_max:
            oldest, _ = self._seen.popitem(last=False)
            self._invited.discard(oldest)
