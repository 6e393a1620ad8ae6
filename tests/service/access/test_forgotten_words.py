"""Forgetting accounts that are called like words: what others did by means of these words is remembered, and replayed, as before."""

import json

import pytest
from tests.engine.worlds import T0, event, policy_of, rule
from tests.service.access.test_forgetting import payloads, take
from tests.service.routes.house import House

import tidegate as tg
from tidegate import clock
from tidegate.events import LoginAttempt, MessageSent, decode_lines
from tidegate.journal import LiveEngine
from tidegate.journal.decision_log import frames_of
from tidegate.journal.forgetting import names_for, rewrite, words_of
from tidegate.journal.frame import Kind

MINUTE = 60_000
operators = tg.events(LoginAttempt).distinct(LoginAttempt.ip_operator).per(LoginAttempt.account_id)
most = tg.Parameter(1, low=0, high=9, unit="operators", why="one at home", name="figures.operators")
in_a_minute = tg.deadline(
    LoginAttempt, tg.minutes(1), LoginAttempt.account_id, LoginAttempt.network_type, LoginAttempt.ip_operator
)
policy = policy_of(
    tg.Rule(
        id="operators",
        title="Two operators in a day",
        on=(LoginAttempt, in_a_minute),
        when=operators.over(tg.days(1)) > most,
        reason="{observed} operators",
    ),
    rule("wired", on=LoginAttempt, given=LoginAttempt.network_type == "wired"),
    rule("still-wired", on=in_a_minute, given=LoginAttempt.network_type == "wired"),
)
WORDS = ("acme-net", "wired", "operators", "login_attempt")


def logins(first, begin):
    """Logins of a1, of accounts that are called like words, and of one that names them otherwise."""
    for n, account in enumerate(("a1", *WORDS, "a1", "b2"), first):
        fields = {"ip_operator": "acme-net" if n % 2 else "other-net", "network_type": "wired"}
        extra = {"friend": "acme-net"} if account == "b2" else {}
        yield {
            "event_id": f"e{n}",
            **event("login_attempt", T0 + begin + n * 1000, account, **fields, extra=extra),
        }


def forget(live, account):
    live.begin_segment()
    names, _ = names_for(live.folder, None, account)
    words = words_of(live.folder, None, names)
    live.rename(names, words)
    rewrite(live.folder, None, names, account, words)
    return names[account]


def told(live, count):
    return [json.loads(live.decision(f"e{n}")) for n in range(count)]


@pytest.fixture
def live(tmp_path):
    live = LiveEngine.open(tmp_path / "data", policy)
    yield live
    live.close()


def test_what_others_did_is_remembered_and_replayed_as_before(live, tmp_path):
    take(live, logins(0, 0))
    names = {word: forget(live, word) for word in WORDS}
    take(live, [{**e, "account_id": names.get(e["account_id"], e["account_id"])} for e in logins(7, MINUTE)])
    after = told(live, 14)
    happened = [(one.position, one.decision) for one in live.history(0)]
    live.close()
    for path in (tmp_path / "data" / "checkpoints").iterdir():
        path.unlink()
    with LiveEngine.open(tmp_path / "data", policy) as again:
        assert again.recovered.events == 14
        assert told(again, 14) == after
        assert [(one.position, one.decision) for one in again.history(0)] == happened
    with LiveEngine.open(tmp_path / "other", policy) as other:
        take(other, logins(0, 0))
        take(other, logins(7, MINUTE))
        expected = told(other, 14)
        timers = [one.decision.type for one in other.history(0) if one.decision.event_id is None]
    for line in expected:
        line["account_id"] = names.get(line["account_id"], line["account_id"])
    assert after == expected
    assert [one.type for _, one in happened if one.event_id is None] == timers != []


def test_a_name_stays_nowhere_else(live):
    take(live, logins(0, 0))
    name = forget(live, "acme-net")
    logged = [
        frame.payload(None)
        for path in sorted(live.folder.journal.glob("*.seg"))
        for frame in frames_of(path)
        if frame.kind is Kind.EVENTS
    ]
    lines = [json.loads(line) for payload in logged for line in payload.splitlines()]
    assert {line["account_id"] for line in lines} == {"a1", "b2", name, *WORDS} - {"acme-net"}
    assert {line["ip_operator"] for line in lines} == {"acme-net", "other-net"}
    assert lines[-1]["extra"] == {"friend": name}


recipient = tg.events(MessageSent).last(MessageSent.recipient_id).per(MessageSent.account_id).ever()
worded = policy_of(
    tg.Rule(
        id="again",
        title="Whom it wrote to last",
        on=(MessageSent,),
        when=MessageSent.recipient_id == recipient,
        reason="to {observed} as to {limit}, not a b10",
    )
)


@pytest.mark.parametrize("name", ["victim-4711", 'quo"te \\ é', "b1"])
def test_a_reason_that_words_a_name_words_the_other_one(tmp_path, name):
    events = [
        {"event_id": f"e{n}", **event("message_sent", T0 + n, "a1", recipient_id=name)} for n in range(2)
    ]
    with LiveEngine.open(tmp_path / "data", worded) as live:
        take(live, [*events, {"event_id": "e2", **event("message_sent", T0 + 2, name)}])
        other = forget(live, name)
        (fired,) = told(live, 3)[1]["fired"]
        assert fired["reason"] == f"to {other} as to {other}, not a b10"
        assert (fired["observed"], fired["limit"]) == (other, other)
        (happened,) = [one.decision.fired for one in live.history(0) if one.decision.event_id == "e1"]
        assert happened[0].reason == fired["reason"]
        left = [
            where for where, data in payloads(tmp_path, None) if name.encode() in data.replace(b"b10", b"")
        ]
        assert left == []


def test_what_becomes_a_word_while_an_account_is_erased_stays_a_word(tmp_path, monkeypatch):
    house = House(tmp_path / "data", policy)

    def login(account, operator):
        return house.happen("login_attempt", account, clock.now_ms(), ip_operator=operator)

    try:
        login("a1", "other-net")
        login("acme-net", "other-net")

        def crashes(*_):
            login_line = json.dumps(
                {"event_id": "late", **event("login_attempt", clock.now_ms(), "a1", ip_operator="acme-net")}
            )
            live.take(decode_lines([login_line.encode()]).block)
            raise OSError("power")

        live = house.run(house.service.judging.call(lambda live: live))
        monkeypatch.setattr(LiveEngine, "rename", crashes)
        with pytest.raises(OSError, match="power"):
            house.ask("DELETE", "/v1/accounts/acme-net", "root", 500, params={"reason": "asked for it"})
        monkeypatch.undo()
        house.stop()
        house.start()
        (fired,) = [f for f in login("a1", "acme-net")["fired"] if f["rule"] == "operators"]
        assert fired["observed"] == 2
    finally:
        house.close()
