"""Values written in the policy itself."""

from dataclasses import dataclass, field

from tidegate.expr.node import Expr, Kind

_WHOLE_MAX = 1e15  # whole numbers are written out below


@dataclass(frozen=True, eq=False, repr=False)
class Literal(Expr):
    """A number, a name, or true/false; `shown` is how the author wrote a duration, whose value is in ms."""

    value: float | int | bool | str
    domain: str = ""
    shown: str = ""
    kind: Kind = field(init=False)
    options: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        kinds = {bool: Kind.FLAG, str: Kind.SYMBOL}
        object.__setattr__(self, "kind", kinds.get(type(self.value), Kind.NUMBER))
        object.__setattr__(self, "options", (self.value,) if isinstance(self.value, str) else ())

    def details(self) -> tuple[object, ...]:
        number = self.kind is Kind.NUMBER
        return (float(self.value) if number else self.value, self.domain)

    def describe(self) -> str:
        if self.shown:
            return self.shown
        if self.kind is Kind.NUMBER:
            return number_text(float(self.value))
        return str(self.value).lower() if self.kind is Kind.FLAG else f'"{self.value}"'


def number_text(value: float) -> str:
    """Return a number as a person writes it.

    >>> number_text(86_400_000.0), number_text(0.25), number_text(8.4)
    ('86400000', '0.25', '8.4')
    """
    return str(int(value)) if value == int(value) and abs(value) < _WHOLE_MAX else f"{value:.9g}"
