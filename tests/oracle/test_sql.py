"""Features as SQL over the same stream: the engine, the definitions in Python and DuckDB agree on every cell."""

import pytest
from tests.oracle import frames, in_sql, worlds
from tests.oracle.observe import UNKNOWN, Bounds, Running, observe, policy_of
from tests.oracle.readings import ALL

JOINED = [r for r in ALL if in_sql.supports(r)]
FRAMED = [r for r in JOINED if frames.supports(r)]
POLICY = policy_of(JOINED)


def unequal(table, name, cells):
    return [
        (i, table[i][name], cell)
        for i, cell in cells.items()
        if (type(table[i][name]), table[i][name]) != (type(cell), cell)
    ]


def test_most_features_can_be_said_in_sql():
    assert len(JOINED) > 60
    assert len(FRAMED) > 20


@pytest.mark.parametrize(("seed", "late"), [(11, worlds.LATE), (12, (0,))], ids=["late events", "in order"])
def test_joins_of_the_stream_with_itself_give_the_same(seed, late):
    stream = worlds.seeded(seed, 700, late=late)
    table, _ = observe(JOINED, stream, Running(block=777), POLICY)
    warehouse = in_sql.Warehouse(stream)
    wrong = {r.name: found[:3] for r in JOINED if (found := unequal(table, r.name, warehouse.cells(r)))}
    assert not wrong


@pytest.mark.parametrize("running", [Running(4096), Running(7, 7)], ids=["one block", "by seven"])
def test_window_frames_over_a_stream_in_order_give_the_same(running):
    stream = worlds.seeded(13, 1000, late=(0,))
    table, _ = observe(FRAMED, stream, running)
    warehouse = in_sql.Warehouse(stream)
    for reading in FRAMED:
        certain = frames.lower_bounds(warehouse, reading)
        shown = {
            i: row[reading.name]
            for i, row in enumerate(table)
            if row.get(reading.name, UNKNOWN) is not UNKNOWN
        }
        assert {i: v.low if isinstance(v, Bounds) else v for i, v in shown.items()} == certain, reading.name
