"""Accounts whose network address jumps about, as behind a rotating proxy."""

import tidegate as tg
from tidegate.events import NetworkSwitch
from tidegate.policies.messenger import sanctions


class AddressHopping(tg.RuleSet):
    """Accounts whose network address jumps about, as behind a rotating proxy."""

    area = "network"

    hops_limit = tg.Parameter(
        5, low=1, high=100, unit="changes", why="more than five an hour", source="net.ip-hops-over-5-per-hour"
    )  # fmt: skip

    hops_1h = (
        tg.events(NetworkSwitch).changes(NetworkSwitch.ip).per(NetworkSwitch.account_id).over(tg.hours(1))
    )

    hops = tg.Rule(
        id="net.ip-hops-over-5-per-hour",
        title="More than 5 changes of address in an hour",
        on=(NetworkSwitch,),
        when=hops_1h > hops_limit,
        window="PT1H",
        measures=(tg.Measure(sanctions.FUNCTION_RESTRICTION),),
        reason="{observed} changes of address in an hour; limit {limit}",
        source="net.ip-hops-over-5-per-hour",
        note="the first address seen is no change",
        examples=("fires: seven different addresses in turn within an hour", "does not: six of them"),
    )
