"""The messenger's policy, and one rule more: for a homeserver whose operator keeps a list of networks to refuse.

Write what the list says of an address as `ip_profile` events (`anonymity`, 0..1), then

    tidegate serve --policy examples/homeserver_policy.py
"""

from dataclasses import replace

import tidegate as tg
from tidegate.events import IpProfile, LoginAttempt
from tidegate.policies.messenger import policy as messenger

NETWORK_REFUSED = tg.Sanction(
    id="homeserver.network-refused",
    title="No logins from this address for a day",
    effect="deny",
    capability=("login",),
    lasting=tg.days(1),
    level=2,
    subject="ip",
    why="the list is renewed daily",
    source="homeserver.listed-network",
)


class ListedNetworks(tg.RuleSet):
    """Logins from networks on the operator's list."""

    area = "login"

    limit = tg.Parameter(
        0.9, low=0.5, high=1, unit="score", why="addresses of which nearly all use is abuse", source="homeserver.listed-network"
    )  # fmt: skip

    anonymity = tg.events(IpProfile).last(IpProfile.anonymity).per(IpProfile.ip).ever()

    listed = tg.Rule(
        id="homeserver.listed-network",
        title="Login from a listed network",
        on=(LoginAttempt,),
        when=anonymity > limit,
        measures=(tg.Measure(NETWORK_REFUSED),),
        reason="the address is listed with {observed}; limit {limit}",
        source="homeserver.listed-network",
        examples=("fires: an address listed with 0.95", "does not: an address that is on no list"),
    )


policy = replace(messenger, name="homeserver", rule_sets=(*messenger.rule_sets, ListedNetworks))
