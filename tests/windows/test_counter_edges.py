"""WindowCounter, case by case: edges of windows, late events, busy slots, storage given back."""

import numpy as np
import pytest
from tests.windows.interpreted import interpreted

from tidegate.windows import counter as built
from tidegate.windows.chunk import Chunk
from tidegate.windows.route import ALWAYS, NEVER

plain = interpreted("counter", needs=("arena", "pages", "start", "rings"))
KEY, FLAG, AMOUNT, START, OUTS = 0, 1, 2, 3, 4
YEAR = 365 * 86_400_000
NAN = float("nan")


@pytest.fixture(params=[built, plain], ids=["built", "interpreted"])
def module(request):
    return request.param


class Feed:
    """A counter of one window, one lane and whatever else is asked for; feeds (ts, slot) and gives back the values."""

    def __init__(self, module, *windows, lateness=0, sums=0, starts=0, horizon=0, **route):
        self.n_outs = (len(windows) + starts) * (1 + sums)
        self.counter = module.WindowCounter(3, windows, 1, sums, starts, horizon, lateness)
        outs = np.arange(OUTS, OUTS + self.n_outs).reshape(-1, 1 + sums)
        defaults = {
            "flags": [ALWAYS],
            "amounts": [AMOUNT][:sums],
            "start_cols": [START][:starts],
            "outs": outs,
        }
        self.counter.route(0, key=KEY, **(defaults | route))
        self.counter.route(1, key=KEY, **(defaults | {"flags": [NEVER], "update": False}))

    def __call__(self, ts, slot=0, flag=1.0, amount=NAN, start=NAN, kind=0):
        n = np.broadcast(ts, slot, flag, amount, start).size
        chunk = Chunk(OUTS + self.n_outs, rows=n)
        chunk.ts[:], chunk.kind[:], chunk.n = ts, kind, n
        chunk.cols[KEY], chunk.cols[FLAG], chunk.cols[AMOUNT], chunk.cols[START] = slot, flag, amount, start
        self.counter.bind(chunk)
        self.counter.step(n)
        return chunk.cols[OUTS:].T.squeeze().tolist()

    def read(self, ts, **cells):
        return self(ts, kind=1, **cells)


def test_an_event_as_old_as_the_window_has_left_it(module):
    #   0 ------- 60 ------ 120
    #   (         a]         b      a is exactly 60 old at b
    feed = Feed(module, 60)
    assert feed([0, 59, 60, 119, 120]) == [1, 2, 2, 2, 2]


def test_of_events_at_the_same_time_the_later_arrival_sees_the_earlier(module):
    assert Feed(module, 60)([5, 5, 5]) == [1, 2, 3]


def test_a_late_event_sees_only_its_past_and_those_after_it_see_it(module):
    feed = Feed(module, 60, lateness=50)
    assert feed([100, 110, 105, 104, 111]) == [1, 2, 2, 2, 5]


def test_a_late_event_may_be_older_than_everything_its_slot_holds(module):
    feed = Feed(module, 10, lateness=1000)
    assert feed([1000 + i for i in range(60)])[-1] == 10
    assert feed([60]) == 1
    assert feed([1059]) == 11


def test_a_late_event_at_the_edge_of_a_window_is_in_it_or_out_of_it_by_one_ms(module):
    feed = Feed(module, 60, lateness=100)
    feed([200] * 60)
    assert feed([140, 141, 199]) == [1, 2, 3]
    assert feed.read([199, 200, 201]) == [3, 62, 61]


def test_a_late_reading_sees_what_a_reading_on_time_has_dropped(module):
    feed = Feed(module, 10, lateness=100)
    feed([100 + i for i in range(40)])
    assert feed.read([139, 170, 109, 120, 139]) == [10, 0, 10, 10, 10]


def test_where_recounting_ends_no_value_changes(module):
    feed = Feed(module, 1000)
    assert feed(list(range(40))) == list(range(1, 41))
    assert feed.read([1000 + i for i in range(40)]) == list(range(39, -1, -1))
    assert feed([1040 + i for i in range(34)]) == list(range(1, 35))


def test_a_slot_that_stays_busy_for_long_does_not_grow(module):
    feed = Feed(module, 10, 50, sums=1)
    for lo in range(0, 3000, 100):
        values = feed(list(range(lo, lo + 100)), amount=-(2.0**52))
    assert values[-1] == [10, -10 * 2.0**52, 50, -50 * 2.0**52]
    state = feed.counter.state()
    assert len(state["ring_words"]) < 2 * (128 + 64 + 32 + 16 + 8 + 8)


@pytest.mark.parametrize("before", [2**31 - 20, 2**32 - 20])
def test_running_counts_may_pass_the_end_of_their_half_word(module, before):
    feed, other = Feed(module, 10, 50), Feed(module, 10, 50)
    feed(list(range(100)))
    state = feed.counter.state()
    counts = state["row"][1:, 1 + 2 :]
    counts += np.int64(before)
    other.counter.restore(state)
    values = other(list(range(100, 150)))
    assert values == feed(list(range(100, 150)))


def test_rings_and_rows_given_back_by_a_sweep_are_used_again(module):
    feed = Feed(module, 50)
    sizes = []
    for round_ in range(4):
        begin = 1000 * round_
        for slot in range(8):
            assert feed([begin + slot] * 40, slot=slot)[-1] == 40
        sizes.append(feed.counter.nbytes())
        assert feed.counter.sweep(begin + 999, 100) == 8
        assert not feed.counter.live(begin + 999).any()
    assert len(set(sizes)) == 1


def test_a_sweep_gives_large_rings_back_and_takes_no_event_with_it(module):
    feed = Feed(module, 1000)
    feed(list(range(200)))
    feed.counter.sweep(1195, 1)
    assert len(feed.counter.state()["ring_words"]) >= 200
    assert [order for _, order in sorted(_free_blocks(feed))][-1] >= 6  # the half of the ring and more
    assert feed.read([1195]) == 4
    assert feed([1195]) == 5


def _free_blocks(feed):
    mark = feed.counter.state()["ring_mark"]
    return [(int(unit), int(mark[unit]) - 1) for unit in np.flatnonzero(mark)]


def test_a_slot_sleeps_for_years_and_begins_again_at_one(module):
    feed = Feed(module, 60, lateness=10)
    feed([7] * 100)
    assert feed([7 + 40 * YEAR]) == 1
    assert feed([7 + 80 * YEAR, 7 + 80 * YEAR]) == [1, 2]


def test_a_forgotten_slot_is_as_if_never_seen(module):
    feed = Feed(module, 60)
    feed([5] * 40, slot=3)
    feed([5] * 4, slot=4)
    feed.counter.forget(3)
    feed.counter.forget(99)
    assert feed.counter.live(5).tolist() == [0, 0, 0, 0, 1]
    assert feed([6], slot=3) == 1
    assert feed([6], slot=4) == 5


def test_a_slot_lives_as_long_as_a_late_event_could_see_it(module):
    feed = Feed(module, 60, lateness=10)
    feed([100])
    assert feed.counter.live(169).tolist() == [1]
    assert feed.counter.live(170).tolist() == [0]


def test_one_key_a_thousand_times_in_a_step(module):
    feed = Feed(module, 60)
    assert feed(np.zeros(1000, np.int64)) == list(range(1, 1001))


def test_sums_never_overflow_and_come_back_to_zero(module):
    feed = Feed(module, 60, sums=1)
    assert feed([0] * 3000, amount=2.0**53)[-1] == [3000, 3000 * 2.0**53]
    assert feed([59] * 3000, amount=-(2.0**53))[-1] == [6000, 0]
    assert feed.read([60]) == [3000, -3000 * 2.0**53]
    assert feed.read([119]) == [0, 0]


def test_an_amount_is_clamped_and_one_not_known_counts_nothing(module):
    feed = Feed(module, 60, sums=1)
    amounts = [2.0**60, NAN, float("-inf"), -(2.0**53) - 2]
    assert feed([0] * 4, amount=amounts) == [[1, 2.0**53], [2, 2.0**53], [3, 2.0**53], [4, 0]]


def test_an_amount_is_stored_without_a_lane_and_an_event_without_either_is_not(module):
    feed = Feed(module, 60, sums=1, flags=[(FLAG, False)])
    assert feed([0, 1, 2], flag=[0, 0, 1], amount=[5, 0, NAN]) == [[0, 5], [0, 5], [1, 5]]
    assert feed.counter.state()["meta"][64].tolist()[1:3] == [0, 2]


def test_a_flag_not_known_counts_as_its_route_says_and_null_never_does(module):
    flags = [1, 0, NAN, float("-inf"), 2]
    assert Feed(module, 60, flags=[(FLAG, True)])([0] * 5, flag=flags) == [1, 1, 2, 2, 2]
    assert Feed(module, 60, flags=[(FLAG, False)])([0] * 5, flag=flags) == [1, 1, 1, 1, 1]


@pytest.mark.parametrize("before", [2, 60])
def test_a_start_is_inclusive_and_reaches_back_to_the_horizon(module, before):
    feed = Feed(module, 60, starts=1, horizon=100)
    feed([500] * before)
    starts = [500, 500.5, 499, NAN, float("-inf"), 800]
    values = feed.read([550] * 6, start=starts)
    assert np.array_equal([v[1] for v in values], [before, 0, before, NAN, before, 0], equal_nan=True)
    assert [v[1] for v in feed.read([599, 600], start=0)] == [before, 0]


def test_a_start_may_move_to_and_fro(module):
    feed = Feed(module, 10, starts=1, horizon=1000)
    feed(list(range(100)))
    starts = [0, 90, 50, 99, 0, 100]
    assert [v[1] for v in feed.read([100] * 6, start=starts)] == [100, 10, 50, 1, 100, 0]


def test_a_key_not_known_gives_no_value_and_is_not_counted(module):
    feed = Feed(module, 60)
    assert np.array_equal(feed([0, 0, 0], slot=[NAN, float("-inf"), 0]), [NAN, NAN, 1], equal_nan=True)
    assert feed.counter.live(0).tolist() == [1]


def test_a_pair_never_seen_counts_nothing_where_its_start_is_known(module):
    feed = Feed(module, 60, starts=1, horizon=100)
    values = feed.read([0, 0], slot=-1, start=[NAN, 0])
    assert np.array_equal(values, [[0, NAN], [0, 0]], equal_nan=True)


def test_a_chained_route_reads_the_same_event_by_another_key(module):
    feed = Feed(module, 60)
    feed.counter.route(2, key=FLAG, flags=[ALWAYS], outs=[[AMOUNT]])
    feed.counter.chain(0, 2)
    assert feed([0, 0, 0], slot=[1, 2, 1], flag=[5, 5, 1]) == [1, 1, 2]
    assert feed.read([0], slot=5) == 2
    assert feed.read([0], slot=1) == 3


def test_a_type_wired_anew_forgets_its_old_wires(module):
    feed = Feed(module, 60, sums=1)
    feed([0], amount=3)
    feed.counter.route(0, key=KEY, flags=[ALWAYS], outs=[[OUTS, OUTS + 1]])
    assert feed([0], amount=3) == [2, 3]


def test_as_many_lanes_as_a_word_holds_are_counted_apart(module):
    counter = module.WindowCounter(21, [60], 21)
    chunk = Chunk(22, rows=21 * 40)
    chunk.n, chunk.cols[0], chunk.kind[:] = 840, 0, np.arange(840) % 21
    for code in range(21):
        lanes = [ALWAYS if lane >= code else NEVER for lane in range(21)]
        counter.route(code, key=0, flags=lanes, outs=[list(range(1, 22))])
    counter.bind(chunk)
    counter.step(840)
    for i in range(840):
        full, rest = divmod(i + 1, 21)
        assert chunk.cols[1:, i].tolist() == [full * (lane + 1) + min(rest, lane + 1) for lane in range(21)]


def test_a_state_of_another_shape_is_not_taken(module):
    with pytest.raises(AssertionError, match="another shape"):
        Feed(module, 60).counter.restore(Feed(module, 61).counter.state())


def test_an_event_in_order_costs_the_same_in_a_crowd(monkeypatch):
    rings = plain.SlotRings
    tally, calls = rings._tally, []
    monkeypatch.setattr(rings, "_tally", lambda *args: calls.append(args[1:3]) or tally(*args))
    feed = Feed(plain, 100, 1000, 5000, lateness=1000)
    for lo in range(0, 20_000, 500):
        feed(np.arange(lo, lo + 500))
    assert len(calls) <= 20_000 * (1 + 3) + 33 * 3  # once when it comes, once when it leaves each window
