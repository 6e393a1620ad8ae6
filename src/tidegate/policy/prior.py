"""What is believed of a rule before its own cases have been reviewed."""

from dataclasses import dataclass

from tidegate.errors import ParameterError


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
        numbers: tuple[object, ...] = (self.probability, self.cases)
        if not all(isinstance(n, int | float) for n in numbers) or not (
            0 < self.probability < 1 and self.cases > 0
        ):
            raise ParameterError(
                f"a prior of `{self.probability}` from `{self.cases}` cases",
                hint="a probability lies strictly between 0 and 1 and is worth more than no case",
            )

    def after(self, upheld: int, overturned: int) -> float:
        """Return the mean of the Beta posterior once cases have been reviewed."""
        return (self.probability * self.cases + upheld) / (self.cases + upheld + overturned)
