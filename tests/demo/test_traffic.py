"""The made-up week: in order, valid, the same for everyone, and bad exactly where the labels say so."""

import gzip
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from tidegate.demo import Traffic
from tidegate.demo.abuses import ABUSES
from tidegate.demo.rhythm import DAY_MS
from tidegate.demo.stream import message_blocks
from tidegate.events import decode_rows

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


@pytest.fixture(scope="module")
def traffic():
    return Traffic(seed=11, accounts=800, days=3)


@pytest.fixture(scope="module")
def rows(traffic):
    return list(traffic.events())


@pytest.fixture(scope="module")
def sent_at(rows):
    """Times of the messages that are no broadcast, by sender."""
    times = defaultdict(list)
    for row in rows:
        if row["type"] == "message_sent" and not row["is_broadcast"]:
            times[row["account_id"]].append(row["ts"])
    return times


def of(rows, kind, members=None):
    return [row for row in rows if row["type"] == kind and (members is None or row["account_id"] in members)]


def most_within(times, window_ms):
    """Largest number of times in any window (t - window_ms, t]."""
    most = first = 0
    for last, time in enumerate(times):
        while times[first] <= time - window_ms:
            first += 1
        most = max(most, last - first + 1)
    return most


def test_events_come_in_time_order_within_the_week(traffic, rows):
    assert all(one["ts"] <= two["ts"] for one, two in pairwise(rows))
    assert traffic.start_ms <= rows[0]["ts"]
    assert rows[-1]["ts"] < traffic.start_ms + traffic.days * DAY_MS


def test_every_event_has_an_id_of_its_own(rows):
    assert len({row["event_id"] for row in rows}) == len(rows)


def test_every_message_and_report_has_an_id_of_its_own(rows):
    for kind, field in (
        ("message_sent", "message_id"),
        ("report_filed", "report_id"),
        ("broadcast_batch", "batch_id"),
    ):
        ids = [row[field] for row in of(rows, kind)]
        assert len(set(ids)) == len(ids) > 0


def test_every_event_is_valid(rows):
    assert decode_rows(rows).rejected == []


def test_most_kinds_of_event_occur(rows):
    assert len({row["type"] for row in rows}) >= 25


def test_the_same_seed_gives_the_same_traffic_and_another_seed_another(traffic, rows):
    again = Traffic(traffic.seed, traffic.accounts, traffic.days)
    assert list(again.events()) == rows
    assert again.labels() == traffic.labels()
    assert Traffic(12, traffic.accounts, traffic.days).labels() != traffic.labels()


def test_a_longer_week_begins_like_any_other_day():
    short = list(Traffic(3, 200, 1).events())
    assert len(short) < len(list(Traffic(3, 200, 2).events()))


def test_the_traffic_does_not_depend_on_the_hash_seed():
    program = (
        "import hashlib, json; from tidegate.demo import Traffic\n"
        "print(hashlib.sha256(json.dumps(list(Traffic(5, 200, 1).events())).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": "src"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(digests) == 1


def test_every_abuse_has_accounts_and_no_account_has_two_labels(traffic):
    found = traffic.labels()
    assert set(found) == {abuse.label for abuse in ABUSES}
    assert all(found.values())
    assert sum(map(len, found.values())) == len(frozenset.union(*found.values()))


def test_nobody_acts_before_the_account_exists(rows):
    since = {
        row["account_id"]: row["registered_at"]
        for row in of(rows, "account_profile")
        if "registered_at" in row
    }
    since |= {row["account_id"]: row["ts"] for row in of(rows, "account_registered")}
    for kind in ("message_sent", "login_attempt", "group_joined", "report_filed", "broadcast_batch"):
        assert all(since[row["account_id"]] <= row["ts"] for row in of(rows, kind)), kind


def test_people_sleep_at_night(rows, traffic):
    """The local hour with the fewest messages is one before dawn, the one with the most in the evening."""
    honest = {row["account_id"] for row in rows if "account_id" in row} - frozenset.union(
        *traffic.labels().values()
    )
    indians = {
        row["account_id"] for row in of(rows, "account_profile", honest) if row["tz"] == "Asia/Kolkata"
    }
    shift = 330 * MINUTE_MS
    hours = Counter((row["ts"] + shift) % DAY_MS // HOUR_MS for row in of(rows, "message_sent", indians))
    assert min(range(24), key=lambda hour: hours[hour]) in {1, 2, 3, 4, 5}
    assert max(hours, key=hours.get) in {18, 19, 20, 21, 22}


def test_hardly_any_honest_account_writes_more_than_twelve_messages_a_minute(traffic, sent_at):
    abusive = frozenset.union(*traffic.labels().values())
    honest = [times for account, times in sent_at.items() if account not in abusive]
    assert sum(most_within(times, MINUTE_MS) > 12 for times in honest) <= len(honest) / 500


def test_burst_spammers_pass_twenty_messages_a_minute(traffic, sent_at):
    assert all(most_within(sent_at[account], MINUTE_MS) > 20 for account in traffic.labels()["burst-spam"])


def test_sustained_bots_send_more_than_twelve_a_minute_for_five_minutes_but_never_twenty(traffic, sent_at):
    for account in traffic.labels()["sustained-bot"]:
        assert most_within(sent_at[account], MINUTE_MS) <= 20
        assert most_within(sent_at[account], 5 * MINUTE_MS) > 60


def test_cold_contacts_write_to_more_than_five_strangers_in_ten_minutes_at_an_easy_pace(
    rows, traffic, sent_at
):
    for account in traffic.labels()["cold-contact"]:
        messages = of(rows, "message_sent", {account})
        assert not any(row["recipient_is_contact"] for row in messages)
        assert most_within(sent_at[account], 10 * MINUTE_MS) > 5
        assert most_within(sent_at[account], MINUTE_MS) <= 5


def test_link_spammers_send_one_link_to_more_than_fifty_people_in_a_day(rows, traffic):
    for account in traffic.labels()["link-spam"]:
        reached = defaultdict(set)
        for row in of(rows, "message_sent", {account}):
            reached[row["link_hashes"][0]].add(row["recipient_id"])
        assert max(map(len, reached.values())) > 50


def test_rings_register_from_one_address_within_hours(rows, traffic):
    made = of(rows, "account_registered", traffic.labels()["bulk-registration"])
    assert len(made) == len(traffic.labels()["bulk-registration"]) >= 6
    by_address = Counter(row["ip"] for row in made)
    assert by_address.most_common(1)[0][1] > 5


def test_a_taken_account_travels_faster_than_any_plane(rows, traffic):
    for account in traffic.labels()["account-takeover"]:
        logins = of(rows, "login_attempt", {account})
        jumps = [
            two["ts"] - one["ts"]
            for one, two in pairwise([row for row in logins if row["ok"]])
            if abs(one["ip_lon"] - two["ip_lon"]) > 20 or abs(one["ip_lat"] - two["ip_lat"]) > 20
        ]
        assert min(jumps) <= HOUR_MS
        assert sum(not row["ok"] for row in logins) >= 5


def test_a_report_wave_has_more_than_five_reporters_in_72_hours_and_no_burst(rows, traffic, sent_at):
    for account in traffic.labels()["report-wave"]:
        assert len({row["reporter_id"] for row in of(rows, "report_filed", {account})}) > 5
        assert most_within(sent_at[account], MINUTE_MS) <= 5


def test_broadcast_abusers_send_batches_above_25_to_strangers(rows, traffic):
    for account in traffic.labels()["broadcast-abuse"]:
        batches = of(rows, "broadcast_batch", {account})
        assert max(row["recipient_count"] for row in batches) > 25
        assert all(len(row["recipient_ids"]) == row["recipient_count"] for row in batches)


def test_honest_batches_keep_within_fifteen_recipients(rows, traffic):
    abusive = traffic.labels()["broadcast-abuse"]
    honest = [row for row in of(rows, "broadcast_batch") if row["account_id"] not in abusive]
    assert 0 < max(row["recipient_count"] for row in honest) <= 15


def test_every_broadcast_message_belongs_to_a_batch_that_was_announced(rows):
    announced = {row["batch_id"]: set(row["recipient_ids"]) for row in of(rows, "broadcast_batch")}
    for row in of(rows, "message_sent"):
        if row["is_broadcast"]:
            assert row["recipient_id"] in announced[row["batch_id"]]


def test_only_labelled_clients_are_modified(rows, traffic):
    modified = {row["account_id"] for row in of(rows, "client_report") if row["is_modified"]}
    assert modified == traffic.labels()["modified-client"]


def test_ndjson_holds_the_same_events_plain_and_packed(tmp_path):
    week = Traffic(seed=5, accounts=200, days=1)
    hours: list[int] = []
    count = week.write_ndjson(tmp_path / "week.ndjson", progress=hours.append)
    assert hours == sorted(hours)
    assert len(hours) == count // 2048
    assert hours[-1] in range(1, 24)
    week.write_ndjson(tmp_path / "week.ndjson.gz")
    plain = (tmp_path / "week.ndjson").read_bytes()
    assert plain == gzip.decompress((tmp_path / "week.ndjson.gz").read_bytes())
    assert [json.loads(line) for line in plain.splitlines()] == list(week.events())
    assert count == plain.count(b"\n")


def test_equal_traffic_packs_to_equal_bytes(tmp_path):
    for name in ("one.ndjson.gz", "two.ndjson.gz"):
        Traffic(seed=5, accounts=200, days=1).write_ndjson(tmp_path / name)
    assert (tmp_path / "one.ndjson.gz").read_bytes() == (tmp_path / "two.ndjson.gz").read_bytes()


def test_a_message_stream_has_the_size_asked_for_in_time_order_and_is_valid():
    blocks = message_blocks(70_000, 1_000, per_second=50.0)
    read = [json.loads(line) for block in blocks for line in block.lines()]
    assert len({row["event_id"] for row in read}) == 70_000
    assert all(one["ts"] <= two["ts"] for one, two in pairwise(read))
    assert not any(row["account_id"] == row["recipient_id"] for row in read)
    assert decode_rows(read[:5_000]).rejected == []


def test_a_message_stream_keeps_its_pace():
    ends = [
        (int(block.ts[0]), int(block.ts[-1])) for block in message_blocks(200_000, 100, per_second=1_000.0)
    ]
    assert (ends[-1][1] - ends[0][0]) / 200_000 == pytest.approx(1.0, rel=0.02)
