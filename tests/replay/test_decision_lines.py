"""Lines of plain decisions: put together from parts, they are what a decision written by itself would be."""

import json
from types import SimpleNamespace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.events.malformed import event

from tidegate.events import decode_lines
from tidegate.journal.decision_lines import DecisionLines

STAMP = {"name": "p", "version": "1", "parameters": "sha256:0"}
QUOTAS = ["day", "hour", "shadowed"]
N = 12
BLOCK = decode_lines(
    [event(event_id=f"e{n}", ts=n, account_id=None if n % 3 else 'q"\\') for n in range(N)]
).block
PATTERNS = [(), ("r1",), ("r1", "r2")]
EXCEEDING = st.tuples(
    st.sampled_from(QUOTAS),
    st.dictionaries(st.integers(0, N - 1), st.sampled_from([13.0, 14.0, 8.5]), min_size=1),
    st.sampled_from([12.0, 0.5]),
)


def exceeded(quota, values, limit):
    """A quota that some events exceed, as the engine gives it."""
    terms = SimpleNamespace(
        id=quota,
        shown=quota != "shadowed",
        window="PT1H",
        because=lambda observed, most: f"{observed} of {most}",
    )
    return SimpleNamespace(
        terms=terms,
        events=np.array(list(values), np.int64),
        observed=np.array(list(values.values())),
        limit=np.full(len(values), limit),
    )


@settings(deadline=None)
@given(
    st.lists(EXCEEDING, max_size=5, unique_by=lambda one: one[0]),
    st.lists(st.integers(0, 2), min_size=N, max_size=N),
    st.dictionaries(st.integers(0, N - 1), st.just(b'{"other":1}\n'), max_size=3),
)
def test_lines_are_written_as_each_alone_would_be(found, patterns, others):
    judged = SimpleNamespace(
        patterns=PATTERNS, pattern=np.array(patterns, np.int32), exceeded=[exceeded(*one) for one in found]
    )
    lines = list(DecisionLines(STAMP, QUOTAS).lines(BLOCK, judged, others, plain=True))
    assert len(lines) == N
    for i, line in enumerate(lines):
        if i in others:
            assert line == others[i]
            continue
        written = json.loads(line)
        assert (written["event_id"], written["account_id"]) == (f"e{i}", None if i % 3 else 'q"\\')
        assert (written["verdict"], written["undecided"], written["policy"]) == (
            "allow",
            list(PATTERNS[patterns[i]]),
            STAMP,
        )
        expected = [
            (quota, values[i], limit, f"{values[i]} of {limit}")
            for quota, values, limit in sorted(found)
            if i in values and quota != "shadowed"
        ]
        assert [(f["rule"], f["observed"], f["limit"], f["reason"]) for f in written["fired"]] == expected
    empty = list(DecisionLines(STAMP, QUOTAS).lines(BLOCK, judged, others, plain=False))
    assert empty == [others.get(i, b"") for i in range(N)]
