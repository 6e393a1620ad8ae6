"""What is answered about a number, row by row: every boundary case, and what is not known."""

import pytest
from tests.policies.messenger.worlds import DAY, T0, Table, event, judge, last

REGIONS = "screen.stolen-cross-region"
DEVICE = "screen.stolen-unfamiliar-device"
YOUNG = "screen.fake-registered-under-3-months"
SILENT = "screen.fake-no-interaction-90d"
FACELESS = "screen.fake-incomplete-profile"
FAKE = "screen.fake-composite"
ZOMBIE = "screen.fake-type-zombie"
BOT = "screen.fake-type-bot"
RECORD = "screen.historical-violation"
LINKED = "screen.associated-with-banned"
EMPTY = "screen.empty-account"
UNREGISTERED = "screen.unregistered"


def answer(kind, ts=T0, **fields):
    return event(f"lookup.{kind}", ts, None, number="+4915100", **fields)


def trail(regions, step=DAY):
    return [answer("login_history", T0 + n * step, region=region) for n, region in enumerate(regions)]


def registered(days, **fields):
    return answer("registration", registered_at=T0 - days * DAY, **fields)


def told(number):
    return answer("interactions", interactions_90d=number)


def last_one(days):
    return answer("interactions", last_interaction=T0 - days * DAY)


def banned(**fields):
    return answer("ban_links", **{"via": "device", "banned_id": "x"} | fields)


SHARED = event("ip_profile", T0 - DAY, None, ip="i", is_shared=True)
KNOWN, UNKNOWN = (answer("login_history", known_device=known) for known in (True, False))
FACE = answer("profile", has_avatar=True, has_signature=True)

CASES = [
    (REGIONS, "under", trail("ABA"), "rests"),
    (REGIONS, "at", trail("ABAB"), "fires"),
    (REGIONS, "over", trail("ABABA"), "fires"),
    (REGIONS, "none on record is no region", trail(["A", None, "A", None, "A"]), "rests"),
    (REGIONS, "the first change is 30 days ago", [trail("AB", 1), *(answer("login_history", T0 + 1 + d * DAY, region=r) for d, r in ((1, "A"), (30, "B")))], "rests"),
    (DEVICE, "under", [KNOWN], "rests"),
    (DEVICE, "at", [UNKNOWN], "fires"),
    (DEVICE, "a known one after it", [UNKNOWN, answer("login_history", T0 + 30 * DAY - 1, known_device=True)], "fires"),
    (DEVICE, "30 days ago", [UNKNOWN, answer("login_history", T0 + 30 * DAY, known_device=True)], "rests"),
    (DEVICE, "not known whether", [answer("login_history", region="A")], "undecided"),
    (YOUNG, "89 days", [registered(89)], "fires"),
    (YOUNG, "90 days", [registered(90)], "rests"),
    (YOUNG, "91 days", [registered(91)], "rests"),
    (YOUNG, "not known", [answer("registration", is_registered=True)], "undecided"),
    (YOUNG, "none on record", [answer("registration", registered_at=None)], "rests"),
    (SILENT, "none", [told(0)], "fires"),
    (SILENT, "one", [told(1)], "rests"),
    (SILENT, "the last 89 days ago", [last_one(89)], "rests"),
    (SILENT, "the last 91 days ago", [last_one(91)], "fires"),
    (SILENT, "none on record", [answer("interactions", last_interaction=None)], "fires"),
    (SILENT, "not known", [answer("interactions")], "undecided"),
    (FACELESS, "both set", [FACE], "rests"),
    (FACELESS, "one missing", [answer("profile", has_avatar=True, has_signature=False)], "fires"),
    (FACELESS, "one missing, the other not known", [answer("profile", has_avatar=False)], "fires"),
    (FACELESS, "one set, the other not known", [answer("profile", has_avatar=True)], "undecided"),
    (FAKE, "one sign", [registered(1), FACE, told(3)], "rests"),
    (FAKE, "two signs", [registered(1), FACE, told(0)], "fires"),
    (FAKE, "three signs", [registered(1), told(0), answer("profile", has_avatar=False)], "fires"),
    (FAKE, "one sign, nothing else known", [registered(1)], "rests"),
    (ZOMBIE, "none", [told(0)], "fires"),
    (ZOMBIE, "one", [told(1)], "rests"),
    (BOT, "silent, virtual", [registered(200, number_type="virtual"), told(0)], "fires"),
    (BOT, "silent, mobile", [registered(200, number_type="mobile"), told(0)], "rests"),
    (BOT, "in use, virtual", [registered(200, number_type="virtual"), told(1)], "rests"),
    (RECORD, "under", [answer("violations", incident_count=0)], "rests"),
    (RECORD, "at", [answer("violations", incident_count=1)], "fires"),
    (RECORD, "over", [answer("violations", incident_count=2)], "fires"),
    (LINKED, "no link", [banned(banned_id=None)], "rests"),
    (LINKED, "a device", [banned()], "fires"),
    (LINKED, "an address", [banned(via="ip", ip="i")], "fires"),
    (LINKED, "a shared address", [SHARED, banned(via="ip", ip="i")], "rests"),
    (LINKED, "a device, at a shared address", [SHARED, banned(ip="i")], "fires"),
    (EMPTY, "reachable, active", [answer("registration", is_reachable=True, is_suspended=False)], "rests"),
    (EMPTY, "unreachable", [answer("registration", is_reachable=False)], "fires"),
    (EMPTY, "suspended", [answer("registration", is_suspended=True)], "fires"),
    (EMPTY, "reachable, not known whether suspended", [answer("registration", is_reachable=True)], "undecided"),
    (UNREGISTERED, "registered", [answer("registration", is_registered=True)], "rests"),
    (UNREGISTERED, "not registered", [answer("registration", is_registered=False)], "fires"),
    (UNREGISTERED, "not known", [answer("registration", is_reachable=True)], "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_an_answer_is_judged_by_its_row(table, number):
    assert table.outcome(number) == table.cases[number][3]


@pytest.mark.parametrize(
    ("answers", "labels"),
    [
        ([UNKNOWN], ["theft-suspect"]),
        ([registered(1), told(0)], ["fake-suspect", "fake-zombie"]),
        ([answer("violations", incident_count=1)], ["non-compliant"]),
        ([banned()], ["association-risk"]),
        ([event("feedback_filed", T0, None, number="+4915100", kind="odd")], ["observation"]),
        ([answer("registration", is_reachable=False, is_registered=False)], ["empty", "unregistered"]),
    ],
)
def test_the_number_is_marked(answers, labels):
    assert sorted(last(answers).labels) == labels


def test_signs_of_a_fake_raise_the_score_of_the_number():
    assert [seen.score for seen in judge([registered(1), answer("profile", has_avatar=False)])] == [0.1, 0.19]


@pytest.mark.parametrize(("rows", "exceeded"), [(99_999, False), (100_000, False), (100_001, True)])
def test_an_upload_holds_up_to_100000_accounts(rows, exceeded):
    seen = last([event("pool_uploaded", T0, None, job_id="j", org_id="o", row_count=rows)])
    assert ("sops.batch-limit-100000" in seen.fired) is exceeded
    assert seen.verdict == "allow"
