"""Precision and recall by dimension and evidence as a picture, each with its interval."""

from __future__ import annotations

from pathlib import Path

from accuracy_figures import Confusion, Share
from accuracy_tables import NAMES, Levels
from labelled_pool import DIMENSIONS
from screened_pool import confusion

COLOURS = (
    "#9aa5b1",
    "#5b8bb5",
    "#1f4e79",
    "#c0713d",
)  # evidence grows darker; the last is a world of its own
INK, FAINT = "#222222", "#a8a8a8"
DASHED = (0, (2, 2))
OFFSET = 0.19  # between the levels of a dimension


def draw(levels: Levels, path: Path) -> None:
    """Write the picture as a PNG; a line across precision is what flagging everybody would have."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams |= {"font.family": "DejaVu Sans", "font.size": 9, "text.color": INK, "axes.labelcolor": INK}
    figure, axes = plt.subplots(1, 2, figsize=(9, 4.6), sharey=True, layout="constrained")
    found = {level: {d: confusion(accounts, d) for d in DIMENSIONS} for level, accounts in levels.items()}
    for axis, name in zip(axes, ("precision", "recall"), strict=True):
        for at, (level, figures) in enumerate(found.items()):
            for row, dimension in enumerate(DIMENSIONS):
                y = row + (at - (len(found) - 1) / 2) * OFFSET
                label = level if row == 0 else None
                _point(axis, getattr(figures[dimension], name), y, COLOURS[at], label)
        axis.set_xlim(-0.01, 1.02)
        axis.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
        axis.grid(axis="x", color="#ececec")
        axis.set_axisbelow(True)
        axis.tick_params(length=0)
        for side in ("top", "right", "left"):
            axis.spines[side].set_visible(False)
    axes[0].set_title("Precision: of those flagged, rightly so", loc="left", fontsize=10)
    axes[1].set_title("Recall: of those truly so, flagged", loc="left", fontsize=10)
    for row, dimension in enumerate(DIMENSIONS):
        _base(axes[0], next(iter(found.values()))[dimension], row)
    axes[0].set_yticks(range(len(DIMENSIONS)), [NAMES[d] for d in DIMENSIONS])
    axes[0].set_ylim(len(DIMENSIONS) - 0.5, -0.5)
    handles, labels = axes[1].get_legend_handles_labels()
    handles.append(axes[1].plot([], [], color=FAINT, linewidth=1.5, linestyle=DASHED)[0])
    names = [*labels, "if all were flagged"]
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


def _point(axis, share: Share, y: float, colour: str, label: str | None) -> None:  # noqa: ANN001  matplotlib's
    low, high = share.interval
    if share.value is None:
        axis.plot([], [], "o", color=colour, label=label)
        nobody = {"color": "#767676", "fontsize": 7.5, "va": "center", "backgroundcolor": "white"}
        axis.text(0.0, y, "nobody flagged", **nobody)
        return
    axis.plot([low, high], [y, y], color=colour, linewidth=2, solid_capstyle="butt", alpha=0.55)
    axis.plot([share.value], [y], "o", color=colour, markersize=5.5, label=label)


def _base(axis, found: Confusion, row: int) -> None:  # noqa: ANN001
    base = found.all_of(truth=True) / max(1, sum(found.counts.values()))
    axis.plot([base, base], [row - 0.42, row + 0.42], color=FAINT, linewidth=1.5, linestyle=DASHED, zorder=0)
