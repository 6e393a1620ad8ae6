"""A live system's data folder as evidence: its events, and the measures it took itself."""

import json

from tests.journal.folders import block, opened

from tidegate.cli import main
from tidegate.policies.loading import load_policy
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
