"""Records that have run out are not asked again, and are dropped some time: neither may be seen in a decision."""

import json
import random

import pytest
from tests.engine.worlds import MINUTE, T0, event, figure, message, policy_of, rule, sanction

import tidegate as tg
from tidegate.events import (
    AccountProfile,
    MessageSent,
    NetworkSwitch,
    RegistrationAttempt,
    ReportFiled,
    SimChanged,
    decode_lines,
)

M = MessageSent


def ladder(first, second, minutes):
    """A measure of so many minutes whose second step lasts twice as long."""
    harder = tg.Measure(sanction(second, lasting=tg.minutes(2 * minutes), level=2))
    return tg.Measure(sanction(first, lasting=tg.minutes(minutes)), then=(harder,), within=tg.hours(3))


POLICY = policy_of(
    {
        "messaging": (
            rule("sent", given=M.is_forward == 1, prior=tg.Prior(0.6)),
            rule("running", given=tg.in_force(M.account_id, "suspend"), points=1),
            rule("odd-one", given=tg.labelled("odd", M.account_id)),
            rule("odd-lately", given=tg.labelled("odd", M.account_id, within=tg.minutes(3))),
            rule("often", given=tg.sanctioned(M.account_id, within=tg.minutes(40)) >= 2),
            rule("device", given=tg.labelled("odd-device", M.device_id)),
            rule(
                "links", given=tg.size(M.link_hashes) > 0, risk=tg.Risk(factor=figure(2, "l"), passing=True)
            ),
        ),
        "network": (
            rule(
                "dynamic",
                on=NetworkSwitch,
                given=NetworkSwitch.is_dynamic_ip == 1,
                risk=tg.Risk(factor=figure(1.5, "d"), state=True),
            ),
        ),
        "others": (
            rule("reported", on=ReportFiled, measures=(ladder("suspend", "longer", 10),)),
            rule(
                "changed",
                on=SimChanged,
                labels=(
                    tg.Label("odd", lasting=tg.minutes(8)),
                    tg.Label("odd-device", on="device", lasting=tg.minutes(8)),
                ),
            ),
            rule("registered", on=RegistrationAttempt, prior=tg.Prior(0.5)),
        ),
    },
    active=tg.minutes(15),
    restriction=tg.ScoreRule(
        id="score",
        title="Above the threshold",
        threshold=figure(0.5, "threshold", low=0.1, high=1),
        reason="{observed} above {limit}",
        measures=(ladder("stop", "stop-longer", 6),),
    ),
    given_score=AccountProfile.risk_score,
)


def drawn(rng, ts):
    """An event of one of three accounts and two devices; what other systems say is of one of four measures."""
    name, device, number = rng.choice("abc"), rng.choice(["d1", "d2"]), f"x{rng.randrange(4)}"
    on = {"device_id": device} if rng.random() < 0.6 else {}
    phone, appeal = {"number": f"+4915112345{device[1]}"}, {"appeal_id": f"of {number}"}
    ends = {"expires_ts": ts + rng.choice([1000, MINUTE, 15 * MINUTE])}
    makers = {
        lambda: message(ts, name, **on, link_hashes=[]): 12,
        lambda: message(ts, name, **on, is_forward=True, link_hashes=[]): 3,
        lambda: message(ts, name, **on, link_hashes=["h"]): 3,
        lambda: event("report_filed", ts, name, **on): 1,
        lambda: event("sim_changed", ts, name, **on): 1,
        lambda: event("registration_attempt", ts, None, **phone, **on): 0.5,
        lambda: event("account_registered", ts, name, **phone): 0.5,
        lambda: event("network_switch", ts, name, is_dynamic_ip=rng.random() < 0.5): 2,
        lambda: event("account_profile", ts, name, risk_score=rng.choice([0, 0.9, None])): 1,
        lambda: event("sanction_applied", ts, name, sanction_id=number, kind="suspend", **ends): 1,
        lambda: event("sanction_lifted", ts, None, sanction_id=number, reason="appeal"): 0.5,
        lambda: event("appeal_filed", ts, name, sanction_id=number, **appeal): 0.7,
        lambda: event("appeal_decided", ts, None, **appeal, granted=rng.random() < 0.5): 0.7,
    }
    return rng.choices(list(makers), list(makers.values()))[0]()


def judged(lines, size, *, restart=False, tidy=False):
    engine, seen = tg.Engine(POLICY), []
    for start in range(0, len(lines), size):
        block = decode_lines(lines[start : start + size]).block
        found = engine.step(block).closer
        told = [found.get(i) for i in range(len(block))]
        # an idle event may be looked at or not: nothing is told of it
        seen += [(d.data({}), d.moved, d.marks) if d and (d.fired or d.tells) else None for d in told]
        if tidy:
            engine.tidy()
        if restart:
            engine = tg.Engine.restore(POLICY, engine.state())
    return seen


@pytest.mark.parametrize("seed", range(4))
def test_what_is_on_record_tells_the_same_asked_or_not_held_or_dropped(seed):
    rng, newest, lines = random.Random(seed), T0, []
    for n in range(100):
        newest += rng.choice([1, 1000, MINUTE, 200_000, 20 * MINUTE])
        late = rng.choice([0, 0, 0, 1, MINUTE, 250_000])
        lines.append(json.dumps({"event_id": f"e{n}", **drawn(rng, newest - late)}).encode())
    once = judged(lines, 1000)
    assert judged(lines, 1) == once
    assert judged(lines, 3, restart=True) == once
    assert judged(lines, 1, tidy=True) == once
