"""What is known to be none settles a rule: it rests. What is not known leaves it undecided."""

from pathlib import Path

import pytest
from tests.policies.messenger.worlds import HOUR, MINUTE, T0, Table, at, event, last, what_it_does

import tidegate.policies.messenger
from tidegate.handbook.example import read_examples

EXAMPLES = Path(tidegate.policies.messenger.__file__).parent / "examples"

# a rule, and what it reads of the events of its own example
READ = [
    ("client.cluster-over-5-devices-same-ip", "client_report", "ip"),
    ("client.cluster-over-5-devices-same-ip", "client_report", "mod_family"),
    ("client.cluster-over-5-devices-same-ip", "client_report", "mod_version"),
    ("client.connect-latency-plus-130ms", "connect_timing", "connect_ms"),
    ("client.forced-update-14d", "client_report", "build_date"),
    ("client.heartbeat-interval", "client_heartbeat", "interval_s"),
    ("client.heartbeat-timestamp-jitter", "client_heartbeat", "interval_s"),
    ("client.heartbeat-timestamp-jitter", "client_heartbeat", "session_id"),
    ("client.hibernation-72h", "login_attempt", "device_id"),
    ("client.message-latency-plus-400ms", "connect_timing", "message_latency_ms"),
    ("client.signature-hash", "client_report", "app_version"),
    ("client.signature-hash", "client_report", "device_id"),
    ("device.identity-linkage", "device_report", "board_serial_hash"),
    ("device.identity-linkage", "device_report", "device_id"),
    ("device.over-3-accounts-30d", "login_attempt", "device_id"),
    ("device.over-3-accounts-90d-permanent", "registration_attempt", "device_id"),
    ("net.ip-over-30-senders-1h", "message_sent", "ip"),
    ("net.public-wifi-mass-send", "message_sent", "ip"),
    ("reg.device-max-3-per-7d", "registration_attempt", "device_id"),
    ("reg.device-over-3-accounts-30d-association", "registration_attempt", "device_id"),
    ("reg.fingerprint-anomaly", "registration_attempt", "device_id"),
    ("reg.five-consecutive-failures-number-marked", "registration_attempt", "number"),
    ("reg.ip-over-2-accounts-24h", "registration_attempt", "ip"),
    ("reg.ip-over-5-requests-24h", "registration_attempt", "ip"),
    ("reg.network-switch-over-2-in-10min", "network_switch", "session_id"),
    *(
        ("reg.number-ip-over-1500km", "registration_attempt", f)
        for f in ("number_lat", "number_lon", "ip_lat", "ip_lon")
    ),
    ("reg.number-registered-7d-code-limit", "registration_attempt", "number"),
    ("reg.number-registered-90d-merge-55pct", "registration_attempt", "number"),
    ("reg.sim-activity-history", "registration_attempt", "number"),
    ("reg.table-device-high-3-per-7d", "registration_attempt", "device_id"),
    *(
        ("reg.table-geo-high-1500km", "registration_attempt", f)
        for f in ("number_lat", "number_lon", "ip_lat", "ip_lon")
    ),
    *(
        ("reg.table-geo-safe-500km", "registration_attempt", f)
        for f in ("number_lat", "number_lon", "ip_lat", "ip_lon")
    ),
    ("reg.table-device-safe-2-per-7d", "registration_attempt", "device_id"),
    ("reg.table-ip-safe-3-per-24h", "registration_attempt", "ip"),
    ("reg.table-number-idle-90d", "registration_attempt", "number"),
    ("reg.table-ip-high-5-per-24h", "registration_attempt", "ip"),
    ("score.behaviour-deviation-over-70pct", "account_profile", "behaviour_vector"),
    ("verify.code-requests-over-3-per-hour", "verification_code_requested", "number"),
    ("verify.voice-max-2-per-24h", "verification_code_requested", "number"),
    ("verify.wrong-code-over-3", "verification_code_attempt", "session_id"),
    ("login.habitual-fixed-network", "login_attempt", "ip"),
    ("msg.recipient-relation", "report_filed", "reporter_id"),
    ("screen.case-8pct-associated-limit-cut", "screening_finished", "job_id"),
    ("screen.fake-incomplete-profile", "lookup.profile", "number"),
    ("screen.fake-no-interaction-90d", "lookup.interactions", "number"),
    ("screen.fake-registered-under-3-months", "lookup.registration", "number"),
    ("screen.fake-type-zombie", "lookup.interactions", "number"),
    ("screen.stolen-cross-region", "lookup.login_history", "number"),
    ("screen.stolen-unfamiliar-device", "lookup.login_history", "number"),
    ("sops.feedback-channel", "feedback_filed", "number"),
]


def example_of(rule):
    examples = read_examples(EXAMPLES / f"{rule}.json")
    assert examples is not None
    return [
        {name: at(told) if name == "ts" else told for name, told in event.items() if name != "event_id"}
        for event in examples.fires.events()
    ]


def without(rule, kind, field):
    return [{n: v for n, v in e.items() if n != field or e["type"] != kind} for e in example_of(rule)]


def with_none(rule, kind, field):
    return [e | {field: None} if e["type"] == kind else e for e in example_of(rule)]


TABLE = Table(
    [(rule, f"no {field} on record", with_none(rule, kind, field), "rests") for rule, kind, field in READ]
    + [(rule, f"{field} not known", without(rule, kind, field), "undecided") for rule, kind, field in READ]
)


@pytest.mark.parametrize(("table", "number"), TABLE.params)
def test_a_rule_rests_where_none_is_on_record_and_is_undecided_where_it_is_not_known(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_the_gate_to_codes_by_voice_is_shut_where_no_device_is_on_record():
    attempt = {
        "type": "registration_attempt",
        "ts": 0,
        "number": "n",
        "number_country": "IT",
        "ip_country": "IT",
    }
    assert "verify.voice-gate" in last([attempt]).undecided
    assert "verify.voice-gate" not in last([attempt | {"device_id": None}]).undecided


def test_an_event_with_no_number_on_record_takes_none_away():
    pair = event("account_profile", T0 - HOUR, number="n", number_country="IN")
    changed = event("sim_changed", T0, None, number="n")
    entered = event("login_attempt", T0 + HOUR, number=None, number_country=None)
    assert "login.sim-changed-7d-verification-failures" in last([pair, changed, entered]).fired
    joined = [
        event("group_joined", T0 + n * MINUTE, group_id=f"g{n}", method="link", number=None) for n in (1, 2)
    ]
    in_india = "group.join-over-1-per-hour-in-br"
    assert in_india in last([pair, entered | {"ts": T0}, joined]).fired


def test_where_the_clock_of_the_heartbeat_before_is_not_on_record_there_is_no_jump():
    beats = [
        event(
            "client_heartbeat",
            T0 + n * 30_000,
            session_id="s",
            interval_s=30,
            client_ts=(T0 + n * 31_000) * 1000,
        )
        for n in range(3)
    ]
    jitter = "client.heartbeat-timestamp-jitter"
    assert jitter in last(beats).fired
    seen = last([beats[0] | {"client_ts": None}, beats[1]])
    assert what_it_does(jitter, seen) == "rests"
