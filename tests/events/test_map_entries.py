"""Entries of a map as values: by their place among the names, as numbers that tell them apart."""

import msgspec

import tidegate as tg
from tidegate.events import LoginAttempt, RegistrationAttempt
from tidegate.testing import Bench

PARAMS = LoginAttempt.device_params


def test_an_entry_is_its_name_and_its_value_whatever_the_order():
    first = PARAMS.entry(0)
    assert first.pick({"a": "1", "b": "2"}) == first.pick({"b": "9", "a": "1"})
    assert first.pick({"a": "1"}) != first.pick({"a": "2"})
    assert first.pick({"a": "1"}) != first.pick({"b": "1"})
    assert PARAMS.entry(1).pick({"b": "2", "a": "1"}) == first.pick({"b": "2"})


def test_places_beyond_the_end_are_null_and_a_missing_map_stays_missing():
    assert PARAMS.entry(2).pick({"a": "1", "b": "2"}) is None
    assert PARAMS.entry(0).pick(None) is None
    assert PARAMS.entry(0).pick(msgspec.UNSET) is msgspec.UNSET


def test_all_names_together_say_nothing_of_the_values():
    names = PARAMS.names()
    assert names.pick({"a": "1", "b": "2"}) == names.pick({"b": "3", "a": "4"})
    assert names.pick({"a": "1"}) != names.pick({"a": "1", "b": "2"})


def test_entries_of_other_places_and_other_events_are_other_expressions():
    assert PARAMS.entry(0).fingerprint != PARAMS.entry(1).fingerprint
    assert PARAMS.entry(0).fingerprint != RegistrationAttempt.device_params.entry(0).fingerprint
    assert PARAMS.entry(0).fingerprint == LoginAttempt.device_params.entry(0).fingerprint
    assert PARAMS.entry(3).describe() == "LoginAttempt.device_params[3]"


def test_a_rule_reads_map_and_entry_side_by_side():
    class Sheet(tg.RuleSet):
        """Logins whose first parameter is a new one."""

        area = "login"
        before = tg.events(LoginAttempt).previous(PARAMS.entry(0)).per(LoginAttempt.account_id).ever()
        rule = tg.Rule(
            id="new", title="New", on=(LoginAttempt,), when=tg.size(PARAMS) >= 1, given=PARAMS.entry(0) != before,
            reason="{observed}", labels=(tg.Label("new"),),
        )  # fmt: skip

    bench = Bench(tg.Policy(name="ours", version="1", rule_sets=(Sheet,)))
    send = [bench.send("login_attempt", account_id="a", device_params={"p": value}) for value in "112"]
    assert [d.labels for d in send] == [(), (), ("new",)]
