"""How alike two fingerprints are: 64-bit SimHashes, of which those of similar contents differ in few bits.

Source: Charikar, "Similarity estimation techniques from rounding algorithms", 2002.
"""

from dataclasses import dataclass

from tidegate.errors import ExpressionError
from tidegate.expr.node import Expr, Kind

HALVES = ("high", "low")


@dataclass(frozen=True, eq=False, repr=False)
class FingerprintHalf(Expr):
    """32 bits of a fingerprint of 16 hex digits, as a number: what a feature can remember in place of the text."""

    fingerprint_of: Expr
    half: str

    def __post_init__(self) -> None:
        if self.fingerprint_of.kind is not Kind.SYMBOL or self.half not in HALVES:
            raise ExpressionError(
                f"`{self.fingerprint_of.describe()}` is no fingerprint",
                hint="name a field that holds one, such as `MessageSent.content_fp`",
            )

    def children(self) -> tuple[Expr, ...]:
        return (self.fingerprint_of,)

    def details(self) -> tuple[object, ...]:
        return (self.half,)

    def describe(self) -> str:
        return f"{self.half} half of {self.fingerprint_of.describe()}"


@dataclass(frozen=True, eq=False, repr=False)
class Likeness(Expr):
    """1 - Hamming distance / 64 of two fingerprints, each in two halves; 0 where one is known to be none."""

    halves: tuple[Expr, Expr, Expr, Expr]

    def __post_init__(self) -> None:
        for operand in self.halves:
            if operand.kind is not Kind.NUMBER:
                raise ExpressionError(
                    f"`{operand.describe()}` is no half of a fingerprint", hint="write `tg.halves(...)`"
                )

    def children(self) -> tuple[Expr, ...]:
        return self.halves

    def describe(self) -> str:
        a, _, b, _ = (half.describe() for half in self.halves)
        return f"likeness of {a} and {b}"


def halves(fingerprint: Expr) -> tuple[Expr, Expr]:
    """Return both halves of a fingerprint."""
    return FingerprintHalf(fingerprint, "high"), FingerprintHalf(fingerprint, "low")


def likeness(a: tuple[Expr, Expr], b: tuple[Expr, Expr]) -> Expr:
    """Return how alike two fingerprints are, 0 to 1, given in halves."""
    return Likeness((*a, *b))
