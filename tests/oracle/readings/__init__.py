"""The features that the oracles hold the engine to: every aggregate, window and kind of key, bounds and nesting."""

from tests.oracle.readings.alike import LIKENESS
from tests.oracle.readings.clock import CLOCK
from tests.oracle.readings.counts import COUNTS
from tests.oracle.readings.expressions import EXPRESSIONS
from tests.oracle.readings.latest import LATEST
from tests.oracle.readings.nested import ALIKE, NESTED, NESTED_DISTINCT, RECENT, TRIPLES
from tests.oracle.readings.samples import SAMPLES
from tests.oracle.readings.sets import CHANGES, DISTINCTS, SUMS

__all__ = [
    "ALIKE",
    "ALL",
    "CHANGES",
    "CLOCK",
    "COUNTS",
    "DISTINCTS",
    "EXPRESSIONS",
    "LATEST",
    "LIKENESS",
    "NESTED",
    "NESTED_DISTINCT",
    "RECENT",
    "SAMPLES",
    "SUMS",
    "TRIPLES",
]

ALL = (
    *COUNTS,
    *SUMS,
    *DISTINCTS,
    *LATEST,
    *CHANGES,
    *SAMPLES,
    *LIKENESS,
    *CLOCK,
    *NESTED,
    *NESTED_DISTINCT,
    *RECENT,
    *ALIKE,
    *TRIPLES,
    *EXPRESSIONS,
)
