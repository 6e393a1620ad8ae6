"""What is believed of a rule before its own cases have been reviewed."""

from dataclasses import dataclass

from tidegate.errors import ParameterError
from tidegate.expr.node import shown


@dataclass(frozen=True)
class Prior:
    """P(the account abuses | the rule fires), worth as much as `cases` reviewed ones.

    `group` names correlated rules: of those that are active, only the strongest counts. A probability that is not one of a
    restriction (`scores` False) is shown but does not enter the score. `source` is the catalogue id.

    >>> Prior(0.60, cases=40).after(upheld=38, overturned=2)
    0.775
    """

    probability: float
    cases: float = 1.0
    group: str = ""
    scores: bool = True
    source: str = ""

    def __post_init__(self) -> None:
        probability: object = self.probability
        if not isinstance(probability, int | float) or not 0 < probability < 1:
            raise ParameterError(
                f"`{shown(probability)}` is no prior probability", hint="it lies strictly between 0 and 1"
            )
        cases: object = self.cases
        if not isinstance(cases, int | float) or not cases > 0:
            raise ParameterError(
                f"a prior worth `{shown(cases)}` cases", hint="it is worth more than no case"
            )

    def after(self, upheld: int, overturned: int) -> float:
        """Return the mean of the Beta posterior once cases have been reviewed."""
        return (self.probability * self.cases + upheld) / (self.cases + upheld + overturned)
