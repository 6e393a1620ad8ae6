"""The gate of live events against a plain dict: each id once, whatever is repeated, taken back and tried again."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from tests.journal.folders import START, block

from tidegate.journal.admission import FRESH, Entrance
from tidegate.journal.first_decisions import FirstDecisions

LATENESS_MS = 300_000
BATCHES = st.lists(
    st.tuples(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.booleans()), min_size=1, max_size=12
)


def batch(ids):
    fields = {"type": "message_sent", "ts": START, "account_id": "a"}
    return block([{"event_id": f"e{one}", **fields} for one in ids])


@given(BATCHES)
@example([([0], False), ([0, 1], False), ([1], False)])  # 1 was entered under the next number, and taken back
@example([([0, 1], True), ([1], False), ([1], False)])  # the same where the log did not take the batch
def test_each_id_passes_once_and_is_found_under_its_number(given_batches):
    known: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        firsts = FirstDecisions(Path(folder))
        entrance = Entrance(firsts, LATENESS_MS, 0)
        for ids, refused_by_log in given_batches:
            entry = entrance.admit(batch(ids))
            first = entry.first if entry.first is not None else np.full(len(ids), FRESH)
            expected, here = [], {}
            for one in (f"e{one}" for one in ids):
                expected.append(known.get(one, here.get(one, FRESH)))
                if expected[-1] == FRESH:
                    here[one] = len(known) + len(here)
            assert first.tolist() == expected
            assert (entry.number, list(entry.fresh.event_ids)) == (len(known), list(here))
            if refused_by_log:
                entrance.withdraw(entry)
            else:
                known |= here
            assert {one: firsts.find(one) for one in known} == known
            assert firsts.find("e13") == -1
        firsts.close()
