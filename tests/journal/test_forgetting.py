"""Measures of deadlines, and those taken against others, keep their ids where an account is forgotten."""

import json

import pytest
from tests.journal.folders import START, block, decided, opened, replayed

import tidegate as tg
from tidegate.events import MessageSent, ReportFiled
from tidegate.journal.forgetting import names_for, rewrite
from tidegate.journal.retention import drop_old
from tidegate.journal.segments import segments

SUSPEND = tg.Sanction(
    id="sanction.suspend",
    title="Suspended",
    effect="deny",
    capability=("send",),
    lasting=tg.hours(2),
    level=1,
)
ACCOUNT = "account-that-leaves"


class Silence(tg.RuleSet):
    """A report and no more: a measure and a case, by a deadline."""

    area = "messaging"
    filed = tg.events(ReportFiled).count().per(ReportFiled.account_id).over(tg.hours(1))
    silent = tg.Rule(
        id="silent",
        title="One report and no more",
        on=(tg.deadline(ReportFiled, tg.minutes(5), ReportFiled.account_id),),
        when=filed < tg.Parameter(2, low=1, high=9, unit="reports", why="a test"),
        reason="{observed} reports",
        measures=(tg.Measure(SUSPEND),),
        cases=(tg.Case("priority-review", within=tg.hours(1)),),
    )


POLICY = tg.Policy(
    name="silence", version="1", rule_sets=(Silence,), attempts=(tg.Attempt(MessageSent, "send"),)
)


def event(n, kind, minute, account):
    return {"event_id": f"e{n}", "type": kind, "ts": START + 60_000 * minute, "account_id": account}


def test_a_deadline_gives_the_same_measures_and_cases_under_another_name(tmp_path):
    with opened(tmp_path / "data", POLICY) as live:
        live.take(block([event(n, "report_filed", 0, a) for n, a in enumerate([ACCOUNT, "other-account"])]))
        live.take(block([event(9, "message_sent", 6, "someone-else")]))
        before = [json.loads(line) for line in _timers(live)]
        assert [len(d["sanctions"]) + len(d["cases"]) for d in before] == [2, 2]
        assert len({s["id"] for d in before for s in d["sanctions"]}) == 2
        live.begin_segment()
        names, events = names_for(live.folder, None, ACCOUNT)
        live.rename(names)
        rewrite(live.folder, None, names, ACCOUNT)
        assert events == 1
        live.take(block([event(10, "message_sent", 7, names[ACCOUNT])]))
    kept = decided(tmp_path / "data")
    assert ACCOUNT.encode() not in kept
    assert kept.count(names[ACCOUNT].encode()) == 3
    assert replayed(tmp_path / "data", tmp_path / "out", policy=POLICY) == kept
    after = [json.loads(line) for line in kept.splitlines() if b'{"event_id":null' in line]
    assert [(d["sanctions"], d["cases"]) for d in after] == [(d["sanctions"], d["cases"]) for d in before]


@pytest.mark.parametrize(
    ("account", "device"),
    [
        ("type", "x"),
        ("account_id", "x"),
        ("message_sent", "x"),
        ("deny", "sanction.suspend"),
        ("verdict", "silent"),
        ("a", "allow"),
    ],
)
def test_names_that_are_words_of_the_log_take_nothing_away_from_it(tmp_path, account, device):
    """People choose their names: what others were told, and that the log can be read, may not hang on it."""
    with opened(tmp_path / "data", POLICY) as live:
        live.take(
            block([event(n, "report_filed", 0, a) for n, a in enumerate([account, "other", "third", "b"])])
        )
        live.take(block([event(9, "login_attempt", 5, account) | {"device_id": device}]))
        live.take(block([event(n, "message_sent", 6, "other") for n in range(10, 20)]))
        live.begin_segment()
        names, _ = names_for(live.folder, None, account)
        live.rename(names)
        rewrite(live.folder, None, names, account)
    kept = decided(tmp_path / "data")
    assert f'"account_id":"{account}"'.encode() not in kept
    assert replayed(tmp_path / "data", tmp_path / "out", policy=POLICY) == kept
    assert {d["verdict"] for d in map(json.loads, kept.splitlines()) if d["account_id"] == "other"} == {
        "allow",
        "deny",
    }


class Abroad(tg.RuleSet):
    """A number of a country, told by its prefix, and what another account is told because of it."""

    area = "messaging"
    german = tg.events(MessageSent).where(MessageSent.number_country == "DE").count()
    rule = tg.Rule(
        id="german",
        title="Messages from a country",
        on=(MessageSent,),
        when=german.per(MessageSent.recipient_id).over(tg.hours(1))
        >= tg.Parameter(1, low=1, high=9, unit="messages", why="a test"),
        reason="{observed} messages",
    )


def test_the_country_of_a_number_stays_where_the_number_is_forgotten(tmp_path):
    """What others are told may hang on it, also where it is judged again from the beginning."""
    policy = tg.Policy(name="abroad", version="1", rule_sets=(Abroad,))
    number = "+4915123456789"
    with opened(tmp_path / "data", policy) as live:
        sent = event(0, "message_sent", 0, ACCOUNT) | {"number": number, "recipient_id": "friend"}
        other = event(1, "message_sent", 1, "other-account") | {
            "number": "+16135550100",
            "recipient_id": "friend",
        }
        live.take(block([sent, other]))
        before = live.decision("e1")
        assert b'"observed":1' in before
        live.begin_segment()
        names, _ = names_for(live.folder, None, ACCOUNT)
        assert set(names) == {ACCOUNT, number}
        assert len(names[number]) == len(number)
        live.rename(names)
        rewrite(live.folder, None, names, ACCOUNT)
        live.take(
            block(
                [event(2, "message_sent", 2, ACCOUNT) | {"number": names[number], "recipient_id": "friend"}]
            )
        )
        assert b'"observed":2' in live.decision("e2")
    kept = decided(tmp_path / "data")
    assert number.encode() not in kept
    assert before in kept
    assert replayed(tmp_path / "data", tmp_path / "out", policy=policy) == kept


def test_a_deadline_to_come_names_nobody_who_is_forgotten(tmp_path):
    with opened(tmp_path / "data", POLICY) as live:
        live.take(block([event(0, "report_filed", 0, ACCOUNT)]))
        live.begin_segment()
        names, _ = names_for(live.folder, None, ACCOUNT)
        live.rename(names)
        rewrite(live.folder, None, names, ACCOUNT)
        live.take(block([event(1, "message_sent", 6, "someone-else")]))
    (timer,) = (json.loads(line) for line in decided(tmp_path / "data").splitlines() if b"null" in line[:20])
    assert (timer["account_id"], len(timer["sanctions"])) == (names[ACCOUNT], 1)
    assert replayed(tmp_path / "data", tmp_path / "out", policy=POLICY) == decided(tmp_path / "data")
    for path in (tmp_path / "data").rglob("*.*"):
        assert ACCOUNT.encode() not in path.read_bytes(), path.name


def test_what_a_process_left_half_written_goes_with_the_next_start(tmp_path):
    with opened(tmp_path / "data", POLICY) as live:
        live.take(block([event(0, "report_filed", 0, ACCOUNT)]))
    left = [
        tmp_path / "data" / name
        for name in ("journal/0.seg.new", "checkpoints/7.ckpt.new", "decisions/0.lines.new")
    ]
    for path in left:
        path.write_bytes(ACCOUNT.encode())
    with opened(tmp_path / "data", POLICY):
        assert not any(path.exists() for path in left)


def test_what_was_given_up_as_damaged_goes_with_an_erasure_and_with_the_retention(tmp_path):
    with opened(tmp_path, POLICY, segment_bytes=1000) as live:
        for minute in range(40):
            live.take(block([event(minute, "message_sent", minute, ACCOUNT)]))
        first, second, *_ = segments(tmp_path / "journal")
        copies = [
            one.path.with_name(one.path.name + kind)
            for one in (first, second)
            for kind in (".damaged", ".damaged2")
        ]
        for copy in copies:
            copy.write_bytes(first.path.read_bytes())
        dropped, _ = drop_old(live.folder, None, second.serial + 1, START + 60_000 * 39)
        assert first.path.name in dropped
        assert [copy.exists() for copy in copies] == [
            one.path.name not in dropped for one in (first, first, second, second)
        ]
        live.begin_segment()
        names, _ = names_for(live.folder, None, ACCOUNT)
        live.rename(names)
        rewrite(live.folder, None, names, ACCOUNT)
    assert not any(copy.exists() for copy in copies)


def _timers(live):
    list(live.history(0))
    return [line for line in decided(live.folder.path).splitlines() if b'{"event_id":null' in line]
