"""Scores: from signals to one number between 0 and 1."""

from tidegate.scoring.noisy_or import Signal, score
from tidegate.scoring.weighed import Factor, weighed

__all__ = ["Factor", "Signal", "score", "weighed"]
