"""Addresses behind which anybody may be: virtual private networks and proxies."""

import tidegate as tg
from tidegate.events import LoginAttempt, NetworkSwitch
from tidegate.policies.messenger.priors import unstated


class MaskedAddress(tg.RuleSet):
    """Addresses behind which anybody may be: virtual private networks and proxies."""

    area = "network"

    _seen = tg.events(NetworkSwitch, LoginAttempt)
    is_vpn = _seen.last(NetworkSwitch.is_vpn).per(NetworkSwitch.account_id).ever()
    is_proxy = _seen.last(NetworkSwitch.is_proxy).per(NetworkSwitch.account_id).ever()

    masked = tg.Rule(
        id="net.vpn-proxy-function-restriction",
        title="Network address of a VPN or proxy",
        on=(NetworkSwitch, LoginAttempt),
        when=(is_vpn | is_proxy) == 1,
        prior=unstated("net.vpn-proxy-function-restriction", group="vpn-alone"),
        reason="the address belongs to a VPN or a proxy (reported: {observed})",
        source="net.vpn-proxy-function-restriction",
        note="people under censorship need them: alone it scores; more than five hops an hour restrict, by their own rule",
        examples=("fires: the address of a VPN", "does not: any other address"),
    )
