"""Small policies and traffic for the tests of what decisions bring about."""

from __future__ import annotations

import json

import tidegate as tg
from tidegate.events import GroupJoined, LoginAttempt, MessageSent, decode_lines

T0 = 1_772_443_800_000
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000


def rule(name, on=MessageSent, given=None, **parts):
    """A rule that fires at every event of its kind, or where `given` holds."""
    return tg.Rule(
        id=name,
        title="At every event",
        on=(on,),
        when=tg.now() > tg.Parameter(0, low=0, high=1, unit="ms", why="always", name=f"figures.{name}"),
        given=given,
        reason="observed {observed}",
        **parts,
    )


def policy_of(*rules, area="sheet", **parts):
    """A policy of these rules in one sheet, or in the sheets of a dict of areas."""
    sheets = rules[0] if rules and isinstance(rules[0], dict) else {area: rules}
    attempts = (
        tg.Attempt(MessageSent, "send"),
        tg.Attempt(GroupJoined, "group_join"),
        tg.Attempt(LoginAttempt, "login"),
    )
    made = tuple(
        type(f"Sheet{n}", (tg.RuleSet,), {"area": name} | {f"r{i}": r for i, r in enumerate(listed)})
        for n, (name, listed) in enumerate(sheets.items())
    )
    return tg.Policy(name="p", version="1", rule_sets=made, **{"attempts": attempts} | parts)


def figure(value, name, *, low=0.01, high=10.0):
    return tg.Parameter(value, low=low, high=high, unit="factor", why="a figure", name=f"figures.{name}")


def sanction(name, effect="deny", capability=("send",), lasting=None, level=1, **parts):
    return tg.Sanction(
        id=name,
        title=name,
        effect=effect,
        capability=capability,
        lasting=lasting or tg.hours(2),
        level=level,
        **parts,
    )


def event(kind, ts, account="a", /, **fields):
    named = {} if account is None else {"account_id": account}
    return {"type": kind, "ts": int(ts), **named, **fields}


def message(ts, account="a", **fields):
    return event("message_sent", ts, account, **fields)


def judge(policy, events):
    """The decisions about events in order of arrival, the same for every cut into blocks and across restarts."""
    lines = [json.dumps({"event_id": f"e{n}", **e}).encode() for n, e in enumerate(events)]
    results = [_judged(policy, lines, size, restart) for size in (1, 3, 1000) for restart in (False, True)]
    assert results[1:] == results[:-1], "decisions depend on blocks or restarts"
    return results[0]


def _judged(policy, lines, size, restart):
    engine = tg.Engine(policy)
    seen = []
    for start in range(0, len(lines), size):
        decoded = decode_lines(lines[start : start + size])
        assert not decoded.rejected, decoded.rejected
        judged = engine.step(decoded.block)
        for i in range(len(decoded.block)):
            plain = {"verdict": "allow", "score": 0.0, "fired": [], "labels": [], "sanctions": []}
            seen.append(judged.closer[i].data({}) if i in judged.closer else plain)
        if restart:
            engine = tg.Engine.restore(policy, engine.state())
    return seen


def verdicts(seen):
    return [s["verdict"] for s in seen]


def applied(ts, number="x1", kind="suspend", account="a", **fields):
    return event("sanction_applied", ts, account, sanction_id=number, kind=kind, **fields)


def lifted(ts, number="x1", account=None, **fields):
    return event("sanction_lifted", ts, account, sanction_id=number, **fields)
