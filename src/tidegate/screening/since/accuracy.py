"""How often an earlier screening was right, by what people have ruled since: measures confirmed or upheld, and those lifted on appeal.

Only accounts that somebody ruled of are counted, and nobody rules of accounts at random: it says how a screening and people agree,
not how often it is right of all. Where nobody ruled, precision and recall are unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegate.screening.dimensions import DIMENSIONS
from tidegate.screening.since.change_of_share import wilson

if TYPE_CHECKING:
    from tidegate.screening.evidence.rulings import Ruling
    from tidegate.screening.since.earlier import Earlier


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Accounts of one dimension: flagged and ruled right or wrong, ruled right and `missed`, ruled wrong and not flagged either.

    `flagged` counts all that were flagged, ruled of or not.
    """

    flagged: int = 0
    right: int = 0
    wrong: int = 0
    missed: int = 0
    rightly_passed: int = 0

    def data(self) -> dict[str, Any]:
        """Return it as plain data; None is unknown."""
        return {
            "flagged": self.flagged, "flagged_right": self.right, "flagged_wrong": self.wrong,
            "flagged_not_ruled": self.flagged - self.right - self.wrong, "missed": self.missed, "rightly_passed": self.rightly_passed,
            **_share("precision", self.right, self.right + self.wrong), **_share("recall", self.right, self.right + self.missed),
        }  # fmt: skip


def accuracy(earlier: Earlier, rulings: Iterable[Ruling], at_ms: int) -> dict[str, Accuracy]:
    """Return by dimension how an earlier screening and what was ruled since, up to now, agree.

    Dimensions that it did not ask for are left out. Of several rulings of one measure the last counts; an account had a risk where one
    measure for it was right.
    """
    last: dict[tuple[str, str, int], bool] = {}
    for one in rulings:
        if earlier.at_ms < one.at_ms <= at_ms and one.number in earlier.accounts:
            last[one.dimension, one.number, one.sanction] = one.right
    truth: dict[tuple[str, str], bool] = {}
    for (dimension, number, _), right in last.items():
        truth[dimension, number] = truth.get((dimension, number), False) or right
    return {
        dimension: _of(dimension, earlier, truth)
        for dimension, checks in DIMENSIONS.items()
        if any(check.id in earlier.questions.limits for check in checks)
    }


def _of(dimension: str, earlier: Earlier, truth: dict[tuple[str, str], bool]) -> Accuracy:
    risks = {check.risk for check in DIMENSIONS[dimension]}
    counted: Counter[tuple[bool, bool]] = Counter()
    for (of, number), right in truth.items():
        if of == dimension:
            counted[not risks.isdisjoint(earlier.accounts[number].risks), right] += 1
    flagged = sum(not risks.isdisjoint(outcome.risks) for outcome in earlier.accounts.values())
    return Accuracy(
        flagged, counted[True, True], counted[True, False], counted[False, True], counted[False, False]
    )


def _share(name: str, part: int, whole: int) -> dict[str, Any]:
    if not whole:
        return {name: None, f"{name}_interval_95": None}
    share, low, high = wilson(part, whole)
    return {name: round(share, 4), f"{name}_interval_95": [round(low, 4), round(high, 4)]}
