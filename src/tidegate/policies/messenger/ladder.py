"""The ladder of four levels: what follows when the restriction by score starts again and again.

Level 1 limits functions, level 2 stops all messaging, level 3 locks the account; level 4, the ban for good, is never reached by a
score: a person decides about it, so the last step is the review. Every sanction states its level; measures that run at the same
time add up, the longest end per capability counts.
"""

import tidegate as tg
from tidegate.policies.messenger import sanctions

LADDER = "sanction.ladder-4-levels"
AGAIN = tg.Span(
    tg.days(30),
    low=tg.days(1),
    high=tg.days(365),
    why="who was restricted within a month goes one level up; the source names the levels, not when they follow",
    source=LADDER,
    assumed=True,
    name="ladder.again",
)
RESTRICTION = tg.Measure(
    sanctions.FUNCTION_RESTRICTION,
    then=tuple(
        tg.Measure(s)
        for s in (
            sanctions.MESSAGING_FULL_RESTRICT,
            sanctions.ACCOUNT_LOCK_24H,
            sanctions.DEACTIVATION_REVIEW,
        )
    ),
    within=AGAIN,
)
