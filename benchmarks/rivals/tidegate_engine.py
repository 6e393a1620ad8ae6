"""Tidegate: the kernels that a policy with these features compiles to, read out event by event."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

import tidegate as tg
from benchmarks.rivals.stream import SPAN, WINDOWS, Stream
from tidegate.engine import Engine
from tidegate.engine.encode import Encoded, SiteColumns
from tidegate.events import MessageSent
from tidegate.expr import Duration

ROWS = 512


def features() -> list[tg.expr.Expr]:
    """Return the features, in the order of their names."""
    sent = tg.events(MessageSent)
    proactive = sent.where(~MessageSent.is_reply)
    counts = [
        kind.count().per(MessageSent.account_id).over(Duration(window, f"{window} ms"))
        for window in WINDOWS
        for kind in (sent, proactive)
    ]
    span = Duration(SPAN, f"{SPAN} ms")
    recipients = sent.distinct(MessageSent.recipient_id).per(MessageSent.account_id).over(span)
    volume = sent.sum(MessageSent.media_bytes, places=0).per(MessageSent.account_id).over(span)
    return [*counts, recipients, volume]


def policy() -> tg.Policy:
    """Return a policy with a rule per feature; none ever fires."""
    limit = tg.Parameter(1e12, low=0, high=1e12, unit="any", why="never reached", name="rivals.limit")
    rules = tuple(
        tg.Rule(id=f"rivals.{n}", title=f"{n}", on=(MessageSent,), when=feature > limit, reason="{observed}")
        for n, feature in enumerate(features())
    )

    class Rivals(tg.RuleSet):
        """A rule per feature."""

        area = "messaging"

    Rivals.rules = rules
    return tg.Policy(name="rivals", version="1", rule_sets=(Rivals,))


def prepare(stream: Stream) -> Callable[[], NDArray[np.float64]]:
    """Return the work: from columns of ids to cells. What is done here does not count."""
    engine = Engine(policy(), rows=ROWS)
    names = engine.plan.names
    largest = int(max(stream.account.max(), stream.recipient.max())) + 1
    ids = np.empty(largest)
    names.space("account").intern_many([f"a{n}" for n in range(largest)], ids)
    given = {
        "account_id": ids[stream.account],
        "recipient_id": ids[stream.recipient],
        "is_reply": 1.0 - stream.proactive,
        "media_bytes": stream.bytes.astype(float),
    }
    from benchmarks.load import MESSAGE_CODE

    site = engine.plan.sites[int(engine.plan.site_of_code[MESSAGE_CODE])]
    wanted = np.array([site.rules[n].observed for n in range(len(site.rules))])
    fields = [
        (column, given[name]) for name, _, column in site.fields if name in given
    ]  # others are not known
    columns = np.array([column for column, _ in fields], np.int32)

    def work() -> NDArray[np.float64]:
        cells = np.empty((len(wanted), len(stream)))
        cols = engine.plan.chunk.cols
        for lo in range(0, len(stream), ROWS):
            hi = min(lo + ROWS, len(stream))
            entry = SiteColumns(columns, np.array([values[lo:hi] for _, values in fields]))
            site_of = np.full(hi - lo, site.number, np.int32)
            engine.step_encoded(Encoded(site_of, stream.ts[lo:hi], {site.number: entry}, np.empty(0)))
            cells[:, lo:hi] = cols[wanted, : hi - lo]
        return cells.T

    return work
