"""SeenIds against a dict of lists."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.windows.interpreted import interpreted

from tidegate.events.texts import Texts
from tidegate.windows import seen

MODULES = [seen, interpreted("seen", needs=["siphash"])]
BOTH = pytest.mark.parametrize("module", MODULES, ids=["built", "interpreted"])

hostile = st.sampled_from(
    ["", "\0", "e-1", "e-1\0", "é" * 128, "\U0010ffff" * 128, *("x" * 127 + c for c in "abc")]
)
ids = st.one_of(hostile, st.text(st.characters(exclude_categories=["Cs"]), max_size=128))
actions = st.lists(
    st.one_of(
        st.tuples(st.just("many"), st.lists(ids, max_size=60)),
        st.tuples(st.just("again"), hostile),
        st.tuples(st.just("reload"), st.binary(min_size=16, max_size=16)),
    ),
    max_size=12,
)


def added(table, names, payloads):
    """What a table says to texts that are added to it."""
    held, out = Texts.of(names), np.empty(len(names), np.int64)
    table.add_texts(held.buffer, held.places, payloads, out)
    return out.tolist()


@settings(deadline=None)
@given(actions)
def test_an_id_gives_the_payloads_it_was_added_with(steps):
    model, tables, clock = {}, [module.SeenIds() for module in MODULES], 0
    for name, argument in steps:
        clock += 1000
        if name == "many":
            payloads = clock + np.arange(len(argument))
            expected = []
            for text, payload in zip(argument, payloads.tolist(), strict=True):
                expected.append(model[text][0] if text in model else -1)
                model.setdefault(text, [payload])
            for table in tables:
                assert added(table, argument, payloads) == expected
        elif name == "again":  # what the caller does when two ids have one hash
            model.setdefault(argument, []).append(clock)
            for table in tables:
                table.add(argument, clock)
        else:
            states = [table.state() for table in tables]
            tables = [module.SeenIds(key=argument) for module in MODULES]
            for table, state in zip(tables, reversed(states), strict=True):
                table.restore(state)
        for table in tables:
            assert len(table) == sum(map(len, model.values()))
            assert {text: table.candidates(text) for text in model} == model
            assert table.candidates("never added, it is too long for the strategy" * 4) == []


@BOTH
@pytest.mark.parametrize("copies", [1, 20, 500])
def test_candidates_keep_their_order_while_the_table_grows_and_wraps(module, copies):
    table = module.SeenIds()
    for copy in range(copies):
        for i in range(8):
            table.add(f"twin {i}", 10 * copy + i)
    for i in range(8):
        expected = [10 * copy + i for copy in range(copies)]
        assert table.candidates(f"twin {i}") == expected


@BOTH
def test_a_run_of_entries_around_the_end_of_the_table_survives_growth_and_reload(module):
    probe = module.SeenIds()
    names = [f"e-{i}" for i in range(3000)]
    added(probe, names, np.arange(3000))
    at_the_end = [names[p] for h, p in probe.state()["entries"].tolist() if h % 256 == 255][:8]
    assert len(at_the_end) > 3
    table = module.SeenIds()
    for copy in range(2):
        for i, name in enumerate(at_the_end):
            table.add(name, 100 * copy + i)
    reloaded = module.SeenIds()
    reloaded.restore(table.state())
    for _ in range(2):
        for one in (table, reloaded):
            assert [one.candidates(name) for name in at_the_end] == [
                [i, 100 + i] for i in range(len(at_the_end))
            ]
            added(one, names, np.arange(3000) + 9000)


@BOTH
def test_memory_comes_from_the_caller_and_stays_under_54_bytes_an_entry(module):
    asked = []

    def allocate(n_words):
        asked.append(n_words)
        return np.zeros(n_words, np.int64)

    table = module.SeenIds(allocate=allocate)
    n = 3000
    added(table, [f"e-{i}" for i in range(n)], np.arange(n))
    assert asked == [64 << k for k in range(len(asked))]
    assert table.nbytes() == 8 * asked[-1] <= 54 * n


@BOTH
def test_a_negative_payload_is_refused(module):
    with pytest.raises(AssertionError):
        module.SeenIds().add("e-1", -1)
