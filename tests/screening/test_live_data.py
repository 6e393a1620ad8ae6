"""A live system's data folder as evidence: its events, and the measures it took itself."""

import json

import pytest
from tests.journal.folders import block, opened

from tidegate.cli import main
from tidegate.errors import JournalError
from tidegate.policies.loading import load_policy
from tidegate.replay.input_file import InputFile
from tidegate.replay.readers import read_events
from tidegate.screening.evidence.live_measures import measures_taken
from tidegate.windows.timestamps import format_rfc3339

NUMBER, AT = "+4915123456781", 1_772_443_800_000


def test_events_and_measures_of_a_live_system_are_evidence(tmp_path):
    start = AT - 86_400_000
    events = [
        {
            "event_id": "r",
            "type": "account_registered",
            "ts": start - 86_400_000,
            "account_id": "a",
            "number": NUMBER,
        }
    ]
    events += [
        {
            "event_id": f"m{i}",
            "type": "message_sent",
            "ts": start + i * 100,
            "account_id": "a",
            "recipient_id": f"b{i}",
        }
        for i in range(20)
    ]
    with opened(tmp_path / "data", load_policy("messenger")) as live:
        lines = live.take(block(events)).lines
    taken = {
        one["id"]
        for line in lines
        for one in json.loads(line)["sanctions"]
        if one["cause"].startswith("msg.")
    }
    assert taken, "the burst has a measure"
    pool = tmp_path / "pool.csv"
    pool.write_text(f"number\n{NUMBER}\n")
    given = ["screen", str(pool), "--data", str(tmp_path / "data")]

    def screened(at):
        assert main([*given, "--out", str(tmp_path / "out"), "--at", format_rfc3339(at)]) == 0
        found = json.loads((tmp_path / "out" / "result.ndjson").read_text())
        return {check["check"]: (check["verdict"], check["observed"]) for check in found["checks"]}

    after = screened(AT)
    assert after["screen.historical-violation"] == ("true", len(taken))
    assert after["screen.fake-registered-under-3-months"] == ("true", 2)
    assert screened(start - 1)["screen.historical-violation"] == ("unknown", None)


def test_a_server_may_write_meanwhile_and_only_what_counted_then_is_evidence(tmp_path):
    start = AT - 86_400_000
    burst = [
        {"event_id": f"m{i}", "type": "message_sent", "ts": start + i * 100, "account_id": "a", "recipient_id": f"b{i}"}
        for i in range(20)
    ]  # fmt: skip
    data = tmp_path / "data"
    with opened(data, load_policy("messenger")) as live:
        live.take(block(burst[:3]))
        then = live.position
        live.take(block(burst[3:]))
        live.begin_segment()
        assert len(list(measures_taken(data, None))) > 0
        assert list(measures_taken(data, None, then)) == []
        log = InputFile("data", data, "log", "", until=then + 1)
        assert [event for part in read_events(log) for event in part.event_ids] == ["m0", "m1", "m2", "m3"]
        newest = max((data / "decisions").glob("*.lines"))
        whole = newest.read_bytes()
        earlier = min((data / "decisions").glob("*.lines"))
        newest.write_bytes(whole + earlier.read_bytes()[:50])  # a write that is under way
        assert len(list(measures_taken(data, None))) > 0
        earlier.write_bytes(earlier.read_bytes()[:-1])
        with pytest.raises(JournalError, match="damaged"):
            list(measures_taken(data, None))
