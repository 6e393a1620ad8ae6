"""A made-up week of a small messaging platform, with labelled abuse in it."""

from tidegate.demo.traffic import Traffic

__all__ = ["Traffic"]
