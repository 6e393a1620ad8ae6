"""Circumstances that make other signs of abuse weigh more: factors on what is believed, not on limits."""

from dataclasses import dataclass

from tidegate.errors import PolicyError
from tidegate.policy import require
from tidegate.policy.parameter import Parameter, unsegmented


@dataclass(frozen=True, eq=False, kw_only=True)
class Risk:
    """What a rule that fires does to the other signals of the account: their probabilities times `factor`, at most 0.99.

    `of` is the area of the signals it speaks of ("": all). With `odds` the factor multiplies p / (1 - p) instead. It holds as
    long as a signal of the rule's area stays active after it last fired; with `passing` for the judged event alone, with
    `state` only until an event about which the rule is judged says that it does not hold any more.
    """

    factor: Parameter
    of: str = ""
    odds: bool = False
    passing: bool = False
    state: bool = False

    @property
    def span(self) -> str:
        """How long the factor holds, in words; "" where that is as long as a signal stays active."""
        if self.passing:
            return "for this event alone"
        return (
            "while a signal would stay active, at most until the state is known to be over"
            if self.state
            else ""
        )

    def __post_init__(self) -> None:
        hint = 'write `tg.Risk(factor=tg.Parameter(1.6, low=1, high=10, unit="factor", why=...))`'
        require.one(self.factor, Parameter, of="factor", place="", hint=hint)
        unsegmented(self.factor, "factor", place=self.factor.name)
        if not self.factor.low > 0:
            raise PolicyError("a risk factor may become 0", place=self.factor.name, hint="give `low` above 0")
