"""Login and what follows it: step-up checks, sessions, networks, payments, changes of the profile."""

from tidegate.events.event import Event
from tidegate.events.kinds import Amount, Choice, Flag, Id, Ref, Text, TextMap
from tidegate.events.vocabulary import NETWORKS, STEP_UPS


class LoginAttempt(Event, kind="login_attempt"):
    """A login is tried."""

    login_id = Id("id of the login")
    ok = Flag("credentials accepted")
    is_vpn = Flag("the address belongs to a VPN")
    is_proxy = Flag("the address belongs to a proxy")
    network_type = Choice(*NETWORKS, about="access network")
    tls_version = Text("protocol negotiated", unit="1.0|1.1|1.2|1.3")
    number_type = Choice("mobile", "mvno", "virtual", about="number classification")
    device_params = TextMap("reported at each login", unit="12 parameters")


class ChallengeIssued(Event, kind="challenge_issued"):
    """A step-up check is demanded."""

    challenge_id = Ref("challenge", "id of the step-up check")
    challenge_type = Choice(*STEP_UPS, about="which step-up check")
    cause = Text("rule that was the cause", unit="row id")


class ChallengeResult(Event, kind="challenge_result"):
    """Outcome of a step-up check."""

    challenge_id = Ref("challenge", "id of the step-up check")
    challenge_type = Choice(*STEP_UPS, about="which step-up check")
    passed = Flag("the check was passed")


class SessionState(Event, kind="session_state"):
    """A session opens or closes."""

    session_id = Ref("session", "session")
    state = Choice("open", "close", about="what the session does")


class NetworkSwitch(Event, kind="network_switch"):
    """The access network of a session changes."""

    session_id = Ref("session", "login or registration session")
    from_type = Choice(*NETWORKS, about="access network before")
    to_type = Choice(*NETWORKS, about="access network after")
    ip = Ref("ip", "new address")
    is_vpn = Flag("the address belongs to a VPN")
    is_proxy = Flag("the address belongs to a proxy")
    is_dynamic_ip = Flag("address from a dynamic pool")


class PaymentAttempted(Event, kind="payment_attempted"):
    """A payment or transfer is tried."""

    amount = Amount("amount of money", unit="currency")


class ProfileChanged(Event, kind="profile_changed"):
    """Name or picture is changed."""

    field = Choice("name", "avatar", "signature", about="what was changed")
