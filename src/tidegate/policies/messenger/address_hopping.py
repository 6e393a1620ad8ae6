"""Accounts whose network address jumps about, as behind a rotating proxy."""

import tidegate as tg
from tidegate.events import NetworkSwitch
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.modifiers import UNSTABLE_NETWORK, network_switches, switches_10m


class AddressHopping(tg.RuleSet):
    """Accounts whose network address jumps about, as behind a rotating proxy."""

    area = "network"

    hops_limit = tg.Parameter(
        5, low=1, high=100, unit="changes", why="more than five an hour", source="net.ip-hops-over-5-per-hour"
    )  # fmt: skip

    # who has no address for a moment, in a tunnel, has not changed it
    _addressed = tg.events(NetworkSwitch).where(~NetworkSwitch.ip.is_null())
    hops_1h = _addressed.changes(NetworkSwitch.ip).per(NetworkSwitch.account_id).over(tg.hours(1))

    hops = tg.Rule(
        id="net.ip-hops-over-5-per-hour",
        title="More than 5 changes of address in an hour",
        on=(NetworkSwitch,),
        when=hops_1h > hops_limit,
        window="PT1H",
        measures=(tg.Measure(sanctions.FUNCTION_RESTRICTION),),
        reason="{observed} changes of address in an hour; limit {limit}",
        source="net.ip-hops-over-5-per-hour",
        note="the first address seen is no change, nor is none on record",
        examples=("fires: seven different addresses in turn within an hour", "does not: six of them"),
    )
    unstable = tg.Rule(
        id=UNSTABLE_NETWORK.id,
        title="More than 3 network switches in 10 minutes",
        on=(NetworkSwitch,),
        when=switches_10m > network_switches,
        window="PT10M",
        labels=(tg.Label("unstable-network", lasting=tg.minutes(10)),),
        reason="{observed} network switches in 10 minutes; limit {limit}",
        source="net.switch-over-3-in-10min",
        note="the mark lasts until 10 minutes have passed without a further such switch; limits of sending are lowered by the"
        " modifier of the same id, as long as the switches lie within the 10 minutes",
        examples=("fires: the fourth switch within 10 minutes", "does not: three of them"),
    )
