"""The files that come with the server fit it: the dashboard its numbers, the pages its settings, the units its command."""

import configparser
import json
import re
from dataclasses import fields
from pathlib import Path

from prometheus_client import generate_latest
from tests.service.conftest import event

from tidegate.service.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
METRIC = re.compile(r"\b(tidegate_[a-z_]+|process_[a-z_]+)")
OF_THE_LEDGER = {"tidegate_ledger_waiting", "tidegate_ledger_position"}  # there once books are open


def test_the_dashboard_asks_for_numbers_that_there_are(serving):
    board = json.loads((DEPLOY / "grafana" / "tidegate.json").read_text(encoding="utf-8"))
    asked = {
        name
        for panel in board["panels"]
        for target in panel.get("targets", ())
        for name in METRIC.findall(target["expr"])
    }
    assert len(asked) > 25
    told = set()

    async def use(client, server, engine):
        await client.post("/v1/events", json=event(1))
        text = generate_latest(server.metrics.registry(server.service)).decode()
        told.update(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))

    serving(use)
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    assert families - told - OF_THE_LEDGER == set()


def test_the_dashboard_shows_every_number_of_ours(serving):
    board = (DEPLOY / "grafana" / "tidegate.json").read_text(encoding="utf-8")
    source = (ROOT / "src/tidegate/service/observe/metrics.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"(tidegate_[a-z_]+)"', source))
    assert len(names) > 20
    assert {name for name in names if name not in board} == set()


def test_the_page_names_every_setting():
    page = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
    assert [one.name for one in fields(Settings) if f"`{one.name.upper()}`" not in page] == []


def test_the_unit_starts_the_command_and_stops_it_by_sigterm():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(DEPLOY / "tidegate.service", encoding="utf-8")
    service = unit["Service"]
    assert service["ExecStart"].split()[1:] == ["serve", "--data", "/var/lib/tidegate"]
    assert (service["KillSignal"], service["Restart"]) == ("SIGTERM", "on-failure")
    assert int(service["TimeoutStopSec"].removesuffix("s")) > Settings().drain_s


def test_the_container_file_names_files_and_settings_that_there_are():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    known = {PREFIX + one.name.upper() for one in fields(Settings)}
    assert set(re.findall(r"TIDEGATE_[A-Z_]+", text)) <= known
    for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name


def test_an_image_is_made_of_what_is_copied_and_nothing_else():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    copied = {
        name.partition("/")[0]
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
        for name in line.split()[:-1]
    }
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
