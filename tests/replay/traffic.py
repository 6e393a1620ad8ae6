"""A small policy and made-up events for tests of replays."""

import json
import random

import tidegate as tg
from tidegate.events import AccountProfile, MessageSent, ReportFiled
from tidegate.replay.replayer import Options, replay

START = 1_772_443_800_000  # 2026-03-02T09:30:00Z
TIER = tg.events(AccountProfile).last(AccountProfile.tier).per(AccountProfile.account_id).ever()
SUSPEND = tg.Sanction(
    id="sanction.suspend",
    title="Suspended",
    effect="deny",
    capability=("send",),
    lasting=tg.minutes(10),
    level=1,
)


class Burst(tg.RuleSet):
    """Bursts of messages."""

    area = "messaging"
    limit = tg.Parameter(4, low=1, high=100, unit="messages", why="a test", by=(TIER, {"new": 2}))
    sent = (
        tg.events(MessageSent)
        .where(~MessageSent.is_broadcast)
        .count()
        .per(MessageSent.account_id)
        .over(tg.minutes(1))
    )
    burst = tg.Rule(
        id="burst",
        title="Burst",
        on=(MessageSent,),
        when=sent > limit,
        window="PT1M",
        reason="{observed} messages; limit {limit}",
        prior=tg.Prior(0.9),
        measures=(tg.Measure(SUSPEND),),
        labels=(tg.Label("bursty"),),
    )
    reported = tg.Rule(
        id="reported",
        title="Reported by someone after a burst",
        on=(ReportFiled,),
        when=sent.at(ReportFiled.reporter_id) > limit,
        reason="{observed}",
    )


class Silence(tg.RuleSet):
    """Nothing after a report."""

    filed = tg.events(ReportFiled).count().per(ReportFiled.account_id).over(tg.hours(1))
    silent = tg.Rule(
        id="silent",
        title="One report and no more",
        on=(tg.deadline(ReportFiled, tg.minutes(5), ReportFiled.account_id),),
        when=filed < 2,
        reason="{observed} reports",
    )


POLICY = tg.Policy(
    name="small",
    version="1",
    rule_sets=(Burst, Silence),
    attempts=(tg.Attempt(MessageSent, "send"),),
    parameter_sets={"strict": {"Burst.limit": 2}},
)


def message(event_id, seconds, account="a1", **fields):
    ts = START + round(1000 * seconds)
    return {
        "event_id": event_id,
        "type": "message_sent",
        "ts": ts,
        "account_id": account,
        "is_broadcast": False,
        **fields,
    }


def written(path, events):
    """The path of a file of these events; what is no dict stands as it is."""
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


def busy_day(count=3000, seed=7):
    """Messages, profiles and reports of twenty accounts: some late, some too late, some repeated."""
    chance = random.Random(seed)
    events, now = [], 0.0
    for n in range(count):
        now += chance.expovariate(1.5)
        at = now - (chance.uniform(0, 500) if chance.random() < 0.03 else 0)
        account = f"a{chance.randrange(20)}"
        kind = chance.random()
        if events and kind < 0.03:
            again = dict(chance.choice(events[-600:]))
            if chance.random() < 0.5:
                again["ts"] += chance.choice((-400_000, 400_000))
            events.append(again)
        elif kind < 0.05:
            events.append({**message(f"e{n}", at, account), "type": "report_filed", "reporter_id": "a1"})
            events[-1].pop("is_broadcast")
        elif kind < 0.07:
            profile = {"event_id": f"e{n}", "type": "account_profile", "ts": START + round(1000 * at)}
            events.append({**profile, "account_id": account, "tier": chance.choice(("new", "stable"))})
        else:
            event = message(f"e{n}", at, account)
            if chance.random() < 0.05:
                event.pop("is_broadcast")
            events.append(event)
    return events


def lines_of(path):
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    )


def run(tmp_path, events, options=None, policy=POLICY, name="events.ndjson"):
    """What a replay of these events writes: decisions, rejected lines, summary."""
    out = tmp_path / "out"
    done = replay(policy, [written(tmp_path / name, events)], out, options or Options())
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["events"] == done.tally.events
    return lines_of(out / "decisions.ndjson"), lines_of(out / "rejected.ndjson"), summary
