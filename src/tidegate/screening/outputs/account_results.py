"""The result of each account: tier, risks, every check with value and limit, advice. What many accounts share is made once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate.screening.outputs.outcome import TRUE, UNKNOWN
from tidegate.screening.telling_apart import combinations_in, values_in
from tidegate.screening.tiers import TIERS, advice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.screening.dimensions import Check, Found
    from tidegate.screening.screen import Screening

VERDICTS = ("false", "true", "unknown")  # in the order of their figures
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Pattern:
    """What accounts have in common: everything that is said of them in words.

    `holds` are the ids of the checks that hold, `reasons` their sentences; `unknown` those that nothing is known for.
    """

    tier: str
    score: float
    risk_types: list[str]
    labels: list[str]
    holds: list[str]
    reasons: list[str]
    unknown: list[str]
    advice: str


@dataclass(frozen=True)
class Patterns:
    """The patterns of a pool: `which` says for each account, in the order of the pool, its place in `distinct`."""

    distinct: list[Pattern]
    which: NDArray[np.int64]


def patterns_of(screening: Screening) -> Patterns:
    """Return what is said of the accounts, each thing once."""
    tiers, checks, size = screening.tiers, screening.checks, len(screening.evidence)
    labels = sorted(tiers.labels)
    order = {risk: i for i, risk in enumerate(screening.goals)}
    risks = sorted(tiers.risks, key=lambda risk: order[risk])
    over = np.zeros(size, np.bool_)
    over[[watch.place for watch in screening.observation if watch.over]] = True
    watched = screening.observation.watched(size)
    sentences = [_sentences(check, screening.findings[check.id]) for check in checks]
    # outcomes tell tiers, risks and verdicts apart
    columns = [screening.outcomes.which, values_in(tiers.score)[1], over, watched]
    columns += [tiers.labels[label] for label in labels] + [codes for codes, _ in sentences]
    first, which = combinations_in(columns, size)
    truths = [screening.findings[check.id].truth for check in checks]

    def pattern(place: int) -> Pattern:
        carried = [risk for risk in risks if tiers.risks[risk][place]]
        tier = TIERS[int(tiers.tier[place])]
        said = [texts[int(codes[place])] for codes, texts in sentences]
        return Pattern(
            tier,
            float(tiers.score[place]),
            carried,
            [label for label in labels if tiers.labels[label][place]],
            [check.id for check, truth in zip(checks, truths, strict=True) if truth[place] == TRUE],
            [sentence for sentence in said if sentence],
            [check.id for check, truth in zip(checks, truths, strict=True) if np.isnan(truth[place])],
            advice(tier, carried, month_over=bool(over[place]), reported=bool(watched[place])),
        )

    return Patterns([pattern(place) for place in first.tolist()], which)


def _sentences(check: Check, found: Found) -> tuple[NDArray[np.int64], list[str]]:
    """Return what a check says where it holds: per account its place in a list of sentences, of which the first is empty."""
    holds = np.flatnonzero(found.truth == TRUE)
    values, which = values_in(np.nan_to_num(found.observed[holds].round(4)))
    places: dict[str, int] = {"": 0}
    of_value = [places.setdefault(check.says(value), len(places)) for value in values.tolist()]
    codes = np.zeros(len(found.truth), np.int64)
    codes[holds] = np.array(of_value, np.int64)[which]
    return codes, list(places)


class ResultLines:
    """The lines of result.ndjson."""

    def __init__(self, screening: Screening, patterns: Patterns) -> None:
        self._screening = screening
        self._which = patterns.which
        self._accounts = screening.pool.members.column("account_id")
        self._begin = [
            _members(tier=p.tier, score=p.score, risk_types=p.risk_types, labels=p.labels, reasons=p.holds) for p in patterns.distinct
        ]  # fmt: skip
        self._end = [_members(unknown=p.unknown, advice=p.advice) for p in patterns.distinct]
        self._checks = [_checked(check, screening.findings[check.id]) for check in screening.checks]

    def of(self, begin: int, end: int) -> Iterator[bytes]:
        """Yield the lines of the accounts from one place up to another."""
        members, told = self._screening.pool.members, self._screening.consulted.told
        checks = zip(*(texts[codes[begin:end]].tolist() for codes, texts in self._checks), strict=True)
        choices = self._screening.evidence.choices
        weighed = [[]] * (end - begin) if choices is None else choices.lines(begin, end)
        kinds = self._screening.evidence.violations
        for place, number, row, remark, which, account, choice, found in zip(
            range(begin, end), members.numbers[begin:end], members.rows[begin:end], members.remarks(begin, end), self._which[begin:end].tolist(),
            self._accounts[begin:end], weighed, checks,
            strict=True,
        ):  # fmt: skip
            noted = _ENCODER.encode(remark) if remark else b"null"
            more = b',"told":' + _ENCODER.encode(told[number]) if number in told else b""
            if choice:
                more += b',"weighed":' + _ENCODER.encode(choice)
            if place in kinds:
                more += b',"violations":' + _ENCODER.encode(kinds[place])
            if account:
                more += b',"account_id":' + _ENCODER.encode(account)
            yield b'{"number":"%b","row":%d,%b,"checks":[%b],%b,"remark":%b%b}\n' % (
                number.encode(), row, self._begin[which], b",".join(found), self._end[which], noted, more,
            )  # fmt: skip


def _members(**fields: object) -> bytes:
    """Return the members of a JSON object, without its braces."""
    return _ENCODER.encode(fields)[1:-1]


def _checked(check: Check, found: Found) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Return what a check found as JSON: per account its place in an array of objects."""
    values, which = values_in(found.observed.round(4))
    truth = np.where(np.isnan(found.truth), UNKNOWN, found.truth).astype(np.int64)
    pairs, codes = values_in(which * len(VERDICTS) + truth)
    texts = np.empty(len(pairs), np.object_)
    for place, pair in enumerate(pairs.tolist()):
        value, verdict = divmod(pair, len(VERDICTS))
        texts[place] = _ENCODER.encode(_shown(check, verdict, float(values[value])))
    return codes, texts


def _shown(check: Check, verdict: int, value: float) -> dict[str, Any]:
    known = not np.isnan(value)
    limit = check.limit.default
    data: dict[str, Any] = {
        "check": check.id, "verdict": VERDICTS[verdict], "observed": _number(value) if known else None, "limit": _number(limit),
        "unit": check.unit,
    }  # fmt: skip
    return data | {"reason": check.says(value if known else 0)} if verdict == TRUE else data


def _number(value: float) -> float:
    """Return a whole number without decimals."""
    return int(value) if value == int(value) else value
