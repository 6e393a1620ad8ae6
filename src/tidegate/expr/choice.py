"""One of two values, by a condition."""

from dataclasses import dataclass

from tidegate.errors import ExpressionError
from tidegate.expr.node import Expr, Operand, either_options, flag, lift


@dataclass(frozen=True, eq=False, repr=False)
class When(Expr):
    """`then` where the condition holds, else `otherwise`; not known where it matters and the condition is not."""

    condition: Expr
    then: Expr
    otherwise: Expr

    def __post_init__(self) -> None:
        if self.then.kind is not self.otherwise.kind or self.then.domain != self.otherwise.domain:
            raise ExpressionError(
                f"`{self.then.describe()}` and `{self.otherwise.describe()}` are of different kinds",
                hint="both branches of `when` must be of one kind",
            )
        object.__setattr__(self, "kind", self.then.kind)
        object.__setattr__(self, "domain", self.then.domain)
        object.__setattr__(self, "options", either_options(self.then, self.otherwise))

    def children(self) -> tuple[Expr, ...]:
        return (self.condition, self.then, self.otherwise)

    def describe(self) -> str:
        return f"({self.then.describe()} if {self.condition.describe()} else {self.otherwise.describe()})"


def when(condition: Operand, then: Operand, otherwise: Operand) -> Expr:
    """Return `then` where the condition holds, else `otherwise`."""
    first, second = lift(then), lift(otherwise)
    if isinstance(then, str) and not isinstance(otherwise, str):
        first = lift(then, like=second)
    elif isinstance(otherwise, str):
        second = lift(otherwise, like=first)
    return When(flag(condition), first, second)
