"""Ids of forgotten entities are used again, and no decision tells: ids kept as values of something held are not."""

import json
import random

import pytest
from tests.engine.worlds import HOUR, T0, event, figure, policy_of

import tidegate as tg
from tidegate.engine import upkeep
from tidegate.events import AccountProfile, LoginAttempt, MessageSent, decode_lines

DEVICES = ("d0", "d1", "d2")


def world():
    """Rules that look at the account a device knew before: by its newest value, by how values changed, by behaviour."""
    logins = tg.events(LoginAttempt)
    before = logins.previous(LoginAttempt.account_id).per(LoginAttempt.device_id).ever()
    lately = logins.previous(LoginAttempt.account_id).per(LoginAttempt.device_id).over(tg.hours(1))
    of_account = logins.count().per(LoginAttempt.account_id).over(tg.hours(2))
    changed = logins.changes(LoginAttempt.account_id).per(LoginAttempt.device_id).over(tg.hours(1))
    others = logins.distinct(LoginAttempt.account_id).per(LoginAttempt.device_id).over(tg.minutes(20))
    alike = (
        tg.events(AccountProfile)
        .alike(AccountProfile.behaviour_vector, to=before)
        .per(LoginAttempt.account_id)
        .ever()
    )
    values = {
        "before": of_account.at(before), "lately": of_account.at(lately), "changed": changed, "others": others,
    }  # fmt: skip
    rules = [
        tg.Rule(
            id=f"{name}-{limit}", title="More than that", on=(LoginAttempt,), reason="{observed}",
            when=value > figure(limit, f"{name}{limit}"),
        )
        for name, value in values.items()
        for limit in (1, 2, 4)
    ]  # fmt: skip
    same = tg.Rule(
        id="same", title="The account before", on=(LoginAttempt,), reason="{observed}",
        when=of_account > figure(1, "same"), given=before == LoginAttempt.account_id,
    )  # fmt: skip
    as_before = tg.Rule(
        id="alike",
        title="Behaves alike",
        on=(LoginAttempt,),
        reason="{observed}",
        when=alike > figure(0.5, "alike"),
    )
    return policy_of(*rules, same, as_before)


def traffic(seed, n=900):
    """Accounts come and go on a few devices; a few say how they behave."""
    rng = random.Random(seed)
    ts, seen = T0, ["a0"]
    for k in range(n):
        ts += rng.choice([0, 1, 60_000, 300_000, HOUR // 2])
        account = rng.choice(seen[-6:]) if rng.random() < 0.6 else f"a{k}"
        seen.append(account)
        at = ts - rng.choice([0, 0, 0, 1, 60_000, 240_000])
        if rng.random() < 0.05:
            vector = [rng.choice([-1.0, 1.0]), rng.choice([-1.0, 1.0])]
            yield event("account_profile", at, account, behaviour_vector=vector)
        else:
            yield event("login_attempt", at, account, device_id=rng.choice(DEVICES), ok=True)


def told(events, *, recycling):
    """What is decided about events, and how many ids there were at most."""
    engine = tg.Engine(world())
    lines = [json.dumps({"event_id": f"e{n}", **e}).encode() for n, e in enumerate(events)]
    decisions, most = [], 0
    for start in range(0, len(lines), 7):
        block = decode_lines(lines[start : start + 7]).block
        judged = engine.step(block)
        decisions += [judged.closer[i].data({}) if i in judged.closer else None for i in range(len(block))]
        if recycling:
            engine.tidy()
        most = max(most, len(engine.plan.names.spaces["account"]))
    return decisions, most


@pytest.mark.parametrize("seed", range(8))
def test_decisions_are_the_same_with_ids_used_again(seed):
    events = list(traffic(seed))
    apart, ids = told(events, recycling=False)
    again, fewer = told(events, recycling=True)
    assert again == apart
    assert len({rule["rule"] for d in apart if d for rule in d["fired"]}) > 8, "the traffic tells nothing"
    assert fewer < ids / 3


def test_ever_new_accounts_take_no_more_ids_though_devices_remember_their_last(monkeypatch):
    monkeypatch.setattr(upkeep, "RECYCLE_FROM", 256)
    monkeypatch.setattr(upkeep, "EXPIRE_EVERY", 256)
    engine, most = tg.Engine(world()), 0
    for start in range(0, 20_000, 200):
        logins = (
            event("login_attempt", T0 + k * 60_000, f"a{k}", device_id=DEVICES[k % 3], event_id=f"e{k}")
            for k in range(start, start + 200)
        )
        engine.step(decode_lines([json.dumps(login).encode() for login in logins]).block)
        most = max(most, len(engine.plan.names.spaces["account"]))
    assert most < 1200


def test_ever_new_pairs_of_the_same_accounts_take_no_more_ids(monkeypatch):
    monkeypatch.setattr(upkeep, "RECYCLE_FROM", 128)
    monkeypatch.setattr(upkeep, "EXPIRE_EVERY", 256)
    sent = (
        tg.events(MessageSent).count().per(MessageSent.account_id, MessageSent.recipient_id).over(tg.hours(1))
    )
    rule = tg.Rule(
        id="again", title="Again", on=(MessageSent,), reason="{observed}", when=sent > figure(1, "a")
    )
    engine, most, fired = tg.Engine(policy_of(rule)), 0, 0
    pairs = next(kernel.state for kernel in engine.plan.kernels if kernel.family == "pairs")
    for start in range(0, 60 * 60, 60):
        messages = (
            event("message_sent", T0 + k * 60_000, f"a{k % 60}", recipient_id=f"b{k // 60}", event_id=f"e{k}")
            for k in range(start, start + 60)
        )
        judged = engine.step(decode_lines([json.dumps(message).encode() for message in messages]).block)
        most, fired = max(most, len(pairs)), fired + len(judged.closer)
    assert most < 600, f"{most} of 3,600 pairs were held at a time"
    assert fired == 0


def test_members_of_sets_that_are_compared_keep_their_ids_and_nobody_else_does():
    logins = tg.events(LoginAttempt)
    before = logins.previous(LoginAttempt.device_id).per(LoginAttempt.account_id).over(tg.hours(1))
    shared = logins.where(LoginAttempt.ok).similarity(LoginAttempt.account_id, to=before)
    alike = shared.per(LoginAttempt.device_id).ever()
    rule = tg.Rule(
        id="alike", title="The same people", on=(LoginAttempt,), reason="{observed}", when=alike > figure(0.4, "a")
    )  # fmt: skip
    engine = tg.Engine(policy_of(rule))
    ins = [("a", "d0"), ("b", "d0"), ("a", "d1"), ("c", "d1")]
    stream = [event("login_attempt", T0 + n, a, device_id=d, ok=True) for n, (a, d) in enumerate(ins)]
    stream += [event("login_attempt", T0 + HOUR, f"x{n}", device_id="d0", ok=False) for n in range(300)]
    stream += [event("login_attempt", T0 + 9 * HOUR - n, "c", device_id=f"d{n}", ok=True) for n in (1, 0)]
    fired = []
    for n, e in enumerate(stream):
        judged = engine.step(decode_lines([json.dumps({"event_id": f"e{n}", **e}).encode()]).block)
        fired += [round(f.observed, 3) for d in judged.closer.values() for f in d.fired]
        engine.tidy()
    assert len(engine.plan.names.spaces["account"]) == 3
    assert fired == [0.5, 0.667]  # d0: a, b and d1: a; d0: a, b, c and d1: a, c
