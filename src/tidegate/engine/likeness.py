"""The passes that take fingerprints apart, compare them, and look into lists: one per site and stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from tidegate.expr import FingerprintHalf, LastOf, SizeWithin
from tidegate.windows.fingerprints import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate.engine.compile.builder import Builder
    from tidegate.engine.names import Names


@dataclass
class LikenessPass:
    """Halves and likenesses of fingerprints at one site that are known from stage `level` on.

    `halves` are (domain, column of the fingerprint, whether the high half, column of the result), `pairs` four columns of
    halves and that of the result, `lists` the column of a list and that of its last member, `windows` the column of a list of
    moments, how long ago they may lie, ms, and the column of how many do.
    """

    level: int
    sites: set[int]
    names: Names
    halves: list[tuple[str, int, bool, int]] = field(default_factory=list)
    pairs: list[tuple[list[int], int]] = field(default_factory=list)
    lists: list[tuple[int, int]] = field(default_factory=list)
    windows: list[tuple[int, int, int]] = field(default_factory=list)

    @cached_property
    def state(self) -> Fingerprints:
        """The kernel, once all that is asked of it is known."""
        (site,) = self.sites
        halves = [(self.names.space(domain), *places) for domain, *places in self.halves]
        return Fingerprints(site, halves, self.pairs, self.lists, self.windows)


def make_likeness_passes(builder: Builder) -> Iterable[LikenessPass]:
    """Return the passes for all that the sites ask of fingerprints."""
    place = builder.shared.place
    passes: dict[tuple[int, int], LikenessPass] = {}
    for site in builder.sites.values():
        for node, operands, out in site.likeness.values():
            level = max(o.stage for o in operands)
            found = passes.setdefault((site.number, level), LikenessPass(level, {site.number}, builder.names))
            columns = [place(o) for o in operands]
            if isinstance(node, FingerprintHalf):
                found.halves.append((node.fingerprint_of.domain, columns[0], node.half == "high", place(out)))
            elif isinstance(node, LastOf):
                found.lists.append((columns[0], place(out)))
            elif isinstance(node, SizeWithin):
                found.windows.append((columns[0], node.within.ms, place(out)))
            else:
                found.pairs.append((columns, place(out)))
    return passes.values()
