"""Events that end what earlier ones began, compiled: releases of a policy, and what people decide about measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tidegate.engine.compile.stages import LAST
from tidegate.events import AccountRegistered, AppealDecided, AppealFiled, SanctionApplied, SanctionLifted
from tidegate.windows import program as vm

if TYPE_CHECKING:
    from tidegate.engine.compile.builder import Builder
    from tidegate.engine.compile.column import Column
    from tidegate.engine.compile.site import Site
    from tidegate.events import Field

# what is read of the events that say what people decided
ADMINISTRATIVE: Final[dict[str, tuple[Field, ...]]] = {
    SanctionApplied.type_name: (
        SanctionApplied.sanction_id,
        SanctionApplied.kind,
        SanctionApplied.level,
        SanctionApplied.cause,
        SanctionApplied.capability,
        SanctionApplied.expires_ts,
    ),
    SanctionLifted.type_name: (SanctionLifted.sanction_id, SanctionLifted.reason),
    AppealFiled.type_name: (AppealFiled.appeal_id, AppealFiled.sanction_id),
    AppealDecided.type_name: (AppealDecided.appeal_id, AppealDecided.granted),
}
_SOURCES = (SanctionApplied, SanctionLifted, AppealFiled, AppealDecided)


@dataclass(frozen=True)
class ReleaseAt:
    """Where a release of the policy is judged: its number, whether it holds, the check the event names, and who else is meant.

    `domain` is the kind of entity that `named` is.
    """

    number: int
    holds: Column
    challenge: Column | None
    named: Column | None
    domain: str


class Ends:
    """What the sites need for it. `administers`: the sites of administrative events, which are always looked at.

    `given_at`: the site of the events that bring another system's score of an account, and its column. `registers`: the site
    of new accounts, where a policy scores: what was held against a number is from then on held against its account; else -1.
    """

    def __init__(self) -> None:
        self.releases_at: dict[int, list[ReleaseAt]] = {}
        self.administers: set[int] = set()
        self.given_at: dict[int, Column] = {}
        self.registers = -1

    def concern(self, site: Site) -> bool:
        """Whether events of a site may end something, or hand it over to an account."""
        return site.number == self.registers or any(
            site.number in at for at in (self.releases_at, self.administers, self.given_at)
        )

    def lay_out(self, builder: Builder) -> None:
        """Add the columns of releases, and of the events by which people decide."""
        for number, release in enumerate(builder.policy.releases):
            site = builder.site(release.on)
            expressions = builder.at(site)
            holds = expressions.column(release.when)
            challenge = expressions.column(release.challenge) if release.challenge is not None else None
            whom = expressions.column(release.named) if release.named is not None else None
            if whom is not None:  # an event that itself names nobody on record is looked at all the same
                site.act(vm.MARK, holds, len(builder.policy.judged), stage=LAST)
            domain = release.named.domain if release.named is not None else ""
            self.releases_at.setdefault(site.number, []).append(
                ReleaseAt(number, holds, challenge, whom, domain)
            )
        for source in _SOURCES:
            site = builder.site(source)
            self.administers.add(site.number)
            for named in ADMINISTRATIVE[source.type_name]:
                site.field_column(named)
            # marked like a fired rule, one whose number is that of none
            one = builder.shared.constant(1.0)
            site.act(vm.MARK, one, len(builder.policy.judged), stage=LAST)
        given = builder.policy.given_score
        if given is not None and given.owner is not None:
            site = builder.site(given.owner)
            column = site.field_column(given)
            self.given_at[site.number] = column
            site.act(vm.MARK, site.emit(vm.KNOWN, column), len(builder.policy.judged), stage=LAST)
        if any(rule.points or rule.prior is not None for rule in builder.policy.rules):
            self.registers = builder.site(AccountRegistered).number
