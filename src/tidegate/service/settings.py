"""What the operator sets: by option, by environment variable (`TIDEGATE_...`), or as the default here."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tidegate.engine.decision import VERDICTS, Verdict
from tidegate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.journal import LiveOptions

PREFIX = "TIDEGATE_"
MIB = 1 << 20
KEEP_DAYS_MAX = 3650  # of a screening: what is kept of people has an end

# what a figure may be: at least, at most; those that are not named may be anything from 1 on
_MOST = 1 << 53  # beyond, no limit is one any more
_WITHIN: dict[str, tuple[float, float]] = {
    "port": (0, 65_535),  # 0: one that is free; a socket takes 65,536 for 0 again
    "ahead_days": (0, _MOST // 86_400_000),  # 0: as far as it likes
    "deadline_us_per_event": (0, _MOST),
    "queue_share": (0.001, 1),
    "head_s": (0.001, _MOST),
    "body_s": (0.001, _MOST),
    "idle_s": (0.001, _MOST),
    "drain_s": (0, _MOST),
    "checkpoint_s": (0, _MOST),
    "retention_days": (0, _MOST // 86_400_000),  # 0: everything is kept
    "screenings_keep_days": (1, KEEP_DAYS_MAX),
}


@dataclass(frozen=True)
class Settings:
    """Settings of a server. Sizes in bytes, times as their names say; each may be set as `TIDEGATE_<NAME>`.

    Limits are what a server with 1 GiB to itself bears; what is beyond them is refused with 413, 431, 408 or 503.
    """

    data: Path = Path("tidegate-data")
    policy: str = "messenger"
    parameters: str = ""  # file or parameter set of other figures
    host: str = "127.0.0.1"
    port: int = 8420
    tls_certificate: str = ""
    tls_key: str = ""
    database: str = ""  # URL of PostgreSQL; "": SQLite in the data folder
    # the answer
    deadline_ms: int = 250  # an answer is due so long after the request, real or not
    # and so much later for each event of a batch: one that many rules fire at takes some 250, on a busy machine a thousand
    deadline_us_per_event: int = 5000
    deadline_ms_max: int = 60_000  # the longest that `Prefer: wait=` may ask for
    fallback_verdict: Verdict = "allow"  # a chat server that waits in vain had better deliver
    # queues
    queue_events: int = 100_000  # waiting to be judged: about half a second of work
    queue_bytes: int = 256 * MIB
    queue_share: float = 0.5  # of the queue that one key may fill; beyond: 429
    # hostile input
    connections: int = 2000
    event_bytes: int = 1 * MIB  # one event as JSON; as a line of a file
    body_bytes: int = 64 * MIB  # a batch, unpacked
    batch_events: int = 250_000  # lines or rows of a batch, bad and blank ones too: a bad one takes 1.2 KB
    ahead_days: int = 366  # of the clock: beyond, an event would make all others late; 0: as far as it likes
    head_bytes: int = 32 * 1024  # request line and headers together
    headers: int = 100
    head_s: float = 10.0  # from the first byte of a request to the end of its headers
    body_s: float = 30.0  # to the end of its body, and one second more for each `body_bytes_per_s`
    body_bytes_per_s: int = 256 * 1024
    idle_s: float = 75.0  # between two requests of a connection
    drain_s: float = 20.0  # at a stop: for requests under way
    # enforcement
    enforcement: Literal["live", "shadow"] = "live"  # shadow: nobody is told of measures, also not later
    webhook_allow: str = (
        ""  # networks that webhooks may reach although they are not public: 10.0.0.0/8, fd00::/8
    )
    source: str = "/tidegate"  # what this server is called in the envelope of an announcement
    # screenings
    screening_rows: int = 100_000  # of a list, duplicates among them (sops.batch-limit-100000)
    screening_bytes: int = 256 * MIB  # of a list, as it is sent
    screenings_keep_days: int = (
        180  # then lists, results and files are erased; a schedule or a screening may say otherwise
    )
    scratch: str = ""  # where lists stand open while they are worked on; "": in memory, /dev/shm
    screening_providers: str = (
        ""  # file of providers that screenings may ask (docs/providers.md); "": nobody is asked
    )
    smtp_url: str = ""  # smtp://USER@HOST:PORT or smtps://...; "": no mail is sent
    smtp_from: str = ""
    smtp_password_file: str = ""
    smtp_trusted: str = ""  # file of certificates; "": those of the machine
    public_url: str = ""  # where people reach this server, for links in mails
    # standings, told to the screenings of others
    standing: Literal["off", "adverse", "all"] = "off"  # adverse: of those against whom something speaks
    standing_per_day: int = 100_000  # numbers that one key may ask about
    # the journal
    checkpoint_s: float = 60.0  # at least; five times as long while events wait
    checkpoint_events: int = 500_000
    retention_days: int = 0  # what is older goes from the log; 0: everything is kept
    damaged: Literal["refuse", "give-up"] = "refuse"  # a damaged log at the start: see docs/journal.md
    memory: Literal["refuse", "count-anew"] = (
        "refuse"  # where a policy counts other things than the one before
    )
    log_level: str = "info"

    @property
    def journal(self) -> LiveOptions:
        """How the journal is kept."""
        from tidegate.expr import days
        from tidegate.journal import LiveOptions

        retention = days(self.retention_days) if self.retention_days else None
        return LiveOptions(
            retention=retention,
            give_up_damaged=self.damaged == "give-up",
            count_anew=self.memory == "count-anew",
            checkpoint_events=self.checkpoint_events,
        )

    @property
    def in_the_clear(self) -> bool:
        """Whether others can read keys and events on their way: it listens beyond this machine, without TLS."""
        try:
            here = ip_address(self.host).is_loopback
        except ValueError:  # a name
            here = self.host == "localhost"
        return not here and not self.tls_certificate

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            low, high = _WITHIN.get(one.name, (1, _MOST))
            if isinstance(value, int | float) and not low <= value <= high:  # NaN is not either
                raise UsageError(f"`{value}` lies outside {low:,} to {high:,}", place=one.name)
        if self.damaged not in ("refuse", "give-up"):
            raise UsageError(f"`{self.damaged}` is not known", place="damaged", hint="refuse or give-up")
        if self.memory not in ("refuse", "count-anew"):
            raise UsageError(f"`{self.memory}` is not known", place="memory", hint="refuse or count-anew")
        if self.log_level.upper() not in logging.getLevelNamesMapping():
            raise UsageError(
                f"`{self.log_level}` is no level",
                place="log_level",
                hint="debug, info, warning, error or critical",
            )
        if self.fallback_verdict not in VERDICTS:
            raise UsageError(
                f"`{self.fallback_verdict}` is no verdict",
                place="fallback_verdict",
                hint=f"one of {', '.join(VERDICTS)}",
            )
        if self.standing not in ("off", "adverse", "all"):
            raise UsageError(f"`{self.standing}` is no choice", place="standing", hint="off, adverse or all")
        if self.enforcement not in ("live", "shadow"):
            raise UsageError(
                f"`{self.enforcement}` is no way to enforce", place="enforcement", hint="live or shadow"
            )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **given: Any) -> Settings:  # noqa: ANN401  of the fields' types
        """Return the settings of the environment, with those given in place of theirs; None is not given."""
        found = _read(os.environ if environment is None else environment)
        return replace(cls(), **found | {name: value for name, value in given.items() if value is not None})


def misspelt(environment: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Return the variables that are no setting but look like one, each with the one that was probably meant."""
    known = [PREFIX + one.name.upper() for one in fields(Settings)]
    given = os.environ if environment is None else environment
    ours = sorted(name for name in given if name.startswith(PREFIX) and name not in known)
    near = {name: get_close_matches(name, known, n=1, cutoff=0.9) for name in ours}
    return [(name, found[0]) for name, found in near.items() if found]


def _read(environment: Mapping[str, str]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for one in fields(Settings):
        text = environment.get(PREFIX + one.name.upper())
        if text is None:
            continue
        kind = {"int": int, "float": float, "Path": Path}.get(str(one.type), str)
        try:
            read[one.name] = kind(text)
        except ValueError:
            raise UsageError(
                f"`{text}` is no number", place=PREFIX + one.name.upper(), hint=f"such as {one.default}"
            ) from None
    return read
