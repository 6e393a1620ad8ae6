"""Features that one kernel can keep together: same entity, same events, same kind of memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tidegate.features import Ever, Feature, Since, Sliding
from tidegate.features.aggregate import (
    Alike,
    CappedSum,
    Changes,
    Count,
    Distinct,
    FirstSeen,
    Highest,
    Last,
    LastSeen,
    Median,
    Moments,
    Recent,
    Regular,
    RunLength,
    Seen,
    Similarity,
    Steady,
    Sum,
    Top,
)

if TYPE_CHECKING:
    from tidegate.engine.compile.column import Column
    from tidegate.events import Event

MAX_LANES = 21


@dataclass
class Reading:
    """One place at which a site reads a kernel: by which key, and which outputs go to which columns.

    `region`: of the chunk's items, where a list goes that is read; 0 where none is.
    `needs` are conditions, one of which is not false where the outputs are asked for; None among them: they always are.
    """

    key: Column
    many: bool = False  # whether the key is a list of keys
    outs: dict[object, Column] = field(default_factory=dict)
    region: int = 0
    needs: list[Column | None] = field(default_factory=list)
    need: Column | None = None  # one column of them; None: always


@dataclass
class Wiring:
    """How the events of one site feed and read a kernel. `feed` None: they do not feed it; `many`: by a list of keys."""

    feed: Column | None = None
    many: bool = False
    inputs: dict[str, Any] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)

    def reading(self, key: Column, *, many: bool) -> Reading:
        """Return the reading by this key; `many`: it is a list of keys."""
        for reading in self.readings:
            if reading.key == key:
                return reading
        self.readings.append(Reading(key, many))
        return self.readings[-1]


@dataclass
class Group:
    """The features of one kernel, and how the sites use it."""

    family: str
    feature: (
        Feature  # the first one: sources, key and condition are the same for all (conditions not in `count`)
    )
    level: int
    windows: list[int] = field(default_factory=list)  # sliding, ms, ascending once sealed
    starts: dict[str, Since] = field(default_factory=dict)
    lanes: dict[str, Feature] = field(default_factory=dict)  # by condition; `count` only
    figure: float = 0.0  # in force: the cap of a sum, the tolerance of a steady series
    possible: set[str] = field(
        default_factory=set
    )  # lanes that need a second one for events of unknown condition
    sums: dict[str, Feature] = field(default_factory=dict)
    members: list[Feature] = field(default_factory=list)
    wiring: dict[int, Wiring] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[type[Event], ...]:
        """Event types that feed it."""
        return self.feature.sources

    def wire(self, site: int) -> Wiring:
        """Return the wiring of a site."""
        return self.wiring.setdefault(site, Wiring())

    def n_lanes(self) -> int:
        """Lanes in use: one per condition, two where it may be unknown."""
        return len(self.lanes) + len(self.possible)

    def lane(self, condition: str, *, possible: bool = False) -> int:
        """Return the number of a lane; those for possible events come after the definite ones."""
        if possible:
            return len(self.lanes) + sorted(self.possible, key=list(self.lanes).index).index(condition)
        return list(self.lanes).index(condition)

    def row(self, window: int | str) -> int:
        """Return which of its windows one is: those of a length (ms) come first, then those with a start (by name)."""
        if isinstance(window, int):
            return self.windows.index(window)
        return len(self.windows) + list(self.starts).index(window)

    def horizon_ms(self) -> int:
        """How far back the earliest of its starts may lie; 0 where it has none."""
        return max((start.at_most.ms for start in self.starts.values()), default=0)

    def keep_ms(self) -> int | None:
        """How long a `latest` record is kept; None for good."""
        window = self.feature.window
        return window.length.ms if isinstance(window, Sliding) else None


def condition_of(feature: Feature) -> str:
    """Identity of the condition, over all sources."""
    parts = sorted(
        (e.type_name, c.fingerprint if c is not None else "") for e, c in feature.condition.items()
    )
    return repr(parts)


def identity(feature: Feature, level: int) -> tuple[str, ...]:
    """Return family and identity of the kernel that can keep this feature."""
    aggregate = feature.aggregate
    base = (feature.key.fingerprint(), str(level))
    if isinstance(aggregate, Count):
        return ("count", *base)
    if isinstance(
        aggregate, Sum
    ):  # amounts beside counts would make every event twice as long, and keep it as long
        return ("count", *base, "sum", feature.window.fingerprint())
    condition = condition_of(feature)
    if isinstance(aggregate, Distinct | Changes | Moments | Recent):
        window = (feature.window.fingerprint(),) if isinstance(aggregate, Recent) else ()
        return (type(aggregate).__name__.lower(), *base, condition, aggregate.fingerprint(), *window)
    if isinstance(aggregate, CappedSum | Median | Highest | Top):
        return ("samples", *base, condition, aggregate.fingerprint())
    if isinstance(aggregate, Steady):
        return ("samples", *base, condition, f"steady {aggregate.tolerance.fingerprint}")
    if isinstance(aggregate, Alike):
        inputs = " ".join(v.fingerprint for v in aggregate.vector.values())
        return ("vectors", *base, condition, inputs)
    if isinstance(aggregate, Similarity):
        inputs = " ".join(m.fingerprint for m in aggregate.member.values())
        return ("similarity", *base, condition, inputs)
    keep = "ever" if isinstance(feature.window, Ever) else feature.window.fingerprint()
    if isinstance(aggregate, Last | RunLength):
        inputs = " ".join(o.fingerprint for o in aggregate.operands())
        return ("latest", *base, condition, type(aggregate).__name__, inputs, keep)
    if isinstance(aggregate, Regular):
        return ("latest", *base, condition, f"regular {aggregate.shortest.ms} {aggregate.longest.ms}", keep)
    assert isinstance(aggregate, LastSeen | FirstSeen | Seen), aggregate
    return ("latest", *base, condition, "seen", keep)


def _enter(group: Group, feature: Feature, *, may_be_unknown: bool) -> None:
    """Note what the feature asks of the group's kernel."""
    group.members.append(feature)
    if isinstance(feature.window, Sliding):
        if feature.window.length.ms not in group.windows:
            group.windows = sorted([*group.windows, feature.window.length.ms])
    elif isinstance(feature.window, Since):
        group.starts.setdefault(feature.window.fingerprint(), feature.window)
    if isinstance(feature.aggregate, Count):
        condition = condition_of(feature)
        group.lanes.setdefault(condition, feature)
        if may_be_unknown:
            group.possible.add(condition)
    elif isinstance(feature.aggregate, Sum):
        group.sums.setdefault(condition_of(feature) + feature.aggregate.fingerprint(), feature)


class Groups:
    """All kernels of a plan, while it is being made."""

    def __init__(self) -> None:
        self.all: list[Group] = []
        self._of: dict[tuple[str, ...], list[Group]] = {}

    def add(self, feature: Feature, level: int, *, may_be_unknown: bool) -> None:
        """Enter a feature into a kernel that has room for it."""
        key = identity(feature, level)
        candidates = self._of.setdefault(key, [])
        condition = condition_of(feature)
        for group in candidates:
            need = 0 if condition in group.lanes else 1 + may_be_unknown
            if not isinstance(feature.aggregate, Count) or group.n_lanes() + need <= MAX_LANES:
                _enter(group, feature, may_be_unknown=may_be_unknown)
                return
        group = Group(key[0], feature, level)
        candidates.append(group)
        self.all.append(group)
        _enter(group, feature, may_be_unknown=may_be_unknown)

    def of(self, feature: Feature, level: int) -> Group:
        """Return the kernel that keeps the feature."""
        for group in self._of[identity(feature, level)]:
            if any(_same_memory(member, feature) for member in group.members):
                return group
        raise AssertionError(feature)


def _same_memory(a: Feature, b: Feature) -> bool:
    """Whether two features are one but for the place they are read at."""
    return (
        a.aggregate.fingerprint() == b.aggregate.fingerprint()
        and condition_of(a) == condition_of(b)
        and a.window.fingerprint() == b.window.fingerprint()
    )
