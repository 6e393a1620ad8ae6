"""The markets the made-up accounts live in: zone, place, dialling prefix and share of the population.

Places are the largest city of the zone. Numbers and addresses are invented: numbers continue with 55, addresses come
from 10.0.0.0/8, which no one on the public network has.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Market:
    """One country; ``share`` is a weight, not a fraction."""

    country: str
    zone: str
    latitude: float
    longitude: float
    prefix: str
    share: int


MARKETS: tuple[Market, ...] = (
    Market("IN", "Asia/Kolkata", 19.08, 72.88, "+91", 22),
    Market("BR", "America/Sao_Paulo", -23.55, -46.63, "+55", 16),
    Market("ID", "Asia/Jakarta", -6.21, 106.85, "+62", 11),
    Market("DE", "Europe/Berlin", 52.52, 13.41, "+49", 9),
    Market("MX", "America/Mexico_City", 19.43, -99.13, "+52", 8),
    Market("GB", "Europe/London", 51.51, -0.13, "+44", 7),
    Market("IT", "Europe/Rome", 45.46, 9.19, "+39", 7),
    Market("ES", "Europe/Madrid", 40.42, -3.70, "+34", 6),
    Market("NG", "Africa/Lagos", 6.52, 3.38, "+234", 6),
    Market("US", "America/New_York", 40.71, -74.01, "+1", 4),
    Market("TR", "Europe/Istanbul", 41.01, 28.98, "+90", 2),
    Market("ZA", "Africa/Johannesburg", -26.20, 28.05, "+27", 2),
)
COUNTRIES = tuple(market.country for market in MARKETS)
ZONES = tuple(market.zone for market in MARKETS)
