"""Positions that the app did not measure."""

import tidegate as tg
from tidegate.events import LocationShared


class FakedLocation(tg.RuleSet):
    """Positions that the app did not measure."""

    area = "client"

    error_limit_m = tg.Parameter(
        500, low=50, high=10000, unit="m", why="the official app demands 50 m; between the two lie bad receivers",
        source="client.location-error-500m",
    )  # fmt: skip

    far_off = tg.Rule(
        id="client.location-error-500m",
        title="Shared position is 500 m off or more",
        on=(LocationShared,),
        when=LocationShared.error_m >= error_limit_m,
        labels=(tg.Label("modified-client-watch"),),
        reason="a shared position is {observed} m off; limit {limit}",
        source="client.location-error-500m",
        note="off from what the network says where that may be used, else the accuracy that the app declares",
        examples=("fires: 500 m", "does not: 499 m"),
    )
