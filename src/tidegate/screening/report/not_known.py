"""Of how many accounts a risk is not known: no check of it holds, and not all of them could look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.screening.screen import Screening


def of_risk(screening: Screening, risk: str) -> NDArray[np.bool_]:
    """Return per account whether it may have a risk type, for all that is known; of a risk that was not asked for, everybody."""
    truths = [
        screening.findings[check.id].truth
        for check in screening.checks
        if check.risk == risk and check.counts_for_type
    ]
    if not truths:
        return np.ones(len(screening.evidence), np.bool_)
    return open_(np.array(truths))


def of_check(screening: Screening, id_: str) -> NDArray[np.bool_]:
    """Return per account whether a check may hold, for all that is known; of one that was not asked, everybody."""
    found = screening.findings.get(id_)
    if found is None:
        return np.ones(len(screening.evidence), np.bool_)
    return open_(found.truth[np.newaxis])


def open_(truths: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where none of some verdicts (a row each, NaN: unknown) is true and one at least is unknown."""
    found: NDArray[np.bool_] = ~(truths == 1).any(axis=0) & np.isnan(truths).any(axis=0)
    return found
