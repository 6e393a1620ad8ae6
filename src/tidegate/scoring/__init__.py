"""Scores: from signals to one number between 0 and 1."""

from tidegate.scoring.noisy_or import Signal, score

__all__ = ["Signal", "score"]
