"""The engine: events in, exact and explained decisions out."""

from tidegate.engine.account import AccountState
from tidegate.engine.decision import Decision
from tidegate.engine.engine import Engine
from tidegate.engine.judged import Judged

__all__ = ["AccountState", "Decision", "Engine", "Judged"]
