"""Settings: figures that cannot be meant are refused at the start, and a misspelt variable is said."""

import pytest

from tidegate.errors import UsageError
from tidegate.service.settings import Settings, misspelt


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("port", "65536"),  # a socket takes it for 0
        ("port", "-1"),
        ("deadline_ms", "0"),
        ("deadline_ms", "-5"),
        ("queue_share", "nan"),
        ("queue_share", "1.5"),
        ("queue_events", "0"),
        ("batch_events", "0"),
        ("connections", "0"),
        ("head_s", "0"),
        ("checkpoint_s", "inf"),
        ("retention_days", "-3"),
        ("body_bytes", "9" * 30),
        ("screenings_keep_days", "0"),
        ("screenings_keep_days", "3651"),
    ],
)
def test_figures_that_cannot_be_meant_are_refused(name, text):
    with pytest.raises(UsageError, match="lies outside") as refused:
        Settings.from_environment({f"TIDEGATE_{name.upper()}": text})
    assert refused.value.place == name


def test_zero_is_taken_where_it_means_something():
    taken = Settings.from_environment({"TIDEGATE_PORT": "0", "TIDEGATE_RETENTION_DAYS": "0"})
    assert (taken.port, taken.retention_days) == (0, 0)


def test_a_misspelt_variable_is_told_with_the_one_that_was_meant():
    given = {"TIDEGATE_DEADLINE_M": "5", "TIDEGATE_RETENTION_DAY": "1", "TIDEGATE_MATRIX_POLL_S": "5"}
    given |= {"TIDEGATE_PORT": "1", "TIDEGATE_PORT_8420_TCP_ADDR": "x", "TIDEGATE_KERNELS": "x", "OTHER": "y"}
    assert misspelt(given) == [
        ("TIDEGATE_DEADLINE_M", "TIDEGATE_DEADLINE_MS"),
        ("TIDEGATE_RETENTION_DAY", "TIDEGATE_RETENTION_DAYS"),
    ]


@pytest.mark.parametrize(
    ("host", "certificate", "clear"),
    [
        ("127.0.0.1", "", False),
        ("::1", "", False),
        ("localhost", "", False),
        ("0.0.0.0", "", True),  # noqa: S104
        ("::", "", True),
        ("tidegate.example", "", True),
        ("0.0.0.0", "c.pem", False),  # noqa: S104
    ],
)
def test_listening_beyond_this_machine_without_tls_is_told(host, certificate, clear):
    assert Settings(host=host, tls_certificate=certificate).in_the_clear is clear
