"""The pool of the examples is what its script writes, and is screened as the pages say."""

import json

from tests.examples.scripts import ROOT, script

from tidegate.cli import main

EXAMPLES = ROOT / "examples"


def test_the_pool_in_the_repository_is_what_the_script_writes(tmp_path, monkeypatch):
    module = script("make_pool")
    monkeypatch.setattr(module, "HERE", tmp_path)
    module.main()
    assert (tmp_path / "pool_events.ndjson").read_bytes() == (EXAMPLES / "pool_events.ndjson").read_bytes()
    assert (tmp_path / "pool.xlsx").read_bytes() == (EXAMPLES / "pool.xlsx").read_bytes()


def test_the_pool_is_screened_into_all_tiers(tmp_path):
    given = ["screen", str(EXAMPLES / "pool.xlsx"), "--out", str(tmp_path), "--at", "2026-03-02T09:30:00Z"]
    assert main([*given, "--events", str(EXAMPLES / "pool_events.ndjson")]) == 3
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert {tier: found["accounts"] for tier, found in summary["tiers"].items()} == {
        "secure": 40,
        "low": 7,
        "high": 13,
    }
    assert summary["rejected_rows"] == 1
