"""Registration: attempts, accounts, verification codes, operator data."""

from tidegate.events.event import Event
from tidegate.events.kinds import Choice, Flag, Id, Moment, Real, Ref, Text, TextMap
from tidegate.events.vocabulary import CARRIERS, NETWORKS


class RegistrationAttempt(Event, kind="registration_attempt"):
    """A registration request reaches the server."""

    attempt_id = Id("id of the attempt")
    session_id = Ref("session", "registration session")
    number_block_deviation = Real(
        "deviation of the block attribution label from physical-operator numbers",
        unit="0..1",
        low=0,
        high=1,
    )
    platform = Choice("android", "ios", "other", about="operating system family")
    ip_anonymity = Real("anonymity score of the address", unit="0..1", low=0, high=1)
    is_public_vpn = Flag("the address belongs to a public VPN")
    network_type = Choice(*NETWORKS, about="access network")
    tz = Text("zone used for local hour", unit="IANA zone")
    device_params = TextMap("hardware parameters reported at registration")
    outcome = Choice("created", "merged", "blocked", "queued", "failed", about="what became of the attempt")


class AccountRegistered(Event, kind="account_registered"):
    """An account is created or merged."""

    merged_into = Ref("account", "set when the attempt became a change of number")


class VerificationCodeRequested(Event, kind="verification_code_requested"):
    """A code send is asked for."""

    session_id = Ref("session", "registration session")
    channel = Choice("sms", "voice", about="way of sending")
    cause = Choice(
        "normal",
        "region_mismatch",
        "fingerprint_anomaly",
        "second_factor",
        about="why a code is needed",
    )
    delivered = Flag("the code arrived")


class VerificationCodeAttempt(Event, kind="verification_code_attempt"):
    """A code is typed in."""

    session_id = Ref("session", "registration session")
    correct = Flag("the code was right")


class SimChanged(Event, kind="sim_changed"):
    """SIM or eSIM of a number changes."""

    sim_kind = Choice("sim", "esim", about="what was changed")


class CarrierCheck(Event, kind="carrier_check"):
    """Periodic comparison with operator data."""

    carrier_match = Flag("operator data agrees with ours")
    sim_country = Text("country of SIM registration", unit="ISO 3166-1")
    last_sim_change = Moment("last change of SIM on record")
    carrier_kind = Choice(*CARRIERS, about="operator kind")
