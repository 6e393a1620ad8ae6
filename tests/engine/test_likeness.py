"""Halves and likenesses of fingerprints, written for a whole chunk: known ones, unknown ones and none side by side."""

from collections import Counter

import numpy as np
import pytest

from tidegate.engine.likeness import LikenessPass
from tidegate.engine.names import Names
from tidegate.windows.chunk import Chunk

NAN, NULL = float("nan"), float("-inf")
TEXTS = ("ffffffff00000000", "0000000180000000", "0000000000000000", "ffffffffffffffff")
SITE = 3


def filled(columns, **what):
    """Columns 4 .. of a chunk in which every other site has an event before and after, after the pass."""
    names = Names()
    ids = [float(names.space("fingerprint").intern(text)) for text in TEXTS]
    n = len(columns[0])
    chunk = Chunk(rows=n + 2, n_cols=10)
    chunk.kind[: n + 2] = [SITE - 1, *[SITE] * n, SITE + 1]
    chunk.cols[:, : n + 2] = 12345.0
    for place, column in enumerate(columns):
        chunk.cols[place, 1 : n + 1] = [ids[x] if isinstance(x, int) else x for x in column]
    likeness = LikenessPass(0, {SITE}, names, **what).state
    likeness.bind(chunk)
    likeness.step(n + 2)
    assert Counter(chunk.cols[4:, [0, n + 1]].ravel().tolist()) == {12345.0: 12}, "another site's events"
    return chunk.cols[4:, 1 : n + 1]


def test_a_list_gives_its_last_member():
    chunk = Chunk(rows=8, n_cols=3)
    chunk.kind[:4], chunk.items[:3] = SITE, [7.0, 8.0, NAN]
    chunk.cols[:2, :4] = [[0.0, 1.0, NULL, NAN], [2.0, 0.0, NULL, NAN]]
    last = LikenessPass(0, {SITE}, Names(), lists=[(0, 2)]).state
    last.bind(chunk)
    last.step(4)
    np.testing.assert_array_equal(chunk.cols[2, :4], [8.0, NAN, NULL, NAN])


def test_halves_are_those_of_the_text_and_what_is_not_known_stays_so():
    halves = [("fingerprint", 0, True, 4), ("fingerprint", 0, False, 5), ("fingerprint", 1, False, 6)]
    got = filled([[0, NAN, 1, NULL, 3, 0], [1, 1, NULL, 2, NAN, 3]], halves=halves)
    high = 2.0**32 - 1
    np.testing.assert_array_equal(got[0], [high, NAN, 1, NULL, high, high])
    np.testing.assert_array_equal(got[1], [0, NAN, 2.0**31, NULL, high, 0])
    np.testing.assert_array_equal(got[2], [2.0**31, 2.0**31, NULL, 0, NAN, high])


@pytest.mark.parametrize(
    ("halves", "likeness"),
    [
        ((0.0, 0.0, 0.0, 0.0), 1.0),
        ((0.0, 0.0, 2.0**32 - 1, 2.0**32 - 1), 0.0),
        ((1.0, 2.0**31, 1.0, 0.0), 63 / 64),
        ((1.0, 2.0, 2.0, 1.0), 60 / 64),
        ((0.0, NAN, 0.0, 0.0), NAN),
        ((NULL, NULL, 5.0, 5.0), 0.0),
        ((5.0, 5.0, NULL, NULL), 0.0),
        ((NAN, NAN, NULL, NULL), 0.0),
        ((NULL, NULL, NAN, NAN), 0.0),
        ((NAN, NAN, NAN, NAN), NAN),
    ],
)
def test_likeness_is_the_share_of_bits_in_common(halves, likeness):
    for others in ([], [(3.0, 3.0, 3.0, 3.0)], [(NAN, NAN, NAN, NAN), (NULL, NULL, 1.0, 1.0)]):
        columns = [list(column) for column in zip(halves, *others, strict=True)]
        got = filled(columns, pairs=[([0, 1, 2, 3], 4)])
        np.testing.assert_array_equal(got[0, 0], likeness)


def test_no_events_of_the_site_are_no_trouble():
    filled([[]], halves=[("fingerprint", 0, True, 4)])
