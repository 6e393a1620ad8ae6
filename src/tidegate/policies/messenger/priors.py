"""What rules are believed to say about an account: the figures of the catalogue, and one for rows that name none."""

import tidegate as tg

UNSTATED = tg.Parameter(
    0.10,
    low=0.01,
    high=0.5,
    unit="probability",
    why="rows that raise the score without a figure, and a VPN alone, count this much each",
    source="semantics: score",
    assumed=True,
    name="priors.unstated",
)


def unstated(source: str, *, group: str = "") -> tg.Prior:
    """Return the belief in a rule that raises the score by a figure the source does not name."""
    return tg.Prior(UNSTATED, group=group, source=source)
