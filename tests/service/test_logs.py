"""Lines of the log: JSON, and nothing in them that names a person."""

import io
import json
import logging

import pytest

from tidegate.errors import UsageError
from tidegate.service.observe.logs import set_up
from tidegate.service.settings import Settings


@pytest.fixture
def log():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up("info", stream)
    yield stream
    root.handlers[:], root.level = handlers, level


def test_a_line_is_json_with_time_level_words_and_what_was_given(log):
    logging.getLogger("tidegate.server").info("ready", extra={"events": 17})
    [line] = map(json.loads, log.getvalue().splitlines())
    assert line.pop("at").endswith("Z")
    assert line == {"level": "info", "logger": "tidegate.server", "message": "ready", "events": 17}


def test_an_error_tells_its_type_and_place_and_quotes_nothing(log):
    try:
        int("anna@example.org")
    except ValueError:
        logging.getLogger("tidegate.judging").exception("judging failed")
    assert "anna" not in log.getvalue()
    line = json.loads(log.getvalue())
    assert line["error"] == "ValueError"
    assert line["where"] == [f"service/test_logs.py:{line['where'][0].split(':')[1]}"]


def test_what_other_packages_put_into_their_messages_is_left_out(log):
    logging.getLogger("uvicorn.error").warning("Invalid request from %s", "anna@example.org")
    assert json.loads(log.getvalue())["message"] == "Invalid request from %s"


def test_settings_come_from_the_environment_and_options_count_more():
    environment = {
        "TIDEGATE_PORT": "9000",
        "TIDEGATE_DEADLINE_MS": "100",
        "TIDEGATE_DATA": "there",
        "PORT": "1",
    }
    found = Settings.from_environment(environment, port=9001, host=None)
    assert (found.port, found.deadline_ms, str(found.data), found.host) == (9001, 100, "there", "127.0.0.1")
    for wrong in (
        {"TIDEGATE_PORT": "x"},
        {"TIDEGATE_FALLBACK_VERDICT": "maybe"},
        {"TIDEGATE_LOG_LEVEL": "loud"},
    ):
        with pytest.raises(UsageError):
            Settings.from_environment(wrong)
