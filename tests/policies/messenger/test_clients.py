"""Client rules: every boundary case of their catalogue rows, as events in and decisions out."""

import pytest
from tests.policies.messenger.clients import client, farm, updates, versions
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    at,
    business,
    event,
    last,
    message,
    messages,
    outcome,
    profile,
    stable,
)

SIGNATURE = "client.signature-deviation-over-95pct"
VALUES = "client.feature-deviation-over-5pct"
FIELDS = "client.nonstandard-fields-over-3"
CERTIFICATE = "client.tls-cert-failure"
KEYS = "client.key-algorithm-downgrade"
COSMETIC = "client.tier-cosmetic"
FUNCTIONAL = "client.tier-functional"
PRIVACY = "client.tier-privacy"
CORE = "client.tier-core-protocol"
PERMANENT = "client.modified-permanent-ban"
MEDIA = "client.modified-media-over-100mb"
SWITCH = "client.switch-official-modified"
UNOFFICIAL = "client.unofficial-api"
AUTOMATIC = "client.abuse-auto-reply-unlimited-forward"
PACKETS = "client.packet-anomaly-150-watchlist"
HEARTBEAT = "client.heartbeat-interval"
JITTER = "client.heartbeat-timestamp-jitter"
QUEUE = "client.queue-over-12-per-min"
CLUSTER = "client.cluster-over-5-devices-same-ip"
BANDWIDTH = "client.bandwidth-over-15mb-10min"
LOCATION = "client.location-error-500m"
BACKUP = "client.backup-code-invalid"
MIB = 2**20


def value(rule, field, *cases):
    """Cases of one value of a client report, and one where it is not known."""
    return [
        *((rule, f"{field} {given}", [client(**{field: given})], expected) for given, expected in cases),
        (rule, f"{field} not known", [client()], "undecided"),
    ]


def packets(wrong, right=0, step=SECOND, start=T0):
    """Packets of which some have a wrong code, the wrong ones last."""
    return [
        event("packet_auth", start + i * step, tag_ok=ok)
        for i, ok in enumerate([True] * right + [False] * wrong)
    ]


def heartbeats(*intervals):
    return [event("client_heartbeat", T0 + i * 15 * SECOND, interval_s=s) for i, s in enumerate(intervals)]


def beats(*gaps_s, says=30.0):
    """Heartbeats with these gaps on the client's clock."""
    clock = [T0 * 1000 + round(sum(gaps_s[:i]) * 1_000_000) for i in range(len(gaps_s) + 1)]
    return [
        event("client_heartbeat", T0 + i * 30 * SECOND, session_id="s", client_ts=us, interval_s=says)
        for i, us in enumerate(clock)
    ]


def queued(count, ts=T0):
    return event("client_queue", ts, queued=count)


# of one build three behind the address, as many behind another one; and enough that share its family or its version
MIXED = [farm((3, "f", "1"), ip="j"), farm((3, "f", "2"), (3, "g", "1"), (3, "f", "1"))]
UNSAID = client(T0 + HOUR, "u", device_id="u", ip="i", is_modified=True, mod_family="f")


def known_shared(shared, ts=T0 - DAY, ip="i"):
    return event("ip_profile", ts, None, ip=ip, is_shared=shared)


def traffic(*mib, step=MINUTE):
    return [event("bandwidth_sample", T0 + i * step, bytes=round(size * MIB)) for i, size in enumerate(mib)]


def file_of(mib, ts=T0, **fields):
    return message(ts, media_bytes=round(mib * MIB), **fields)


modified = client(T0 - DAY, is_modified=True)
official = client(T0 - DAY, is_modified=False)

CASES = [
    *value(SIGNATURE, "signature_deviation", (0.94, "rests"), (0.95, "rests"), (0.96, "fires"), (1, "fires")),
    *value(VALUES, "feature_deviation", (0.04, "rests"), (0.05, "rests"), (0.06, "fires")),
    *value(FIELDS, "nonstandard_fields", (2, "rests"), (3, "rests"), (4, "fires")),
    *value(CERTIFICATE, "tls_cert_ok", (True, "rests"), (False, "fires")),
    (CERTIFICATE, "fails twice", [client(tls_cert_ok=False), client(T0 + HOUR, tls_cert_ok=False)], "fires"),
    *value(KEYS, "key_algorithm", ("SHA-256", "rests"), ("SHA-1", "fires"), ("other", "fires"), ("sha256", "rests")),
    *value(COSMETIC, "mod_category", (None, "rests"), ("cosmetic", "fires"), ("functional", "rests")),
    *value(FUNCTIONAL, "mod_category", ("cosmetic", "rests"), ("functional", "fires"), ("core_protocol", "rests")),
    *value(PRIVACY, "mod_category", (None, "rests"), ("privacy", "fires"), ("functional", "rests")),
    *value(CORE, "mod_category", ("functional", "rests"), ("core_protocol", "fires")),
    (PERMANENT, "official", versions("O"), "rests"),
    (PERMANENT, "at: modified, of any category", versions("M"), "fires"),
    (PERMANENT, "over: modified, official, modified", versions("MOM"), "fires"),
    (PERMANENT, "back to official", versions("MOMO"), "rests"),
    (PERMANENT, "modified, category not known", [client(is_modified=True)], "fires"),
    (PERMANENT, "not known whether modified", [client(mod_category="core_protocol")], "undecided"),
    (MEDIA, "under: 99 MiB", [modified, file_of(99)], "rests"),
    (MEDIA, "at: 100 MiB", [modified, file_of(100)], "rests"),
    (MEDIA, "over: 101 MiB", [modified, file_of(101)], "fires"),
    (MEDIA, "101 MiB from the official client", [official, file_of(101)], "rests"),
    (MEDIA, "the device says more than the account", [client(T0 - HOUR, is_modified=True, device_id="d"), official, file_of(101, device_id="d")], "fires"),
    (MEDIA, "a modified client on another device than the one that sends", [client(T0 - HOUR, is_modified=True, device_id="d"), file_of(101, device_id="e")], "undecided"),
    (MEDIA, "a modified client on a device that nobody names", [modified, file_of(101, device_id="e")], "fires"),
    (MEDIA, "a modified client, sent from a device of which none is on record", [client(T0 - HOUR, is_modified=True, device_id="d"), file_of(101, device_id=None)], "fires"),
    (MEDIA, "a modified client on a device of which none is on record", [client(T0 - HOUR, is_modified=True, device_id=None), file_of(101, device_id="e")], "fires"),
    (MEDIA, "no report of the client yet", [file_of(101)], "undecided"),
    (MEDIA, "size not known", [modified, message(T0)], "undecided"),
    (SWITCH, "no switch: an update of the official app", updates("OO"), "rests"),
    (SWITCH, "an update of the modified one", updates("MM"), "rests"),
    (SWITCH, "one switch", updates("OM"), "fires"),
    (SWITCH, "two switches, the second the return", updates("OMO"), "rests"),
    (SWITCH, "two switches, back to modified", updates("MOM"), "fires"),
    (SWITCH, "a second return", updates("MOMO"), "fires"),
    (SWITCH, "one return", updates("MO"), "rests"),
    (SWITCH, "an update after a switch", updates("OMM"), "rests"),
    *((SWITCH, f"from {a} to {b}: none on record is no other version", [event("client_updated", T0, from_official=a, to_official=b)], "rests")
      for a, b in ((None, True), (None, False), (True, None), (None, None))),
    (SWITCH, "from what is not known", [event("client_updated", T0, to_official=False)], "undecided"),
    *value(UNOFFICIAL, "via_unofficial_api", (False, "rests"), (True, "fires")),
    (UNOFFICIAL, "and mass sending", [messages(30), client(T0 + MINUTE, via_unofficial_api=True)], "fires"),
    (AUTOMATIC, "neither", [client(auto_reply=False, unlimited_forward=False)], "rests"),
    (AUTOMATIC, "automatic replies", [client(auto_reply=True, unlimited_forward=False)], "fires"),
    (AUTOMATIC, "unlimited forwarding, the rest not known", [client(unlimited_forward=True)], "fires"),
    (AUTOMATIC, "automatic replies of a business", [business(), client(auto_reply=True, unlimited_forward=False)], "rests"),
    (AUTOMATIC, "unlimited forwarding of a business", [business(), client(auto_reply=True, unlimited_forward=True)], "fires"),
    (AUTOMATIC, "one is not known", [client(auto_reply=False)], "undecided"),
    (PACKETS, "under", packets(149), "rests"),
    (PACKETS, "at", packets(150), "fires"),
    (PACKETS, "over", packets(151), "fires"),
    (PACKETS, "500 messages with 0.3 marks each", packets(150, right=350), "fires"),
    (PACKETS, "500 messages with 0.003 marks each", packets(2, right=498), "rests"),
    (PACKETS, "the first mark is 30 days old", [packets(1), packets(149, start=T0 + 30 * DAY - 148 * SECOND)], "rests"),
    (PACKETS, "none on record is no mark", [packets(149), event("packet_auth", T0 + HOUR, tag_ok=None)], "rests"),
    (PACKETS, "not known whether the last is one", [packets(149), event("packet_auth", T0 + HOUR)], "undecided"),
    *(
        (HEARTBEAT, f"every {s} s", heartbeats(s), expected)
        for s, expected in ((31.9, "rests"), (32.0, "rests"), (32.1, "fires"), (28.0, "rests"), (27.9, "fires"), (15, "fires"))
    ),
    (HEARTBEAT, "one late packet among punctual ones", heartbeats(30, 30, 45), "rests"),
    (HEARTBEAT, "half of them late: 7.5 s in the middle", heartbeats(30, 45), "fires"),
    (HEARTBEAT, "most of them late", heartbeats(30, 45, 45), "fires"),
    (HEARTBEAT, "this one on time, most are not", heartbeats(45, 45, 30), "fires"),
    (HEARTBEAT, "punctual ones 10 minutes ago", [heartbeats(30, 30), event("client_heartbeat", T0 + 11 * MINUTE, interval_s=45)], "fires"),
    (HEARTBEAT, "0.01 s and 3.99 s off: 2 s in the middle", heartbeats(30.01, 33.99), "rests"),
    (HEARTBEAT, "0.01 s and 4.01 s off", heartbeats(30.01, 34.01), "fires"),
    (HEARTBEAT, "another session beats too often", [
        *({**e, "session_id": "t"} for e in heartbeats(15, 15, 15)),
        event("client_heartbeat", T0 + 2 * MINUTE, session_id="s", interval_s=30)], "rests"),
    (HEARTBEAT, "the first, with no gap before it", [event("client_heartbeat", T0, session_id="s", interval_s=None)], "rests"),
    (HEARTBEAT, "interval not known", [event("client_heartbeat", T0)], "undecided"),
    *(
        (JITTER, f"{gap} s instead of {says}", beats(gap, says=says), expected)
        for gap, says, expected in (
            (30.19, 30, "rests"), (30.2, 30, "rests"), (30.21, 30, "fires"), (29.79, 30, "fires"), (33.2, 33, "rests"), (33.21, 33, "fires"),
            (32.21, 32.01, "rests"), (32.22, 32.01, "fires"), (16.202, 16.002, "rests"),
        )
    ),
    (JITTER, "the first heartbeat", beats(), "rests"),
    (JITTER, "one jump among others that fit", beats(30, 30, 31), "rests"),
    (JITTER, "most of them jump", beats(30, 31, 31), "fires"),
    (JITTER, "jumps in another session", [beats(31, 31), [{**e, "session_id": "t"} for e in beats(30, 30, 30)]], "rests"),
    (JITTER, "interval not known", [beats(), event("client_heartbeat", T0 + 30 * SECOND, session_id="s", client_ts=T0 * 1000)], "undecided"),
    (JITTER, "clock never known", [event("client_heartbeat", T0 + n * SECOND, session_id="s", interval_s=30) for n in (0, 30)], "undecided"),
    (JITTER, "clock not known of the one before", [
        event("client_heartbeat", T0 + n * SECOND, session_id="s", interval_s=30, **({} if n == 60 else {"client_ts": (T0 + n * SECOND) * 1000}))
        for n in (0, 30, 60, 90)], "rests"),
    (JITTER, "clock not on record", [event("client_heartbeat", T0, session_id="s", interval_s=30, client_ts=None)], "rests"),
    (JITTER, "clock not known", [beats(), event("client_heartbeat", T0 + 30 * SECOND, session_id="s", interval_s=30)], "undecided"),
    (QUEUE, "under", [queued(11)], "rests"),
    (QUEUE, "at", [queued(12)], "rests"),
    (QUEUE, "over", [queued(13)], "fires"),
    (QUEUE, "follows no tier", [business(), queued(13)], "fires"),
    (QUEUE, "number not known", [event("client_queue", T0)], "undecided"),
    (CLUSTER, "under", farm((4, "f", "1")), "rests"),
    (CLUSTER, "at", farm((5, "f", "1")), "rests"),
    (CLUSTER, "over", farm((6, "f", "1")), "fires"),
    (CLUSTER, "two versions, three devices each", farm((3, "f", "1"), (3, "f", "2")), "rests"),
    (CLUSTER, "two families with versions of one name", farm((3, "f", "1"), (3, "g", "1")), "rests"),
    (CLUSTER, "builds that share a family or a version", farm((2, "f3", "4"), (2, "g3", "3"), (4, "f3", "3")), "rests"),
    (CLUSTER, "builds that share a family or a version, and the same build elsewhere", MIXED, "rests"),
    (CLUSTER, "an address that many share", [known_shared(True), *farm((6, "f", "1"))], "rests"),
    (CLUSTER, "an address that no longer many share", [known_shared(True), known_shared(False, T0 - HOUR), *farm((6, "f", "1"))], "fires"),
    (CLUSTER, "another address that many share", [known_shared(True, ip="j"), *farm((6, "f", "1"))], "fires"),
    (CLUSTER, "version not known", [*farm((6, "f", "1")), UNSAID], "undecided"),
    (CLUSTER, "six official clients", farm((6, None, "1"), is_modified=False), "rests"),
    (CLUSTER, "the first is 24 hours old", farm((6, "f", "1"), step=DAY // 5), "rests"),
    (CLUSTER, "one device reports six times", [{**e, "device_id": "d"} for e in farm((6, "f", "1"))], "rests"),
    (CLUSTER, "address not known", [client(is_modified=True, mod_family="f", mod_version="1", device_id="d")], "undecided"),
    (CLUSTER, "not known whether modified", [client(ip="i", mod_version="1", device_id="d")], "undecided"),
    (BANDWIDTH, "under", traffic(14), "rests"),
    (BANDWIDTH, "at", traffic(15), "rests"),
    (BANDWIDTH, "over", traffic(16), "fires"),
    (BANDWIDTH, "in parts", traffic(8, 8), "fires"),
    (BANDWIDTH, "in parts, and one more of which nobody knows how much", [event("bandwidth_sample", T0 - SECOND), traffic(8, 8)], "fires"),
    (BANDWIDTH, "not enough, and one more of which nobody knows how much", [event("bandwidth_sample", T0 - SECOND), traffic(15)], "undecided"),
    (BANDWIDTH, "in more than 10 minutes", traffic(8, 8, step=10 * MINUTE), "rests"),
    (BANDWIDTH, "one permitted video", [file_of(16, T0 - SECOND), traffic(17)], "rests"),
    (BANDWIDTH, "a file that is not permitted", [file_of(17, T0 - SECOND), traffic(17)], "fires"),
    (BANDWIDTH, "a text in between", [message(T0 - SECOND), traffic(16)], "fires"),
    (BANDWIDTH, "a video of a size that is not known", [message(T0 - SECOND, message_type="video"), traffic(31)], "undecided"),
    (BANDWIDTH, "more than such a video may be", [message(T0 - SECOND, message_type="video"), traffic(32)], "fires"),
    (BANDWIDTH, "a picture without a file", [message(T0 - SECOND, message_type="image", media_bytes=None), traffic(16)], "fires"),
    (BANDWIDTH, "a video of a size that is not known, little traffic", [message(T0 - SECOND, message_type="video"), traffic(15)], "rests"),
    *(
        (LOCATION, f"{m} m", [event("location_shared", T0, error_m=m)], expected)
        for m, expected in ((499, "rests"), (500, "fires"), (501, "fires"), (50, "rests"), (51, "rests"))
    ),
    (LOCATION, "error not known", [event("location_shared", T0)], "undecided"),
    *(
        (BACKUP, name, [event("backup_restored", T0, code_valid=valid)], expected)
        for name, valid, expected in (("valid", True, "rests"), ("invalid", False, "fires"), ("no code at all", None, "fires"))
    ),
    (BACKUP, "code not known", [event("backup_restored", T0)], "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


@pytest.mark.parametrize("named", [{}, {"device_id": "d"}])
def test_a_heartbeat_marks_the_terminal_and_whoever_uses_it(named):
    seen = [event("client_heartbeat", T0 + i * SECOND, interval_s=15.0, **named) for i in range(2)]
    assert last(seen).labels == ["suspicious-terminal"]
    # it is the device that rests on the cold list
    rests = last(
        [
            *seen,
            event("login_attempt", T0 + HOUR, device_id="d"),
            event("login_attempt", T0 + 4 * DAY, device_id="d"),
        ]
    )
    assert ("client.hibernation-72h" in rests.fired) is bool(named)


def test_a_heartbeat_of_a_session_alone_says_that_its_terminal_is_suspicious():
    beat = {"session_id": "s", "interval_s": 30.0}
    first = event("client_heartbeat", T0, None, client_ts=T0 * 1000, **beat)
    late = event("client_heartbeat", T0 + 30 * SECOND, None, client_ts=T0 * 1000 + 31_000_000, **beat)
    seen = last([first, late])
    assert (list(seen.fired), seen.labels) == ([JITTER], ["suspicious-terminal"])


def test_heavy_traffic_slows_an_account_down_for_an_hour_and_is_reviewed():
    world = traffic(16)
    seen = last(world)
    assert [c["queue"] for c in seen.cases] == ["behaviour"]
    assert seen.fired[BANDWIDTH]["observed"] == 16
    eight = messages(8, T0 + MINUTE)
    assert last([stable(), *world, *eight]).verdict == "throttle"
    assert last([stable(), *world, message(T0 + HOUR)]).verdict == "allow"


def test_a_signature_that_does_not_match_marks_the_device():
    seen = last([client(signature_deviation=1, device_id="d")])
    assert (seen.labels, seen.score) == (["high-risk-device"], 0.4)
    assert last([client(signature_deviation=1)]).labels == ["high-risk-device"], (
        "of this report alone: no device is named"
    )
    assert [last([client(signature_deviation=1), message(T0 + days * DAY)]).score for days in (1, 30)] == [
        0.4,
        0.4,
    ], "as long as the label, which nobody took off"


def test_at_night_the_client_may_queue_less():
    night = at("2026-03-03T02:00:00+01:00")
    world = [profile(ts=night - DAY, tz="Europe/Rome"), queued(9, night)]
    assert outcome(QUEUE, world) == "fires"
    assert last(world).fired[QUEUE]["limit"] == 8.4
    assert outcome(QUEUE, [profile(ts=night - DAY, tz="Europe/Rome"), queued(8, night)]) == "rests"
