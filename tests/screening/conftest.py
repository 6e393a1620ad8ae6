"""The fixture of tests that screen a pool."""

from tests.screening.screened import screen

__all__ = ["screen"]
