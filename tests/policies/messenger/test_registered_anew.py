"""First days begin with the registration: what an account did before it registered, or registered anew, is not of them."""

import pytest
from tests.policies.messenger.worlds import DAY, HOUR, MINUTE, T0, Table, event, messages, profile, registered

MARK, SCORED, HEAVY = (
    "msg.new-account-over-50-first-mark",
    "msg.new-account-day1-over-50-82pct",
    "msg.new-account-over-100-first-24h",
)
STRANGERS = "msg.new-account-non-contacts-over-30"
ADDED = "contact.new-account-over-30-unknown"
FIRST_DAY = "bcast.first-day-mass-75pct"
RISKY = "group.new-3-large-reported-groups"

EARLIER = T0 - 3 * HOUR
anew = registered(0)


def sent(count, start):
    return messages(count, start, MINUTE, recipient_is_contact=False)


def added(count, start):
    return [
        event("contact_added", start + i * MINUTE, contact_id=f"c{start}-{i}", is_known=False)
        for i in range(count)
    ]


def joined(count, start):
    groups = [f"g{start}-{i}" for i in range(count)]
    return [
        [
            event("group_profile", EARLIER - HOUR, None, group_id=group, report_rate=0.02),
            event("group_joined", start + i * MINUTE, group_id=group, method="link", group_size=900),
        ]
        for i, group in enumerate(groups)
    ]


def broadcast(ts):
    return event("broadcast_batch", ts, batch_id=f"b{ts}", recipient_count=3)


CASES = [
    (rule, f"{name}: {many} {how}", world, expected)
    for rule, limit, act in (
        (MARK, 50, sent),
        (SCORED, 50, sent),
        (HEAVY, 100, sent),
        (STRANGERS, 30, sent),
        (ADDED, 30, added),
        (FIRST_DAY, 3, joined),
        (RISKY, 2, joined),
    )
    for name, old in (("first seen", []), ("of old", [profile(tz="UTC"), registered(90 * DAY)]))
    for many, how, world, expected in (
        (limit + 1, "before and 1 after", [old, act(limit + 1, EARLIER), anew, act(1, T0)], "rests"),
        (limit + 1, "after", [old, anew, act(limit + 1, T0)], "fires"),
    )
] + [
    (MARK, "at the moment of registration", [sent(60, EARLIER), anew, sent(51, T0)], "fires"),
    (MARK, "a registration to come", [profile(registered_at=T0 + DAY), sent(60, T0)], "rests"),
    (FIRST_DAY, "a broadcast before, one group after", [broadcast(EARLIER), anew, joined(1, T0)], "rests"),
    (FIRST_DAY, "a broadcast after, one group after", [anew, broadcast(T0), joined(1, T0 + 1)], "fires"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]
