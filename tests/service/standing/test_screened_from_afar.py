"""One organisation runs `tidegate serve`, another one `tidegate screen`: the second learns who is banned, the first learns no number."""

import json
import re
import signal
import sys
import urllib.error

from tests.policy.mistakes import RIGHT
from tests.service.conftest import event
from tests.service.test_process import ask, serving
from tests.service.waiting import WAIT_S, eventually

from tidegate.cli import main

SERVE = [sys.executable, "-c", "import sys; from tidegate.cli import main; sys.exit(main(sys.argv[1:]))"]
BANNED, GOOD, STRANGER = "+4915123456781", "+4915123456782", "+4915123456783"
BASIS = "legitimate interest: our customers are not to be written to by banned accounts"


def screened(folder):
    """Screen the list in a folder; return the results by number, and what came of asking."""
    words = ["screen", folder / "pool.csv", "--out", folder / "out", "--providers", folder / "providers.toml"]
    assert main([*map(str, words)]) == 0
    lines = (folder / "out" / "result.ndjson").read_text().splitlines()
    summary = json.loads((folder / "out" / "summary.json").read_text())
    return {one["number"]: one for one in map(json.loads, lines)}, summary["evidence"]["providers"][0]


def indexed(address, key):
    """How many numbers are known there by now."""
    try:
        return len(json.loads(ask(address, "/v1/standing/any", key))["entries"])
    except urllib.error.HTTPError as error:
        error.close()
        return 0 if error.code == 503 else f"status {error.code}"


def test_a_banned_account_is_high_risk_elsewhere_and_its_platform_learns_no_number(tmp_path, monkeypatch):
    policy = RIGHT.replace('("send",)', '("all",)').replace(
        "lasting=tg.hours(2)", 'lasting="permanent", review="bans"'
    )
    (tmp_path / "ours.py").write_text(policy)
    monkeypatch.setenv("TIDEGATE_STANDING", "all")
    data, there = tmp_path / "data", tmp_path / "there"
    there.mkdir()
    command = [*SERVE, "serve", "--data", str(data), "--policy", str(tmp_path / "ours.py"), "--port", "0"]
    with serving(command) as (address, printed, process):
        key = re.search(r"shown this once: (tg_\S+)", printed)[1]
        for n, (account, number) in enumerate([("bad-1", BANNED), ("good-1", GOOD)]):
            ask(
                address,
                "/v1/events",
                key,
                event(n, event_id=f"r{n}", type="account_registered", account_id=account, number=number),
            )
        decisions = [
            json.loads(ask(address, "/v1/events", key, event(n, account_id="bad-1"))) for n in range(2, 16)
        ]
        assert decisions[-1]["verdict"] == "deny"
        made = json.loads(ask(address, "/v1/keys", key, {"name": "partner", "roles": ["standing"]}))
        (there / "partner.key").write_text(made["token"])
        (there / "partner.key").chmod(0o600)
        (there / "providers.toml").write_text(
            f'cache = "answers.sqlite"\n[[provider]]\nname = "partner"\nkind = "standing"\nbasis = "{BASIS}"\n'
            f'url = "{address}"\nsecret_file = "partner.key"\n'
        )
        (there / "pool.csv").write_text(f"number\n{BANNED}\n{GOOD}\n{STRANGER}\n")
        watcher = json.loads(ask(address, "/v1/keys", key, {"name": "watcher", "roles": ["standing"]}))[
            "token"
        ]
        eventually(lambda: indexed(address, watcher) == 2)
        found, provider = screened(there)
        audit = json.loads(ask(address, "/v1/audit", key))
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
        log = process.stderr.read()
    assert found[BANNED]["tier"] == "high"
    assert {"screen.historical-violation", "screen.empty-account"} <= set(found[BANNED]["reasons"])
    (told,) = found[BANNED]["told"]
    assert told["provider"] == "partner"
    assert told["facts"] == {"is_registered": True, "is_suspended": True, "incidents": 1, "incidents_most": 1}
    assert found[GOOD]["tier"] == "secure"
    assert found[STRANGER]["reasons"] == ["screen.unregistered"]
    assert (provider["basis"], provider["answered"], provider["unknown"]) == (BASIS, 3, 0)
    partners = [one for one in audit["entries"] if one["actor"].startswith("partner#")]
    assert [one["after"] for one in partners if one["action"] == "standing.ask"] == [{"numbers": 3}]
    for number in (BANNED, GOOD, STRANGER):
        for text in (log, json.dumps(partners)):
            assert number.lstrip("+") not in text
    assert BANNED.lstrip("+").encode() not in (there / "answers.sqlite").read_bytes()
