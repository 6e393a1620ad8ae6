"""What clients and reports bring is put on record, or read by a rule, and nothing else follows from it."""

import pytest
from tests.policies.messenger.worlds import HOUR, MINUTE, T0, Table, event, last, messages, report, reports

HASH = "client.signature-hash"
LIBRARY = "client.new-dimensions-7"
SOURCE = "client.backup-source"


def build(ts, signature, version="2.1", device="d"):
    return event("client_report", ts, device_id=device, app_version=version, signature_hash=signature)


def backup(**fields):
    return event("backup_restored", T0, code_valid=True, **fields)


CASES = [
    (HASH, "the first one", [build(T0, "a")], "rests"),
    (HASH, "the same", [build(T0, "a"), build(T0 + HOUR, "a")], "rests"),
    (HASH, "another one", [build(T0, "a"), build(T0 + HOUR, "b")], "fires"),
    (HASH, "of another version", [build(T0, "a"), build(T0 + HOUR, "b", "2.2")], "rests"),
    (HASH, "of another device", [build(T0, "a"), build(T0 + HOUR, "b", device="e")], "rests"),
    (LIBRARY, "seven", [event("signature_library_released", T0, None, version="9", dimensions_added=7)], "fires"),
    (LIBRARY, "six", [event("signature_library_released", T0, None, version="9", dimensions_added=6)], "rests"),
    (SOURCE, "an official cloud", [backup(is_official=True)], "rests"),
    (SOURCE, "other storage", [backup(is_official=False)], "fires"),
    (SOURCE, "not known", [backup()], "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_record(table, number):
    assert table.outcome(number) == table.cases[number][3]


@pytest.mark.parametrize("world", [[build(T0, "a"), build(T0 + HOUR, "b")], [backup(is_official=False)]])
def test_nothing_follows_from_a_record(world):
    seen = last(world)
    assert seen.fired
    assert (seen.score, seen.labels, seen.sanctions, seen.cases) == (0.0, [], [], [])


def test_both_ways_to_report_count_as_reports_and_one_of_them_as_a_mark():
    # report.what-counts
    button = reports(3, T0, MINUTE, via="report_button")
    deleted = reports(3, T0 + HOUR, MINUTE, by="s{}", via="delete_and_mark_spam")
    assert "report.over-5-in-24h" in last([button, deleted]).fired
    marked = "report.recipient-spam-mark-over-15pct"
    people = messages(20, T0)
    assert marked in last([people, reports(4, T0 + HOUR, by="b{}", via="delete_and_mark_spam")]).fired
    other = report(T0 + 2 * HOUR, "b9", via="report_button", category="other")
    assert (
        marked not in last([people, reports(3, T0 + HOUR, by="b{}", via="delete_and_mark_spam"), other]).fired
    )


def test_a_mark_of_a_packet_is_a_code_that_is_not_as_expected():
    # client.packet-auth-code
    packets = [event("packet_auth", T0 + i, message_id=f"m{i}", tag_ok=i % 2 == 0) for i in range(300)]
    assert last(packets).labels == ["client-watch"]
    assert last(packets[:-2]).labels == []


def test_the_largest_deviation_of_the_client_s_values_is_read():
    # client.feature-values-17
    values = {f"v{i}": 1.0 for i in range(17)}
    seen = last([event("client_report", T0, features=values, feature_deviation=0.06)])
    assert seen.labels == ["modified-client-watch"]


def test_the_parameters_of_a_login_are_kept_until_the_next_one():
    # login.device-params-12
    first = event("login_attempt", T0, ok=True, device_params={f"p{i}": "old" for i in range(12)})
    second = event("login_attempt", T0 + HOUR, ok=True, device_params={f"p{i}": "new" for i in range(12)})
    assert last([first, second]).fired["login.device-param-change-over-40pct"]["observed"] == 1.0
