"""How many moments of a list are new: against counting them one by one."""

import json
import random

import pytest
from tests.engine.worlds import DAY, HOUR, T0, event, figure, policy_of

import tidegate as tg
from tidegate.errors import ExpressionError, PolicyError
from tidegate.events import AccountProfile, LinkProfile, ReportFiled, decode_lines

WITHIN = tg.days(30)
new = tg.size(LinkProfile.reports, within=WITHIN)


def observed(profiles, sizes):
    """What is observed at each profile; None where it is not known."""
    known = tg.Rule(
        id="new", title="New ones", on=(LinkProfile,), reason="{observed}", when=new + 1 >= figure(1, "new")
    )  # fmt: skip
    engine = tg.Engine(policy_of(known))
    lines = [json.dumps(one | {"event_id": f"e{n}"}).encode() for n, one in enumerate(profiles)]
    found, at = [], 0
    while at < len(lines):
        size = next(sizes)
        judged = engine.step(decode_lines(lines[at : at + size]).block)
        for i in range(min(size, len(lines) - at)):
            fired = judged.closer[i].fired if i in judged.closer else ()
            found.append(fired[0].observed - 1 if fired else None)
        at += size
    return found


def profile(ts, reports):
    return event(
        "link_profile", ts, None, link_hash="l", **({} if reports == "missing" else {"reports": reports})
    )


@pytest.mark.parametrize("seed", range(3))
def test_those_of_the_last_30_days_count_and_no_others(seed):
    rng = random.Random(seed)
    ages = (-1, 0, 1, HOUR, 29 * DAY, 30 * DAY - 1, 30 * DAY, 30 * DAY + 1, 400 * DAY)
    ts, profiles, expected = T0, [], []
    for _ in range(120):
        ts += rng.choice((0, 1, HOUR))
        told = [rng.choice(ages) for _ in range(rng.randrange(12))]
        reports = rng.choice([[ts - age for age in told]] * 5 + [None, "missing"])
        profiles.append(profile(ts, reports))
        count = 0 if reports is None else sum(0 <= age < 30 * DAY for age in told)
        expected.append(None if reports == "missing" else count)
    assert observed(profiles, iter(lambda: rng.choice((1, 1, 7, 50)), None)) == expected
    assert len(set(expected)) > 5


def test_a_profile_tells_how_many_were_new_when_it_came():
    lately = (
        tg.events(LinkProfile).last(new).per(LinkProfile.link_hash).over(WITHIN).at(ReportFiled.link_hash)
    )
    rule = tg.Rule(
        id="many", title="Many", on=(ReportFiled,), reason="{observed}", when=lately > figure(1, "many")
    )  # fmt: skip
    engine = tg.Engine(policy_of(rule))
    long_ago, yesterday = T0 - 40 * DAY, T0 - DAY
    stream = [
        profile(T0, [long_ago, long_ago, yesterday]),
        profile(T0 + 1, [long_ago, yesterday, yesterday]),
    ]
    stream[1]["link_hash"] = "other"
    stream += [event("report_filed", T0 + HOUR, "a", link_hash=link) for link in ("l", "other")]
    judged = engine.step(
        decode_lines([json.dumps(one | {"event_id": f"e{n}"}).encode() for n, one in enumerate(stream)]).block
    )
    assert {i: decision.fired[0].observed for i, decision in judged.closer.items()} == {3: 2}


@pytest.mark.parametrize("seed", range(3))
def test_moments_of_a_profile_grow_old_one_by_one(seed):
    """Reports are read from the newest profile by then, however old it is; profiles and reports may come late."""
    rng = random.Random(seed)
    listed = tg.events(LinkProfile).moments(LinkProfile.reports).per(LinkProfile.link_hash).over(WITHIN)
    rule = tg.Rule(
        id="many", title="Many", on=(ReportFiled,), reason="{observed}", when=listed + 1 >= figure(1, "many")
    )  # fmt: skip
    engine = tg.Engine(policy_of(rule))
    ts, stream, expected, told = T0, [], {}, {"l": [], "m": []}
    for n in range(150):
        ts += rng.choice((0, 1, HOUR, 9 * DAY))
        at, link = ts - rng.choice((0, 0, 0, 1000)), rng.choice("lm")
        if rng.random() < 0.4:
            ages = [rng.choice((-HOUR, 0, 1, HOUR, 20 * DAY, 30 * DAY)) for _ in range(rng.randrange(6))]
            reports = rng.choice([[at - age for age in ages]] * 5 + [None, "missing"])
            stream.append(profile(at, reports) | {"link_hash": link})
            if reports != "missing":
                told[link].append((at, n, reports or []))
        else:
            stream.append(event("report_filed", at, "a", link_hash=link))
            newest = max((known for known in told[link] if known[0] <= at), default=None)
            if newest is not None:
                expected[n] = sum(at - 30 * DAY < moment <= at for moment in newest[2])
    lines = [json.dumps(one | {"event_id": f"e{n}"}).encode() for n, one in enumerate(stream)]
    judged = engine.step(decode_lines(lines).block)
    assert {i: decision.fired[0].observed - 1 for i, decision in judged.closer.items()} == expected
    restored = tg.Engine.restore(engine.policy, engine.state())
    assert restored.state() == engine.state()


def test_only_moments_have_an_age():
    with pytest.raises(PolicyError, match="no list of moments"):
        tg.events(AccountProfile).moments(AccountProfile.known_devices)
    with pytest.raises(ExpressionError, match="no list of moments"):
        tg.size(AccountProfile.known_devices, within=WITHIN)
    with pytest.raises(ExpressionError, match="`30` has no unit"):
        tg.size(LinkProfile.reports, within=30)
