"""A made-up week of a small messaging platform, with labelled abuse in it."""

from tidegate.demo.traffic import Traffic, generate, labels, write_ndjson

__all__ = ["Traffic", "generate", "labels", "write_ndjson"]
