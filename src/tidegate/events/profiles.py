"""Reference state, which arrives as events: each field given holds from `ts` on."""

from tidegate.events.event import Event
from tidegate.events.kinds import (
    Choice,
    Flag,
    Integer,
    Moment,
    MomentMap,
    Moments,
    Object,
    Objects,
    Real,
    Reals,
    Ref,
    Refs,
    Text,
    Texts,
)
from tidegate.events.vocabulary import CARRIERS


class AccountProfile(Event, kind="account_profile"):
    """Reference state of an account."""

    registered_at = Moment("creation time of the account")
    tier = Choice("new", "young", "stable", "business", about="quota tier, derived from age and verification")
    official_business = Flag("platform-confirmed official business account (sending table)")
    verified_business = Flag("verified business account (group table)")
    is_identified = Flag("holder identity is confirmed")
    tz = Text("home time zone used for local-time windows", unit="IANA zone")
    market = Text("home market of the account", unit="ISO 3166-1 alpha-2")
    home_countries = Texts("habitual login countries", unit="ISO 3166-1")
    known_devices = Refs("device", "devices seen and verified earlier")
    known_networks = Refs("ip", "habitual networks, as events name addresses", unit="ASN or /24 hashes")
    hour_profile = Reals("habitual activity by local hour", unit="24 bins", low=0, length=24)
    labels = MomentMap("risk labels with time of setting")
    risk_score = Real("current risk score", unit="0..1", low=0, high=1)
    sanctions = Objects("sanction history with cause, start, end")
    linked_accounts = Refs("account", "accounts joined through device, IP or number")
    behaviour_vector = Reals("behaviour profile used for deviation and similarity", unit="normalised")
    daily_limit = Integer("daily send limit in force", unit="messages/day")


class DeviceProfile(Event, kind="device_profile"):
    """Reference state of a device fingerprint."""

    accounts = Objects("accounts registered on or bound to the device", unit="account id, first seen")
    labels = MomentMap("risk labels")
    imei_hash = Ref("imei", "hardware code", unit="keyed hash")
    board_serial_hash = Ref("board", "main board serial hash", unit="keyed hash")
    banned_accounts = Refs("account", "banned accounts seen on the device")
    watch_tier = Choice("none", "cold", "active", about="which watch list holds the fingerprint")


class IpProfile(Event, kind="ip_profile"):
    """Reference state of an IP address."""

    registrations = Objects("registration attempts with time")
    senders = Objects("accounts that sent, with time")
    is_shared = Flag("carrier NAT or public hotspot")
    anonymity = Real("anonymity score from block-list data", unit="0..1", low=0, high=1)
    banned_accounts = Refs("account", "banned accounts seen on the IP")


class NumberProfile(Event, kind="number_profile"):
    """Reference state of a phone number."""

    last_registered_at = Moment("last registration with this number")
    prior_account_id = Ref("account", "account it belonged to")
    failed_registrations = Integer("failed attempts in a row", unit="consecutive")
    labels = MomentMap("risk labels")
    sim_history = Objects("SIM/eSIM changes")
    sim_country = Text("country of SIM registration", unit="ISO 3166-1")
    carrier_kind = Choice(*CARRIERS, about="operator kind")
    voice_calls = Moments("voice verifications sent")


class LinkProfile(Event, kind="link_profile"):
    """Reference state of a normalised link."""

    link_hash = Ref("link", "link", unit="keyed hash of the normalised URL")
    reports = Moments("reports naming the link")
    recipients = Objects("distinct recipients", unit="sender, recipient, time")
    clicks = Integer("clicks")
    sends = Integer("sends")
    labels = MomentMap("risk labels")
    malicious = Flag("listed as fraud or malware")


class GroupProfile(Event, kind="group_profile"):
    """Reference state of a group."""

    group_id = Ref("group", "group")
    size = Integer("current member count", unit="members")
    members = Refs("account", "member set (MinHash is enough)")
    report_rate = Real("report rate of the group", unit="reports/messages", low=0)
    active_members_72h = Integer("members active in the last 72 h", unit="members")


class BaselineProfile(Event, kind="baseline_profile"):
    """Platform-wide baselines, recomputed on schedule: all in one event, or each in one of its own."""

    metric = Text("which baseline the event is about", unit="name of the field")
    connect_ms = Real("median connection response of the official client", unit="ms", low=0)
    message_latency_ms = Real("median message latency of the official client", unit="ms", low=0)
    avg_message_rate = Real("mean sending intensity of accounts", unit="messages/min", low=0)
    group_report_rate = Real("platform mean group report rate (source: 0.7 %)", unit="ratio", low=0)
    link_ctr = Real("normal click-through rate (source: 15 %)", unit="ratio", low=0)
    behaviour_centroid = Reals("profile of normal users")
    official_client = Object("expected client feature values of each official version")
    promo_report_rate = Real(
        "normal report rate of promotional senders (source: 0.3-0.5 %)", unit="ratio", low=0
    )
