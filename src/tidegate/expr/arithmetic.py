"""Numbers from numbers. A value that is not known makes the result not known; so does a division by zero."""

from dataclasses import dataclass, field

from tidegate.errors import ExpressionError
from tidegate.expr.node import Expr, Kind, Operand, lift

_NUMERIC = (Kind.NUMBER, Kind.MOMENT, Kind.FLAG)


def _check(op: str, *operands: Expr) -> None:
    for operand in operands:
        if operand.kind not in _NUMERIC:
            raise ExpressionError(
                f"`{operand.describe()}` is a {operand.kind.value}: `{op}` needs numbers",
                hint="compare names with `==` or `.isin(...)`",
            )


@dataclass(frozen=True, eq=False, repr=False)
class Arithmetic(Expr):
    """Two numbers and an operator: `+ - * /`, or `min`, `max`."""

    op: str
    left: Expr
    right: Expr
    kind: Kind = field(init=False)

    def __post_init__(self) -> None:
        _check(self.op, self.left, self.right)
        moments = [operand.kind is Kind.MOMENT for operand in (self.left, self.right)]
        if all(moments) and self.op == "+":
            raise ExpressionError(
                f"`{self.left.describe()}` and `{self.right.describe()}` are moments and cannot be added",
                hint="subtract them, or add a duration such as `tg.hours(1)`",
            )
        keeps = any(moments) and (not all(moments) or self.op in ("min", "max"))
        object.__setattr__(self, "kind", Kind.MOMENT if keeps else Kind.NUMBER)

    def children(self) -> tuple[Expr, ...]:
        return (self.left, self.right)

    def details(self) -> tuple[object, ...]:
        return (self.op,)

    def describe(self) -> str:
        if self.op in ("min", "max"):
            return f"{self.op}({self.left.describe()}, {self.right.describe()})"
        return f"({self.left.describe()} {self.op} {self.right.describe()})"


@dataclass(frozen=True, eq=False, repr=False)
class Unary(Expr):
    """One number and an operator: `abs`, `floor`."""

    op: str
    operand: Expr

    def __post_init__(self) -> None:
        _check(self.op, self.operand)

    def children(self) -> tuple[Expr, ...]:
        return (self.operand,)

    def details(self) -> tuple[object, ...]:
        return (self.op,)

    def describe(self) -> str:
        return f"{self.op}({self.operand.describe()})"


def least(first: Operand, *others: Operand) -> Expr:
    """Return the smallest of the values; not known as soon as one of them is not."""
    node = lift(first)
    for other in others:
        node = Arithmetic("min", node, lift(other))
    return node


def greatest(first: Operand, *others: Operand) -> Expr:
    """Return the largest of the values; not known as soon as one of them is not."""
    node = lift(first)
    for other in others:
        node = Arithmetic("max", node, lift(other))
    return node
