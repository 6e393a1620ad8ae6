"""The timeline as a PNG through matplotlib: volume, restrained decisions, scores, and the rules that fired most.

Allowed decisions outnumber the others a hundred to one, so they have a thin panel of their own and the rest is drawn to
its own scale. Colours are of Okabe and Ito's palette and differ in lightness too.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import numpy as np
from matplotlib import colors, dates, ticker  # type: ignore[import-not-found,unused-ignore]  # an extra
from matplotlib.axes import Axes  # type: ignore[import-not-found,unused-ignore]  # an extra
from matplotlib.figure import Figure  # type: ignore[import-not-found,unused-ignore]  # an extra
from numpy.typing import NDArray

from tidegate.replay.caption import Caption, decisions, duration, moment, number, share, tick_label
from tidegate.replay.timeline import DAY_MS, LEVELS, VERDICTS, Timeline

INK, FAINT, PALE = "#22262B", "#6B7280", "#C5CAD3"
COLOURS = {"allow": PALE, "throttle": "#E69F00", "challenge": "#56B4E9", "deny": "#A63A00"}
SCORE_MAP = colors.LinearSegmentedColormap.from_list("scores", ["#D3E4F1", "#7FB3D5", "#1F5F93", "#0B2A4A"])
RESTRICTION_ABOVE = 0.85
BAND = 5  # score levels per row of the score panel: 0.05, so that 0.85 is an edge
RULES = 12
BUCKETS_LEAST = 24  # a time axis is at least so long, so that three decisions do not become three walls
INCHES = (12.0, 9.6)
DOTS_PER_INCH = 150
LEFT = 0.07  # of the figure's width: where headings and panels begin


def draw(timeline: Timeline, caption: Caption, path: Path) -> None:
    """Write the picture; raises OSError when the file cannot be written."""
    figure = Figure(figsize=INCHES, dpi=DOTS_PER_INCH, facecolor="white")
    rules = timeline.fired[:RULES]
    shares = (0.6, 1.75, 1.75), 0.4 + 0.165 * max(2, len(rules))
    grid = figure.add_gridspec(
        2,
        1,
        height_ratios=(sum(shares[0]), shares[1]),
        hspace=0.16,
        left=LEFT,
        right=0.965,
        top=0.885,
        bottom=0.03,
    )
    panels = grid[0].subgridspec(3, 1, height_ratios=shares[0], hspace=0.34)
    volume = figure.add_subplot(panels[0])
    restrained = figure.add_subplot(panels[1], sharex=volume)
    scores = figure.add_subplot(panels[2], sharex=volume)
    _heading(figure, timeline, caption)
    if timeline.buckets:
        _volume(volume, timeline)
        _restrained(restrained, timeline)
        _scores(scores, timeline)
        _time_axis(scores, timeline)
        for axes in (volume, restrained, scores):
            _plain(axes)
    else:
        for axes in (volume, restrained, scores):
            axes.set_axis_off()
    volume.tick_params(labelbottom=False)
    restrained.tick_params(labelbottom=False)
    _rules(figure.add_subplot(grid[1]), rules, len(timeline.fired))
    figure.savefig(path, format="png", metadata={"Software": "tidegate"})


def _heading(figure: Figure, timeline: Timeline, caption: Caption) -> None:
    figure.text(
        LEFT, 0.965, f"{caption.source}  ·  {caption.policy}", size=15, weight="bold", color=INK, va="center"
    )
    edges = timeline.edges_ms
    restrained = timeline.decisions - int(timeline.verdicts[:, 0].sum())
    line = (
        f"{moment(int(edges[0]))} to {moment(int(edges[-1]))} UTC   ·   {decisions(timeline.decisions)}, "
        f"{share(restrained, timeline.decisions)} restrained   ·   one step = {duration(timeline.width_ms)}"
        if timeline.buckets
        else "no decisions"
    )
    figure.text(LEFT, 0.935, line, size=10.5, color=FAINT, va="center")


def _volume(axes: Axes, timeline: Timeline) -> None:
    totals = timeline.verdicts.sum(axis=1)
    axes.stairs(totals, _days(timeline), fill=True, color=PALE)
    axes.set_ylim(0, max(1, int(totals.max())) * 1.1)
    axes.yaxis.set_major_locator(ticker.MaxNLocator(2, integer=True))
    _title(axes, "All decisions")


def _restrained(axes: Axes, timeline: Timeline) -> None:
    edges, floor = _days(timeline), np.zeros(timeline.buckets, dtype=np.int64)
    for code in reversed(range(1, len(VERDICTS))):
        counts = timeline.verdicts[:, code]
        verdict = VERDICTS[code]
        axes.stairs(
            floor + counts,
            edges,
            baseline=floor,
            fill=True,
            color=COLOURS[verdict],
            label=f"{verdict}  {number(int(counts.sum()))}",
        )
        floor = floor + counts
    axes.set_ylim(0, max(1, int(floor.max())) * 1.08)
    axes.yaxis.set_major_locator(ticker.MaxNLocator(4, integer=True))
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 0.99), ncols=3, frameon=False, fontsize=10, handlelength=0.9,
        handleheight=0.9, columnspacing=1.6, borderaxespad=0.0, labelcolor=INK, reverse=True,
    )  # fmt: skip
    _title(axes, "Restrained decisions")


def _scores(axes: Axes, timeline: Timeline) -> None:
    bands = timeline.scores[:, 1:].reshape(timeline.buckets, (LEVELS - 1) // BAND, BAND).sum(axis=2)
    shown = np.ma.masked_equal(bands.T, 0)
    if shown.count():
        heights = np.linspace(0.0, 1.0, bands.shape[1] + 1)
        most = max(2, int(bands.max()))
        mesh = axes.pcolormesh(_days(timeline), heights, shown, cmap=SCORE_MAP, norm=colors.LogNorm(1, most))
        bar = axes.figure.colorbar(
            mesh, cax=axes.inset_axes((0.86, 1.045, 0.14, 0.045)), orientation="horizontal"
        )
        bar.outline.set_visible(False)
        bar.ax.tick_params(
            size=0,
            labelsize=8.5,
            colors=FAINT,
            top=True,
            labeltop=True,
            bottom=False,
            labelbottom=False,
            pad=1,
        )
        bar.ax.minorticks_off()
        bar.set_ticks([1, most], labels=["1", number(most)])
        axes.text(
            0.852, 1.067, "decisions", transform=axes.transAxes, ha="right", va="center", size=9, color=FAINT
        )
    axes.axhline(RESTRICTION_ABOVE, color=COLOURS["deny"], linewidth=1.0, linestyle=(0, (4, 3)))
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.25, 0.5, RESTRICTION_ABOVE, 1])
    axes.set_yticklabels(["0", "0.25", "0.5", f"{RESTRICTION_ABOVE}", "1"])
    silent = share(int(timeline.scores[:, 0].sum()), timeline.decisions)
    _title(
        axes,
        "Risk score",
        f"restriction above {RESTRICTION_ABOVE}; {silent} of the decisions score 0, not shown",
    )


def _rules(axes: Axes, rules: tuple[tuple[str, int], ...], fired: int) -> None:
    _title(
        axes,
        "Rules that fired most",
        f"{number(len(rules))} of {number(fired)}" if fired > len(rules) else "",
    )
    axes.set_axis_off()
    if not rules:
        axes.text(0, 0.5, "no rule fired", transform=axes.transAxes, size=10, color=FAINT)
        return
    top = rules[0][1]
    for place, (name, count) in enumerate(rules):
        axes.barh(place, count, height=0.66, color="#5B7C99")
        axes.text(
            -0.012 * top, place, name, ha="right", va="center", size=9.5, color=INK, family="DejaVu Sans"
        )
        axes.text(count + 0.008 * top, place, number(count), ha="left", va="center", size=9.5, color=FAINT)
    axes.set_ylim(len(rules) - 0.4, -0.6)
    axes.set_xlim(-0.52 * top, top * 1.07)


def _time_axis(axes: Axes, timeline: Timeline) -> None:
    first, last = float(_days(timeline)[0]), float(_days(timeline)[-1])
    least = first + BUCKETS_LEAST * timeline.width_ms / DAY_MS
    axes.set_xlim(first, max(last, least))
    locator = dates.AutoDateLocator(tz=UTC, minticks=4, maxticks=10)  # type: ignore[no-untyped-call,unused-ignore]  # its own gap
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda day, _: tick_label(round(day * DAY_MS))))
    axes.annotate(
        "UTC",
        (0, 0),
        (-28, -7),
        "axes fraction",
        "offset points",
        ha="right",
        va="top",
        size=9.5,
        color=FAINT,
    )


def _title(axes: Axes, title: str, remark: str = "") -> None:
    axes.text(0, 1.03, title, transform=axes.transAxes, size=11, weight="bold", color=INK, va="bottom")
    if remark:
        offset = 0.012 + 0.0088 * len(title)
        axes.text(offset, 1.03, remark, transform=axes.transAxes, size=9.5, color=FAINT, va="bottom")


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(PALE)
    axes.tick_params(colors=FAINT, labelsize=9.5, length=3, color=PALE)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color="#ECEEF2", linewidth=0.8)
    if axes.yaxis.get_major_locator().__class__ is ticker.MaxNLocator:
        axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: number(round(value))))


def _days(timeline: Timeline) -> NDArray[np.float64]:
    """Return the edges of the buckets in matplotlib's unit, days since the epoch."""
    return timeline.edges_ms / DAY_MS
