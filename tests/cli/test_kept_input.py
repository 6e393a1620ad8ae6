"""No command writes over what it reads."""

import pytest

LIST = "number\n+4915123456781\n0151 23456782\n"


@pytest.mark.parametrize(
    "command",
    [
        "numbers check out/low_risk.csv --country DE --out out/../out/low_risk.csv",
        "numbers dedupe out/low_risk.csv --country DE --out link.csv",
        "numbers filter out/low_risk.csv --country DE --where kind=mobile --out out/low_risk.csv",
        "numbers compare other.csv out/only_first.csv --country DE --out out",
        "screen out/low_risk.csv --country DE --out out",
        "screen other.csv --country DE --events out/result.ndjson --out out",
        "screened out --tier low --out out/result.ndjson",
        "replay events.ndjson --accounts out/accounts.ndjson --out out",
        "replay events.ndjson --parameters out/summary.json --out out",
    ],
)
def test_what_is_read_is_not_written_over(run, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    files = {
        "out/low_risk.csv": LIST, "out/only_first.csv": LIST, "other.csv": LIST, "events.ndjson": "",
        "out/result.ndjson": "", "out/accounts.ndjson": "a1\n", "out/summary.json": "{}",
    }  # fmt: skip
    (tmp_path / "out").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "link.csv").symlink_to(tmp_path / "out/low_risk.csv")
    status, out, complaint = run(*command.split())
    assert (status, out, "would be written over" in complaint) == (1, "", True)
    assert {name: (tmp_path / name).read_text() for name in files} == files
