"""What ordinary accounts do, one kind of behaviour per file."""

from tidegate.demo.honest import (
    announcements,
    broadcasts,
    chats,
    clients,
    complaints,
    groups,
    logins,
    profiles,
    registrations,
)
from tidegate.demo.honest.source import Source

SOURCES: tuple[Source, ...] = (
    profiles.strands,
    registrations.strands,
    clients.strands,
    logins.strands,
    groups.strands,
    chats.strands,
    announcements.strands,
    broadcasts.strands,
    complaints.strands,
)

__all__ = ["SOURCES", "Source"]
