"""Examples on a page: their events as lines of a file, and what was decided about the last of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate.handbook.example import Example, Ruling, Shown
    from tidegate.handbook.series import Event, Series

SHOWN_OF_SERIES = 2  # events shown in full before the last one of a series
NO_EXAMPLE = "No example yet."


def examples_text(
    part: str,
    shown: Shown | None,
    labels: tuple[str, ...] = (),
    words: tuple[str, str] = ("Fires", "Does not fire"),
) -> Iterator[str]:
    """Yield the section about the examples of a rule or quota; `labels` are those that the rule sets."""
    yield "## Examples"
    if shown is None:
        yield NO_EXAMPLE
        return
    yield f"**{words[0]}**{_named(shown.examples.fires)}:"
    yield _lines(shown.examples.fires)
    yield _decision(part, labels, shown.fires)
    if shown.examples.rests is None or shown.rests is None:
        yield "There is no example yet at which it does not fire."
        return
    yield f"**{words[1]}**{_named(shown.examples.rests)}:"
    yield _lines(shown.examples.rests)
    yield _decision(part, labels, shown.rests)


def _named(example: Example) -> str:
    return f" ({example.case})" if example.case else ""


def _lines(example: Example) -> str:
    """Return the events as lines of a file, the middle of a series left out."""
    lines, number = ["```text"], 1
    for series in example.series:
        lines += _of_series(series, number)
        number += series.times
    return "\n".join([*lines, "```"])


def _of_series(series: Series, number: int) -> Iterator[str]:
    events = [_compact({"event_id": f"e{number + n}", **event}) for n, event in enumerate(series.events())]
    hidden = len(events) - SHOWN_OF_SERIES - 1
    if hidden <= 1:
        yield from events
        return
    yield from events[:SHOWN_OF_SERIES]
    yield f"... {hidden} more in equal steps ..."
    yield events[-1]


def _compact(event: Event) -> str:
    return json.dumps(event, ensure_ascii=False)


def _decision(part: str, labels: tuple[str, ...], shown: Ruling) -> str:
    """Return what the decision about the last event says of it."""
    if shown.decision is None:
        return "The last event is allowed; nothing fired." + _undecided(shown)
    data = shown.decision
    fired = [f for f in data["fired"] if f["rule"] == part]
    others = [f["rule"] for f in data["fired"] if f["rule"] != part]
    said: dict[str, Any] = {
        key: data[key]
        for key in ("event_id", "ts", "verdict", "retry_after_s", "challenge", "score")
        if key in data
    }
    if fired:
        said |= {"fired": fired}
        own = {
            "labels": [name for name in labels if name in data["labels"]],
            "sanctions": [s for s in data["sanctions"] if s["cause"] == part],
            "cases": [c for c in data["cases"] if c["cause"] == part],
        }
        said |= {key: value for key, value in own.items() if value}
    rows = ",\n ".join(f'"{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in said.items())
    also = (
        f"\n\n{'Also fired' if fired else 'Fired there'}: {', '.join(f'`{o}`' for o in others)}."
        if others
        else ""
    )
    if others and data["verdict"] != "allow":
        also += " The verdict is that of the strictest measure in force."
    head = "The decision, of which its part is shown:" if fired else "The decision:"
    if data["event_id"] is None:
        head = "The decision of the timer, when the deadline had passed:"
    return f"{head}\n\n```json\n{{{rows}}}\n```{also}{_undecided(shown)}"


def _undecided(shown: Ruling) -> str:
    return " The rule is undecided: a field it needs is not known." if shown.outcome == "undecided" else ""
