"""What is not known, kept apart from what is not so: by it counts become intervals, and figures stay unsettled."""

import tidegate as tg
from tidegate.expr import Expr

NONE, TOLD, UNTOLD = range(3)  # a content: none on record, known, not known


def in_doubt(condition: Expr) -> Expr:
    """Return a condition that never holds for sure: not known where the given one is not, else false.

    Of events where it stands, a count is an interval: none, or up to as many as those of which nobody knows.
    """
    return condition & ~condition.or_else(False)  # noqa: FBT003  an operand


def or_not_known(unsettled: Expr, figure: Expr | float) -> Expr:
    """Return the figure; not known where it is unsettled for sure."""
    surely = unsettled.or_else(False)  # noqa: FBT003  an operand
    return tg.when(surely, 1 / tg.when(surely, 0, 1), figure)  # by zero: not known


def told_of(content_fp: Expr) -> Expr:
    """Return whether a content is told: `NONE`, `TOLD` or `UNTOLD`."""
    has_none = content_fp.is_null().or_else(False)  # noqa: FBT003  an operand
    return tg.when(has_none, NONE, tg.when(content_fp.is_known(), TOLD, UNTOLD))
