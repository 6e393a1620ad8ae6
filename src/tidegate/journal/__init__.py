"""Durable events, the decisions about them, and recovery of both."""

from tidegate.journal.checkpointing import Written
from tidegate.journal.entries import Entry, Events, Lost, Mark, Revision
from tidegate.journal.frame import Cipher
from tidegate.journal.judging import Happened
from tidegate.journal.live import Answers, LiveEngine
from tidegate.journal.options import LiveOptions
from tidegate.journal.reading import read_journal
from tidegate.journal.recovery import Recovered

__all__ = [
    "Answers",
    "Cipher",
    "Entry",
    "Events",
    "Happened",
    "LiveEngine",
    "LiveOptions",
    "Lost",
    "Mark",
    "Recovered",
    "Revision",
    "Written",
    "read_journal",
]
