"""Values written in the policy itself."""

from dataclasses import dataclass, field

from tidegate.expr.node import Expr, Kind


@dataclass(frozen=True, eq=False, repr=False)
class Literal(Expr):
    """A number, a name, or true/false."""

    value: float | int | bool | str
    domain: str = ""
    kind: Kind = field(init=False)

    def __post_init__(self) -> None:
        kinds = {bool: Kind.FLAG, str: Kind.SYMBOL}
        object.__setattr__(self, "kind", kinds.get(type(self.value), Kind.NUMBER))

    def details(self) -> tuple[object, ...]:
        number = self.kind is Kind.NUMBER
        return (float(self.value) if number else self.value, self.domain)

    def describe(self) -> str:
        return (
            f"{self.value:g}"
            if self.kind is Kind.NUMBER
            else str(self.value).lower()
            if self.kind is Kind.FLAG
            else f'"{self.value}"'
        )
