"""`tidegate replay`: judge the events of files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter as Option

from tidegate.cli.kept_input import require_kept
from tidegate.cli.log_cipher import cipher_of
from tidegate.cli.terminal import console, counted, print_json, print_tally, replay_progress
from tidegate.cli.usage import unknown_option
from tidegate.cli.whole_number import WholeNumber
from tidegate.errors import FileError, TidegateError, UsageError
from tidegate.expr.duration import Duration, days, parse_duration
from tidegate.policies.loading import compared_with, load_policy, with_parameters
from tidegate.replay.accounts import named_accounts
from tidegate.replay.caption import Caption
from tidegate.replay.comparison import Comparison, compare
from tidegate.replay.input_file import STANDARD_INPUT, InputFile, Source, shown_name
from tidegate.replay.log_replay import replay_log
from tidegate.replay.plot import plot_png, plot_terminal
from tidegate.replay.replayer import WRITTEN, Options, Replay
from tidegate.replay.replayer import replay as run_replay

OPTIONS = (
    "--data", "--policy", "--parameters", "--out", "--against", "--only-fired", "--order", "--lateness", "--batch", "--plot",
    "--no-plot", "--account", "--accounts", "--json", "--help",
)  # fmt: skip

LATENESS = "PT5M"
LATENESS_MAX = days(31)  # memory is kept for that much longer, and some kernels look back 49 days at most
SOME_REJECTED = 3  # exit status: done, but some input was rejected


def replay(
    *events: Annotated[str, Option(allow_leading_hyphen=True)],  # `-` is a name here
    data: Path | None = None,
    policy: str = "messenger",
    parameters: str | None = None,
    out: Path = Path("tidegate-out"),
    against: str | None = None,
    only_fired: Annotated[bool, Option(negative="")] = False,
    order: Literal["arrival", "time"] = "arrival",
    lateness: str = LATENESS,
    batch: WholeNumber = 8192,
    account: Annotated[tuple[str, ...], Option(negative="")] = (),
    accounts: Path | None = None,
    plot: Annotated[bool, Option(negative="--no-plot")] = True,
    json: Annotated[bool, Option(negative="")] = False,
) -> int:
    """Judge the events of files by a policy, as they would have been judged live.

    Writes decisions.ndjson, summary.json, timeline.png (with the `plot` extra) and, if any line was not accepted,
    rejected.ndjson. Memory does not grow with the files. Exit status 3: done, but some lines were rejected.

    Examples:
    - `tidegate replay monday.ndjson tuesday.ndjson.zst --out out/`
    - `tidegate replay events.parquet --policy ours.py --only-fired`
    - `tidegate replay events.ndjson --account a1 --account a2`: what is left of their quotas at the end
    - `tidegate replay events.ndjson --against strict`: which decisions the strict figures would change
    - `tidegate replay --data tidegate-data`: the log of a live system, under the figures of each time

    Parameters
    ----------
    events
        Files of events: .ndjson, .jsonl (also .gz, .zst), .parquet, .arrow; `-` is standard input.
    data
        The data folder of a live system in place of files: the decisions are those it answered. With `--parameters` or
        `--against` its events are judged as those of a file are, by these figures throughout.
    policy
        A shipped policy, or the path of a Python file.
    parameters
        Other figures: a JSON or TOML file, or a parameter set of the policy.
    out
        Folder to write to.
    against
        Compare with another policy, another file of figures or a parameter set, over the same pass.
    only_fired
        Write only the decisions on which a rule fired; quotas that are exceeded are no reason.
    order
        As the events stand in the files, or all of them sorted by (ts, event_id) first: then none is late.
    lateness
        How far an event may lie behind the newest one (ISO 8601 duration); later ones are rejected.
    batch
        Events judged at a time; changes speed, never a decision.
    account
        Write how this account stands at the end to accounts.ndjson; may be given several times.
    accounts
        The same for all accounts of a file, one id a line.
    plot
        Draw the decisions over time.
    json
        Print the summary as JSON.
    """
    sources = _sources(events, data)
    if batch < 1:
        raise UsageError(f"a batch of `{batch}` events", place="--batch", hint="give at least 1")
    log = data if against is None and parameters is None else None
    if log is not None:
        _refuse_other_judging(order, lateness)
    require_kept([Path(p) for p in (accounts, parameters, against) if p], [out / name for name in WRITTEN])
    base = load_policy(policy)
    if parameters is not None:
        base = with_parameters(base, parameters)
    options = Options(only_fired, order, _lateness(lateness), batch, _asked(account, accounts, against))
    caption = Caption(", ".join(Path(shown_name(e)).name for e in sources), f"{base.name} {base.version}")
    with replay_progress(_total_bytes(sources), quiet=json) as bar:
        if log is not None:
            done = replay_log(base, log, out, options, cipher=cipher_of(log), watch=bar.judged)
        elif against is not None:
            other = compared_with(base, against)
            comparison = compare(
                base, other, sources, out, options, progress=bar.read, watch=bar.judged, on_sorted=bar.sorted
            )
            done = comparison.base
        else:
            done = run_replay(
                base, sources, out, options, progress=bar.read, watch=bar.judged, on_sorted=bar.sorted
            )
    if plot:
        draw(done, caption, quiet=json)
    if json:
        print_json(comparison.data() if against is not None else done.data())
    else:
        print_tally(done.tally, done.seconds)
        for lost in done.summary.get("given_up", ()):
            which = f"events {lost['from']:,} to {lost['to']:,} were given up ({lost['why']})"
            console.print(f"{which}: what follows is judged without them")
        if against is not None:
            _print_comparison(comparison)
        console.print(f"written to {out}/", style="dim")
    return SOME_REJECTED if done.tally.rejected else 0


def draw(done: Replay, caption: Caption, *, quiet: bool = False) -> None:
    """Draw the decisions over time: on the terminal, and to timeline.png where matplotlib is installed."""
    timeline = done.tally.timeline()
    if not quiet and timeline.buckets:
        console.print(plot_terminal(timeline, caption, width=min(console.width, 110)))
    try:
        plot_png(timeline, caption, done.out / "timeline.png")
    except TidegateError as error:
        if not quiet:
            console.print(f"no timeline.png: {error.problem}", style="dim")


def _refuse_other_judging(order: str, lateness: str) -> None:
    """Raise UsageError where a log, whose decisions are those that were answered, should be judged in another way."""
    for option, given, usual in (("--order", order, "arrival"), ("--lateness", lateness, LATENESS)):
        if given != usual:
            raise UsageError(
                "the log is judged again as it was",
                place=option,
                hint=f"leave `{option}` out, or name figures with `--parameters`",
            )


def _sources(files: tuple[str, ...], data: Path | None) -> tuple[Source, ...]:
    """Return what to read the events of."""
    for name in files:
        if name.startswith("-") and name != STANDARD_INPUT:
            raise unknown_option(name, OPTIONS, "tidegate replay")
    if data is None:
        if not files:
            raise UsageError("no events to replay", hint="name at least one file, or `-` for standard input")
        return files
    if files:
        raise UsageError("files and `--data` together", hint="replay the log or the files, one at a time")
    if not (data / "journal").is_dir():
        raise FileError(
            "this is no data folder", place=str(data), hint="name the folder of `tidegate serve --data`"
        )
    return (InputFile(str(data), data, "log", "", cipher_of(data)),)


def _asked(names: tuple[str, ...], file: Path | None, against: str | None) -> tuple[str, ...]:
    """Return the accounts whose state at the end is wanted, each once."""
    for name in names:
        if shown_name(name) != name:
            raise UsageError(
                f"`{shown_name(name)}` is not UTF-8 text", place="--account", hint="no account has such an id"
            )
    asked = tuple(dict.fromkeys([*names, *(named_accounts(file) if file is not None else ())]))
    if asked and against is not None:
        raise UsageError("accounts are told by a replay, not by a comparison", hint="leave out `--against`")
    return asked


def _lateness(text: str) -> Duration:
    try:
        found = parse_duration(text)
    except TidegateError as error:
        raise UsageError(error.problem, place="--lateness", hint=error.hint) from None
    if found > LATENESS_MAX:
        hint = f"at most `{LATENESS_MAX}`; `--order time` makes none late"
        raise UsageError(f"`{text}` is too long", place="--lateness", hint=hint)
    return found


def _total_bytes(files: tuple[Source, ...]) -> int | None:
    """Return how many bytes there are to read; None where nobody knows, as of a pipe."""
    if not all(Path(file).is_file() for file in files):
        return None
    return sum(Path(file).stat().st_size for file in files)


def _print_comparison(comparison: Comparison) -> None:
    found = comparison.differences.data()
    steps = (
        ", ".join(f"{step}: {count:,}" for step, count in found["verdicts"].items()) or "no verdict changes"
    )
    decisions, accounts = (counted(found[f"{what}s_changed"], what) for what in ("decision", "account"))
    console.print(f"\n{decisions} and {accounts} change ({steps})", soft_wrap=True)
    for rule, change in found["rules"].items():
        console.print(
            f"  {rule}: {change['only_against']:,} more, {change['only_base']:,} fewer, {change['both']:,} in both"
        )
