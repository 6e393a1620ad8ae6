"""Logins over networks that hide where somebody is, or let others listen."""

import tidegate as tg
from tidegate.events import CarrierCheck, LoginAttempt, NumberProfile
from tidegate.policies.messenger import account

NOT_FAILED = (LoginAttempt.ok != 0).or_else(True)  # noqa: FBT003  an operand


class RiskyNetworks(tg.RuleSet):
    """Logins over networks that hide where somebody is, or let others listen."""

    area = "login"

    least_tls = tg.Parameter(
        1.2, low=1.0, high=1.3, unit="TLS version", why="older versions can be broken", source="login.public-wifi-weak-tls"
    )  # fmt: skip

    _operator = tg.events(CarrierCheck, NumberProfile).last(CarrierCheck.sim_country)
    sim_country = (
        _operator.per(CarrierCheck.number)
        .ever()
        .at(account.number)
        .or_else(_operator.per(CarrierCheck.account_id).ever())
    )
    _is_none = LoginAttempt.ip_country.is_null() | sim_country.is_null()
    _tls = LoginAttempt.tls_version
    tls = tg.when(_tls == "1.0", 1.0, tg.when(_tls == "1.1", 1.1, tg.when(_tls == "1.2", 1.2, 1.3)))

    vpn_abroad = tg.Rule(
        id="login.vpn-sim-country-mismatch",
        title="Login through a VPN, from another country than that of the SIM",
        on=(LoginAttempt,),
        when=LoginAttempt.ip_country != sim_country,
        given=(LoginAttempt.is_vpn == 1) & ~_is_none & NOT_FAILED,
        prior=tg.Prior(0.64, group="vpn-alone", source="login.vpn-sim-country-mismatch"),
        labels=(tg.Label("high-risk-login"),),
        reason="through a VPN from {observed}, the SIM is of {limit}",
        source="login.vpn-sim-country-mismatch",
        note="the SIM's country is what its operator said last, of the account's number; a login known to have failed is somebody"
        " else's, and does not count",
        examples=(
            "fires: a VPN with an address in US, a SIM of IT",
            "does not: the same without a VPN: roaming",
        ),
    )
    weak_tls = tg.Rule(
        id="login.public-wifi-weak-tls",
        title="Login on public Wi-Fi with TLS below 1.2",
        on=(LoginAttempt,),
        when=tls < least_tls,
        given=(LoginAttempt.network_type == "public_wifi") & NOT_FAILED,
        prior=tg.Prior(0.43, source="login.public-wifi-weak-tls"),
        labels=(tg.Label("high-risk-login"),),
        reason="a login on public Wi-Fi with TLS {observed}; at least {limit}",
        source="login.public-wifi-weak-tls",
        note="versions other than 1.0 and 1.1 are not older; a platform should refuse those two altogether",
        examples=("fires: TLS 1.1 on public Wi-Fi", "does not: TLS 1.1 at home, or TLS 1.2 on public Wi-Fi"),
    )
