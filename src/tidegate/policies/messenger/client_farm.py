"""Farms: many devices behind one address that run the same modified build."""

import tidegate as tg
from tidegate.events import ClientReport


class ClientFarm(tg.RuleSet):
    """Farms: many devices behind one address that run the same modified build."""

    area = "client"

    devices_limit = tg.Parameter(
        5, low=2, high=200, unit="devices", why="a household does not modify six phones alike",
        source="client.cluster-over-5-devices-same-ip",
    )  # fmt: skip

    is_modified = ClientReport.is_modified.or_else(~ClientReport.mod_family.is_null())
    of_build = (
        tg.events(ClientReport)
        .where(is_modified)
        .distinct(ClientReport.device_id)
        .per(ClientReport.ip, ClientReport.mod_family, ClientReport.mod_version)
        .over(tg.hours(24))
    )

    cluster = tg.Rule(
        id="client.cluster-over-5-devices-same-ip",
        title="More than 5 devices on one address with the same modified version",
        on=(ClientReport,),
        when=of_build > devices_limit,
        given=is_modified
        & ~(
            ClientReport.ip.is_null() | ClientReport.mod_family.is_null() | ClientReport.mod_version.is_null()
        ),
        window="PT24H",
        points=40,
        labels=(tg.Label("association-risk"),),
        reason="{observed} devices on the address run the same modified version; limit {limit}",
        source="client.cluster-over-5-devices-same-ip",
        note="24 hours are our choice; each account gets its 40 points when it reports; 40 alone do not restrict",
        examples=(
            "fires: the sixth device with the version",
            "does not: three devices each with two versions",
        ),
    )
