"""Texts in a buffer against lists of str: joined, interned, learned, and written into lines."""

import itertools
import json
from json.encoder import encode_basestring as quoted

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from tests.windows.interpreted import interpreted

from tidegate.events.texts import Texts
from tidegate.windows import interner, seen, texts
from tidegate.windows.timestamps import format_rfc3339

MODULES = [texts, interpreted("texts", needs=["timestamps"])]
INTERNERS = [interner, interpreted("interner", needs=["siphash"])]
SEEN = [seen, interpreted("seen", needs=["siphash"])]
NAMES = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=32), max_size=20) | st.sampled_from(
    ['"', "\\", 'a"b\\c', "é", "", "a"]
)
SOME = st.lists(NAMES | st.none() | st.just(UNSET), max_size=50)


@given(SOME, st.data())
def test_a_list_of_texts_comes_back_as_it_was(values, data):
    held = Texts.of(values)
    assert held.listed() == values
    others = (
        data.draw(st.dictionaries(st.integers(0, len(values) - 1), NAMES | st.none() | st.just(UNSET)))
        if values
        else {}
    )
    expected = [others.get(at, value) for at, value in enumerate(values)]
    assert held.replaced(others).listed() == expected
    backwards = np.arange(len(values))[::-1]
    assert held.replaced(others).take(backwards).listed() == expected[::-1]


@pytest.mark.parametrize("module", MODULES, ids=["built", "interpreted"])
@given(values=st.lists(NAMES, max_size=50))
def test_joined_texts_are_lines(module, values):
    held = Texts.of(values)
    text, begins = module.joined(held.buffer, held.places)
    assert text.tobytes() == "".join(value + "\n" for value in values).encode()
    assert [text[begin:end].tobytes().decode()[:-1] for begin, end in itertools.pairwise(begins)] == values


HEADS, TAILS = (
    [b'","type":"a","account_id":', b'","type":"bc","account_id":'],
    [b"]}\n", b'],"undecided":["r"]}\n'],
)
ROW = st.tuples(
    NAMES,
    NAMES | st.none() | st.just(UNSET),
    st.integers(0, 2**42 - 1),
    st.integers(0, 1),
    st.sampled_from(["", '{"rule":"q"}', '{"rule":"q"},{"rule":"s"}']),
    st.integers(-1, 1),
)


@pytest.mark.parametrize("module", MODULES, ids=["built", "interpreted"])
@given(rows=st.lists(ROW, max_size=40))
def test_plain_lines_are_the_parts_in_order_with_texts_as_json(module, rows):
    writer = module.PlainLines(HEADS)
    writer.set_tails(TAILS)
    names, accounts = Texts.of([row[0] for row in rows]), Texts.of([row[1] for row in rows])
    ts, head, tail = (
        np.array([row[k] for row in rows], kind) for k, kind in ((2, np.int64), (3, np.int32), (5, np.int32))
    )
    entries = Texts.of([row[4] for row in rows])
    text, begins = writer.write(
        names.buffer, names.places, accounts.buffer, accounts.places, ts, head, entries.buffer, entries.places, tail
    )  # fmt: skip
    expected = []
    for name, account, ms, kind, listed, end in rows:
        shown = quoted(account) if isinstance(account, str) else "null"
        line = f'{{"event_id":{quoted(name)},"ts":"{format_rfc3339(ms)}{HEADS[kind].decode()}{shown}'
        line += f',"verdict":"allow","score":0.0,"fired":[{listed}{TAILS[end].decode()}'
        expected.append(line if end >= 0 else "")
    found = [text[begin:end].tobytes().decode() for begin, end in itertools.pairwise(begins)]
    assert found == expected
    assert [json.loads(line)["event_id"] for line in found if line] == [row[0] for row in rows if row[5] >= 0]


@given(st.lists(SOME, max_size=4))
def test_texts_in_a_buffer_are_interned_as_those_of_a_list(batches):
    ones, others = ([module.IdInterner() for module in INTERNERS] for _ in range(2))
    for batch in batches:
        held = Texts.of(batch)
        found = []
        for one, other in zip(ones, others, strict=True):
            out, expected = np.empty(len(batch)), np.empty(len(batch))
            one.intern_texts(held.buffer, held.places, out)
            other.intern_many([None if value is UNSET else value for value in batch], expected)
            expected[[value is None for value in batch]] = -np.inf
            assert np.array_equal(out, expected, equal_nan=True)
            assert [one.text(int(number)) for number in out if number >= 0] == [
                v for v in batch if isinstance(v, str)
            ]
            found.append(out)
        assert np.array_equal(*found, equal_nan=True)


@given(st.lists(st.lists(NAMES, max_size=80), max_size=4), st.sampled_from([0, 50, 400]))
def test_texts_that_are_learned_are_known_as_if_they_were_added(batches, room):
    ones, others = ([module.SeenIds() for module in SEEN] for _ in range(2))
    first = 0
    for one in ones:
        one.reserve(room)
    for batch in batches:
        held = Texts.of(batch)
        for one, other in zip(ones, others, strict=True):
            out, expected = np.empty(len(batch), np.int64), np.empty(len(batch), np.int64)
            one.learn_texts(held.buffer, held.places, first, out)
            other.add_texts(held.buffer, held.places, np.arange(first, first + len(batch)), expected)
            assert out.tolist() == expected.tolist()
            assert len(one) == len(other)
            assert [one.candidates(name) for name in batch] == [other.candidates(name) for name in batch]
        first += len(batch)


@pytest.mark.parametrize("module", SEEN, ids=["built", "interpreted"])
def test_room_that_is_made_before_is_asked_for_once_and_grows_all_the_same(module):
    asked = []

    def allocate(n_words):
        asked.append(n_words)
        return np.zeros(n_words, np.int64)

    table = module.SeenIds(allocate=allocate)
    table.reserve(1000)
    assert asked[1:] == [4096], "at most 3 of 5 places are taken"
    names = Texts.of([f"e-{number}" for number in range(3000)])
    for a in range(0, 3000, 1000):
        part = names.take(np.arange(a, a + 1000))
        table.learn_texts(part.buffer, part.places, a, np.empty(1000, np.int64))
        assert (len(asked) == 2) is (a == 0)
    assert len(table) == 3000
    assert [table.candidates(f"e-{n}") for n in (0, 1500, 2999)] == [[0], [1500], [2999]]
    with pytest.raises(AssertionError):
        table.reserve(10)


@pytest.mark.parametrize("module", SEEN, ids=["built", "interpreted"])
def test_doubling_moves_the_old_table_bit_by_bit_and_loses_nothing(module):
    asked = []

    def allocate(n_words):
        asked.append(n_words)
        return np.zeros(n_words, np.int64)

    table = module.SeenIds(allocate=allocate)
    names = [f"e-{number}" for number in range(4000)]
    both = 0
    for number, name in enumerate(names):
        out = np.empty(1, np.int64)
        held = Texts.of([name])
        table.add_texts(held.buffer, held.places, np.array([number]), out)
        assert out[0] == -1
        both += table.nbytes() > 8 * asked[-1]
        if number % 97 == 0:
            assert table.candidates(names[number // 2]) == [number // 2]
            assert table.candidates(names[number // 3]) == [number // 3]
    assert 400 < both < 1200  # for a while after each doubling there are two tables
    assert [table.candidates(name) for name in names] == [[number] for number in range(4000)]
    assert len(table) == 4000
