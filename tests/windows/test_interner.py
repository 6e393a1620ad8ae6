"""IdInterner against a dict and a list of recycled ids."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.windows.interpreted import interpreted

from tidegate.windows import interner

MODULES = [interner, interpreted("interner")]
BOTH = pytest.mark.parametrize("module", MODULES, ids=["built", "interpreted"])

HOSTILE = [
    "",
    "\0",
    "\0\0",
    "a",
    "a\0",
    "é",
    "e\u0301",
    "\U0010ffff" * 128,
    "ß" * 128,
    *("x" * 127 + c for c in "abc"),
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=130))


class Model:
    """What an interner is: ids in order of arrival, recycled ones first."""

    def __init__(self):
        self.ids = {}
        self.recycled = []  # the next one last
        self.bound = 0

    def intern(self, text):
        if text is None:
            return float("nan")
        if text not in self.ids:
            if not self.recycled:
                self.recycled.append(self.bound)
                self.bound += 1
            self.ids[text] = self.recycled.pop()
        return self.ids[text]

    def recycle(self, mask):
        gone = sorted(i for i in self.ids.values() if i < len(mask) and not mask[i])
        self.ids = {text: i for text, i in self.ids.items() if i not in gone}
        self.recycled += reversed(gone)
        return gone


actions = st.lists(
    st.one_of(
        st.tuples(st.just("intern"), st.lists(st.one_of(st.none(), texts), max_size=80)),
        st.tuples(st.just("recycle"), st.lists(st.booleans(), max_size=60)),
        st.tuples(st.just("reload"), st.binary(min_size=16, max_size=16)),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(actions)
def test_texts_keep_their_ids_through_recycling_and_reloads(steps):
    model, interners = Model(), [module.IdInterner() for module in MODULES]
    for name, argument in steps:
        if name == "intern":
            expected = [*map(model.intern, argument), 7.5]
            for ids in interners:
                out = np.full(len(argument) + 1, 7.5)
                ids.intern_many(argument, out)
                np.testing.assert_array_equal(out, expected)
        elif name == "recycle":
            gone = model.recycle(argument)
            for ids in interners:
                assert ids.recycle(np.array(argument, np.uint8)).tolist() == gone
        else:
            states = [ids.state() for ids in interners]
            interners = [module.IdInterner(argument) for module in MODULES]
            for ids, state in zip(interners, reversed(states), strict=True):
                ids.restore(state)
        for ids in interners:
            assert (len(ids), ids.bound()) == (len(model.ids), model.bound)
            assert {ids.text(i): i for i in model.ids.values()} == model.ids
            assert [ids.get(text) for text in HOSTILE] == [model.ids.get(text, -1) for text in HOSTILE]


@BOTH
def test_states_do_not_depend_on_how_they_were_compiled_or_hashed(module):
    words = [f"acct-{i % 700:07d}" for i in range(1000)]
    one, other = interner.IdInterner(), module.IdInterner(b"another key, 16b")
    for ids in (one, other):
        for word in words:
            ids.intern(word)
        ids.recycle(np.arange(700) % 3 != 0)
    for name, value in one.state().items():
        np.testing.assert_array_equal(other.state()[name], value)


@BOTH
def test_many_ids_with_one_prefix_stay_apart_and_small(module):
    words = [f"+49151{i:06d}" for i in range(20_000)]
    ids = module.IdInterner()
    out = np.empty(len(words))
    ids.intern_many(words, out)
    assert out.tolist() == list(range(len(words)))
    assert [ids.get(word) for word in words] == list(range(len(words)))
    assert [ids.text(i) for i in range(len(words))] == words
    assert ids.nbytes() <= 70 * len(words)
    assert ids.get("+49151") == ids.get("+491510000000") == -1


@BOTH
def test_endless_new_texts_with_recycling_need_bounded_memory(module):
    ids = module.IdInterner()
    largest = 0
    for batch in range(60):
        out = np.empty(500)
        ids.intern_many([f"one-shot-{batch}-{i}" for i in range(500)], out)
        mask = np.zeros(ids.bound(), np.uint8)
        mask[out[:50].astype(int)] = batch % 2
        ids.recycle(mask)
        largest = max(largest, ids.nbytes())
    assert ids.bound() <= 1100
    assert largest <= 100_000


@BOTH
def test_a_lone_surrogate_is_no_text_and_leaves_no_trace(module):
    ids = module.IdInterner()
    with pytest.raises(UnicodeEncodeError):
        ids.intern("\ud800")
    assert (len(ids), ids.intern("a")) == (0, 0)


@BOTH
def test_a_recycled_id_has_no_text(module):
    ids = module.IdInterner()
    ids.intern("a")
    ids.recycle(np.zeros(1, np.uint8))
    for number in (0, 1, -1):
        with pytest.raises(AssertionError):
            ids.text(number)
