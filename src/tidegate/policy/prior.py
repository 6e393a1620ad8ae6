"""What is believed of a rule before its own cases have been reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.errors import ParameterError
from tidegate.expr.node import shown
from tidegate.policy.parameter import Parameter, unsegmented


@dataclass(frozen=True, eq=False)
class Prior:
    """P(the account abuses | the rule fires), worth as much as `cases` reviewed ones.

    A probability that is a `Parameter` may be revised like any figure. Rules that share a name of `group` (several
    stand with spaces between them) are correlated: of those that are active, only the strongest counts. A probability
    that is not one of a restriction (`scores` False) is shown but does not enter the score. With `while_labelled` the signal stays
    active as long as the account carries a label that the rule sets. `source` is the catalogue id.

    >>> Prior(0.60, cases=40).after(upheld=38, overturned=2)
    0.775
    """

    probability: float | Parameter
    cases: float = 1.0
    group: str = ""
    scores: bool = True
    while_labelled: bool = False
    source: str = ""

    def __post_init__(self) -> None:
        figure: object = self.probability
        if isinstance(figure, Parameter):
            unsegmented(figure, "probability", place=figure.name)
            for bound in (figure.low, figure.high):
                _between(bound)
        else:
            _between(figure)
        cases: object = self.cases
        if not isinstance(cases, int | float) or not cases > 0:
            raise ParameterError(
                f"a prior worth `{shown(cases)}` cases", hint="it is worth more than no case"
            )

    def in_force(self, revisions: Mapping[str, object]) -> float:
        """Return the probability under the revisions of a policy."""
        figure = self.probability
        if not isinstance(figure, Parameter):
            return figure
        revised = revisions.get(figure.name, figure.default)
        assert isinstance(revised, int | float)
        return float(revised)

    def after(self, upheld: int, overturned: int) -> float:
        """Return the mean of the Beta posterior once cases have been reviewed."""
        return (self.in_force({}) * self.cases + upheld) / (self.cases + upheld + overturned)


def _between(probability: object) -> None:
    if not isinstance(probability, int | float) or not 0 < probability < 1:
        raise ParameterError(
            f"`{shown(probability)}` is no prior probability", hint="it lies strictly between 0 and 1"
        )
