"""Distances on the globe."""

from dataclasses import dataclass

from tidegate.errors import ExpressionError
from tidegate.expr.node import Expr, Kind, Operand, lift


@dataclass(frozen=True, eq=False, repr=False)
class GreatCircle(Expr):
    """Distance in km between two places, haversine on a sphere of 6371.0088 km; coordinates in degrees."""

    lat_a: Expr
    lon_a: Expr
    lat_b: Expr
    lon_b: Expr

    def __post_init__(self) -> None:
        for operand in self.children():
            if operand.kind is not Kind.NUMBER:
                raise ExpressionError(
                    f"`{operand.describe()}` is no coordinate", hint="give four numbers, in degrees"
                )

    def children(self) -> tuple[Expr, ...]:
        return (self.lat_a, self.lon_a, self.lat_b, self.lon_b)

    def describe(self) -> str:
        a, b, c, d = (child.describe() for child in self.children())
        return f"km from ({a}, {b}) to ({c}, {d})"


def great_circle_km(place: tuple[Operand, Operand], other: tuple[Operand, Operand]) -> Expr:
    """Return the distance between two (latitude, longitude) places in km."""
    given: tuple[object, ...] = (place, other)
    for pair in given:
        if not isinstance(pair, tuple) or len(pair) != 2:  # noqa: PLR2004  latitude and longitude
            raise ExpressionError(
                "a place is not a pair of latitude and longitude",
                hint="write `tg.great_circle_km((lat, lon), (other_lat, other_lon))`",
            )
    return GreatCircle(*map(lift, (*place, *other)))
