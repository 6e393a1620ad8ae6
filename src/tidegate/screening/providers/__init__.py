"""Evidence from outside: providers behind one port, off by default, asked about the numbers of a pool and nothing else."""

from tidegate.screening.providers.provider import Answer, Provider, Unanswered

__all__ = ["Answer", "Provider", "Unanswered"]
