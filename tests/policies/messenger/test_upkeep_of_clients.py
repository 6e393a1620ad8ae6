"""What keeps clients and what is known of them up to date: prompts, releases of the library, the cold watch list."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    event,
    judge,
    last,
    login,
    timers,
)

PROMPT, LIBRARY, DORMANT = "client.forced-update-14d", "client.library-update-14d", "client.hibernation-72h"


def build(day, ts=T0, account="a", **fields):
    return event("client_report", ts, account, build_date=day, **fields)


def released(ts, version="2"):
    return event("signature_library_released", ts, None, version=version)


def marked(**fields):
    return event("device_profile", T0 - DAY, None, device_id="d", labels={"device-risk": T0 - DAY}, **fields)


def on_device(hours, device="d", **fields):
    return login(T0 + hours * HOUR, device_id=device, **fields)


CASES = [
    (DORMANT, "71 h", [marked(), on_device(0), on_device(71)], "rests"),
    (DORMANT, "72 h less a moment", [marked(), on_device(0), login(T0 + 72 * HOUR - 1, device_id="d")], "rests"),
    (DORMANT, "72 h", [marked(), on_device(0), on_device(72)], "fires"),
    (DORMANT, "73 h", [marked(), on_device(0), on_device(73)], "fires"),
    (DORMANT, "another device", [marked(), on_device(0), on_device(50), on_device(73, "e")], "rests"),
    (DORMANT, "no mark", [on_device(0), on_device(73)], "rests"),
    (DORMANT, "marks taken off", [
        marked(), event("device_profile", T0 - HOUR, None, device_id="d", labels={}), on_device(0), on_device(73)], "rests"),
    (DORMANT, "in the cold list already", [marked(watch_tier="cold"), on_device(0), on_device(73)], "rests"),
    (DORMANT, "in the active list", [marked(watch_tier="active"), on_device(0), on_device(73)], "fires"),
    (DORMANT, "a failed login is none", [marked(), on_device(0), on_device(50, ok=False), on_device(73)], "fires"),
    (DORMANT, "of another account", [marked(), on_device(0), on_device(50, account="b"), on_device(73)], "rests"),
    (DORMANT, "the first login", [marked(), on_device(0)], "rests"),
    (DORMANT, "device not known", [marked(), login(T0 + 73 * HOUR)], "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_the_absence_is_judged_when_its_time_is_up_and_moves_nothing_but_the_fingerprint():
    world = [marked(), on_device(0), on_device(60, "e", account="b"), on_device(73, "e", account="b")]
    found = [seen for seen in timers(world) if DORMANT in seen.fired]
    assert [seen.ts for seen in found] == ["2026-03-05T09:30:00.000Z"]
    assert found[0].fired[DORMANT]["observed"] == 72
    assert (found[0].labels, found[0].sanctions, found[0].cases, found[0].score) == ([], [], [], 0.0)


@pytest.mark.parametrize("told", [{}, {"ok": None}, {"ok": True}])
def test_the_absence_names_the_account_whose_login_was_the_last(told):
    silent = event("login_attempt", T0, "a", device_id="d", **told)
    world = [marked(), silent, on_device(73, "e", account="b")]
    assert [(seen.account_id, list(seen.fired)) for seen in timers(world)] == [("a", [DORMANT])]


def test_a_login_within_the_72_hours_puts_the_absence_off():
    world = [marked(), on_device(0), on_device(71), on_device(142), on_device(142.5, "e", account="b")]
    assert not any(DORMANT in seen.fired for seen in judge(world))


def test_a_mark_that_a_rule_has_set_is_one():
    crowd = [login(T0 - HOUR + i * MINUTE, f"u{i}", device_id="d") for i in range(4)]
    assert DORMANT in last([crowd, on_device(73)]).fired
    assert DORMANT not in last([crowd[:3], on_device(73)]).fired


@pytest.mark.parametrize(
    ("days", "expected"),
    [(13, True), (14, True), (14 + SECOND / DAY, False), (15, False)],
)
def test_the_library_is_to_be_renewed_within_14_days(days, expected):
    seen = last([released(T0), released(T0 + round(days * DAY), "3")])
    assert (LIBRARY in seen.fired) is expected
    assert (seen.labels, seen.sanctions, seen.cases) == ([], [], [])


def test_the_release_before_counts_not_the_first():
    assert LIBRARY in last([released(T0), released(T0 + 10 * DAY), released(T0 + 20 * DAY)]).fired
    assert LIBRARY not in last([released(T0)]).fired


MIDNIGHT = T0 - T0 % DAY  # 2 March


@pytest.mark.parametrize(
    ("moment", "expected"),
    [(13 * DAY, False), (14 * DAY, False), (14 * DAY + SECOND, True), (15 * DAY, True)],
)
def test_a_build_may_be_superseded_for_14_days(moment, expected):
    made = MIDNIGHT - 15 * DAY  # 15 February
    world = [build("2026-02-15", made + HOUR, "other"), build("2026-01-20", made + moment)]
    seen = last(world)
    assert (PROMPT in seen.fired) is expected
    assert (seen.verdict, seen.labels, seen.sanctions) == ("allow", [], [])


def test_of_builds_in_quick_succession_one_that_has_long_been_out_supersedes():
    old = build("2026-01-20", MIDNIGHT)
    quick = build("2026-02-25", MIDNIGHT - 4 * DAY, "other")
    early = build("2026-02-10", MIDNIGHT - HOUR, "third")
    assert PROMPT not in last([quick, old]).fired
    assert PROMPT in last([quick, early, old]).fired
    assert PROMPT not in last([quick, early, build("2026-02-12", MIDNIGHT)]).fired


@pytest.mark.parametrize(
    ("why", "world", "expected"),
    [
        ("none newer known", [build("2025-06-01")], False),
        ("the newest itself", [build("2026-02-10", T0 - DAY, "other"), build("2026-02-10")], False),
        ("updated", [build("2026-02-10", T0 - DAY, "other"), build("2026-02-10", T0 + DAY)], False),
        ("a modified build does not ask", [build("2026-02-10", T0 - DAY, "other"), build("2026-01-01", is_modified=True)], False),
        ("a modified build supersedes nothing", [build("2026-02-10", T0 - DAY, "other", is_modified=True), build("2026-01-01")], False),
    ],
)  # fmt: skip
def test_who_is_asked_to_update(why, world, expected):
    assert (PROMPT in last(world).fired) is expected, why


def test_a_build_whose_date_is_not_known_leaves_it_open():
    world = [build("2026-02-10", T0 - DAY, "other"), event("client_report", T0, app_version="2.0")]
    assert PROMPT in last(world).undecided
