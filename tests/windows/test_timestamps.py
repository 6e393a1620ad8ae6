"""RFC 3339 texts against datetime."""

import re
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.windows.interpreted import interpreted

from tidegate.windows import timestamps

MODULES = [timestamps, interpreted("timestamps")]
BOTH = pytest.mark.parametrize("module", MODULES, ids=["built", "interpreted"])
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LIMIT = 2**42

SHAPE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))",
)


def oracle(text):
    """Milliseconds by re and datetime, -1 for an invalid time."""
    match = SHAPE.fullmatch(text)
    if not match:
        return -1
    fraction, sign, hours, minutes = match.group(7, 8, 9, 10)
    if sign and (int(hours) > 23 or int(minutes) > 59):
        return -1
    try:
        local = datetime(*map(int, match.group(1, 2, 3, 4, 5, 6)), tzinfo=UTC)
    except ValueError:
        return -1
    ms = (local - EPOCH) // timedelta(seconds=1) * 1000 + int((fraction or "0").ljust(3, "0")[:3])
    ms -= (1 if sign == "+" else -1) * 60_000 * (60 * int(hours) + int(minutes)) if sign else 0
    return ms if 0 <= ms < LIMIT else -1


def parsed(module, text):
    times, invalid = module.parse_rfc3339_many([text])
    assert times.dtype == np.int64
    assert invalid == ([0] if times[0] == -1 else [])
    assert module.parse_rfc3339(text) == times[0]
    return int(times[0])


@given(
    st.datetimes(datetime(1969, 12, 30), datetime(2109, 5, 20)),  # noqa: DTZ001  the zone is drawn below
    st.integers(-1439, 1439),
    st.integers(0, 10**9 - 1),
    st.integers(0, 9),
    st.booleans(),
)
def test_valid_times_are_read_as_datetime_reads_them(moment, offset, nanoseconds, digits, capital):
    zone = timezone(timedelta(minutes=offset))
    text = moment.replace(microsecond=0, tzinfo=zone).isoformat()
    if digits:
        text = f"{text[:19]}.{nanoseconds:09d}"[: 20 + digits] + text[19:]
    text = text if capital else text.lower()
    expected = oracle(text)
    if not digits:
        ms = (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)
        assert expected == (ms if 0 <= ms < LIMIT else -1)
    assert [parsed(module, text) for module in MODULES] == [expected] * 2


fields = st.integers(0, 99).map("{:02d}".format)
nearly = st.builds(
    "{}-{}-{}{}{}:{}:{}{}{}".format,
    st.sampled_from(["1970", "2000", "2100", "2024", "2023", "0000", "9999", "1969", "2109", "202", "20 4"]),
    st.sampled_from(["00", "01", "02", "04", "12", "13", "2", "-1"]),
    st.sampled_from(["00", "01", "28", "29", "30", "31", "32", "99"]),
    st.sampled_from(["T", "t", " ", ""]),
    fields,
    fields,
    st.one_of(fields, st.just("60")),
    st.sampled_from(["", ".", ".1", ".999999999", ".1234567890", ".12a", ",5", "."]),
    st.sampled_from(
        ["Z", "z", "+00:00", "-00:00", "+23:59", "+24:00", "+00:60", "+0100", "+01", "", "Z ", "é"]
    ),
)


@given(st.one_of(nearly, st.text(max_size=40), st.text("0123456789-:.TZtz+ ", min_size=19, max_size=36)))
def test_texts_that_are_nearly_times_are_judged_as_the_grammar_does(text):
    assert [parsed(module, text) for module in MODULES] == [oracle(text)] * 2


@BOTH
@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.0019999Z", 1),
        ("1969-12-31T23:00:00-01:00", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:59:59.999+01:00", -1),
        ("2109-05-15T07:35:11.103Z", LIMIT - 1),
        ("2109-05-15T07:35:11.104Z", -1),
        ("2000-02-29T00:00:00z", 951_782_400_000),
        ("2024-02-29t23:59:59.5Z", 1_709_251_199_500),
        ("2023-02-29T00:00:00Z", -1),
        ("2100-02-29T00:00:00Z", -1),
        ("2026-03-02T24:00:00Z", -1),
        ("2016-12-31T23:59:60Z", -1),
        ("2026-03-02 09:30:00Z", -1),
        ("2026-03-02T09:30:00", -1),
        ("2026-03-02T09:30:00.Z", -1),
        ("2026-03-02T09:30:00.1234567890Z", -1),
        ("2026-03-02T09:30:00+0100", -1),
        ("2026-03-02T09:30Z", -1),
        ("+026-03-02T09:30:00Z", -1),
        ("２026-03-02T09:30:00Z", -1),  # noqa: RUF001  a full-width digit is the point
        ("2026-03-02T09:30:00Z\0", -1),
        ("", -1),
    ],
)
def test_times_at_the_edges_of_the_grammar(module, text, ms):
    assert parsed(module, text) == oracle(text) == ms


@given(st.lists(st.integers(0, LIMIT - 1), max_size=8))
def test_times_are_written_as_datetime_writes_them_and_read_back(times):
    expected = [
        (EPOCH + timedelta(milliseconds=ms)).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
        for ms in times
    ]
    for module in MODULES:
        assert [module.format_rfc3339(ms) for ms in times] == expected
        assert module.parse_rfc3339_many(expected)[0].tolist() == times


@BOTH
def test_every_day_of_the_range_is_written_and_read(module):
    days = np.arange(0, LIMIT, 86_400_000 * (1 if module is timestamps else 31))
    texts = [module.format_rfc3339(day) for day in days.tolist()]
    assert texts == [str(day) + "Z" for day in days.astype("datetime64[ms]")]
    assert module.parse_rfc3339_many(texts)[0].tolist() == days.tolist()


@BOTH
def test_invalid_texts_are_listed_by_index(module):
    texts = ["2026-03-02T09:30:00Z", "yesterday", "2026-03-02T09:30:00.250Z", ""]
    times, invalid = module.parse_rfc3339_many(texts)
    assert times.tolist() == [1_772_443_800_000, -1, 1_772_443_800_250, -1]
    assert invalid == [1, 3]


@BOTH
@pytest.mark.parametrize("ms", [-1, LIMIT])
def test_a_time_out_of_range_is_not_written(module, ms):
    with pytest.raises(AssertionError):
        module.format_rfc3339(ms)
