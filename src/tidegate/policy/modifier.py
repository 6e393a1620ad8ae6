"""Circumstances that make a limit stricter or more lenient."""

from dataclasses import dataclass

from tidegate.errors import PolicyError
from tidegate.expr import Expr, Kind
from tidegate.expr.node import shown
from tidegate.policy import require
from tidegate.policy.parameter import Parameter

FLOOR = Parameter(
    0.25,
    low=0.05,
    high=1,
    unit="share",
    why="no product of factors takes a limit below a quarter of its base",
    source="msg.night-0-6-threshold-minus-30pct",
    name="policy.modifier_floor",
)


@dataclass(frozen=True, eq=False)
class Modifier:
    """Multiplies the limits of the rules that name it by `factor` while `when` holds; where that is not known, it is not applied."""

    id: str
    title: str
    when: Expr
    factor: Parameter
    source: str = ""

    def __post_init__(self) -> None:
        require.an_id(self.id, of="id", place="modifier")
        require.words(self.title, of="title", place=self.id, hint="say in a line when it holds")
        when: object = self.when
        if not isinstance(when, Expr) or when.kind is not Kind.FLAG:
            raise PolicyError(
                f"`when` is `{shown(when)}`, not true or false",
                place=self.id,
                hint="compare it with something",
            )
        require.one(
            self.factor,
            Parameter,
            of="factor",
            place=self.id,
            hint='write `tg.Parameter(0.7, low=0.25, high=1, unit="factor", why=...)`',
        )
        if not self.factor.low > 0:
            raise PolicyError(
                "a limit may be multiplied by 0 or less",
                place=self.id,
                hint="give the factor a `low` above 0",
            )
