"""What events say of accounts of a pool, and what they leave unknown."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.screening.screened import AT, DAY, NUMBER

from tidegate.cli import main

OTHER = "+4915123456782"
PROFILE = {
    "type": "account_registered",
    "ts": AT - 400 * DAY,
    "account_id": "a",
    "number": NUMBER,
    "device_id": "d1",
}
BAN = {
    "type": "sanction_applied", "ts": AT - 5 * DAY, "account_id": "bad", "kind": "sanction.permanent-ban-account", "sanction_id": "s1",
    "cause": "msg.promo-over-500-day-manual",
}  # fmt: skip


def seen(account, device=None, ip=None):
    fields = {"device_id": device} if device else {}
    return (
        {"type": "login_attempt", "ts": AT - 8 * DAY, "account_id": account}
        | fields
        | ({"ip": ip} if ip else {})
    )


def test_without_evidence_everything_is_unknown_and_said(screen):
    found = screen(remark="x")
    assert found[NUMBER]["tier"] == "secure"
    assert {check["verdict"] for check in found[NUMBER]["checks"]} == {"unknown"}
    assert found.summary["secure_but_nothing_known"] == 1


@pytest.mark.parametrize(
    ("events", "verdict", "tier"),
    [
        ([PROFILE, BAN, seen("bad", "d1")], "true", "high"),
        ([PROFILE, BAN, seen("bad", "d2"), seen("a", "d1", "i1")], "false", "secure"),
        ([PROFILE, BAN, seen("a", "d1", "i1"), seen("bad", "d2", "i2"), {"type": "ip_profile", "ts": AT - 9 * DAY, "ip": "i1"}],
         "false", "secure"),
        ([PROFILE, BAN, seen("a", "d1", "i1"), seen("bad", "d2", "i1"), {"type": "ip_profile", "ts": AT - DAY, "ip": "i1", "is_shared": False}],
         "true", "low"),
        ([PROFILE, BAN, seen("a", "d1", "i1"), seen("bad", "d2", "i1"), {"type": "ip_profile", "ts": AT - DAY, "ip": "i1", "is_shared": True}],
         "false", "secure"),
        ([PROFILE, BAN, seen("a", "d1", "i1"), seen("bad", "d2", "i1")], "unknown", "secure"),
        ([PROFILE, {"type": "device_profile", "ts": AT - DAY, "device_id": "d1", "banned_accounts": ["x"]}], "true", "high"),
        ([PROFILE, {"type": "device_profile", "ts": AT - DAY, "device_id": "d1", "banned_accounts": ["a"]}], "unknown", "secure"),
        ([PROFILE, BAN, seen("bad", "d1"), {"type": "sanction_lifted", "ts": AT - DAY, "sanction_id": "s1", "reason": "appeal"}],
         "unknown", "secure"),
        ([PROFILE, BAN, seen("bad", "d1"), {"type": "sanction_lifted", "ts": AT - DAY, "sanction_id": "s1", "reason": "review"}],
         "unknown", "secure"),
    ],
)  # fmt: skip
def test_devices_and_addresses_shared_with_banned_accounts(screen, events, verdict, tier):
    found = screen(events=events, remark="x")
    assert found.verdict("screen.associated-with-banned")[0] == verdict
    assert found[NUMBER]["tier"] == tier


def test_a_platform_that_names_a_shared_address_of_many_names_no_link(screen):
    link = {
        "type": "lookup.ban_links",
        "ts": AT - DAY,
        "number": NUMBER,
        "via": "ip",
        "ip": "i1",
        "banned_id": "b",
    }
    assert screen(events=[link], remark="x")[NUMBER]["tier"] == "low"
    shared = {"type": "ip_profile", "ts": AT - DAY, "ip": "i1", "is_shared": True}
    assert screen(events=[link, shared], remark="x")[NUMBER]["tier"] == "secure"


@pytest.mark.parametrize(
    ("cause", "lifted", "verdict"),
    [
        ("msg.burst-over-12-in-60s-l1", None, ("true", 1)),
        ("msg.burst-over-12-in-60s-l1", "expired", ("true", 1)),
        ("msg.burst-over-12-in-60s-l1", "appeal", ("false", 0)),
        ("login.devices-over-3-in-24h", None, ("false", 0)),
    ],
)
def test_measures_are_incidents_unless_they_protect_or_were_wrong(screen, cause, lifted, verdict):
    """What `screen.violation-history` asks for, told by events."""
    events = [
        PROFILE,
        {
            "type": "sanction_applied",
            "ts": AT - 9 * DAY,
            "account_id": "a",
            "sanction_id": "s",
            "cause": cause,
        },
    ]
    if lifted:
        events.append({"type": "sanction_lifted", "ts": AT - DAY, "sanction_id": "s", "reason": lifted})
    assert screen(events=events, remark="x").verdict("screen.historical-violation") == verdict


def message(day, sender, recipient):
    return {
        "type": "message_sent",
        "ts": int(AT - day * DAY),
        "account_id": sender,
        "recipient_id": recipient,
    }


@pytest.mark.parametrize(
    ("events", "verdict"),
    [
        ([PROFILE, message(100, "x", "y"), message(3, "a", "x")], ("false", 1)),
        ([PROFILE, message(100, "x", "y"), message(3, "x", "a")], ("false", 1)),
        ([PROFILE, message(90, "a", "x")], ("false", 1)),
        ([PROFILE, message(91, "a", "x")], ("true", 0)),
        (
            [{**PROFILE, "ts": AT - 50 * DAY}, message(40, "x", "y")],
            ("unknown", None),
        ),  # it does not reach back 90 days
        ([message(100, "x", "y")], ("unknown", None)),  # it does not know the account
        ([PROFILE], ("unknown", None)),  # it has no exchanges at all
    ],
)
def test_silence_is_proved_only_by_a_history_that_reaches_back(screen, events, verdict):
    assert screen(events=events, remark="x").verdict("screen.fake-no-interaction-90d") == verdict


def test_what_a_former_holder_did_is_not_laid_at_the_door_of_todays(screen):
    events = [
        {**PROFILE, "account_id": "former", "ts": AT - 900 * DAY},
        {"type": "sanction_applied", "ts": AT - 800 * DAY, "account_id": "former", "cause": "msg.x"},
        PROFILE,
    ]
    assert screen(events=events, remark="x").verdict("screen.historical-violation") == ("false", 0)


def test_what_came_after_the_time_of_the_screening_is_not_seen(screen):
    events = [PROFILE, {"type": "lookup.violations", "ts": AT + 1, "number": NUMBER, "incident_count": 3}]
    assert screen(events=events, remark="x").verdict("screen.historical-violation")[0] == "unknown"
    found = screen(events=events, remark="x", at=None)
    assert found.verdict("screen.historical-violation") == ("true", 3)
    assert found.summary["screened_at_is"] == "newest event"


def test_of_which_kinds_past_incidents_were_is_said(screen):
    def told(days, number, **fields):
        return {"type": "lookup.violations", "ts": AT - days * DAY, "number": number, **fields}

    events = [
        told(3, NUMBER, incident_count=1, types=["spam"]),
        told(2, NUMBER, incident_count=3, types=["gambling", "spam"]),
        told(1, NUMBER, incident_count=3, types=None),
        told(1, "+4915199999999", incident_count=1, types=["fraud"]),
    ]
    (found,) = screen(events=events, remark="x").results.values()
    assert found["violations"] == ["gambling", "spam"]
    (found,) = screen(events=events[2:3], remark="x").results.values()
    assert "violations" not in found


def test_of_several_answers_the_latest_counts_and_the_list_before_all(screen):
    answers = [
        {"type": "lookup.registration", "ts": AT - DAY, "number": NUMBER, "is_registered": True},
        {"type": "lookup.registration", "ts": AT - 2 * DAY, "number": NUMBER, "is_registered": False},
    ]
    assert screen(events=answers, remark="x").verdict("screen.unregistered")[0] == "false"
    assert screen(events=answers, is_registered="no").verdict("screen.unregistered")[0] == "true"


def test_the_account_may_be_named_by_the_list(screen):
    events = [{"type": "sanction_applied", "ts": AT - DAY, "account_id": "a", "cause": "msg.x"}]
    assert screen(events=events, account_id="a").verdict("screen.historical-violation") == ("true", 1)


def test_parquet_says_the_same_as_lines(screen, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    events = [PROFILE, BAN, seen("bad", "d1"), message(3, "a", "x"), seen("a", "d9")]
    lines = screen(events=events, remark="x")
    named = [{"event_id": f"e{i}"} | event for i, event in enumerate(events)]
    names = {name for event in named for name in event}
    pq.write_table(
        pa.table({name: [event.get(name) for event in named] for name in sorted(names)}),
        tmp_path / "e.parquet",
    )
    pool = tmp_path / "pool.csv"
    given = ["--events", str(tmp_path / "e.parquet"), "--at", "2026-03-02T09:30:00Z"]
    assert main(["screen", str(pool), "--out", str(tmp_path / "o2"), *given]) == 0
    assert (tmp_path / "o2/result.ndjson").read_bytes() == (lines.out / "result.ndjson").read_bytes()
    assert json.loads((lines.out / "result.ndjson").read_text())["tier"] == "high"


@pytest.mark.parametrize("labels", [{"banned": AT - DAY}, {}])
def test_a_profile_with_labels_is_read_wherever_it_stands(screen, labels):
    """Such an event is a record of its own among those that are read in columns; here it is the last of its block."""
    profile = {
        "type": "account_profile",
        "ts": AT - DAY,
        "account_id": "bad",
        "labels": labels,
        "known_devices": ["d1"],
    }
    found = screen(events=[PROFILE, seen("bad", "d1"), profile], remark="x")
    assert (found.verdict("screen.associated-with-banned")[0] == "true") == bool(labels)


def test_an_address_that_is_not_named_is_shared_with_nobody(screen):
    """What is said of *some* address leaves a link by another, unnamed one what it is."""
    link = {"type": "lookup.ban_links", "ts": AT - DAY, "account_id": "a", "via": "ip", "banned_id": "b"}
    of_none = {"type": "ip_profile", "ts": AT - DAY, "is_shared": True}
    assert (
        screen(events=[PROFILE, of_none, link], remark="x").verdict("screen.associated-with-banned")[0]
        == "true"
    )


def test_lines_and_columns_of_the_same_events_say_the_same(screen, tmp_path):
    """Parquet has no null, and leaves out what is missing."""
    events = [PROFILE, BAN, seen("a", "d1", "i1"), seen("bad", "d2", "i1"), seen("bad", "d9"),
              {"type": "account_profile", "ts": AT - 9 * DAY, "account_id": "a", "known_devices": ["d1", "d3"]},
              {"type": "ip_profile", "ts": AT - DAY, "ip": "i1", "is_shared": False},
              {"type": "device_profile", "ts": AT - DAY, "device_id": "d1", "banned_accounts": ["x", "y"]},
              {"type": "lookup.ban_links", "ts": AT - DAY, "account_id": "a", "via": "device", "banned_id": "b"},
              {"type": "lookup.registration", "ts": AT - DAY, "number": NUMBER, "is_registered": True, "number_type": "virtual"},
              {"type": "message_sent", "ts": AT - DAY, "account_id": "a", "recipient_id": "c"}]  # fmt: skip
    of_lines = screen(events=events, remark="x")
    table = pa.Table.from_pylist(
        [{"event_id": f"e{i}"} | event for i, event in enumerate(events)], _schema(events)
    )
    pq.write_table(table, tmp_path / "events.parquet")
    of_columns = screen(None, (), "--events", str(tmp_path / "events.parquet"), out="other", remark="x")
    assert of_columns.summary["events"] == len(events)
    assert of_columns.results == of_lines.results


def _schema(events):
    kinds = {
        str: pa.string(),
        int: pa.int64(),
        bool: pa.bool_(),
        list: pa.list_(pa.string()),
    }
    return pa.schema(
        {"event_id": kinds[str]}
        | {name: kinds[type(value)] for event in events for name, value in event.items()}
    )
