"""Farms: many devices behind one address that run the same modified build."""

import tidegate as tg
from tidegate.events import ClientReport, IpProfile

REPORTS = 500  # the newest of a farm that are looked at for its accounts: of 200 devices, more than two each


class ClientFarm(tg.RuleSet):
    """Farms: many devices behind one address that run the same modified build."""

    area = "client"

    devices_limit = tg.Parameter(
        5, low=2, high=200, unit="devices", why="a household does not modify six phones alike",
        source="client.cluster-over-5-devices-same-ip",
    )  # fmt: skip

    is_modified = ClientReport.is_modified.or_else(~ClientReport.mod_family.is_null())
    _modified = tg.events(ClientReport).where(is_modified)
    _build = (ClientReport.ip, ClientReport.mod_family, ClientReport.mod_version)
    of_build = _modified.distinct(ClientReport.device_id).per(*_build).over(tg.hours(24))
    linked = _modified.recent(ClientReport.account_id, REPORTS).per(*_build).over(tg.hours(24))

    # behind an address that many share, six people with a popular build have nothing to do with each other
    _shared = tg.events(IpProfile).last(IpProfile.is_shared).per(IpProfile.ip).ever()
    _is_shared = (_shared == 1).or_else(False)  # noqa: FBT003  an operand

    cluster = tg.Rule(
        id="client.cluster-over-5-devices-same-ip",
        title="More than 5 devices on one address with the same modified version",
        on=(ClientReport,),
        when=of_build > devices_limit,
        given=is_modified
        & ~_is_shared
        & ~(
            ClientReport.ip.is_null() | ClientReport.mod_family.is_null() | ClientReport.mod_version.is_null()
        ),
        window="PT24H",
        points=40,
        reaches=linked,
        labels=(tg.Label("association-risk"),),
        reason="{observed} devices on the address run the same modified version; limit {limit}",
        source="client.cluster-over-5-devices-same-ip",
        note="24 hours are our choice; not on an address that its profile calls shared: behind it nobody is linked; the 40 points and the label are for every account that reported this build from the address in"
        " these hours, by the newest 500 reports; they count for a day after the last report of the farm; 40 alone do not restrict,"
        " and whom they take over the threshold is restricted at his next event",
        examples=(
            "fires: the sixth device with the version",
            "does not: three devices each with two versions",
        ),
    )
