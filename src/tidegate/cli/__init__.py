"""The command line."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from cyclopts import App, CycloptsError
from rich.console import Console

from tidegate.cli.streams import PatientConsole, fit_streams
from tidegate.cli.usage import usage_error
from tidegate.errors import FileError, TidegateError, UsageError, reason

if TYPE_CHECKING:
    from collections.abc import Sequence

OK, FAILED, USAGE = 0, 1, 2
INTERRUPTED = 130  # 128 + SIGINT, as shells have it
COMMANDS = ("demo", "replay", "serve", "screen", "screened", "simulate", "explain", "official")
GROUPS = ("policy", "numbers", "keys", "audit")  # of commands

EXAMPLES = """\
Examples:

- `tidegate demo`: a made-up week of a small platform, judged and drawn
- `tidegate replay events.ndjson --out out/`: judge the events of a file
- `tidegate policy show msg.burst-over-12-in-60s-l1`: what a rule does, and why

Exit status: 0 done, 1 failed, 2 the command was not understood, 3 done but some input was rejected.
"""

app = App(
    name="tidegate",
    help="""Real-time account risk control for messaging platforms.

    Exact sliding windows, rules with reasons, measures that end; history replays to the same decisions.
    """,
    help_epilogue=EXAMPLES,
    version_flags=["--version"],
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
# by name: a command is imported when it is asked for, and none of the others
for _name in COMMANDS:
    app.command(f"tidegate.cli.{_name}:{_name}", name=_name, help_epilogue="")
for _name in GROUPS:
    app.command(f"tidegate.cli.{_name}:app", name=_name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit status: 0 ok, 1 failed, 2 usage, 3 done but some input was rejected."""
    fit_streams()
    app.console = PatientConsole()  # of what is standard output now
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--json"]:  # before the command it means the same as behind it
        given = [*given[1:], "--json"]
    if not given or given[0] in app.help_flags:  # the list of commands says of each what it does
        for name in (*COMMANDS, *GROUPS):
            app[name]
    try:
        status = app(
            given,
            exit_on_error=False,
            print_error=False,
            help_on_error=False,
        )
        sys.stdout.flush()  # a reader who is gone is met here, not at the end of the process
    except CycloptsError as error:
        return _failed(usage_error(error))
    except TidegateError as error:
        return _failed(error)
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is flushed at the end
        return OK
    except OSError as error:
        name = str(error.filename or "")
        problem = reason(error)
        return _failed(FileError(problem, place=name, hint="check the path, its permissions and the disk"))
    except KeyboardInterrupt:
        _print_error("interrupted: what was written so far is incomplete")
        return INTERRUPTED
    return status if isinstance(status, int) else OK


def _failed(error: TidegateError) -> int:
    _print_error(str(error))
    return USAGE if isinstance(error, UsageError) else FAILED


def _print_error(text: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True, emoji=False).print(text, markup=False)
