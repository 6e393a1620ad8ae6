"""What people and other systems decide about measures, as events: applied, lifted, appealed against."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tidegate.engine.register import SPACES
from tidegate.engine.standing import ENDLESS
from tidegate.engine.terms import MeasureTerms, terms_of_sanctions
from tidegate.policy.measure import CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate.engine.consequences import Consequences
    from tidegate.engine.plan import Plan
    from tidegate.engine.register import Register
    from tidegate.engine.standing import Running

_NULL = float("-inf")
# reasons of lifting: not by the clock, nor because what it waited for has happened
FOUND_WRONG = ("appeal", "review")


def _told_apart(own: list[Running], known: list[Running]) -> tuple[list[Running], list[Running]]:
    """Tell what an id stands for from what only follows it: what was opened together is one measure against several entities."""
    together = {measure.opening for measure in own}
    meant = [m for m in known if m.opening in together]
    return meant, [m for m in known if m.opening not in together]


class Administration:
    """Takes such events into the register. Measures from outside restrain like those of rules, under the ids they came with."""

    def __init__(self, plan: Plan, register: Register) -> None:
        self.plan = plan
        self.register = register
        self.terms = terms_of_sanctions(plan.policy)
        self._review = next((m.review for terms in self.terms.values() for m in terms if m.review), "")
        self._acts = {
            "sanction_applied": self._applied,
            "sanction_lifted": self._lifted,
            "appeal_filed": self._appealed,
            "appeal_decided": self._decided,
        }

    def review_of(self, sanction: str) -> str:
        """Return who must confirm a measure without end, also where its kind has an end by the policy or is none of it."""
        return next((m.review for m in self.terms.get(sanction, ()) if m.review), self._review)

    def act(self, found: Consequences) -> None:
        """Do what the event says; an id that nothing is known of changes nothing."""
        site = found.occasion.site
        if site.administers:
            columns = {name: (named.domain, column) for name, named, column in site.fields}
            self._acts[site.name](found, columns)

    def _applied(self, found: Consequences, columns: dict[str, tuple[str, int]]) -> None:
        """Put a measure on record, unless one runs already: under this id, or of the same kind and cause.

        One under this id that is over is opened anew, and no appeal is about it yet: how long what is over is still held must not
        matter.
        """
        occasion = found.occasion
        number, kind = self._text(found, columns, "sanction_id"), self._text(found, columns, "kind")
        expires = self._number(found, columns, "expires_ts")
        until = None if expires != expires else ENDLESS if expires == _NULL else int(expires)  # noqa: PLR0124  NaN
        known = self.register.answering(number or "")
        running = [m for m in known if occasion.ts < m.until]
        if running:
            if until is not None:
                self._prolong(found, number, running, until)
            return
        if known:
            self.register.drop_appeals(number or "")
        cause = self._text(found, columns, "cause") or kind or "sanction_applied"
        for measure in self._measures(found, columns, kind or ""):
            slot = occasion.subjects.get(measure.subject)
            if slot is None or (until is None and measure.lasting_ms == 0):
                continue
            record = self.register.open(measure.subject, slot)
            same = record.measures.get((cause, measure.sanction))
            if same is not None and occasion.ts < same.until:
                if number is not None:
                    self.register.answer(same, number)
                continue
            if until == ENDLESS and not measure.review:
                measure = replace(measure, review=self.review_of(measure.sanction))  # noqa: PLW2901  what the event says of it
            found.open(record, cause, measure, number=number or "", until=until)

    def _prolong(self, found: Consequences, number: str | None, running: list[Running], until: int) -> None:
        """Give the measures of an id, and those that follow it, another end; the decision shows the former alone."""
        own = [m for m in running if m.id == number] or running
        meant, following = _told_apart(own, running)
        for measure in meant:
            found.prolong(measure, until, self.review_of(measure.sanction), shown=measure in own)
        for measure, end in self._ends_of_followed(following, found.occasion.ts):
            found.prolong(measure, end or until, self.review_of(measure.sanction), shown=False)
        found.extended.sort(key=lambda m: (m.id, SPACES.index(m.subject)))

    def _measures(
        self, found: Consequences, columns: dict[str, tuple[str, int]], kind: str
    ) -> list[MeasureTerms]:
        """The measure by the terms the policy has for it; one that it does not know denies what it lists, while it is said to."""
        listed = self._texts(found, columns, "capability")
        capability = tuple(name for name in listed if name in CAPABILITIES)
        terms = self.terms.get(kind)
        if terms is None:
            level = self._number(found, columns, "level")
            rank = int(level) if level >= 1 else 1
            return [MeasureTerms(kind, "deny", capability, rank, 0, "", "", 0, "account")]
        changed = [
            MeasureTerms(
                m.sanction,
                m.effect,
                capability or m.capability,
                m.level,
                m.lasting_ms,
                m.review,
                m.challenge,
                m.rate,
                m.subject,
            )
            for m in terms
        ]
        named = [m for m in changed if m.subject in found.occasion.subjects]
        return named or changed[:1]

    def _lifted(self, found: Consequences, columns: dict[str, tuple[str, int]]) -> None:
        wrong = self._text(found, columns, "reason") in FOUND_WRONG
        self._lift(found, self._text(found, columns, "sanction_id"), wrong=wrong)

    def _appealed(self, found: Consequences, columns: dict[str, tuple[str, int]]) -> None:
        """Remember what an appeal is about."""
        appeal, measure = self._text(found, columns, "appeal_id"), self._text(found, columns, "sanction_id")
        if appeal is not None and measure is not None and self.register.answering(measure):
            self.register.appeals[appeal] = measure

    def _decided(self, found: Consequences, columns: dict[str, tuple[str, int]]) -> None:
        """End the measure that an appeal was about, where it was granted; one that was refused may be granted after all."""
        appeal = self._text(found, columns, "appeal_id")
        if appeal is not None and self._number(found, columns, "granted") == 1:
            self._lift(found, self.register.appeals.pop(appeal, None), wrong=True)

    def _lift(self, found: Consequences, number: str | None, *, wrong: bool) -> None:
        """End a measure, and those that follow it alone. A score that has not changed does not open it again: a person has decided.

        One that was found `wrong` while it ran counts as never opened: it takes nobody up a ladder.
        """
        known = self.register.answering(number or "")
        meant, following = _told_apart([m for m in known if m.id == number] or known, known)
        for measure in meant:
            self._end(found, measure, wrong=wrong)
        for measure, end in self._ends_of_followed(following, found.occasion.ts):
            if not end:
                self._end(found, measure, wrong=wrong)
            elif end < measure.until:
                found.prolong(measure, end, self.review_of(measure.sanction), shown=False)

    def _end(self, found: Consequences, measure: Running, *, wrong: bool) -> None:
        restriction = self.plan.policy.restriction
        if wrong and found.occasion.ts < measure.until:
            measure.strike_out()
        found.end(measure, settle=restriction is not None and measure.cause == restriction.id)

    def _ends_of_followed(self, following: list[Running], at: int) -> Iterator[tuple[Running, int]]:
        """Yield measures with the end of the last one in force that they follow, 0 where none is left.

        Each is yielded when those that it may follow have been dealt with.
        """
        known = {name: self.register.named(name) for measure in following for name in measure.answers}
        for measure in sorted(following, key=lambda m: (m.since, len(m.answers), m.id)):
            followed = [m for name in measure.answers if name != measure.id for m in known[name]]
            yield measure, max((m.until for m in followed if m.since <= at < m.until), default=0)

    # what the event says -------------------------------------------------------------------------------------
    def _number(self, found: Consequences, columns: dict[str, tuple[str, int]], name: str) -> float:
        return float(self.plan.chunk.cols.item(columns[name][1], found.occasion.position))

    def _text(self, found: Consequences, columns: dict[str, tuple[str, int]], name: str) -> str | None:
        return self.plan.names.text(columns[name][0], self._number(found, columns, name))

    def _texts(self, found: Consequences, columns: dict[str, tuple[str, int]], name: str) -> list[str]:
        domain, column = columns[name]
        cols, p = self.plan.chunk.cols, found.occasion.position
        start, length = cols.item(column, p), cols.item(column + 1, p)
        if not length > 0:
            return []
        ids = self.plan.chunk.items[int(start) : int(start + length)]
        return [text for i in ids.tolist() if (text := self.plan.names.text(domain, i)) is not None]
