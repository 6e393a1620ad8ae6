"""Pictures of a replay: in the terminal, and as a PNG where matplotlib is installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from rich.text import Text

from tidegate.errors import FileError, UsageError
from tidegate.replay import blocks_plot
from tidegate.replay.caption import Caption
from tidegate.replay.timeline import Timeline

__all__ = ["Caption", "plot_png", "plot_terminal"]


def plot_terminal(timeline: Timeline, caption: Caption, *, width: int = 100) -> Text:
    """Return the timeline as text of ``width`` columns, coloured where the console has colours."""
    return blocks_plot.draw(timeline, caption, width)


def plot_png(timeline: Timeline, caption: Caption, path: str | Path) -> None:
    """Write the timeline as a PNG.

    Raises:
        UsageError: matplotlib is not installed.
        FileError: the file cannot be written.
    """
    if find_spec("matplotlib") is None:
        raise UsageError(
            "pictures need `matplotlib`, which is not installed",
            hint="install it with `pip install tidegate[plot]`",
        )
    from tidegate.replay import png_plot

    try:
        png_plot.draw(timeline, caption, Path(path))
    except OSError as error:
        raise FileError(
            "the picture cannot be written", place=f"`{path}`", hint=str(error.strerror or error)
        ) from error
