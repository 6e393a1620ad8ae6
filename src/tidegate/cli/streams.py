"""Standard input, output and errors as a command finds them: closed, piped to a reader who leaves, or of a narrow encoding."""

from __future__ import annotations

import os
import sys

from rich.console import Console


class PatientConsole(Console):
    """A console that leaves it to the command when its reader has gone: one who has seen enough is no failure."""

    def on_broken_pipe(self) -> None:
        """Let the error through."""
        raise  # noqa: PLE0704  it is called while the error is handled


def fit_streams() -> None:
    """Let a stream that is closed lead nowhere, and a character that an encoding lacks be shown as `?`.

    Without the first a file that is opened later would take the place of the closed stream.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        fit = getattr(stream, "reconfigure", None)
        if fit is not None:
            fit(errors="replace")
