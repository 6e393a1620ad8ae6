"""The client app: build, integrity, heartbeat, versions."""

from tidegate.events.event import Event
from tidegate.events.kinds import Choice, Date, Flag, Id, Integer, Moment, Real, RealMap, Ref, Text


class ClientReport(Event, kind="client_report"):
    """Client build and integrity report."""

    app_version = Ref("client_version", "version of the app", unit="semver")
    build_date = Date("release date of the build")
    signature_hash = Text("signature of the build", unit="hash")
    signature_deviation = Real(
        "deviation of the signature check value from the official one", unit="0..1", low=0, high=1
    )
    features = RealMap("client characteristic values", unit="17 values")
    feature_deviation = Real(
        "largest relative deviation from the official profile", unit="0..1", low=0, high=1
    )
    nonstandard_fields = Integer("unknown fields in the packet", unit="count")
    key_algorithm = Text("key-generation hash")
    tls_cert_ok = Flag("certificate check passed")
    auto_update = Flag("the app updates itself")
    is_modified = Flag("classified as modified build")
    mod_family = Ref("mod_family", "family of modified builds")
    mod_version = Text("version of the modified build")
    mod_category = Choice(
        "cosmetic", "functional", "privacy", "core_protocol", about="what the modification changes"
    )
    auto_reply = Flag("auto-reply function in use")
    unlimited_forward = Flag("forward limit bypassed")
    via_unofficial_api = Flag("traffic from an unofficial API")
    font_render = Text("hash of rendered fonts", unit="hash")
    battery_report_interval = Real("gap between battery reports", unit="s", low=0)
    bg_wake_interval = Real("gap between wake-ups in the background", unit="s", low=0)


class ClientHeartbeat(Event, kind="client_heartbeat"):
    """Keep-alive packet."""

    session_id = Ref("session", "session")
    client_ts = Moment(
        "time of the packet on the client clock; a whole number counts microseconds", unit="us"
    )
    interval_s = Real("gap to the previous heartbeat", unit="s", low=0)


class ConnectTiming(Event, kind="connect_timing"):
    """Timing of connection and delivery."""

    session_id = Ref("session", "session")
    connect_ms = Real("response time of the connection request", unit="ms", low=0)
    message_latency_ms = Real("message transfer latency", unit="ms", low=0)
    client_version = Ref("client_version", "version of the app")


class IntegrityCheck(Event, kind="integrity_check"):
    """Encrypted client-server check."""

    ok = Flag("the check was passed")


class PacketAuth(Event, kind="packet_auth"):
    """Result of per-packet authentication."""

    message_id = Id("id of the message")
    tag_ok = Flag("authentication code as expected")


class ClientQueue(Event, kind="client_queue"):
    """Messages queued by the client."""

    queued = Integer("messages that wait in the client", unit="messages/min")


class ClientUpdated(Event, kind="client_updated"):
    """App version changes on a device."""

    from_version = Ref("client_version", "version before")
    to_version = Ref("client_version", "version after")
    from_official = Flag("the version before was official")
    to_official = Flag("the version after is official")


class SignatureLibraryReleased(Event, kind="signature_library_released"):
    """New release of the client feature library."""

    version = Text("version of the library")
    dimensions_added = Integer("features added", unit="count")


class ModReleaseSeen(Event, kind="mod_release_seen"):
    """A modified build is published / becomes detectable."""

    mod_family = Ref("mod_family", "family of modified builds")
    mod_version = Text("version of the modified build")
    released_ts = Moment("when it was published")
    detectable_ts = Moment("when it can be detected")


class SecurityWarningShown(Event, kind="security_warning_shown"):
    """A security warning pop-up is displayed."""

    cause = Text("rule that was the cause", unit="row id")


class BackupRestored(Event, kind="backup_restored"):
    """A chat backup is restored."""

    provider = Text("official cloud or other")
    is_official = Flag("the copy comes from an official cloud")
    code_valid = Flag("compliance verification code is valid")
    age_days = Integer("span of history restored", unit="days")
