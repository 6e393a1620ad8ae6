"""The places of a list of numbers that hold a share of its sum, as the bits of one number."""

import json

import msgspec
import pytest

import tidegate as tg
from tidegate.events import AccountProfile, decode_lines
from tidegate.events.json_columns import LineDecoder

USUAL = AccountProfile.hour_profile.usual(0.25)


@pytest.mark.parametrize(
    ("values", "bits"),
    [
        ([1, 1], 0b11),
        ([3, 1], 0b11),
        ([3.1, 1], 0b01),
        ([0, 1, 0, 1], 0b1010),
        ([0, 0], None),
        ([], None),
        (None, None),
        (msgspec.UNSET, msgspec.UNSET),
    ],
)
def test_places_that_hold_the_share_are_bits(values, bits):
    assert USUAL.pick(values) == bits


def test_events_in_columns_have_the_same_bits_as_records():
    hours = tg.events(AccountProfile).last(USUAL).per(AccountProfile.account_id).ever()

    class Hours(tg.RuleSet):
        """Shows the bits."""

        area = "test"
        shown = tg.Rule(
            id="x.hours", title="Hours", on=(AccountProfile,), when=hours > 0, points=1, reason="{observed}"
        )

    policy = tg.Policy(name="hours", version="1", rule_sets=(Hours,), attempts=())
    profiles = [
        {},
        {"hour_profile": None},
        {"hour_profile": [0.5, 0.5] + [0] * 22},
        {"hour_profile": [0] * 24},
        {"hour_profile": [0] * 22 + [0.5, 0.5]},
    ]
    lines = [
        json.dumps(
            {"event_id": f"e{n}", "type": "account_profile", "ts": 1_000_000, "account_id": f"a{n}"} | fields
        )
        for n, fields in enumerate(profiles)
    ]
    text = "".join(f"{line}\n" for line in lines).encode()
    columns = LineDecoder().decode(text, 0, rows=9, file="", first_line=1).decoded.block
    records = decode_lines([line.encode() for line in lines]).block
    for block in (columns, records):
        judged = tg.Engine(policy).step(block)
        assert {i: d.data({})["fired"][0]["observed"] for i, d in judged.closer.items()} == {2: 3, 4: 3 << 22}
