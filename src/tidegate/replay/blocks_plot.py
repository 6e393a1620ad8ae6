"""The timeline in a terminal: block characters, readable without colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from tidegate.replay.caption import Caption, decisions, duration, moment, number, share, tick_label
from tidegate.replay.timeline import DAY_MS, VERDICTS, Timeline

MARGIN = 9  # columns left of the panels, for the scale
WIDEST = 160
STACK_ROWS = 8
RULES = 10
EIGHTHS = " ▁▂▃▄▅▆▇█"
PARTS = " ▏▎▍▌▋▊▉█"  # of a bar, in eighths
SHADES = " ░▒▓█"
GLYPHS = {"throttle": "▒", "challenge": "▓", "deny": "█"}
STYLES = {"allow": "bright_black", "throttle": "#E69F00", "challenge": "#56B4E9", "deny": "#D55E00"}
BANDS = (0, 10, 25, 40, 55, 70, 85, 100)  # of score levels, upper ends included: the last is above 0.85
CLOCK_COLUMNS, DAY_COLUMNS = 12, 8  # room a time label needs: the first of clock times names the day too
TICKS_MS = tuple(
    [60_000 * minutes for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)]
    + [DAY_MS * days for days in (1, 2, 7, 14, 28, 56, 112, 364, 1820)]
)


def draw(timeline: Timeline, caption: Caption, width: int) -> Text:
    """Return the picture for a terminal of ``width`` columns (at least 40): four panels under a heading."""
    columns = min(max(width, 40), WIDEST) - MARGIN
    shown = timeline.coarser(columns)
    wide = max(1, columns // max(1, shown.buckets))  # columns per bucket
    picture = Text(no_wrap=True, overflow="crop")
    picture.append(f"{caption.source} · {caption.policy}\n", style="bold")
    if not shown.buckets:
        return picture.append("no decisions")
    picture.append(_summary(timeline, shown), style="dim")
    _all_decisions(picture, shown, wide)
    _restrained(picture, shown, wide)
    _scores(picture, shown, wide)
    _rules(picture, timeline, columns + MARGIN)
    picture.rstrip()
    return picture


def _summary(timeline: Timeline, shown: Timeline) -> str:
    edges = timeline.edges_ms
    restrained = timeline.decisions - int(timeline.verdicts[:, 0].sum())
    return (
        f"{moment(int(edges[0]))} to {moment(int(edges[-1]))} UTC · {decisions(timeline.decisions)}, "
        f"{share(restrained, timeline.decisions)} restrained · one step = {duration(shown.width_ms)}\n"
    )


def _all_decisions(picture: Text, shown: Timeline, wide: int) -> None:
    totals = shown.verdicts.sum(axis=1)
    height = -(-totals * 8 // max(1, int(totals.max())))  # rounded up: one decision is to be seen
    picture.append("\n" + f"{number(int(totals.max()))} ┤".rjust(MARGIN), style="dim")
    picture.append("".join(EIGHTHS[level] * wide for level in height.tolist()), style=STYLES["allow"])
    picture.append("\n" + " " * MARGIN + "all decisions\n", style="dim")


def _restrained(picture: Text, shown: Timeline, wide: int) -> None:
    counts = shown.verdicts[:, 1:]
    top = max(1, int(counts.sum(axis=1).max()))
    cells = np.array(
        [_stack(column, top) for column in counts]
    )  # [bucket, row from below] -> 0 or verdict code
    picture.append("\n")
    for row in reversed(range(STACK_ROWS)):
        scale = {STACK_ROWS - 1: number(top), 0: "0"}.get(row, "")
        picture.append(f"{scale} {'┤' if scale else '│'}".rjust(MARGIN), style="dim")
        for code in cells[:, row].tolist():
            verdict = VERDICTS[code]
            picture.append(GLYPHS.get(verdict, " ") * wide, style=STYLES[verdict])
        picture.append("\n")
    picture.append(_axis(shown, wide), style="dim")
    picture.append(" " * MARGIN)
    for code, verdict in enumerate(VERDICTS[1:], start=1):
        picture.append(f"{GLYPHS[verdict]} {verdict}", style=STYLES[verdict])
        picture.append(f" {number(int(shown.verdicts[:, code].sum()))}   ", style="dim")
    picture.append("\n")


def _stack(counts: NDArray[np.int64], top: int) -> list[int]:
    """Return the verdict code of each cell of a column, from below; 0 where it is empty.

    The column is as high as its total, rounded up. Cells go to the verdicts in proportion, the largest remainders
    first.
    """
    total = int(counts.sum())
    height = -(-total * STACK_ROWS // top)
    exact = counts * height / max(1, total)
    cells = np.floor(exact).astype(np.int64)
    for verdict in np.argsort(cells - exact, kind="stable")[: height - int(cells.sum())].tolist():
        cells[verdict] += 1
    filled = [code for code in (3, 2, 1) for _ in range(int(cells[code - 1]))]
    return filled + [0] * (STACK_ROWS - height)


def _scores(picture: Text, shown: Timeline, wide: int) -> None:
    bands = np.add.reduceat(shown.scores[:, 1:], BANDS[:-1], axis=1)
    most = max(1, int(bands.max()))
    shade = np.where(bands > 0, 1 + np.floor(np.log(np.maximum(bands, 1)) / np.log(most + 1) * 4), 0).astype(
        np.int64
    )
    picture.append("\n")
    for band in reversed(range(len(BANDS) - 1)):
        style = STYLES["deny"] if band == len(BANDS) - 2 else "default"
        picture.append(f"> {BANDS[band] / 100:.2f} │".rjust(MARGIN), style="dim")
        picture.append("".join(SHADES[level] * wide for level in shade[:, band].tolist()), style=style)
        picture.append("\n")
    silent = share(int(shown.scores[:, 0].sum()), shown.decisions)
    picture.append(" " * MARGIN + f"scores, darker: more decisions (█ up to {number(most)}); ", style="dim")
    picture.append(f"{silent} score 0, not shown\n", style="dim")


def _rules(picture: Text, timeline: Timeline, width: int) -> None:
    top = timeline.fired[:RULES]
    if not top:
        picture.append("\n" + " " * MARGIN + "no rule fired", style="dim")
        return
    name_width = max(len(name) for name, _ in top)
    count_width = max(len(number(count)) for _, count in top)
    room = max(8, width - name_width - count_width - 2)
    picture.append("\n")
    for name, count in top:
        eighths = -(-count * room * 8 // top[0][1])
        bar = "█" * (eighths // 8) + PARTS[eighths % 8].strip()
        picture.append(f"{name.ljust(name_width)} ")
        picture.append(bar, style=STYLES["challenge"])
        picture.append(f" {number(count)}\n", style="dim")
    others = len(timeline.fired) - len(top)
    picture.append(
        f"times fired; {number(others)} more rules fired\n" if others else "times fired\n", style="dim"
    )


def _axis(shown: Timeline, wide: int) -> str:
    """Return the line of times below a panel: a label stands at the step in which its time begins."""
    edges = shown.edges_ms
    columns, span_ms = shown.buckets * wide, int(edges[-1] - edges[0])
    step = next(
        (tick for tick in TICKS_MS if tick >= shown.width_ms and _fits(tick, span_ms, columns)), TICKS_MS[-1]
    )
    first = -(-int(edges[0]) // step) * step
    ticks = range(first, int(edges[-1]), step) or (int(edges[0]),)
    line = [" "] * (MARGIN + columns)
    for tick in ticks:
        column = MARGIN + (tick - int(edges[0])) * wide // shown.width_ms
        label = "└" + tick_label(tick, with_day=tick == ticks[0])
        if column + len(label) <= len(line):
            line[column : column + len(label)] = label
    return "".join(line).rstrip() + "\n"


def _fits(tick_ms: int, span_ms: int, columns: int) -> bool:
    """Tell whether labels every ``tick_ms`` leave each other room on a line of ``columns``."""
    room = DAY_COLUMNS if tick_ms >= DAY_MS else CLOCK_COLUMNS
    return span_ms * room <= tick_ms * columns
