"""Expressions as data: the base of every node, and the operators that build trees of them.

A tree is typed when it is built: an operand of the wrong kind is an error at import, with the place in the
author's file. Nothing is evaluated here; `tidegate.engine` compiles trees to passes over columns.
"""

from __future__ import annotations

import hashlib
from enum import Enum
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from tidegate.errors import ExpressionError
from tidegate.expr.duration import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

Operand: TypeAlias = "Expr | Duration | float | int | bool | str"


class Kind(Enum):
    """What a value is: decides which operators make sense on it."""

    NUMBER = "number"
    FLAG = "true or false"
    SYMBOL = "name"  # an interned string: an id, a country, a class name
    MOMENT = "moment"  # event time, ms
    LIST = "list"


class Expr:
    """Base of all expression nodes. Nodes are immutable and compared by `fingerprint`, never by `==`."""

    kind: Kind = Kind.NUMBER
    domain: str = ""  # of symbols: the id space they are interned in; two symbols compare only within one
    options: tuple[str, ...] = ()  # of symbols: the only names it can be, where that is known
    label: ClassVar[str] = ""

    def children(self) -> tuple[Expr, ...]:
        """Return the operands, in order."""
        return ()

    def details(self) -> tuple[object, ...]:
        """Return what, apart from class and children, makes this node what it is; every item has a stable `repr`."""
        return ()

    @cached_property
    def fingerprint(self) -> str:
        """Stable identity: equal for trees built alike, however they are written, in every process and on every machine."""
        parts = [type(self).__name__, repr(self.details()), *(child.fingerprint for child in self.children())]
        return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()

    def walk(self) -> Iterator[Expr]:
        """Yield this node and all nodes below it, parents first; each once, however many others use it."""
        seen: dict[int, Expr] = {}  # kept, so that nobody else gets their numbers meanwhile
        left: list[Expr] = [self]
        while left:
            node = left.pop()
            if id(node) not in seen:
                seen[id(node)] = node
                yield node
                left.extend(reversed(node.children()))

    def describe(self) -> str:
        """Return the expression as a person would write it."""
        return type(self).__name__

    def __repr__(self) -> str:
        return f"<{self.describe()}>"

    def __bool__(self) -> bool:
        raise ExpressionError(
            f"`{self.describe()}` has no truth value while a policy is being written",
            hint="write `&`, `|`, `~` instead of `and`, `or`, `not`, and `.between(a, b)` instead of `a < x < b`",
        )

    __hash__ = object.__hash__

    # arithmetic ---------------------------------------------------------------------------------------------
    def __add__(self, other: Operand) -> Expr:
        return _arithmetic("+", self, other)

    def __radd__(self, other: Operand) -> Expr:
        return _arithmetic("+", other, self)

    def __sub__(self, other: Operand) -> Expr:
        return _arithmetic("-", self, other)

    def __rsub__(self, other: Operand) -> Expr:
        return _arithmetic("-", other, self)

    def __mul__(self, other: Operand) -> Expr:
        return _arithmetic("*", self, other)

    def __rmul__(self, other: Operand) -> Expr:
        return _arithmetic("*", other, self)

    def __truediv__(self, other: Operand) -> Expr:
        return _arithmetic("/", self, other)

    def __rtruediv__(self, other: Operand) -> Expr:
        return _arithmetic("/", other, self)

    def __abs__(self) -> Expr:
        return _unary("abs", self)

    def __neg__(self) -> Expr:
        return _arithmetic("-", 0, self)

    def floor(self) -> Expr:
        """Return the greatest whole number that is not greater."""
        return _unary("floor", self)

    # comparison ---------------------------------------------------------------------------------------------
    def __lt__(self, other: Operand) -> Expr:
        return _compare("<", self, other)

    def __le__(self, other: Operand) -> Expr:
        return _compare("<=", self, other)

    def __gt__(self, other: Operand) -> Expr:
        return _compare(">", self, other)

    def __ge__(self, other: Operand) -> Expr:
        return _compare(">=", self, other)

    def __eq__(self, other: object) -> Expr:  # type: ignore[override]
        return _compare("==", self, other)  # type: ignore[arg-type]

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]
        return _compare("!=", self, other)  # type: ignore[arg-type]

    def between(self, low: Operand, high: Operand) -> Expr:
        """Return whether the value lies in the half-open span [low, high)."""
        from tidegate.expr.literal import Literal

        ends = (lift(low), lift(high))
        first, last = (end.value if isinstance(end, Literal) else None for end in ends)
        numbers = isinstance(first, int | float) and isinstance(last, int | float)
        if numbers and first >= last:  # type: ignore[operator]
            low_text, high_text = (end.describe() for end in ends)
            raise ExpressionError(
                f"nothing lies between {low_text} and {high_text}: `{self.describe()}` would never do",
                hint=f"name the lower end first; over midnight write `(hour >= {low_text}) | (hour < {high_text})`",
            )
        return (self >= low) & (self < high)

    def isin(self, *options: str | float) -> Expr:
        """Return whether the value is one of the options."""
        if not options or any(isinstance(option, list | tuple | set | frozenset) for option in options):
            raise ExpressionError(
                f"`.isin(...)` of `{self.describe()}` takes values one by one",
                hint='write `.isin("first", "second")`, or `.isin(*values)`',
            )
        return any_of(*(self == option for option in options))

    # logic --------------------------------------------------------------------------------------------------
    def __and__(self, other: Operand) -> Expr:
        return _logic("and", self, other)

    def __rand__(self, other: Operand) -> Expr:
        return _logic("and", other, self)

    def __or__(self, other: Operand) -> Expr:
        return _logic("or", self, other)

    def __ror__(self, other: Operand) -> Expr:
        return _logic("or", other, self)

    def __invert__(self) -> Expr:
        from tidegate.expr.logic import Not

        return Not(flag(self))

    # what is known ------------------------------------------------------------------------------------------
    def is_known(self) -> Expr:
        """Return whether there is a value or a known `null`; itself never unknown."""
        from tidegate.expr.logic import IsKnown

        return IsKnown(self)

    def is_null(self) -> Expr:
        """Return whether the value is known to be none; unknown where the field is missing."""
        from tidegate.expr.logic import IsNull

        return IsNull(self)

    def or_else(self, default: Operand) -> Expr:
        """Return the value where it is known, else the default."""
        from tidegate.expr.logic import OrElse

        return OrElse(self, lift(default, like=self))


def lift(value: Operand, *, like: Expr | None = None) -> Expr:
    """Return the value as a node; a string takes the id space of the expression it is compared `like`."""
    from tidegate.expr.literal import Literal

    if isinstance(value, Expr):
        return value
    if isinstance(value, Duration):
        return Literal(value.ms, shown=value.iso)
    number = isinstance(value, int | float)
    if isinstance(value, str) or (number and not isnan(value)):
        return Literal(value, domain=like.domain if like is not None and isinstance(value, str) else "")
    raise ExpressionError(f"`{shown(value)}` cannot stand in an expression", hint=_instead_of(value))


def _instead_of(value: object) -> str:
    """Return what an author may write instead of a value that is no expression."""
    if value is None:
        return "ask `.is_null()` for a known null, `~field.is_known()` for what is missing"
    if isinstance(getattr(value, "default", None), Duration):  # a span that analysts may revise
        return (
            "a `Span` says how long something lasts; a limit is a number: "
            'write `tg.Parameter(5, ..., unit="min") * tg.minutes(1)`'
        )
    return "use fields, features, parameters, durations, numbers, names"


def an(word: str) -> str:
    """Return the word with its article, for messages.

    >>> an("account"), an("device")
    ('an account', 'a device')
    """
    return f"an {word}" if word[:1] in "aeiou" else f"a {word}"


def shown(value: object) -> str:
    """Return a value as its author would recognise it, for messages."""
    if isinstance(value, Expr):
        return value.describe()
    name = getattr(value, "__name__", None)
    if isinstance(name, str):
        return name
    return "none" if value is None else str(value)


def flag(value: Operand) -> Expr:
    """Return the value as a node that is true or false, or raise ExpressionError."""
    node = lift(value)
    if node.kind is not Kind.FLAG:
        raise ExpressionError(
            f"`{node.describe()}` is a {node.kind.value}, not true or false",
            hint="compare it with something; mind that `&` binds closer than `>`: put brackets around comparisons",
        )
    return node


def either_options(first: Expr, second: Expr) -> tuple[str, ...]:
    """Return the names that the value of one or the other can be; () where it can be any."""
    if not (first.options and second.options):
        return ()
    return tuple(dict.fromkeys((*first.options, *second.options)))


def any_of(*options: Expr) -> Expr:
    """Return whether at least one holds."""
    from tidegate.expr.logic import Logic

    return Logic("or", tuple(flag(option) for option in options))


def all_of(*options: Expr) -> Expr:
    """Return whether all hold."""
    from tidegate.expr.logic import Logic

    return Logic("and", tuple(flag(option) for option in options))


def _arithmetic(op: str, left: Operand, right: Operand) -> Expr:
    from tidegate.expr.arithmetic import Arithmetic

    return Arithmetic(op, lift(left), lift(right))


def _unary(op: str, operand: Expr) -> Expr:
    from tidegate.expr.arithmetic import Unary

    return Unary(op, operand)


def _compare(op: str, left: Operand, right: Operand) -> Expr:
    from tidegate.expr.logic import Compare

    like = left if isinstance(left, Expr) else right if isinstance(right, Expr) else None
    return Compare(op, lift(left, like=like), lift(right, like=like))


def _logic(op: str, left: Operand, right: Operand) -> Expr:
    from tidegate.expr.logic import Logic

    return Logic(op, (flag(left), flag(right)))
