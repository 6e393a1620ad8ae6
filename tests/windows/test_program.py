"""Comparisons and truth in the expression machine: every instruction on every pair of values that are special to it."""

import math
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from tidegate.windows import program as vm
from tidegate.windows.chunk import Chunk

NAN, NULL, INF = math.nan, -math.inf, math.inf
VALUES = (NAN, NULL, INF, -2.5, -0.0, 0.0, 1.0, 1.0 + 2**-52, 3.0)
PAIRS = list(product(VALUES, repeat=2))
PLACES = (1, 3, 200)  # events per span: fewer than a vector holds, and more

Binary = Callable[[float, float], float]


def compared(holds: Callable[[float, float], bool], null: Callable[[float, float], float]) -> Binary:
    """A comparison: not known where a side is not, false where the side that must not be null is."""
    return lambda x, y: NAN if math.isnan(x) or math.isnan(y) else float(holds(x, y) and null(x, y) != NULL)


def truths(x: float, y: float) -> set[bool | None]:
    return {None if math.isnan(v) else v == 1 for v in (x, y)}


def both(x: float, y: float) -> float:
    return 0.0 if False in truths(x, y) else NAN if None in truths(x, y) else 1.0


def either(x: float, y: float) -> float:
    return 1.0 if True in truths(x, y) else NAN if None in truths(x, y) else 0.0


def left(x: float, y: float) -> float:
    return x


def right(x: float, y: float) -> float:
    return y


EXPECTED: dict[int, Binary] = {
    vm.LT: compared(lambda x, y: x < y, left),
    vm.LE: compared(lambda x, y: x <= y, left),
    vm.GT: compared(lambda x, y: x > y, right),
    vm.GE: compared(lambda x, y: x >= y, right),
    vm.EQ: compared(lambda x, y: x == y, left),
    vm.NE: lambda x, y: 1 - EXPECTED[vm.EQ](x, y),
    vm.MERGE: lambda x, y: x if x == y else NAN,
    vm.AND: both,
    vm.OR: either,
    vm.NOT: lambda x, y: NAN if math.isnan(x) else float(x != 1),
    vm.KNOWN: lambda x, y: float(not math.isnan(x)),
    vm.NULL: lambda x, y: NAN if math.isnan(x) else float(x == NULL),
    vm.ELSE: lambda x, y: y if math.isnan(x) else x,
    vm.DEFINITE: lambda x, y: 0.0 if math.isnan(x) else x,
    vm.POSSIBLE: lambda x, y: 1.0 if math.isnan(x) else x,
    vm.DIV: lambda x, y: NAN if y == 0 or (math.isinf(x) and math.isinf(y)) else x / y,
}


def machine(rows: list[tuple[int, ...]], columns: list[list[float]]) -> tuple[Chunk, vm.Program, list]:
    """Run the rows over the columns, which stand from column 1 on; the result of a row goes to column 0."""
    n = len(columns[0])
    chunk = Chunk(1 + len(columns), n)
    chunk.cols[1:, :n] = columns
    results = [
        np.zeros((2, n), np.uint64),
        np.zeros((2, n), np.uint64),
        np.zeros(n, np.uint8),
        np.zeros(n, np.uint8),
    ]
    program = vm.Program([{0: rows}])
    program.bind(chunk, *results)
    program.run(0, 0, 0, n)
    return chunk, program, results


@pytest.mark.parametrize("places", PLACES)
@pytest.mark.parametrize("op", EXPECTED)
def test_every_pair_of_special_values(op: int, places: int) -> None:
    pairs = [PAIRS[i % len(PAIRS)] for i in range(max(places, len(PAIRS)))]
    for lo in range(0, len(pairs), places):
        span = pairs[lo : lo + places]
        chunk, _, _ = machine([(op, 0, 1, 2)], [list(side) for side in zip(*span, strict=True)])
        expected = [EXPECTED[op](x, y) for x, y in span]
        np.testing.assert_array_equal(chunk.cols[0, : len(span)], expected, err_msg=str(span[:3]))


@pytest.mark.parametrize("op", vm.BOTH)
def test_compared_at_both_bounds(op: int) -> None:
    fours = list(product(VALUES, repeat=4))
    chunk, _, _ = machine([(vm.BOTH[op], 0, 1, 2, 3, 4)], [list(side) for side in zip(*fours, strict=True)])
    at_both = [(EXPECTED[op](a, b), EXPECTED[op](c, d)) for a, b, c, d in fours]
    expected = [low if low == high else NAN for low, high in at_both]
    np.testing.assert_array_equal(chunk.cols[0, : len(fours)], expected)


def test_an_event_alone_comes_to_what_it_comes_to_among_others() -> None:
    """Few events of a type are taken one by one, many instruction by instruction."""
    n = 1 + len(VALUES) ** 2
    chance = np.random.default_rng(5)
    columns = [[1.0, *side] for side in zip(*PAIRS, strict=True)]
    columns += chance.choice([*VALUES, 0.25, 52.5, 13.4, 1e15, -3e16], (4, n)).tolist()
    ops = [op for op in range(vm.GE_BOTH + 1) if op not in (vm.MARK, vm.SIZE, vm.CONTAINS)]
    for op in ops:
        for operands in ((1, 2, 3, 4), (3, 4, 5, 6), (5, 3, 2, 1)):
            row = (op, 0, *operands)
            together, _, _ = machine([row], columns)
            for p in range(n):
                alone, _, _ = machine([row], [[column[p]] for column in columns])
                assert alone.cols[0, 0].tobytes() == together.cols[0, p].tobytes() or (
                    math.isnan(alone.cols[0, 0]) and math.isnan(together.cols[0, p])
                ), (op, [column[p] for column in columns])


def test_lists_of_an_event_alone() -> None:
    """CONTAINS and SIZE of known, unknown and null lists."""
    rows = [(vm.CONTAINS, 3, 1, 0), (vm.SIZE, 4, 1)]
    for offset, length, contains, size in (
        (1.0, 3.0, 1.0, 3.0),
        (2.0, 2.0, 0.0, 2.0),
        (NAN, NAN, NAN, NAN),
        (NULL, NULL, 0.0, 0.0),
    ):
        chunk = Chunk(5, 4)
        chunk.items[:4] = [9.0, 7.0, 8.0, 6.0]
        chunk.cols[:3, :] = [[7.0], [offset], [length]]
        program = vm.Program([{0: rows}])
        program.bind(chunk, *(np.zeros((1, 4), np.uint64),) * 2, *(np.zeros(4, np.uint8),) * 2)
        program.run(0, 0, 0, 1)
        program.run(0, 0, 1, 4)
        for p in (0, 2):
            np.testing.assert_array_equal(chunk.cols[3:, p], [contains, size])


def test_select() -> None:
    threes = list(product(VALUES, repeat=3))
    chunk, _, _ = machine([(vm.SELECT, 0, 1, 2, 3)], [list(side) for side in zip(*threes, strict=True)])
    settled = [y if x == 1 else z if x == x or y == z else NAN for x, y, z in threes]
    np.testing.assert_array_equal(chunk.cols[0, : len(threes)], settled)


def test_marks_of_single_events_far_apart() -> None:
    n = 300
    column = [0.0] * n
    column[0], column[127], column[128], column[299] = 1.0, NAN, 1.0, NAN
    column[5], column[200] = NULL, 3.0
    _, program, (fired, undecided, hit, open_) = machine([(vm.MARK, 0, 1, 70)], [column])
    assert np.flatnonzero(hit).tolist() == [0, 128]
    assert np.flatnonzero(open_).tolist() == [127, 299]
    for p in range(n):
        assert fired[:, p].tolist() == [0, 64 if p in (0, 128) else 0]
        assert undecided[:, p].tolist() == [0, 64 if p in (127, 299) else 0]
    program.clear(n)
    assert not fired.any()
    assert not undecided.any()


@pytest.mark.parametrize("place", [0, 127, 128, 255, 299])
@pytest.mark.parametrize("value", [1.0, NAN])
def test_a_mark_of_one_event_alone_is_found(place: int, value: float) -> None:
    column = [0.0] * 300
    column[place] = value
    _, _, (_, _, hit, open_) = machine([(vm.MARK, 0, 1, 3)], [column])
    assert np.flatnonzero(hit if value == 1 else open_).tolist() == [place]
    assert hit.sum() + open_.sum() == 1
