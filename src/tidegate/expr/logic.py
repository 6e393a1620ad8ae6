"""True, false and not known: comparisons and Kleene's three-valued logic.

`false & unknown` is false and `true | unknown` is true, because the known part settles it; everything else that
touches an unknown is unknown. A known `null` (none on record) equals nothing and is neither less nor greater.
"""

from dataclasses import dataclass
from difflib import get_close_matches

from tidegate.errors import ExpressionError
from tidegate.expr.literal import Literal
from tidegate.expr.node import Expr, Kind, an, either_options


@dataclass(frozen=True, eq=False, repr=False)
class Compare(Expr):
    """Whether `left op right`, with op one of `< <= > >= == !=`."""

    op: str
    left: Expr
    right: Expr
    kind = Kind.FLAG

    def __post_init__(self) -> None:
        left, right = self.left, self.right
        lists = Kind.LIST in (left.kind, right.kind)
        if (left.kind is Kind.SYMBOL) != (right.kind is Kind.SYMBOL) or lists:
            raise ExpressionError(
                f"`{left.describe()}` is a {left.kind.value} and `{right.describe()}` a {right.kind.value}:"
                f" `{self.op}` cannot compare them",
                hint="of a list, compare `tg.size(...)`, or ask `tg.contains(..., value)`"
                if lists
                else "compare numbers with numbers and names with names",
            )
        if left.kind is Kind.SYMBOL:
            if self.op not in ("==", "!="):
                raise ExpressionError(
                    f"`{left.describe()} {self.op} {right.describe()}`: names have no order",
                    hint="use `==` or `.isin(...)`",
                )
            if left.domain != right.domain:
                raise ExpressionError(
                    f"`{left.describe()}` names {an(left.domain or 'word')} and `{right.describe()}`"
                    f" {an(right.domain or 'word')}: they can never be equal",
                    hint="compare fields of the same entity",
                )
            self._check_options()
        elif self.op in ("==", "!="):
            self._check_hours()

    def _check_hours(self) -> None:
        """A local hour has fractions: it is hardly ever a whole one."""
        hour = next((s for s in (self.left, self.right) if getattr(s, "part", "") == "hour"), None)
        if hour is not None:
            raise ExpressionError(
                f"`{self.describe()}`: the local hour has fractions, 3.5 is half past three",
                hint="write `.between(3, 4)`, or `tg.local_hour(zone).floor()` before `==` and `.isin(...)`",
            )

    def _check_options(self) -> None:
        """A name that the other side can never be makes the comparison a mistake."""
        first, second = self.left.options, self.right.options
        if not first or not second or set(first) & set(second):
            return
        field, other = (self.left, self.right) if isinstance(self.right, Literal) else (self.right, self.left)
        value = other.options[0] if isinstance(other, Literal) else other.describe()
        near = get_close_matches(value, field.options, n=1)
        listed = f"it is one of: {', '.join(field.options)}"
        raise ExpressionError(
            f"`{field.describe()}` is never `{value}`",
            hint=f"did you mean `{near[0]}`? {listed}" if near else listed,
        )

    def children(self) -> tuple[Expr, ...]:
        return (self.left, self.right)

    def details(self) -> tuple[object, ...]:
        return (self.op,)

    def describe(self) -> str:
        return f"{self.left.describe()} {self.op} {self.right.describe()}"


@dataclass(frozen=True, eq=False, repr=False)
class Logic(Expr):
    """`and` / `or` of any number of operands (none: true / false)."""

    op: str
    operands: tuple[Expr, ...]
    kind = Kind.FLAG

    def children(self) -> tuple[Expr, ...]:
        return self.operands

    def details(self) -> tuple[object, ...]:
        return (self.op,)

    def describe(self) -> str:
        return "(" + f" {self.op} ".join(o.describe() for o in self.operands) + ")"


@dataclass(frozen=True, eq=False, repr=False)
class Not(Expr):
    """The opposite."""

    operand: Expr
    kind = Kind.FLAG

    def children(self) -> tuple[Expr, ...]:
        return (self.operand,)

    def describe(self) -> str:
        return f"not {self.operand.describe()}"


@dataclass(frozen=True, eq=False, repr=False)
class IsKnown(Expr):
    """Whether there is a value, or a known null."""

    operand: Expr
    kind = Kind.FLAG

    def children(self) -> tuple[Expr, ...]:
        return (self.operand,)

    def describe(self) -> str:
        return f"{self.operand.describe()} is known"


@dataclass(frozen=True, eq=False, repr=False)
class IsNull(Expr):
    """Whether the value is known to be none."""

    operand: Expr
    kind = Kind.FLAG

    def children(self) -> tuple[Expr, ...]:
        return (self.operand,)

    def describe(self) -> str:
        return f"{self.operand.describe()} is none"


@dataclass(frozen=True, eq=False, repr=False)
class OrElse(Expr):
    """The operand where it is known, else the default."""

    operand: Expr
    default: Expr

    def __post_init__(self) -> None:
        if self.operand.kind is not self.default.kind:
            raise ExpressionError(
                f"`{self.operand.describe()}` is a {self.operand.kind.value}, its default"
                f" `{self.default.describe()}` a {self.default.kind.value}",
                hint="give a default of the same kind",
            )
        if self.operand.domain != self.default.domain:
            raise ExpressionError(
                f"`{self.operand.describe()}` names {an(self.operand.domain or 'word')}, its default"
                f" `{self.default.describe()}` {an(self.default.domain or 'word')}",
                hint="give a default that names the same",
            )
        object.__setattr__(self, "kind", self.operand.kind)
        object.__setattr__(self, "domain", self.operand.domain)
        object.__setattr__(self, "options", either_options(self.operand, self.default))

    def children(self) -> tuple[Expr, ...]:
        return (self.operand, self.default)

    def describe(self) -> str:
        return f"({self.operand.describe()} or else {self.default.describe()})"
