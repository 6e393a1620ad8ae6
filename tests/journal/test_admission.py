"""The gate of live events against a plain dict: each id once, whatever is repeated, taken back and tried again."""

import errno
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.journal.folders import START, block, event_ids, message, opened

from tidegate.errors import JournalFull
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


@pytest.mark.parametrize("repeated", [False, True])
def test_where_the_index_has_no_room_the_batch_is_refused_and_numbers_go_on_as_those_of_the_log(
    tmp_path, monkeypatch, repeated
):
    pwrite, at_sync = os.pwrite, []

    def full(handle, data, at):
        if len(data) > 1:
            return pwrite(handle, bytes(data)[:1], at)
        raise OSError(errno.ENOSPC, "no space left on device")

    def no_room():
        raise OSError(errno.ENOSPC, "no space left on device")

    events = [message(f"e{n}", n) for n in range(30)]
    with opened(tmp_path / "data", sync=lambda _: at_sync and at_sync.pop()()) as live:
        live.take(block(events[:10]))
        batch = block(events[9 if repeated else 10 : 20])
        monkeypatch.setattr(os, "pwrite", full)
        for _ in range(2):
            with pytest.raises(JournalFull, match="index of events"):
                live.take(batch)
        monkeypatch.undo()
        at_sync.append(no_room)  # it is admitted, and then the log has no room
        with pytest.raises(JournalFull, match="no room"):
            live.take(batch)
        for some in ([events[15], events[10]], events[9:20], events):
            live.take(block(some))
        kept = [live.decision(e["event_id"]) for e in events]
        assert [json.loads(line)["event_id"] for line in kept] == [e["event_id"] for e in events]
        assert live.position == len(live.recovered.decisions.index) == 30
        told = list(live.history(0))
        live.checkpoint()
    with opened(tmp_path / "data") as live:
        assert [live.decision(e["event_id"]) for e in events] == kept
        assert list(live.history(0)) == told
    assert sorted(event_ids(tmp_path / "data")) == sorted(e["event_id"] for e in events)
