"""The labelled pool: the same from a seed, true to its sources, and nothing in the evidence that did not happen."""

import csv
import json
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import pytest
from tests.examples.made_up_sets import COLLEGE_BEGAN, write, write_sets
from tests.examples.scripts import script

WEEK_MS = 7 * 86_400_000


@pytest.fixture(scope="module")
def modules():
    return script("labelled_pool"), script("pool_accounts"), script("real_accounts")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_sets(tmp_path_factory.mktemp("sets"))


@pytest.fixture(scope="module")
def assumed(modules):
    """More of everything rare than on the page, so that a small pool has some of it."""
    return modules[0].Assumed(
        stolen_share=0.4, fake_share=0.4, device_link=0.1, address_link=0.2, locked_out=0.6
    )


class Written:
    """The files of a pool, read back."""

    def __init__(self, folder):
        self.folder = folder
        self.labels = list(csv.DictReader((folder / "labels.csv").read_text().splitlines()))
        rows = csv.DictReader((folder / "pool.csv").read_text().splitlines())
        self.rows = {row["account_id"]: row for row in rows}
        self.events, self.measures, self.answers = (
            [json.loads(line) for line in (folder / f"{name}.ndjson").read_text().splitlines()]
            for name in ("events", "measures", "answers")
        )


@pytest.fixture(scope="module")
def pool(modules, data, assumed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pool")
    modules[0].write_pool(data, folder, assumed)
    return Written(folder)


@pytest.fixture(scope="module")
def told(modules, data, assumed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("told")
    modules[0].write_pool(data, folder, assumed.everything_told())
    return Written(folder)


@pytest.fixture(scope="module")
def accounts(modules, data, assumed):
    labelled_pool, pool_accounts, real_accounts = modules
    real = real_accounts.real_accounts(data, 120)
    return {one.id: one for one in pool_accounts.labelled_accounts(real, assumed, labelled_pool.SEED)}


FILES = ("pool.csv", "events.ndjson", "measures.ndjson", "answers.ndjson", "labels.csv")


def test_the_same_seed_gives_the_same_bytes(modules, pool, data, assumed, tmp_path):
    modules[0].write_pool(data, tmp_path, assumed)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (pool.folder / name).read_bytes()


def test_another_seed_gives_other_accounts(modules, data, assumed, accounts):
    others = modules[1].labelled_accounts(modules[2].real_accounts(data, 120), assumed, modules[0].SEED + 1)
    assert {one.id for one in others} == accounts.keys()
    assert sum(one.phone != accounts[one.id].phone for one in others) > len(others) / 2


def test_every_account_has_one_row_one_number_and_a_half_that_its_id_alone_decides(modules, pool):
    numbers = [row["number"] for row in pool.labels]
    assert len(set(numbers)) == len(numbers) == len(pool.rows)
    assert {row["half"] for row in pool.labels} == {"dev", "test"}
    assert all(row["half"] == modules[0].half_of(row["account_id"]) for row in pool.labels)


def test_there_is_some_of_every_truth(pool):
    for dimension in ("stolen", "fake", "non_compliant", "invalid"):
        assert 0 < sum(row[dimension] == "1" for row in pool.labels) < len(pool.labels)


def test_events_are_in_order_and_none_is_later_than_the_screening(modules, pool):
    times = [event["ts"] for event in pool.events]
    assert times == sorted(times)
    assert max(times) <= modules[2].AT_MS
    assert all(event["ts"] <= modules[2].AT_MS for event in pool.answers)
    ids = [event["event_id"] for event in (*pool.events, *pool.measures, *pool.answers)]
    assert len(set(ids)) == len(ids)


def test_nobody_is_stolen_and_fake_and_only_fakes_are_invalid(accounts):
    for one in accounts.values():
        assert not (one.takeover and (one.fake or one.non_compliant))
        assert one.fake or not one.invalid
        assert one.honest == (not one.takeover and not one.fake and not one.non_compliant)


def test_a_holder_who_is_locked_out_does_nothing_afterwards(pool, accounts):
    out = {one.id: one.takeover for one in accounts.values() if one.takeover and one.takeover.locked_out}
    assert len(out) > 3
    sent = [event for event in pool.events if event["type"] == "message_sent" and event["account_id"] in out]
    assert sent
    assert all(event["ts"] < out[event["account_id"]].ts for event in sent)


def test_a_takeover_shows_what_it_is_said_to_show(accounts):
    seen = set()
    for one in accounts.values():
        if one.takeover:
            first = [login for login in one.logins if login.ts == one.takeover.ts]
            device = bool(first) and first[0].device.endswith("thief")
            country = bool(first) and first[0].country == "BR"
            assert one.takeover.shows == {(True, True): "device and country", (True, False): "device", (False, True): "country",
                                          (False, False): "nothing"}[device, country]  # fmt: skip
            assert bool(first) == (one.takeover.shows != "nothing")
            assert not first or first[0].known != device
            seen.add(one.takeover.shows)
    assert len(seen) == 4


def test_honest_people_stay_in_their_country_and_go_home_from_journeys(accounts, assumed):
    away = 0
    for one in accounts.values():
        if one.honest:
            assert {login.country for login in one.logins} <= {"US", "DK"}
            away += sum(login.city != "home" for login in one.logins)
            for before, login in pairwise(one.logins):
                if before.city == login.city != "home":
                    assert login.ts - before.ts < assumed.trip_days * 86_400_000
    assert away


def test_a_device_is_known_from_its_second_login_on(accounts):
    for one in accounts.values():
        if not one.takeover:
            devices = [login.device for login in one.logins]
            assert [login.known for login in one.logins] == [
                d in devices[:i] or i == 0 for i, d in enumerate(devices)
            ]


def test_what_the_list_and_the_platform_say_of_exchanges_is_what_the_events_have(modules, told):
    exchanged = defaultdict(list)
    for event in told.events:
        if event["type"] in ("message_sent", "message_received"):
            exchanged[event["account_id"]].append((event["ts"], event["event_id"]))
    since = modules[2].AT_MS - 90 * 86_400_000
    bots = {row["account_id"] for row in told.labels if row["fake"] == "1"}
    asked = [
        event
        for event in told.answers
        if event["type"] == "lookup.interactions" and event["account_id"] not in bots
    ]
    assert len(asked) > 30
    for event in asked:
        times = [ts for ts, _ in exchanged[event["account_id"]]]
        assert event["interactions_90d"] == sum(ts >= since for ts in times)
        assert event["last_interaction"] == max(times, default=None)
        assert told.rows[event["account_id"]]["interactions_90d"] == str(event["interactions_90d"])


def test_where_everything_is_told_nothing_is_left_out_and_else_something_is(pool, told):
    assert all(row["avatar"] and row["warnings"] and row["reachable"] for row in told.rows.values())
    kinds = defaultdict(set)
    for event in told.answers:
        kinds[event["account_id"]].add(event["type"])
    assert all(len(kinds[account] - {"lookup.login_history"}) == 5 for account in told.rows)
    trail = [event for event in told.answers if event["type"] == "lookup.login_history"]
    assert all({"region", "device_id", "known_device"} <= event.keys() for event in trail)
    assert 0 < sum(bool(row["avatar"]) for row in pool.rows.values()) < len(pool.rows)
    assert len(pool.answers) < len(told.answers)


def test_what_is_told_of_an_account_does_not_depend_on_other_rates(modules, pool, told):
    known = {event["event_id"]: event for event in told.answers}
    for event in pool.answers:
        more = known[event["event_id"]]
        assert (
            event.items() <= more.items() or event["type"] == "lookup.violations"
        )  # the record follows the events


def test_the_record_holds_measures_for_messages_only(pool):
    counted = defaultdict(int)
    for measure in pool.measures:
        counted[measure["account_id"]] += measure["cause"].startswith("msg.")
    asked = [event for event in pool.answers if event["type"] == "lookup.violations"]
    assert any(event["incident_count"] for event in asked)
    assert all(event["incident_count"] == counted[event["account_id"]] for event in asked)


def test_logs_are_moved_by_whole_weeks_to_the_week_of_the_screening(modules, data):
    real_accounts = modules[2]
    real = real_accounts.real_accounts(data, 120)
    college = real.messages["c"]
    assert (college[0].ts - COLLEGE_BEGAN * 1000) % WEEK_MS == 0
    day_120 = college[0].ts + 120 * 86_400_000
    assert real_accounts.AT_MS - WEEK_MS < day_120 <= real_accounts.AT_MS
    assert (
        college[-1].ts <= real_accounts.AT_MS < college[0].ts + 130 * 86_400_000
    )  # the last row came too late


@pytest.mark.parametrize(
    ("mean", "total", "bills"),
    [
        ("", "0.0", 0),
        ("20.5", "164.0", 8),
        ("20.5", "20.5", 1),
        ("33.33", "99.99", 3),
        ("0.0", "0.0", 0),
        ("-2.0", "-8.0", 4),
    ],
)
def test_the_sum_of_the_bills_over_their_mean_is_how_many_there_were(modules, tmp_path, mean, total, bills):
    head = "arpu_mean arpu_sum month_ids imeis city_name_nunique label"
    write(tmp_path / "sichuan_telecom_fraud" / "nodes.csv", head, [(mean, total, "0", "", "", "1")])
    (number,) = modules[2].phone_numbers(tmp_path)
    assert number == modules[2].PhoneNumber(bills, has_traffic=False, devices=1, cities=1, fraud=True)


def test_a_person_who_writes_to_twenty_strangers_in_a_minute_is_labelled_as_spam(pool):
    spam = {row["account_id"] for row in pool.labels if row["non_compliant"] == "1" and row["fake"] == "0"}
    assert spam == {"c3"}


def test_ages_follow_bills_and_membership(modules, data, assumed, accounts):
    labelled_pool, pool_accounts, real_accounts = modules
    day = 86_400_000
    for one in accounts.values():
        if one.fake and one.registered_ms is not None and one.phone.bills < 8:
            months = (real_accounts.AT_MS - one.registered_ms) / (365 / 12 * day)
            assert one.phone.bills - 1 <= months <= one.phone.bills
        if one.person and one.person.opened_with_log:
            assert one.registered_ms == one.person.first_ms
    real = real_accounts.real_accounts(data, 120)
    older = pool_accounts.labelled_accounts(real, replace(assumed, college_ages=0), labelled_pool.SEED)
    people = [(one.registered_ms, accounts[one.id].registered_ms) for one in older if one.person]
    assert all(as_phone <= as_member for as_phone, as_member in people)
    assert any(as_phone < as_member for as_phone, as_member in people)
