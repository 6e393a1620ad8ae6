"""Expressions: typed trees that say what to compute, and compute nothing."""

from tidegate.expr.arithmetic import Arithmetic, Unary, greatest, least
from tidegate.expr.choice import When, when
from tidegate.expr.duration import Duration, days, hours, minutes, seconds
from tidegate.expr.likeness import FingerprintHalf, Likeness, halves, likeness
from tidegate.expr.lists import Contains, LastOf, Size, SizeWithin, contains, last_of, size
from tidegate.expr.literal import Literal
from tidegate.expr.logic import Compare, IsKnown, IsNull, Logic, Not, OrElse
from tidegate.expr.moment import EventTime, LocalTime, age, local_hour, midnight, now, weekday
from tidegate.expr.node import Expr, Kind, all_of, any_of, flag, lift
from tidegate.expr.place import GreatCircle, great_circle_km

__all__ = [
    "Arithmetic",
    "Compare",
    "Contains",
    "Duration",
    "EventTime",
    "Expr",
    "FingerprintHalf",
    "GreatCircle",
    "IsKnown",
    "IsNull",
    "Kind",
    "LastOf",
    "Likeness",
    "Literal",
    "LocalTime",
    "Logic",
    "Not",
    "OrElse",
    "Size",
    "SizeWithin",
    "Unary",
    "When",
    "age",
    "all_of",
    "any_of",
    "contains",
    "days",
    "flag",
    "great_circle_km",
    "greatest",
    "halves",
    "hours",
    "last_of",
    "least",
    "lift",
    "likeness",
    "local_hour",
    "midnight",
    "minutes",
    "now",
    "seconds",
    "size",
    "weekday",
    "when",
]
