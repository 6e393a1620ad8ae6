"""Replay two public message logs under the `messenger` policy and print what is found as Markdown: docs/real-data.md.

    python examples/real_data_findings.py ../shared/data

The folder holds `collegemsg/messages.csv` and `copenhagen_networks/sms.csv`. Neither log says who was a spammer. What
speaks for it is therefore computed from the raw rows alone (sender_evidence.py), and then held against the verdicts.
An alert is a sender-day (a sender on a local day with at least one message) on which a rule fired.
"""
# ruff: noqa: T201  # a script, run by path; it prints

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parent))
import import_message_log
from sender_evidence import OPENED, Sender, local_day, senders_of

from tidegate.policies.loading import load_policy, with_parameters
from tidegate.policy import Policy
from tidegate.replay.replayer import replay

YOUNG_8 = Path(__file__).resolve().parent / "young_may_write_8.toml"
BURST = "MessageBurst.level_1_limit"
ALL_HOURS = {"modifiers.night": 1, "modifiers.peak": 1}
DAY_80 = {"MassSending.proactive_limit": 80}
RESTRICTION = "score.restrict-threshold-unit-scale"
SHORT = {
    "msg.burst-over-12-in-60s-l1": "burst",
    "msg.rate-over-20-per-minute": "20 a minute",
    "msg.one-per-second-15min": "one a second",
    "msg.sustained-over-8-for-5min-soft": "sustained",
    "msg.new-account-day1-over-50-82pct": "first day over 50",
    "msg.new-account-over-100-first-24h": "first day over 100",
    "msg.day1-risk-45-per-hour": "first day 45 an hour",
    "msg.new-account-non-contacts-over-30": "strangers",
    RESTRICTION: "score",
}  # the marks that fire together with `burst` and `first day over 50` are left out


@dataclass(frozen=True)
class Log:
    """A message log: its file below the data folder, its columns, and what the importer is told about it."""

    title: str
    file: str
    columns: tuple[str, str, str]  # time, sender, recipient
    zone: str
    options: tuple[str, ...]
    offset: str = "0"

    def importer_options(self) -> list[str]:
        """Return the command line of the importer, as examples/README.md documents it."""
        time, sender, recipient = self.columns
        named = ["--time", time, "--sender", sender, "--recipient", recipient, "--offset", self.offset]
        return [*named, "--tz", self.zone, "--received", *self.options]

    def rows(self, data: Path) -> Iterator[tuple[int, str, str]]:
        """Yield (time in s since 1970, sender, recipient)."""
        began = 0 if self.offset == "0" else int(datetime.fromisoformat(self.offset).timestamp())
        with (data / self.file).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                time, sender, recipient = (row[column] for column in self.columns)
                yield int(time) + began, sender, recipient


COLLEGE = Log(
    "CollegeMsg", "collegemsg/messages.csv", ("ts", "src", "dst"), "America/Los_Angeles",
    ("--market", "US", "--warm-up", "0", "--first-seen-as-registration"),
)  # fmt: skip
COLLEGE_NO_AGE = Log(
    "CollegeMsg", COLLEGE.file, COLLEGE.columns, COLLEGE.zone, ("--market", "US", "--warm-up", "0")
)
COPENHAGEN = Log(
    "Copenhagen", "copenhagen_networks/sms.csv", ("timestamp", "from", "to"), "Europe/Copenhagen",
    ("--market", "DK"), "2020-01-05T00:00:00+01:00",
)  # fmt: skip


# what the policy says about it ----------------------------------------------------------------------------------------
class Fired(msgspec.Struct):
    """A rule of a decision."""

    rule: str


class Opened(msgspec.Struct):
    """A measure that a decision opened."""

    sanction: str
    until: str


class Line(msgspec.Struct):
    """What is needed of a line of decisions.ndjson."""

    event_id: str | None
    ts: datetime
    type: str
    account_id: str | None
    verdict: str
    fired: list[Fired]
    sanctions: list[Opened]


@dataclass
class Outcome:
    """A replay, by sender and by rule."""

    summary: dict[str, int]
    verdicts: dict[str, int]
    undecided: dict[str, int]
    restrained: Counter[str] = field(default_factory=Counter)  # sender -> messages not allowed
    restrained_rows: set[int] = field(default_factory=set)
    restrained_days: set[tuple[str, date]] = field(default_factory=set)
    sanctions: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    alerts: dict[str, set[tuple[str, date]]] = field(default_factory=lambda: defaultdict(set))

    def rules_of(self, sender: str) -> str:
        """Return the short names of the rules that fired for a sender, in the order of SHORT."""
        return ", ".join(
            short
            for rule, short in SHORT.items()
            if any(who == sender for who, _ in self.alerts.get(rule, ()))
        )


def events_of(log: Log, data: Path, folder: Path) -> Path:
    """Write the log's events; return the file."""
    out = folder / f"{log.title.lower()}{'' if log is not COLLEGE_NO_AGE else '-no-age'}.ndjson"
    code = import_message_log.run(
        [str(data / log.file), *log.importer_options(), "--name", "m", "--out", str(out)]
    )
    if code != import_message_log.USED:
        raise SystemExit(f"{data / log.file}: the importer ended with {code}")
    return out


def judged(policy: Policy, events: Path, folder: Path, zone: ZoneInfo) -> Outcome:
    """Replay the events and read the decisions."""
    done = replay(policy, [str(events)], folder).data()
    undecided = {rule: count["undecided"] for rule, count in done["rules"].items()}
    counts = {name: done[name] for name in ("events", "rejected", "duplicates")}
    outcome = Outcome(counts, done["decisions"], undecided)
    decode = msgspec.json.Decoder(Line).decode
    with (folder / "decisions.ndjson").open("rb") as lines:
        for line in map(decode, lines):
            if line.type == "message_sent":
                _note(outcome, line, zone)
    return outcome


def _note(outcome: Outcome, line: Line, zone: ZoneInfo) -> None:
    if line.verdict == "allow" and not line.fired:
        return
    assert line.account_id is not None
    assert line.event_id is not None
    sender_day = (line.account_id, local_day(line.ts.timestamp(), zone))
    if line.verdict != "allow":
        outcome.restrained[line.account_id] += 1
        outcome.restrained_days.add(sender_day)
        outcome.restrained_rows.add(int(line.event_id.removeprefix("m-")))
    outcome.sanctions.update(opened.sanction for opened in line.sanctions)
    for fired in line.fired:
        outcome.fired[fired.rule] += 1
        outcome.alerts[fired.rule].add(sender_day)


# tables ---------------------------------------------------------------------------------------------------------------
def table(head: str, rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table; columns whose name ends in `#` are numbers."""
    names = head.split("|")
    lines = [[name.removesuffix("#").strip() for name in names]]
    lines.append(["---:" if name.endswith("#") else "---" for name in names])
    lines += [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def per_1000(alerts: int, sender_days: int) -> str:
    """Return alerts per 1,000 sender-days; what is more than nothing never reads 0.00."""
    rate = 1000 * alerts / sender_days
    return f"{rate:.2f}" if rate else "0"


def percent(share: float | None) -> str:
    """Return a share as whole per cent."""
    return "-" if share is None else f"{100 * share:.0f} %"


def sender_days(senders: dict[str, Sender]) -> int:
    """Return on how many days how many senders wrote."""
    return sum(len(sender.days) for sender in senders.values())


def usual_table(logs: Iterable[tuple[Log, dict[str, Sender]]]) -> str:
    """How far the three measures reach among all senders."""
    rows = []
    for log, senders in logs:
        every = senders.values()
        rows.append((log.title, "reach", *quantiles(one.reach for one in every)))
        rows.append((log.title, "pace", *quantiles(one.pace for one in every)))
        many = [one.answered for one in every if one.answered is not None and len(one.opened) >= OPENED]
        if many:
            rows.append((log.title, f"answered, {OPENED} or more contacted", *map(percent, quantiles(many))))
    return table("log|measure|lowest tenth#|median#|highest tenth#|highest#", rows)


def quantiles(values: Iterable[float]) -> list[float]:
    """Return the value at 10, 50 and 90 per cent of the values in order, and the largest."""
    ordered = sorted(values)
    return [ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.1, 0.5, 0.9, 1)]


def summary_table(found: dict[Log, tuple[dict[str, Sender], Outcome]]) -> str:
    """One column per log: how much there is, and what was decided."""
    columns = []
    for senders, outcome in found.values():
        days, restrained_days = sender_days(senders), len(outcome.restrained_days)
        columns.append({
            "messages": sum(sender.sent for sender in senders.values()),
            "senders": len(senders),
            "sender-days": days,
            "events": outcome.summary["events"],
            "rejected lines": outcome.summary["rejected"],
            **{verdict: outcome.verdicts[verdict] for verdict in ("allow", "throttle", "challenge", "deny")},
            "restrained senders": len(outcome.restrained),
            "restrained sender-days": restrained_days,
            "restrained sender-days per 1,000": per_1000(restrained_days, days),
            **{f"`{name}` opened": outcome.sanctions[name] for name in sorted(SANCTIONS)},
        })  # fmt: skip
    head = "|".join(["", *(f"{log.title}#" for log in found)])
    return table(head, ([name, *(column[name] for column in columns)] for name in columns[0]))


SANCTIONS = (
    "sanction.function-restriction",
    "sanction.permission-downgrade",
    "sanction.send-suspend-2h",
    "sanction.soft-throttle-4-per-min",
)


def rules_table(senders: dict[str, Sender], outcome: Outcome) -> str:
    """One row per rule that fired."""
    rows = []
    for rule, alerts in sorted(outcome.alerts.items(), key=lambda item: (-len(item[1]), item[0])):
        who = {sender for sender, _ in alerts}
        suspects = sum(1 for sender in who if senders[sender].evidence)
        rate = per_1000(len(alerts), sender_days(senders))
        rows.append((f"`{rule}`", outcome.fired[rule], len(who), suspects, len(alerts), rate))
    return table("rule|fired#|senders#|of them with evidence#|alerts#|per 1,000 sender-days#", rows)


def senders_table(names: Iterable[str], senders: dict[str, Sender], outcome: Outcome) -> str:
    """One row per sender: the raw figures, then what the policy did."""
    rows = []
    for name in sorted(names, key=lambda each: (-senders[each].reach, int(each))):
        one = senders[name]
        stopped = sum(row in outcome.restrained_rows for row in one.opened.values())
        figures = (one.sent, len(one.days), len(one.opened), one.reach, one.pace, percent(one.answered))
        of_opened = percent(stopped / len(one.opened) if one.opened else None)
        rules = outcome.rules_of(name) or "none"
        rows.append((name, *figures, one.evidence or "none", outcome.restrained[name], of_opened, rules))
    return table(
        "sender|sent#|days#|contacted#|reach#|pace#|answered#|evidence|restrained#|contacts stopped#|rules",
        rows,
    )


def figures_table(runs: Iterable[tuple[str, dict[str, Sender], Outcome]]) -> str:
    """One row per replay with other figures."""
    rows = []
    for title, senders, outcome in runs:
        suspects = {name for name, sender in senders.items() if sender.evidence}
        both, days = suspects & outcome.restrained.keys(), len(outcome.restrained_days)
        counts = (len(outcome.restrained), len(both), len(outcome.restrained) - len(both))
        rate = per_1000(days, sender_days(senders))
        rows.append((title, *counts, outcome.restrained.total(), days, rate))
    return table(
        "log and figures|restrained senders#|with evidence#|without#|messages#|sender-days#|per 1,000#", rows
    )


@dataclass
class Findings:
    """Everything the page states."""

    college: dict[str, Sender]
    copenhagen: dict[str, Sender]
    outcomes: dict[str, Outcome]

    def suspects(self) -> set[str]:
        """Return the senders of CollegeMsg with evidence of any kind."""
        return {name for name, sender in self.college.items() if sender.evidence}

    def tables(self) -> dict[str, str]:
        """Return the tables of the page by title."""
        default, suspects = self.outcomes["college"], self.suspects()
        others = default.restrained.keys() - suspects
        both = {COLLEGE: (self.college, default), COPENHAGEN: (self.copenhagen, self.outcomes["copenhagen"])}
        runs = [
            (
                outcome_title,
                self.college if name.startswith("college") else self.copenhagen,
                self.outcomes[name],
            )
            for name, outcome_title in TITLES.items()
        ]
        return {
            "What was decided": summary_table(both),
            "What is usual": usual_table((log, senders) for log, (senders, _) in both.items()),
            "Rules that fired": rules_table(self.college, default),
            "Senders with evidence": senders_table(suspects, self.college, default),
            "Restrained without evidence": senders_table(others, self.college, default),
            "Other figures": figures_table(runs),
        }


TITLES = {
    "college": "CollegeMsg, default figures",
    "college-8": "CollegeMsg, 8 a minute for young accounts",
    "college-8-80": "CollegeMsg, the same and 80 a day that answer nobody",
    "college-all-hours": "CollegeMsg, same limits at all hours",
    "college-no-age": "CollegeMsg, age of accounts not known",
    "copenhagen": "Copenhagen, default figures (age not known: 12 a minute)",
    "copenhagen-5": "Copenhagen, as if all were young: 5 a minute",
    "copenhagen-8": "Copenhagen, as if all were young: 8 a minute",
    "copenhagen-8-80": "Copenhagen, the same and 80 a day that answer nobody",
    "copenhagen-5-all-hours": "Copenhagen, as if all were young: 5 a minute at all hours",
}


def findings(data: Path, folder: Path) -> Findings:
    """Import, replay and read both logs; the replays are left in the folder."""
    default = load_policy("messenger")
    college, copenhagen = events_of(COLLEGE, data, folder), events_of(COPENHAGEN, data, folder)
    runs = {
        "college": (default, college, COLLEGE),
        "college-8": (with_parameters(default, str(YOUNG_8)), college, COLLEGE),
        "college-8-80": (default.revise({BURST: {"new": 8, "young": 8}, **DAY_80}), college, COLLEGE),
        "college-all-hours": (default.revise(ALL_HOURS), college, COLLEGE),
        "college-no-age": (default, events_of(COLLEGE_NO_AGE, data, folder), COLLEGE),
        "copenhagen": (default, copenhagen, COPENHAGEN),
        "copenhagen-5": (default.revise({BURST: 5}), copenhagen, COPENHAGEN),
        "copenhagen-8": (default.revise({BURST: 8}), copenhagen, COPENHAGEN),
        "copenhagen-8-80": (default.revise({BURST: 8, **DAY_80}), copenhagen, COPENHAGEN),
        "copenhagen-5-all-hours": (default.revise({BURST: 5, **ALL_HOURS}), copenhagen, COPENHAGEN),
    }
    outcomes = {
        name: judged(policy, events, folder / name, ZoneInfo(log.zone))
        for name, (policy, events, log) in runs.items()
    }
    senders = [senders_of(log.rows(data), ZoneInfo(log.zone)) for log in (COLLEGE, COPENHAGEN)]
    return Findings(senders[0], senders[1], outcomes)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, help="folder that holds the two logs")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        for title, text in findings(options.data, Path(folder)).tables().items():
            print(f"## {title}\n\n{text}\n")


if __name__ == "__main__":
    main()
