"""The importer of message logs: what a log says, what follows from it, and what stays unknown."""

import json

import pytest
from tests.examples.scripts import DATA, needs_data, script

from tidegate.events import decode_rows

HOUR, DAY = 3_600, 86_400
START = 1_700_000_000


@pytest.fixture(scope="module")
def importer():
    return script("import_message_log")


@pytest.fixture
def imported(importer, tmp_path, capsys):
    """Convert CSV text with options; returns the exit code, the events and what was said."""

    def convert(text, *options):
        log, out = tmp_path / "log.csv", tmp_path / "events.ndjson"
        log.write_text(text, encoding="utf-8")
        code = importer.run([str(log), "--out", str(out), *options])
        said = capsys.readouterr().err.replace(str(tmp_path) + "/", "")
        return code, [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()], said

    return convert


def log_of(*rows):
    return "time,sender,recipient\n" + "".join(
        f"{START + ts},{sender},{recipient}\n" for ts, sender, recipient in rows
    )


def test_a_row_becomes_a_message_with_an_id_of_file_and_row(imported):
    code, events, _ = imported(log_of((0, "ann", "bob")))
    assert code == 0
    assert events == [
        {
            "event_id": "log-0000001",
            "type": "message_sent",
            "ts": START * 1000,
            "account_id": "ann",
            "recipient_id": "bob",
            "group_id": None,
            "is_broadcast": False,
        }
    ]


@pytest.mark.parametrize(
    ("case", "rows", "options", "contact"),
    [
        ("first message of the log", [(0, "a", "b")], (), None),
        ("within the warm-up", [(0, "x", "y"), (6 * DAY, "a", "b")], (), None),
        ("after the warm-up", [(0, "x", "y"), (7 * DAY, "a", "b")], (), False),
        ("a shorter warm-up", [(0, "x", "y"), (HOUR, "a", "b")], ("--warm-up", "0.04"), False),
        ("no warm-up", [(0, "a", "b")], ("--warm-up", "0"), False),
        ("an answer, even early", [(0, "b", "a"), (5, "a", "b")], (), True),
        ("an answer long ago", [(0, "b", "a"), (90 * DAY, "a", "b")], (), True),
        ("own messages are no answer", [(0, "a", "b"), (8 * DAY, "a", "b")], (), False),
        ("left unknown on request", [(0, "b", "a"), (8 * DAY, "a", "b")], ("--contacts", "unknown"), None),
    ],
)
def test_the_recipient_is_a_contact_as_far_as_the_log_shows(imported, case, rows, options, contact):
    _, events, _ = imported(log_of(*rows), *options)
    assert events[-1].get("recipient_is_contact") is contact, case


@pytest.mark.parametrize(
    ("case", "rows", "options", "reply"),
    [
        ("too early to tell", [(0, "a", "b")], (), None),
        ("too early, but nothing was before", [(0, "a", "b")], ("--warm-up", "0"), False),
        ("a day later", [(0, "x", "y"), (DAY, "a", "b")], (), False),
        ("within the day", [(0, "b", "a"), (DAY - 1, "a", "b")], (), True),
        ("after the day", [(0, "b", "a"), (DAY, "a", "b")], (), False),
    ],
)
def test_a_message_is_a_reply_within_a_day_of_the_other_side(imported, case, rows, options, reply):
    _, events, _ = imported(log_of(*rows), *options)
    assert events[-1].get("is_reply") is reply, case


def test_first_seen_as_registration_introduces_each_account_once_before_its_message(imported):
    _, events, _ = imported(log_of((0, "a", "b"), (9, "c", "a")), "--first-seen-as-registration")
    assert [(event["type"], event["account_id"], event["ts"] - START * 1000) for event in events] == [
        ("account_registered", "a", 0),
        ("account_registered", "b", 0),
        ("message_sent", "a", 0),
        ("account_registered", "c", 9_000),
        ("message_sent", "c", 9_000),
    ]


def test_without_it_no_account_has_a_registration_time(imported):
    _, events, _ = imported(log_of((0, "a", "b")), "--tz", "Europe/Rome", "--market", "IT")
    profiles = [event for event in events if event["type"] == "account_profile"]
    assert [profile["account_id"] for profile in profiles] == ["a", "b"]
    assert all((profile["tz"], profile["market"]) == ("Europe/Rome", "IT") for profile in profiles)
    assert not any("registered_at" in event for event in events)


def test_received_adds_the_arrival_of_every_message(imported):
    _, events, _ = imported(log_of((0, "a", "b")), "--received")
    assert events[1] == {
        "event_id": "log-0000001-in",
        "type": "message_received",
        "ts": START * 1000,
        "account_id": "b",
        "from_id": "a",
    }


@pytest.mark.parametrize(
    ("time", "options", "ts"),
    [
        ("1700000000", (), 1_700_000_000_000),
        ("1700000000.2509", (), 1_700_000_000_250),
        ("1.7e9", (), 1_700_000_000_000),
        ("1700000000250", ("--unit", "ms"), 1_700_000_000_250),
        ("2023-11-14T22:13:20.250Z", ("--unit", "iso"), 1_700_000_000_250),
        ("2023-11-14T23:13:20+01:00", ("--unit", "iso"), 1_700_000_000_000),
        ("18", ("--offset", "1700000000"), 1_700_000_018_000),
        ("18", ("--offset", "2023-11-14T22:13:20Z"), 1_700_000_018_000),
        ("18", ("--unit", "ms", "--offset", "2023-11-14T22:13:20Z"), 1_700_000_000_018),
    ],
)
def test_times_are_read_in_their_unit(imported, time, options, ts):
    _, events, _ = imported(f"time,sender,recipient\n{time},a,b\n", *options)
    assert events[0]["ts"] == ts


def test_columns_have_the_names_that_are_given(imported):
    code, events, _ = imported(
        "dst;ignored,dst,ts,src\nx,b,1700000000,a\n", "--time", "ts", "--sender", "src", "--recipient", "dst"
    )
    assert (code, events[0]["account_id"], events[0]["recipient_id"]) == (0, "a", "b")


def test_bad_rows_are_reported_by_line_and_the_others_used(imported):
    code, events, said = imported(
        "time,sender,recipient\n"
        "1700000000,a,b\n"
        "yesterday,a,b\n"
        "1700000001,a\n"
        "1700000002,,b\n"
        "1700000003,a,a\n"
        "-5,a,b\n"
        "nan,a,b\n"
        "1700000004000,a,b\n"
        "\n"
        "1700000005,b,a\n"
    )
    assert code == 3
    assert [event["event_id"] for event in events] == ["log-0000001", "log-0000010"]
    assert said.splitlines() == [
        "log.csv:3: the time `yesterday` is not a number of s",
        "log.csv:4: has 2 of at least 3 columns",
        "log.csv:5: `sender` is empty",
        "log.csv:6: sender and recipient are both `a`",
        "log.csv:7: the time `-5` lies outside 1970 to 2109: is `--unit s` right?",
        "log.csv:8: the time `nan` is not a number of s",
        "log.csv:9: the time `1700000004000` lies outside 1970 to 2109: is `--unit s` right?",
        "2 messages between 2 accounts, 7 rows left out",
    ]


def test_a_local_time_without_its_offset_is_a_bad_row(imported):
    code, _, said = imported("time,sender,recipient\n2023-11-14T22:13:20,a,b\n", "--unit", "iso")
    assert code == 3
    assert "has no offset from UTC" in said


def test_rows_out_of_order_are_counted_and_sorted_on_request(imported):
    text = log_of((10, "a", "b"), (0, "b", "a"))
    _, as_they_come, said = imported(text)
    assert [event["event_id"] for event in as_they_come] == ["log-0000001", "log-0000002"]
    assert said.splitlines()[1:] == ["1 rows are older than the row before them", "  hint: give `--sort`"]
    _, by_time, said = imported(text, "--sort")
    assert [event["event_id"] for event in by_time] == ["log-0000002", "log-0000001"]
    assert by_time[1]["recipient_is_contact"] is True
    assert "older" not in said


def test_a_missing_column_is_an_error_that_names_those_there_are(imported):
    code, events, said = imported("when,from,to\n1,a,b\n")
    assert (code, events) == (1, [])
    assert said == "log.csv: there is no column `time`; the columns are `when`, `from`, `to`\n"


def test_a_file_that_is_not_there_is_an_error(importer, tmp_path, capsys):
    assert importer.run([str(tmp_path / "none.csv")]) == 1
    assert "none.csv" in capsys.readouterr().err


def test_an_offset_that_is_no_time_is_wrong_usage(importer, tmp_path, capsys):
    with pytest.raises(SystemExit) as left:
        importer.run([str(tmp_path / "log.csv"), "--offset", "monday"])
    assert left.value.code == 2
    assert "`monday`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--tz", "Europe/Berln"), "did you mean `Europe/Berlin`?"),
        (("--market", "Germany"), "two capital letters"),
        (("--warm-up", "-3"), "--warm-up `-3`"),
        (("--warm-up", "nan"), "--warm-up `nan`"),
    ],
)
def test_options_that_cannot_be_meant_are_wrong_usage(importer, tmp_path, capsys, options, said):
    with pytest.raises(SystemExit) as left:
        importer.run([str(tmp_path / "log.csv"), *options])
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_the_log_is_never_written_over(importer, tmp_path, capsys):
    log = tmp_path / "log.csv"
    log.write_text(log_of((0, "a", "b")), encoding="utf-8")
    with pytest.raises(SystemExit):
        importer.run([str(log), "--out", str(tmp_path / "." / "log.csv")])
    assert "is the log itself" in capsys.readouterr().err
    assert log.read_text(encoding="utf-8") == log_of((0, "a", "b"))


def test_columns_kept_apart_otherwise_and_an_empty_file_are_said(imported):
    assert "kept apart by commas" in imported("time;sender;recipient\n1;a;b\n")[2]
    assert "the file is empty" in imported("")[2]


def test_a_time_of_a_million_digits_costs_its_row(imported):
    code, events, said = imported("time,sender,recipient\n1e999999999,a,b\n1700000000,a,b\n")
    assert (code, len(events)) == (3, 1)
    assert "`1e999999999` is not a number" in said


def test_every_event_is_valid_and_has_an_id_of_its_own(imported):
    _, events, _ = imported(
        log_of((0, "a", "b"), (5, "b", "a"), (8 * DAY, "c", "a")),
        "--first-seen-as-registration",
        "--received",
        "--tz",
        "Europe/Rome",
    )
    assert decode_rows(events).rejected == []
    assert len({event["event_id"] for event in events}) == len(events)


@needs_data("collegemsg")
def test_the_collegemsg_log_is_read_to_the_last_row(importer, tmp_path, capsys):
    out = tmp_path / "college.ndjson"
    options = ["--time", "ts", "--sender", "src", "--recipient", "dst", "--warm-up", "0", "--out", str(out)]
    assert importer.run([str(DATA / "collegemsg" / "messages.csv"), *options]) == 0
    assert out.read_bytes().count(b"\n") == 59_835
    assert capsys.readouterr().err == "59835 messages between 1899 accounts, 0 rows left out\n"
