"""Pictures of a replay: the terminal picture character by character, the PNG as far as bytes tell."""

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tidegate.errors import FileError, UsageError
from tidegate.replay import plot
from tidegate.replay.caption import Caption, decisions, duration, moment, share, tick_label
from tidegate.replay.timeline import DAY_MS, TimelineAccumulator

GOLDEN = Path(__file__).parent / "golden"
CAPTION = Caption("week.ndjson", "messenger 1.0.0")
START_MS = 1_772_409_600_000  # 2026-03-02T00:00:00Z
RULES = (
    "msg.burst-over-12-in-60s-l1",
    "login.impossible-travel-950kmh",
    "report.over-5-unique-in-72h-priority",
    "link.same-link-over-50-users-24h",
)
needs_matplotlib = pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="matplotlib (extra `plot`) is not installed"
)


@cache
def made(days, rules=RULES):
    """One decision every ten minutes by a fixed pattern: quiet nights, one attack a day, other rows now and then."""
    seen = TimelineAccumulator(rules)
    for minute in range(0, int(days * 1440), 10):
        hour = minute // 60 % 24
        attack = hour == 15 and minute // 1440 % 2 == 1
        count = 40 if attack else 2 + (hour > 6) * 5 + (hour > 17) * 4
        verdicts, scores = np.zeros(count, dtype=np.int64), np.zeros(count)
        if attack:
            verdicts[:10], verdicts[10:16], verdicts[16:30] = 1, 2, 3
            scores[:30] = 0.6 + 0.013 * np.arange(30)
        elif minute % 70 == 0:
            verdicts[0], scores[0] = 1 + minute // 70 % 3, 0.1 + 0.02 * (minute % 11)
        fired = np.flatnonzero(scores) % max(1, len(rules)) if rules else np.empty(0, dtype=np.int64)
        seen.add(np.full(count, START_MS + minute * 60_000), verdicts, scores, fired)
    return seen.timeline()


def lines(text):
    return [line.rstrip() for line in text.plain.splitlines()]


@pytest.mark.parametrize(
    ("name", "days", "width"),
    [("week", 7, 100), ("narrow", 7, 60), ("hour", 1 / 24, 80), ("half-year", 190, 100)],
)
def test_the_terminal_picture_is_the_golden_one(name, days, width):
    drawn = lines(plot.plot_terminal(made(days), CAPTION, width=width))
    assert drawn == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("width", [1, 40, 60, 80, 100, 133, 1_000])
@pytest.mark.parametrize("days", [0.01, 1, 7, 190])
def test_the_terminal_picture_fits_its_width(days, width):
    drawn = lines(plot.plot_terminal(made(days), CAPTION, width=width))
    assert max(map(len, drawn[3:])) <= max(width, 84)  # a long rule name or the legend is never cut short


def test_the_picture_of_no_decisions_says_so():
    drawn = plot.plot_terminal(TimelineAccumulator(RULES).timeline(), CAPTION)
    assert lines(drawn) == ["week.ndjson · messenger 1.0.0", "no decisions"]


def test_the_picture_of_a_policy_that_never_fired_says_so():
    assert lines(plot.plot_terminal(made(1, rules=()), CAPTION))[-1].strip() == "no rule fired"


def test_a_single_restrained_decision_among_many_is_visible():
    seen = TimelineAccumulator(RULES)
    verdicts = np.zeros(100_000, dtype=np.int64)
    verdicts[777] = 3
    seen.add(START_MS + np.arange(100_000) * 100, verdicts, np.zeros(100_000), np.empty(0, dtype=np.int64))
    drawn = lines(plot.plot_terminal(seen.timeline(), CAPTION))
    assert any("█" in line for line in drawn[4:13])


@needs_matplotlib
@pytest.mark.parametrize("days", [0.01, 1, 7, 190])
def test_a_png_is_written(tmp_path, days):
    plot.plot_png(made(days), CAPTION, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG\r\n")


@needs_matplotlib
def test_a_png_of_no_decisions_is_written(tmp_path):
    plot.plot_png(TimelineAccumulator(RULES).timeline(), CAPTION, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 1_000


@needs_matplotlib
def test_equal_timelines_give_equal_pictures(tmp_path):
    for name in ("one.png", "two.png"):
        plot.plot_png(made(7), CAPTION, tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


@needs_matplotlib
def test_a_png_in_a_place_that_does_not_exist_is_an_error_with_its_path(tmp_path):
    with pytest.raises(FileError) as caught:
        plot.plot_png(made(1), CAPTION, tmp_path / "nowhere" / "picture.png")
    assert str(tmp_path / "nowhere" / "picture.png") in str(caught.value)


def test_without_matplotlib_the_error_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr(plot, "find_spec", lambda name: None)
    with pytest.raises(UsageError) as caught:
        plot.plot_png(made(1), CAPTION, tmp_path / "picture.png")
    assert str(caught.value) == (
        "pictures need `matplotlib`, which is not installed\n  hint: install it with `pip install tidegate[plot]`"
    )


@pytest.mark.parametrize(
    ("ms", "text"),
    [(1_000, "1 s"), (30_000, "30 s"), (300_000, "5 min"), (10_800_000, "3 h"), (4 * DAY_MS, "4 d")],
)
def test_a_width_is_written_in_its_largest_whole_unit(ms, text):
    assert duration(ms) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 10, "0.0 %"), (1, 100_000, "< 0.1 %"), (123, 1_000, "12.3 %"), (0, 0, "0.0 %")],
)
def test_a_share_above_nothing_never_reads_nothing(part, whole, text):
    assert share(part, whole) == text


def test_times_are_written_in_utc_and_english():
    assert moment(START_MS + 34_200_000) == "2 Mar 2026 09:30"
    assert moment(START_MS + 1_000) == "2 Mar 2026 00:00:01"
    assert tick_label(START_MS) == "2 Mar"
    assert tick_label(START_MS + 34_200_000) == "09:30"
    assert tick_label(START_MS + 34_200_000, with_day=True) == "2 Mar 09:30"


def test_one_decision_is_not_written_in_the_plural():
    assert (decisions(1), decisions(0), decisions(1_234)) == ("1 decision", "0 decisions", "1,234 decisions")
