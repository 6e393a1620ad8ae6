"""Fields to numbers, one event at a time and many, against the definition."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.windows.interpreted import interpreted

from tidegate.windows import fields
from tidegate.windows.chunk import Chunk
from tidegate.windows.fields import LIST, NAME, NUMBER
from tidegate.windows.interner import IdInterner

plain = interpreted("fields")

NAN, NULL = float("nan"), float("-inf")
UNSET = object()
NAMES = ("who", "amount", "links", "sizes", "day")
KINDS = [NAME, NUMBER, LIST, LIST, NUMBER]
COLUMNS = [1, 2, 3, 5, 7]

NAMED = st.sampled_from([UNSET, None, "a", "b", "c"])
AMOUNT = st.sampled_from([UNSET, None, 0, 1.5, True, 10**12])
LINKS = st.one_of(st.sampled_from([UNSET, None]), st.lists(st.sampled_from("xyz"), max_size=4))
SIZES = st.one_of(st.sampled_from([UNSET, None]), st.lists(st.integers(0, 9), max_size=4))
DAY = st.sampled_from([UNSET, None, "1", "22"])
EVENTS = st.lists(
    st.builds(SimpleNamespace, who=NAMED, amount=AMOUNT, links=LINKS, sizes=SIZES, day=DAY), max_size=12
)


def reader(module=fields):
    spaces = [IdInterner(), None, IdInterner(), None, None]
    pick = [None, None, None, None, lambda day: float(day) if isinstance(day, str) else day]
    return module.FieldReader(NAMES, KINDS, spaces, pick, COLUMNS, UNSET), spaces


def number(value):
    return NAN if value is UNSET else NULL if value is None else float(value)


def meaning(space, values, items):
    """Columns of one event as what they stand for; ids may differ between readers."""
    who, amount, at, size, at2, size2, day = values
    shown = [space[0].text(int(who)) if who >= 0 else number(who), amount]
    shown.append([space[2].text(int(x)) for x in items[int(at) : int(at + size)]] if at >= 0 else [at, size])
    shown.append(items[int(at2) : int(at2 + size2)].tolist() if at2 >= 0 else [at2, size2])
    return repr([*shown, day])


def wanted(event):
    named = event.who if isinstance(event.who, str) else number(event.who)
    lists = [
        [number(x)] * 2 if x is UNSET or x is None else [y if isinstance(y, str) else float(y) for y in x]
        for x in (event.links, event.sizes)
    ]
    return repr([named, number(event.amount), *lists, number(event.day)])


@pytest.mark.parametrize("module", [fields, plain])
@given(events=EVENTS, held=st.sampled_from([0, 3]))
def test_many_events_at_once(module, events, held):
    read, spaces = reader(module)
    values, parts = read.read(events, held)
    items = np.concatenate([np.full(held, NAN), *parts])
    assert values.shape == (7, len(events))
    assert read.targets() == [1, 2, 3, 4, 5, 6, 7]
    for i, event in enumerate(events):
        assert meaning(spaces, values[:, i].tolist(), items) == wanted(event)


@pytest.mark.parametrize("module", [fields, plain])
@given(events=EVENTS)
def test_one_event_after_the_other(module, events):
    read, spaces = reader(module)
    chunk = Chunk(8, 4)
    for event in events:
        assert read.read_one(event, chunk)
        assert meaning(spaces, chunk.cols[1:, 0].tolist(), chunk.items) == wanted(event)


def test_lists_that_do_not_fit_are_refused():
    read, _ = reader()
    chunk = Chunk(8, 4, n_items=3)
    event = SimpleNamespace(who="a", amount=1, links=["x", "y"], sizes=[1, 2], day=None)
    assert not read.read_one(event, chunk)


def test_new_names_get_their_ids_in_the_order_of_the_events():
    read, spaces = reader()
    events = [SimpleNamespace(who=w, amount=0, links=None, sizes=None, day=None) for w in "cab"]
    read.read(events, 0)
    ids = [spaces[0].get(w) for w in "cab"]
    assert ids == sorted(ids)
