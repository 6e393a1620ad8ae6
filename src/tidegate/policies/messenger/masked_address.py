"""Addresses behind which anybody may be: virtual private networks and proxies."""

import tidegate as tg
from tidegate.events import IpProfile, LoginAttempt, NetworkSwitch, RegistrationAttempt
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.address_hopping import AddressHopping
from tidegate.policies.messenger.priors import unstated


class MaskedAddress(tg.RuleSet):
    """Addresses behind which anybody may be: virtual private networks and proxies."""

    area = "network"

    anonymity_limit = tg.Parameter(
        0.85, low=0.5, high=0.99, unit="score", why="more than 85 %: hardly any address but those of anonymisers",
        source="reg.public-vpn-anonymity-over-85pct",
    )  # fmt: skip

    _recorded = tg.events(IpProfile).last(IpProfile.anonymity).per(IpProfile.ip).ever()
    anonymity = RegistrationAttempt.ip_anonymity.or_else(_recorded)

    masked = tg.Rule(
        id="net.vpn-proxy-function-restriction",
        title="Network address of a VPN or proxy",
        on=(NetworkSwitch, LoginAttempt),
        when=(NetworkSwitch.is_vpn | NetworkSwitch.is_proxy) == 1,
        prior=unstated("net.vpn-proxy-function-restriction", group="vpn-alone"),
        measures=(
            tg.Measure(
                sanctions.FUNCTION_RESTRICTION, given=AddressHopping.hops_1h > AddressHopping.hops_limit
            ),
        ),
        reason="the address belongs to a VPN or a proxy (reported: {observed})",
        source="net.vpn-proxy-function-restriction",
        note="people under censorship need them, with addresses abroad: alone it scores; with more than five changes of address in an"
        " hour it restricts. Another country than the SIM's scores more (login.vpn-sim-country-mismatch) and restricts with other"
        " signs only. What was said of an address before says nothing of the next one",
        examples=("fires: the address of a VPN", "does not: any other address"),
    )
    anonymous_registration = tg.Rule(
        id="reg.public-vpn-anonymity-over-85pct",
        title="Registration through a public VPN whose address is more than 85 % anonymous",
        area="registration",
        on=(RegistrationAttempt,),
        when=anonymity > anonymity_limit,
        given=RegistrationAttempt.is_public_vpn == 1,
        measures=(sanctions.step_up("captcha", capability="register", subject="number"),),
        reason="anonymity of {observed} behind a public VPN; limit {limit}",
        source="reg.public-vpn-anonymity-over-85pct",
        note="both must hold; the anonymity is that of the attempt, else that of the address's profile; a VPN alone asks nothing",
        examples=(
            "fires: a public VPN with 0.86",
            "does not: a public VPN with 0.85, or 0.9 without a public VPN",
        ),
    )
